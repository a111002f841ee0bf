import { describe, expect, it } from "vitest";
import type { VisibleEntry } from "../protocol/types";
import { foldMeeting } from "./meeting";
import { open } from "./testing";

const read = (e: ReturnType<typeof open>): VisibleEntry => {
  if (e.entry.form === "stub") throw new Error("nobody reads a stub");
  return e.entry;
};
const filed = read(open({ seq: 9, kind: "sitrep.filed", by: { member: 2 }, body: { asAt: "2026-03-02T09:00:00.000Z", situation: "Two wards", forecast: "Noon" } }));
const fixed = read(open({ seq: 12, root: 9, kind: "sitrep.corrected", by: { member: 3 }, body: { asAt: "2026-03-02T08:30:00.000Z", situation: "Three wards", reason: "Ward 4 was forgotten" } }));

describe("a situation report", () => {
  it("stands as it was corrected, and keeps what it said before, who corrected it and why", () => {
    const r = foldMeeting([filed, fixed]);
    if (r?.noun !== "sitrep") throw new Error("it is no report");
    expect([r.situation, r.forecast, r.asAt, r.by.member]).toEqual(["Three wards", "", "2026-03-02T08:30:00.000Z", 2]);
    expect(r.wordings.map((w) => [w.seq, w.by.member, w.situation, w.forecast, w.reason])).toEqual([[9, 2, "Two wards", "Noon", ""], [12, 3, "Three wards", "", "Ward 4 was forgotten"]]);
  });

  it("is as it was filed while what corrected it is not readable here", () => {
    expect(foldMeeting([filed, { ...fixed, form: "envelope" } as VisibleEntry])).toMatchObject({ situation: "Two wards", wordings: [{ seq: 9 }] });
    expect(foldMeeting([{ ...filed, form: "envelope" } as VisibleEntry])).toBeNull();
  });
});
