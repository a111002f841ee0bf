import { expect, it } from "vitest";
import { inCodePoints, merged, pieces, textsOf } from "./words";

it("finds every text of a value, and where it stands", () => {
  expect(textsOf({ text: "a", lines: ["b", { "x/y~z": "c" }], n: 1, none: null })).toEqual([
    { pointer: "/text", text: "a" },
    { pointer: "/lines/0", text: "b" },
    { pointer: "/lines/1/x~1y~0z", text: "c" },
  ]);
  expect(textsOf("alone")).toEqual([]);
});

it("counts what is marked in code points, not in the browser's units", () => {
  const text = "👩🏽 said 943 476 5919";
  const from = text.indexOf("943");
  expect(inCodePoints(text, from, text.length)).toEqual({ from: 8, to: 20 });
});

it("makes spans that meet one, in order, and shows what stays", () => {
  const spans = merged([{ from: 6, to: 8 }, { from: 1, to: 3 }, { from: 2, to: 4 }, { from: 4, to: 5 }]);
  expect(spans).toEqual([{ from: 1, to: 5 }, { from: 6, to: 8 }]);
  expect(pieces("012345678", spans)).toEqual([
    { text: "0", out: false },
    { text: "1234", out: true },
    { text: "5", out: false },
    { text: "67", out: true },
    { text: "8", out: false },
  ]);
});
