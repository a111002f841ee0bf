import { describe, expect, it } from "vitest";
import { facts, member } from "../../room/testing";
import { deliberationSent, likelyMaker, makers, noDeliberation } from "./draft";

const now = Date.parse("2026-11-21T16:14:00.000Z");

describe("the rest of a decision record", () => {
  it("is sent without what is empty", () => {
    expect(deliberationSent(noDeliberation, now)).toEqual({});
    const d = { ...noDeliberation, risks: " Some ", relied: "#12, 14 and 12", options: [{ text: "Wait", rejected: "" }, { text: " ", rejected: "x" }, { text: "Go", rejected: "Late" }], review: { time: "1810", day: "" } };
    expect(deliberationSent(d, now)).toEqual({ risks: "Some", relied: [12, 14], options: [{ text: "Wait" }, { text: "Go", rejected: "Late" }], review: "2026-11-21T18:10:00.000Z" });
  });

  it("is not sent with a review at no time", () => {
    expect(deliberationSent({ ...noDeliberation, review: { time: "soon", day: "" } }, now)).toBe("unclear");
  });
});

describe("whom one may name as decision-maker", () => {
  const world = facts({
    members: [member(1, { role: "loggist", tier: "operational" }), member(2, { role: "lead", tier: "tactical" }), member(3, { host: false, org: "R1H", role: "representative" }), member(4, { host: false, org: "X1N", role: "representative" }), member(5, { name: "" })],
  });
  it("is anybody a host knows, and for others their own people", () => {
    expect(makers(world).map((m) => m.number).toSorted()).toEqual([1, 2, 3, 4]);
    expect(makers({ ...world, you: 3 }).map((m) => m.number)).toEqual([3]);
  });

  it("is oneself, unless one writes for others", () => {
    expect(likelyMaker(world)).toBe(2);
    expect(likelyMaker({ ...world, you: 2 })).toBe(2);
  });
});
