import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { noCadence } from "../../protocol/cadence";
import { facts } from "../../room/testing";
import { Beats } from "./CadenceFact";

const due = "2026-03-02T11:00:00.000Z";
const running = { ...noCadence.meeting, every: 120, from: "2026-03-02T09:00:00.000Z", due };

describe("what is due", () => {
  it("says when the next is, and in words that one is late or was missed", () => {
    const at = (minutes: number, beat = running) => <Beats facts={facts({ cadence: { ...noCadence, meeting: beat } })} now={Date.parse(due) + minutes * 60_000} />;
    const { rerender } = render(at(-10));
    expect(screen.getByRole("listitem").textContent).toContain("Next meeting11:00 GMT · every 2 hours");
    rerender(at(1));
    expect(screen.getByRole("listitem").textContent).toContain("Late: it was due at 11:00 GMT");
    rerender(at(31, { ...running, due: "2026-03-02T13:00:00.000Z", missed: due } as typeof running));
    expect(screen.getByRole("listitem").textContent).toContain("Missed: it was due at 11:00 GMT · next 13:00 GMT");
  });

  it("says why nothing is", () => {
    render(<Beats facts={facts()} now={0} />);
    expect(screen.getByText("Nothing is due until somebody assesses how severe this is.")).toBeTruthy();
  });
});
