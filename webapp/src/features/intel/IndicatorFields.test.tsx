import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import type { Indicator } from "../../protocol/intel";
import { FormButtons } from "../../ui/FormButtons";
import { PatientDataScope } from "../../ui/PatientData";
import { IndicatorFields } from "./IndicatorFields";

afterEach(cleanup);

it("shows the one whose note holds an NHS number though it is far down, and changes that one alone", async () => {
  const user = userEvent.setup();
  const first = Array.from({ length: 20 }, (_, n): Indicator => ({ kind: "ipv4", value: `192.0.2.${n}`, ...(n === 17 ? { note: "seen by 943 476 5919" } : {}) }));
  const send = vi.fn();
  const changed = vi.fn();
  function Form() {
    const [value, setValue] = useState<readonly Indicator[]>(first);
    return (
      <PatientDataScope>
        <IndicatorFields value={value} onChange={(next) => { changed(next); setValue(next); }} extract={vi.fn()} error={undefined} />
        <FormButtons busy={false} onDo={send} onCancel={vi.fn()}>Share it</FormButtons>
      </PatientDataScope>
    );
  }
  render(<Form />);
  await user.click(screen.getByRole("button", { name: "Share it" }));
  expect(send).not.toHaveBeenCalled();
  expect(document.activeElement?.textContent).toBe("Remove it");
  await user.click(screen.getByRole("button", { name: "Remove it" }));
  expect(changed.mock.lastCall?.[0]).toEqual(first.map((i, n) => (n === 17 ? { ...i, note: "seen by [NHS number removed]" } : i)));
  await user.click(screen.getByRole("button", { name: "Share it" }));
  expect(send).toHaveBeenCalledOnce();
});
