import { describe, expect, it } from "vitest";
import type { MemberFacts } from "../../protocol/types";
import { candidates, completed, leftOut, mentionAt, mentionsIn } from "./mentions";

const member = (number: number, name: string, more: Partial<MemberFacts> = {}): MemberFacts => ({
  root: number, number, state: "joined", name, org: "R1H", orgName: "Barts Health", orgType: "acute_trust", ods: "R1H", tier: "operational", role: "representative", host: false,
  start: 0, rules: 1, invitedBy: 1, invited: null, joined: null, ended: null, askedName: "", ...more,
});
const people = [
  member(1, "Priya Anand", { org: "DSC", orgName: "Data Security Centre", host: true }),
  member(2, "Jo Bell"),
  member(3, "Jo Bell-Smith"),
  member(4, "", { org: "RX8", orgName: "Yorkshire Ambulance" }),
  member(5, "Ann Gone", { state: "removed" }),
];

describe("the mention being typed", () => {
  it("begins at an @ that begins a word", () => {
    expect(mentionAt("ask @jo", 7)).toEqual({ at: 4, word: "jo" });
    expect(mentionAt("@", 1)).toEqual({ at: 0, word: "" });
    expect(mentionAt("ask @Jo Be", 10)).toEqual({ at: 4, word: "Jo Be" });
    expect(mentionAt("mail a@jo", 9)).toBeNull();
    expect(mentionAt("ask @jo now", 3)).toBeNull();
  });

  it("offers those whose name or organisation matches: here now, visible, and not oneself", () => {
    expect(candidates(people, "jo", 1).map((m) => m.number)).toEqual([2, 3]);
    expect(candidates(people, "bell", 1).map((m) => m.number)).toEqual([2, 3]);
    expect(candidates(people, "bar", 1).map((m) => m.number)).toEqual([2, 3]);
    expect(candidates(people, "yor", 1)).toEqual([]);
    expect(candidates(people, "ann", 1)).toEqual([]);
    expect(candidates(people, "pri", 1)).toEqual([]);
  });

  it("offers nothing once a name is written out, so that Enter sends", () => {
    expect(candidates(people, "Jo Bell", 1)).toEqual([]);
    expect(candidates(people, "jo bell-smith", 1)).toEqual([]);
  });

  it("is replaced by the name, with one space after it", () => {
    expect(completed("ask @jo now", 7, 4, "Jo Bell")).toEqual({ text: "ask @Jo Bell now", caret: 13 });
    expect(completed("@j", 2, 0, "Jo Bell")).toEqual({ text: "@Jo Bell ", caret: 9 });
  });
});

describe("the members a text mentions", () => {
  it("are found by whole names, the longer first", () => {
    expect(mentionsIn("@Jo Bell-Smith please", people)).toEqual([3]);
    expect(mentionsIn("@Jo Bell and @Jo Bell-Smith and @Priya Anand", people)).toEqual([1, 2, 3]);
    expect(mentionsIn("Jo Bell without the sign, @Nobody", people)).toEqual([]);
  });

  it("are warned about when they would not receive it", () => {
    expect(leftOut([2, 1], { kind: "room" }, people)).toEqual([]);
    expect(leftOut([2, 1], { kind: "hosts" }, people).map((m) => m.number)).toEqual([2]);
    expect(leftOut([2, 3], { kind: "named", members: [2] }, people).map((m) => m.number)).toEqual([3]);
    expect(leftOut([2, 3], { kind: "named", orgs: ["R1H"] }, people)).toEqual([]);
  });
});
