import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import type { Scale } from "../../protocol/types";
import { emptySeverity, openingSeverity, OpeningSeverityFields } from "./GradeField";

afterEach(cleanup);

function Form({ scale }: { scale: Scale }) {
  const [value, setValue] = useState(() => emptySeverity(scale));
  return <OpeningSeverityFields value={value} onChange={setValue} errorOf={() => undefined} />;
}
const joins = "Whoever the other host has on call is invited into the room at once.";

describe("the severity a room opens with", () => {
  it("can wait, and once a grade is chosen needs a reason", () => {
    const draft = emptySeverity("nhs_level");
    expect(openingSeverity(draft)).toEqual({ missing: null });
    expect(openingSeverity({ ...draft, grade: { at: 4 }, reason: "  " })).toMatchObject({ missing: { name: "severity.reason" } });
    expect(openingSeverity({ ...draft, grade: { at: 4, or: 3 }, criteria: ["spreading"], reason: " It spreads " })).toEqual({
      said: { scale: "nhs_level", grade: { at: 4, or: 3 }, criteria: ["spreading"], reason: "It spreads" }, missing: null,
    });
  });

  for (const [scale, grave, light] of [
    ["nhs_level", "Not sure between NHS level 2 and 3", "NHS level 2: coordination by the ICB"],
    ["ncsc_category", "Not sure between NCSC category 3 and 4", "NCSC category 4: substantial"],
  ] as const) {
    it(`says when the other host is called in, and goes back to waiting: ${scale}`, async () => {
      const user = userEvent.setup();
      render(<Form scale={scale} />);
      expect((screen.getByLabelText("Not yet: set it in the room") as HTMLInputElement).checked).toBe(true);
      expect(screen.queryByLabelText("Reason")).toBeNull();
      await user.click(screen.getByLabelText(light));
      expect(screen.getByLabelText("Reason")).toBeDefined();
      expect(screen.queryByText(joins)).toBeNull();
      await user.click(screen.getByLabelText(grave));
      expect(screen.getByText(joins)).toBeDefined();
      await user.click(screen.getByLabelText("Not yet: set it in the room"));
      expect(screen.queryByLabelText("Reason")).toBeNull();
    });
  }
});
