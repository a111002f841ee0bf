import { cleanup, render, screen } from "@testing-library/react";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Watermark } from "./Watermark";

afterEach(cleanup);

const styles = (name: string) => readFileSync(join(import.meta.dirname, "../styles", name), "utf8");
const colour = (name: string): readonly number[] => {
  const hex = new RegExp(`--${name}: #([0-9a-f]{6})`, "i").exec(styles("_tokens.scss"))?.[1] ?? "";
  return [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
};
// Relative luminance and contrast: WCAG 2.2.
const luminance = (c: readonly number[]): number => {
  const [r = 0, g = 0, b = 0] = c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: readonly number[], b: readonly number[]): number => {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
const times = (a: readonly number[], b: readonly number[]) => a.map((v, i) => (v * (b[i] ?? 0)) / 255);

describe("a watermark", () => {
  it("says who reads it, for whom, and when, and nothing to a screen reader", () => {
    render(
      <Watermark name="Dr Hannah Osei" organisation="Northmoor NHS Trust" at={new Date("2026-11-22T03:04:00Z")}>
        <p>For two only</p>
      </Watermark>,
    );
    const mark = document.querySelector(".watermark");
    const lines = [...(mark?.querySelectorAll("[data-line]") ?? [])].map((l) => l.getAttribute("data-line"));
    expect(lines[0]).toContain("Dr Hannah Osei · Northmoor NHS Trust");
    expect(lines[1]).toContain("22 November 2026, 03:04 GMT");
    expect(mark?.getAttribute("aria-hidden")).toBe("true");
    expect(mark?.textContent).toBe("");
    expect(screen.getByText("For two only").closest(".watermark")).toBeNull();
  });

  it("leaves every text under it a contrast of 4.5 and more", () => {
    expect(styles("_intel.scss")).toContain("mix-blend-mode: multiply");
    const mark = colour("watermark");
    for (const text of ["ink", "quiet", "blue", "red-dark", "blue-ink"])
      for (const paper of ["paper", "tint", "red-wash"]) expect(contrast(times(colour(text), mark), times(colour(paper), mark)), `${text} on ${paper}`).toBeGreaterThanOrEqual(4.5);
    // Where the mark lies over the paper and beside the letters.
    for (const text of ["ink", "quiet", "blue", "red-dark", "blue-ink"]) for (const paper of ["paper", "tint", "red-wash"]) expect(contrast(colour(text), times(colour(paper), mark)), `${text} beside it on ${paper}`).toBeGreaterThanOrEqual(4.5);
    // A label keeps its own colours: it stands above the mark.
    expect(styles("_intel.scss")).toMatch(/\.watermarked \.tlp \{[^}]*z-index: 2/);
  });
});
