import { describe, expect, it } from "vitest";
import type { Facts, Received, Seat, VisibleEntry } from "../protocol/types";
import { foldFacts, withoutRoot, withRoot } from "./facts";
import { may } from "./may";
import { foldObject } from "./object";
import { replay } from "./replay";
import { envelope, facts, instant, marking, member, message, open, room, snapshot } from "./testing";

const none = facts({ members: [] });
const entry = (r: Received) => r.entry as VisibleEntry;
const fold = (list: readonly Received[], from: Facts = none) => list.map(entry).reduce(foldFacts, from);
const seat = (part: Partial<Seat> = {}): Seat => ({
  history: "from_join", name: "Siân Jones", ods: "R1H", org: "R1H", orgName: "Barts Health", orgType: "acute_trust", role: "representative", ...part,
});
const invited = (seq: number) => open({ seq, kind: "member.invited", body: { invitation: "i", issuer: "nhs", seat: seat() }, by: { member: 1, org: "DSC", role: "lead" } });
const joined = (seq: number, root: number, number: number, part: Partial<Seat> = {}) =>
  open({ seq, root, kind: "member.joined", body: { how: "subject", number, person: "p", rules: 2, seat: seat(part) }, by: { member: number, org: part.org ?? "R1H", role: part.role ?? "representative" } });
const about = <K extends "member.admitted" | "member.declined" | "member.vouched" | "member.withdrawn" | "member.left" | "member.removed">(kind: K, seq: number, root: number) =>
  open({ seq, root, kind, body: {} as never });

describe("a membership", () => {
  it("goes from invited through asked and vouched to joined, and ends", () => {
    const asked = open({ seq: 8, root: 7, kind: "member.asked", body: { issuer: "nhs", name: "S. Jones", person: "p" }, by: { person: "p" } });
    const [first] = fold([invited(7)]).members;
    expect(first).toEqual({
      root: 7, number: 0, state: "invited", name: "Siân Jones", org: "R1H", orgName: "Barts Health", orgType: "acute_trust", ods: "R1H",
      role: "representative", tier: "operational", host: false, start: 0, rules: 0, invitedBy: 1, invited: instant(7), joined: null, ended: null, askedName: "",
    });
    expect(fold([invited(7), asked]).members[0]).toMatchObject({ state: "asked", askedName: "S. Jones" });
    expect(fold([invited(7), asked, about("member.vouched", 9, 7)]).members[0]).toMatchObject({ state: "vouched" });
    const inside = fold([invited(7), joined(10, 7, 4)]);
    expect(inside.members[0]).toMatchObject({ state: "joined", number: 4, start: 10, rules: 2, joined: instant(10), invited: instant(7) });
    const later = fold([
      open({ seq: 11, root: 7, kind: "member.granted", body: { start: 3 } }), open({ seq: 12, root: 7, kind: "member.changed", body: { role: "observer" } }),
      open({ seq: 13, root: 7, kind: "member.accepted", body: { rules: 3 } }), about("member.removed", 14, 7),
    ], inside);
    expect(later.members[0]).toMatchObject({ state: "removed", start: 3, role: "observer", rules: 3, ended: instant(14) });
  });

  it("of the opener begins by joining, with sight of everything", () => {
    const f = fold([joined(2, 2, 1, { history: "full", org: "DSC", role: "lead" })]);
    expect(f.members[0]).toMatchObject({ root: 2, number: 1, host: true, start: 0, invitedBy: 1, invited: instant(2) });
  });

  it("of which only envelopes come shows no name, and its organisation and role once joined", () => {
    expect(fold([envelope(invited(7))]).members[0]).toMatchObject({ state: "invited", number: 0, name: "", org: "", role: "", invitedBy: 1 });
    const f = fold([envelope(invited(7)), envelope(joined(10, 7, 4)), envelope(open({ seq: 11, root: 7, kind: "member.changed", body: { role: "observer" } }))]);
    expect(f.members[0]).toMatchObject({ state: "joined", number: 4, name: "", orgName: "", org: "R1H", role: "representative", start: 0, rules: 0 });
  });

  it("whose beginning is out of sight stays out, until it is opened as a whole", () => {
    const proposed = open({ seq: 7, kind: "member.proposed", body: { invitation: "i", issuer: "nhs", seat: seat() }, by: { member: 3 } });
    const admitted = about("member.admitted", 8, 7);
    expect(fold([admitted])).toBe(none);
    expect(withRoot(none, 7, [entry(proposed), entry(admitted)]).members[0]).toMatchObject({ state: "invited", invitedBy: 3 });
  });

  it("stands among the others by its root, however late it is opened", () => {
    const f = withRoot(fold([invited(9)]), 4, [entry(invited(4))]);
    expect(f.members.map((m) => m.root)).toEqual([4, 9]);
  });
});

describe("standing facts", () => {
  it("follow the room's own entries", () => {
    const f = fold([
      open({ seq: 1, kind: "room.opened", body: { hosts: ["DSC", "NCSC"], mode: "exercise", reference: "EX-2026-0002", roster: "names", tlp: "TLP:GREEN", title: "First" } }),
      open({ seq: 2, root: 1, kind: "room.titled", body: { title: "Second" } }),
      open({ seq: 3, root: 1, kind: "room.moved", body: { from: "open", to: "responding" } }),
      open({ seq: 4, kind: "clock.set", body: { at: instant(0), factor: 60, paused: false } }),
      open({ seq: 5, kind: "rules.set", body: { lines: ["a", "b", "c", "d", "e"], version: 1 } }),
      open({ seq: 6, kind: "brief.set", body: { lines: { happened: "h", affects: "a", doing: "d", need: "n", next: "x" }, version: 1 } }),
    ]);
    expect(f.room).toMatchObject({
      title: "Second", lifecycle: "responding", section: 1, tlp: "TLP:GREEN", opened: instant(1),
      clock: { exercise: instant(0), factor: 60, paused: false, set: instant(4), seq: 4 },
    });
    expect(f.rules).toEqual({ root: 5, seq: 5, version: 1, lines: ["a", "b", "c", "d", "e"] });
    expect(f.brief).toMatchObject({ seq: 6, version: 1, by: { member: 1 }, at: instant(6) });
    expect(fold([open({ seq: 7, root: 1, kind: "room.reopened", body: { section: 2 } })], f).room).toMatchObject({ lifecycle: "open", section: 2 });
  });

  it("hold the report as last updated, and none while it is sealed or out of sight", () => {
    const given = open({ seq: 4, kind: "report.given", marking: marking(), body: { methane: { major: false, type: "ransomware" } } });
    const update = open({ seq: 6, root: 4, kind: "report.updated", body: { methane: { major: true, type: "wiper" } }, by: { member: 2 } });
    const f = fold([given, update]);
    expect(f.report).toEqual({ root: 4, seq: 6, by: { member: 2 }, at: instant(6), methane: { major: true, type: "wiper" } });
    expect(fold([update]).report?.seq).toBe(6); // whoever sees the update saw what it updates, which was erased
    expect(withoutRoot(f, 4).report).toBeNull();
    expect(withRoot(f, 4, [entry(envelope(given)), entry(envelope(update))]).report).toBeNull();
    expect(withRoot(withoutRoot(f, 4), 4, [entry(given), entry(update)]).report).toEqual(f.report);
  });

  it("keep pins in the order of their times, then of their roots", () => {
    const pin = (seq: number, root: number) => open({ seq, root, kind: "entry.pinned", body: {} });
    expect(instant(9)).toBe(instant(10));
    expect(fold([pin(9, 5), pin(10, 2), pin(10, 2)]).pins.map((p) => p.root)).toEqual([2, 5]);
    expect(fold([pin(9, 5), pin(13, 2), open({ seq: 14, root: 5, kind: "entry.unpinned", body: {} })]).pins.map((p) => p.root)).toEqual([2]);
    expect(fold([envelope(pin(9, 5))]).pins).toEqual([{ root: 5, by: 1, at: instant(9) }]);
  });
});

describe("what is offered", () => {
  const own = foldObject(6, [entry(message(6, "x", { by: { member: 2, org: "R1H" }, marking: { ...marking(), originator: "R1H" } }))]);
  const as = (part: Partial<Facts["members"][number]>, more: Partial<Facts> = {}) => facts({ you: 2, members: [member(2, part)], ...more });

  it("follows role, host, authorship and origin", () => {
    const guest = as({ host: false, org: "R1H", role: "representative" });
    expect(["post", "correct", "note", "tighten", "widen", "withhold", "pin", "invite", "propose"].filter((a) => may(guest, a as never, own))).toEqual([
      "post", "correct", "note", "tighten", "widen", "propose",
    ]);
    const theirs = foldObject(6, [entry(message(6, "x", { by: { member: 3 }, marking: { ...marking(), originator: "NCSC" } }))]);
    expect(["correct", "tighten", "widen", "withhold", "restore", "pin", "unpin", "invite"].filter((a) => may(as({ role: "lead" }), a as never, theirs))).toEqual([
      "tighten", "withhold", "pin", "invite",
    ]);
    expect(may(as({ role: "observer", host: false }), "post")).toBe(false);
    expect(may(as({ role: "lead", host: false }), "brief")).toBe(false);
  });

  it("is little before the newest rules are accepted, and little in a closed room", () => {
    const rules = { root: 3, seq: 3, version: 2, lines: ["a", "b", "c", "d", "e"] as const };
    expect([may(as({}, { rules }), "post"), may(as({}, { rules }), "accept"), may(as({}, { rules }), "leave")]).toEqual([false, true, true]);
    const closed = as({ role: "lead" }, { room: { ...facts().room, lifecycle: "closed" } });
    expect([may(closed, "post"), may(closed, "reopen"), may(closed, "remove"), may(closed, "open")]).toEqual([false, true, true, true]);
    expect(may(as({ role: "lead" }), "reopen")).toBe(false);
  });
});

describe("a replay", () => {
  const raw = (r: Received) => ({ ...r.fragment, form: undefined });
  const history = (title: string) => ({
    snapshot: snapshot(5),
    frames: [
      { type: "events", room, events: [raw(open({ seq: 6, root: 1, kind: "room.titled", body: { title: "New" } })), raw(message(7))] },
      { type: "events", room: "another", events: [raw(message(99))] },
      { type: "caught_up", room, seq: 7 },
    ],
    expected: { ...snapshot(7), state: { ...facts(), room: { ...facts().room, title } } },
  });

  it("agrees with a fresh snapshot", () => {
    expect(replay(history("New"))).toEqual({ equal: true, differences: [] });
  });

  it("says where it does not", () => {
    expect(replay(history("Old"))).toEqual({ equal: false, differences: [{ path: "state.room.title", expected: "Old", got: "New" }] });
    expect(replay({ ...history("New"), frames: [] })).toMatchObject({ equal: false, differences: [{ path: "state.room.title" }, { path: "seq" }] });
  });

  it("refuses what it cannot read", () => {
    expect(() => replay({ ...history("New"), frames: [{ type: "weather" }] })).toThrow();
    expect(() => replay({})).toThrow();
  });
});
