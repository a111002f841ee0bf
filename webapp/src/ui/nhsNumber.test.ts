import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { nhsNumbers, redacted, removedNumber } from "./nhsNumber";

const table = JSON.parse(readFileSync(new URL("../../../schema/nhs-numbers.json", import.meta.url), "utf8")) as { text: string; found: string[] }[];

it("finds the numbers that the server finds", () => {
  expect(table.length).toBeGreaterThan(30);
  for (const { text, found } of table) expect(nhsNumbers(text).map((s) => text.slice(s.from, s.to)), text).toEqual(found);
});

it("takes them out, each of them and nothing else", () => {
  for (const { text, found } of table) {
    const rest = redacted(text, nhsNumbers(text));
    expect(nhsNumbers(rest)).toEqual([]);
    expect(rest).toBe(found.reduce((t, n) => t.replace(n, removedNumber), text));
  }
});

it("reads a long text in time that grows with it", () => {
  const took = (n: number) => {
    const text = "9 4 3 4 7 6 5 9 1 8 ".repeat(n);
    const at = performance.now();
    nhsNumbers(text);
    return performance.now() - at;
  };
  took(1_000);
  expect(took(16_000)).toBeLessThan(60 * Math.max(took(2_000), 5));
});
