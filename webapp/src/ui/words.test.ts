import { expect, it } from "vitest";
import { inlineParts, plainText } from "./inline";
import { count, list, numberRuns, plural } from "./words";

it("counts and lists in words", () => {
  expect([plural(1, "new entry", "new entries"), plural(6, "new entry", "new entries")]).toEqual(["1 new entry", "6 new entries"]);
  expect([list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c"])]).toEqual(["", "a", "a and b", "a, b and c"]);
  expect([count(0), count(6), count(11)]).toEqual(["no", "six", "11"]);
  expect(numberRuns([14, 15, 16, 19, 21, 22])).toBe("14–16, 19 and 21–22");
});

it("finds mentions by their whole name, the longest first, and entries by number", () => {
  const names = [{ name: "Jo Bell", me: false }, { name: "Jo Bell-Smith", me: true }];
  expect(inlineParts("@Jo Bell-Smith see #12, not x#13", names)).toEqual([
    { kind: "mention", text: "@Jo Bell-Smith", me: true },
    { kind: "text", text: " see " },
    { kind: "entry", text: "#12", entry: 12 },
    { kind: "text", text: ", not x#13" },
  ]);
});

it("takes a name for a name, whatever signs are in it", () => {
  expect(inlineParts("@A (B)* x", [{ name: "A (B)*", me: false }])[0]).toEqual({ kind: "mention", text: "@A (B)*", me: false });
});

it("leaves Markdown's marks out of excerpts", () => {
  expect(plainText("**Decision:** use `x` > not # this")).toBe("Decision: use x  not  this");
});
