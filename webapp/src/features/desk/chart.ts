import type { Chart, ChartStep } from "../../protocol/desk";
import type { OrgID, Scale } from "../../protocol/types";

// Where things stand in the drawing. No React, no text: what is drawn is
// measured here.

export const size = { width: 1000, left: 250, right: 24, row: 24, bars: 120, gap: 44 } as const;

const inner = size.width - size.left - size.right;

/** Where a moment stands, from left to right. */
export function across(chart: Chart): (at: string) => number {
  const from = Date.parse(chart.buckets[0]?.at ?? chart.from);
  const last = chart.buckets.at(-1);
  const to = Math.max(last ? Date.parse(last.at) + chart.step * 1000 : Date.parse(chart.to), from + 1000);
  return (at) => size.left + (inner * Math.min(Math.max(Date.parse(at) - from, 0), to - from)) / (to - from);
}

/** Grades of a scale from the gravest down. */
export const grades = (scale: Scale): readonly number[] => (scale === "nhs_level" ? [4, 3, 2, 1] : [1, 2, 3, 4, 5, 6]);

/** The number that a grade counts as: of two, the graver. */
export function counts(s: ChartStep): number {
  const { at, or } = s.grade;
  if (or === undefined || or === 0) return at;
  return s.scale === "nhs_level" ? Math.max(at, or) : Math.min(at, or);
}

/** The steps of each organisation on a scale. */
export function stepsOf(chart: Chart, scale: Scale): readonly { readonly org: OrgID; readonly steps: readonly ChartStep[] }[] {
  const orgs = [...new Set(chart.severity.filter((s) => s.scale === scale).map((s) => s.org))];
  return orgs.map((org) => ({ org, steps: chart.severity.filter((s) => s.scale === scale && s.org === org) }));
}

/** A step line: level until the next step, a gap where it was withdrawn. */
export function stepPath(steps: readonly ChartStep[], end: number, x: (at: string) => number, y: (n: number) => number): string {
  let d = "";
  let drawing = false;
  steps.forEach((s, i) => {
    const from = x(s.at);
    const next = steps[i + 1];
    const to = next ? x(next.at) : end;
    if (s.ended) {
      drawing = false;
      return;
    }
    const level = y(counts(s));
    d += drawing ? `V${level}` : `M${from} ${level}`;
    d += `H${to}`;
    drawing = true;
  });
  return d;
}

/** At most so many of the buckets' beginnings, evenly. */
export function ticks(chart: Chart, most: number): readonly string[] {
  const every = Math.max(1, Math.ceil(chart.buckets.length / most));
  return chart.buckets.filter((_, i) => i % every === 0).map((b) => b.at);
}
