import { describe, expect, it } from "vitest";
import type { Facts, Received, VisibleEntry } from "../../protocol/types";
import { foldFacts } from "../../room/facts";
import { foldObject } from "../../room/object";
import type { RoomObject } from "../../room/state";
import { facts, instant, marking, member, open } from "../../room/testing";
import { needsOf } from "./Needs";

const object = (...list: readonly Received[]): RoomObject => foldObject((list[0] as Received & { entry: VisibleEntry }).entry.root, list.map((r) => r.entry as VisibleEntry)) as RoomObject;
const decision = object(open({ seq: 6, kind: "decision.recorded", marking: marking(), body: { deliberation: {}, verdict: { decision: "Go", maker: 2, rationale: "r", tier: "tactical" } } }));
const action = object(open({ seq: 9, kind: "action.raised", marking: marking(), body: { for: { member: 2, org: "DSC" }, due: instant(60), text: "Do" } }));
const world: Facts = facts({ members: [member(1), member(2, { role: "deputy", tier: "strategic" })] });
const asked = [
  open({ seq: 3, kind: "severity.assessed", body: { criteria: [], grade: { at: 4 }, scale: "nhs_level" } }),
  open({ seq: 4, root: 3, kind: "severity.lowering_asked", body: { grade: { at: 2 }, tier: "tactical" } }),
  open({ seq: 5, kind: "book.opened", marking: marking(), by: { member: 1 }, body: { first: 1, maker: 2, number: 1, signal: "s" } }),
].map((r) => r.entry as VisibleEntry).reduce(foldFacts, world);
const now = Date.parse(instant(30));

describe("what needs me", () => {
  it("is what only I can answer, in words", () => {
    expect(needsOf({ ...asked, you: 2 }, [decision, action], now).map((n) => n.what)).toEqual(["Agree or refuse", "Confirm how you signal", "Confirm or dispute", expect.stringMatching(/^Accept or decline, by /)]);
    expect(needsOf(asked, [decision, action], now)).toEqual([]);
  });

  it("is what is asked of one's organisation, until it is answered", () => {
    const asked = open({ seq: 12, kind: "release.requested", marking: marking(), by: { member: 2 }, body: { entry: 9, tlp: "TLP:AMBER", why: "for the supplier" } });
    const answered = open({ seq: 13, root: 12, kind: "release.answered", body: { granted: false } });
    expect(needsOf(world, [object(asked)], now)).toMatchObject([{ key: "q12", what: "Asked to share entry 9 further", text: "Member 2: for the supplier" }]);
    expect(needsOf(world, [object(asked, answered)], now)).toEqual([]);
  });

  it("is what is asked of one's organisation in its side room, until it is answered or recalled", () => {
    const cell: Facts = { ...facts({ members: [member(1), member(2, { org: "X1N", role: "representative", host: false })] }), you: 2 };
    const inCell = { ...cell, room: { ...cell.room, cell: { org: "X1N", parent: "p" } } };
    const asked = open({ seq: 12, kind: "promotion.asked", marking: { ...marking(), originator: "X1N" }, by: { member: 1 }, body: { audience: { kind: "room" }, entry: 9, text: "The pump answers", tlp: "TLP:AMBER", words: 9 } });
    const agreed = open({ seq: 13, root: 12, kind: "promotion.refused", body: {} });
    const recalled = open({ seq: 13, root: 12, kind: "entry.recalled", marking: { ...marking(), originator: "X1N" }, body: { reason: "wrong" } });
    expect(needsOf(inCell, [object(asked)], now)).toMatchObject([{ key: "p12", what: "Agree that this goes to the main room, or refuse", text: "The pump answers" }]);
    expect(needsOf({ ...inCell, you: 1 }, [object(asked)], now)).toEqual([]);
    expect(needsOf(inCell, [object(asked, agreed)], now)).toEqual([]);
    expect(needsOf(inCell, [object(asked, recalled)], now)).toEqual([]);
  });

  it("puts first what is late", () => {
    expect(needsOf({ ...asked, you: 2 }, [decision, action], Date.parse(instant(90)))[0]).toMatchObject({ key: "a9", late: true });
  });
});
