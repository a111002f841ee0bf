import { noCadence } from "../../protocol/cadence";
import { describe, expect, it } from "vitest";
import type { Facts, MemberFacts } from "../../protocol/types";
import { audienceWords, envelopeSentence } from "./audience";
import { injectTime } from "./injectTime";
import { memberCalled } from "../../room/called";
import { sealedSentence, sentence, stubSentence } from "./sentences";

const member = (number: number, name: string, orgName: string): MemberFacts => ({
  root: number, number, state: "joined", name, org: `O${number}`, orgName, orgType: "acute_trust", ods: "", tier: "operational", role: "representative", host: false,
  start: 0, rules: 1, invitedBy: 1, invited: null, joined: null, ended: null, askedName: "",
});
const facts: Facts = {
  room: { id: "r", reference: "INC-2026-0001", title: "T", mode: "incident", lifecycle: "open", section: 1, roster: "names", tlp: "TLP:AMBER+STRICT", hosts: ["DSC"], assessors: [], called: [], cell: null, opened: "", clock: null, earlier: null, ended: null },
  you: 1, members: [member(1, "Me", "Mine"), member(2, "Jo Bell", "Barts Health"), member(3, "", "Yorkshire Ambulance"), member(4, "Sam Cole", "")], rules: null, brief: null, report: null, pins: [], assessments: [], books: [], retention: { years: 20, seq: 0, by: {}, at: null }, holds: [], erasures: [], posts: [], cadence: noCadence,
};

describe("a run of entries that are not for this reader", () => {
  it("is one line that says only which", () => {
    expect(stubSentence(14, 16)).toBe("Entries 14–16 are not addressed to you");
    expect(stubSentence(14, 14)).toBe("Entry 14 is not addressed to you");
  });
});

describe("who receives an entry", () => {
  it("goes unsaid for the room and is in words for all else", () => {
    expect(audienceWords({ kind: "room" }, facts)).toBe("");
    expect(audienceWords({ kind: "hosts" }, facts)).toBe("to hosts only");
    expect(audienceWords({ kind: "named", members: [1, 2], orgs: ["O4"] }, facts)).toBe("to you, Jo Bell and O4");
    expect(audienceWords({ kind: "named", members: [1, 2, 3, 4, 5] }, facts)).toBe("to you, Jo Bell, M-3 of Yorkshire Ambulance and two others");
  });

  it("stands on an envelope as a number of others", () => {
    const to = (...members: number[]) => envelopeSentence({ tlp: "TLP:RED", originator: "DSC", audience: { kind: "named", members } }, facts);
    expect(to(1)).toBe("For you alone. Opening it is recorded.");
    expect(to(1, 2)).toBe("For you and one other. Opening it is recorded.");
    expect(to(1, 2, 3)).toBe("For you and two others. Opening it is recorded.");
  });
});

describe("what is done about the record", () => {
  it("is one sentence each, by names", () => {
    const says = (kind: string, body: object) => sentence({ form: "open", kind, seq: 9, root: 6, by: { member: 2 }, times: { recorded: "" }, marking: null, refs: {}, authority: {}, body } as never, facts);
    expect(says("decision.confirmed", {})).toBe("Jo Bell confirmed decision 6");
    expect(says("decision.superseded", { by: 8 })).toBe("Decision 6 is superseded by decision 8");
    expect(says("action.handed", { for: { member: 4, org: "O4" }, reason: "Their network" })).toBe("Jo Bell handed action 6 on to Sam Cole: Their network");
    expect(says("action.chased", {})).toBe("Jo Bell chased action 6");
    expect(says("room.host_called", { because: 6, org: "O2" })).toBe("Barts Health was called in because of the severity");
    expect(says("member.tiered", { tier: "strategic" })).toBe("Jo Bell put someone at the strategic tier");
    expect(says("decision.recorded", {})).toBeNull();
  });
});

describe("a member whose name is not for this reader", () => {
  it("is called by number and organisation", () => {
    expect(memberCalled(facts, 3)).toBe("M-3 of Yorkshire Ambulance");
    expect(memberCalled(facts, 9)).toBe("M-9");
  });

  it("joins without a name", () => {
    const times = { recorded: "2026-11-21T20:00:00.000Z" };
    expect(sealedSentence({ form: "envelope", kind: "member.joined", seq: 5, root: 4, by: { member: 3, org: "O3", role: "representative" }, times, marking: null }, facts)).toBe("A member of Yorkshire Ambulance joined as representative");
    expect(sealedSentence({ form: "envelope", kind: "member.invited", seq: 4, root: 4, by: { member: 1 }, times, marking: null }, facts)).toBe("Someone was invited");
    expect(sealedSentence({ form: "envelope", kind: "message.posted", seq: 4, root: 4, by: { member: 1 }, times, marking: null }, facts)).toBeNull();
  });
});

it("shows a source's time no finer than the source gives it", () => {
  expect(["2017-05-12T16:10:00+01:00", "2017-05-13", "2015-10", "2014", "May 2017 (day not recorded)"].map(injectTime)).toEqual(["12 May 2017, 16:10 BST", "13 May 2017", "October 2015", "2014", "May 2017 (day not recorded)"]);
});
