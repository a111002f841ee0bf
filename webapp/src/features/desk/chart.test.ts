import { describe, expect, it } from "vitest";
import type { Chart, ChartStep } from "../../protocol/desk";
import { across, counts, size, stepPath, stepsOf, ticks } from "./chart";

const at = (minute: number): string => new Date(Date.UTC(2026, 4, 12, 15, minute)).toISOString();
const step = (seq: number, minute: number, grade: ChartStep["grade"], more: Partial<ChartStep> = {}): ChartStep => ({ seq, at: at(minute), org: "DSC", scale: "nhs_level", grade, ended: false, ...more });
const chart: Chart = {
  from: at(0), to: at(25), step: 600, exercise: false, clock: false, organisations: [],
  buckets: [0, 10, 20].map((m) => ({ at: at(m), entries: m })),
  severity: [step(1, 0, { at: 2 }), step(2, 10, { at: 3, or: 4 }), step(3, 15, { at: 4 }, { org: "NCSC", scale: "ncsc_category" })],
};

describe("the drawing", () => {
  it("reaches from the first bucket to the end of the last", () => {
    const x = across(chart);
    expect(x(at(0))).toBe(size.left);
    expect(x(at(30))).toBe(size.width - size.right);
    expect(x(at(-5))).toBe(size.left);
    expect(x(at(99))).toBe(size.width - size.right);
  });
  it("counts the graver of two, on either scale", () => {
    expect(counts(step(1, 0, { at: 3, or: 4 }))).toBe(4);
    expect(counts(step(1, 0, { at: 3, or: 2 }, { scale: "ncsc_category" }))).toBe(2);
  });
  it("keeps organisations and scales apart", () => {
    expect(stepsOf(chart, "nhs_level").map((s) => [s.org, s.steps.length])).toEqual([["DSC", 2]]);
    expect(stepsOf(chart, "ncsc_category").map((s) => s.org)).toEqual(["NCSC"]);
  });
  it("goes level, then up at once, and stops where an assessment was withdrawn", () => {
    const x = (t: string) => (Date.parse(t) - Date.parse(at(0))) / 60_000;
    const y = (n: number) => 10 - n;
    expect(stepPath([step(1, 0, { at: 2 }), step(2, 10, { at: 4 })], 25, x, y)).toBe("M0 8H10V6H25");
    expect(stepPath([step(1, 0, { at: 2 }), step(2, 10, { at: 2 }, { ended: true }), step(3, 20, { at: 3 })], 25, x, y)).toBe("M0 8H10M20 7H25");
  });
  it("labels no more moments than fit", () => {
    expect(ticks(chart, 2)).toEqual([at(0), at(20)]);
    expect(ticks(chart, 6)).toHaveLength(3);
  });
});
