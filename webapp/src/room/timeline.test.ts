import { describe, expect, it } from "vitest";
import type { Received, Seq } from "../protocol/types";
import { apply } from "./apply";
import type { Row } from "./row";
import { authorOf, dayOf, excerpt, leads, membersPresent, membersWaiting, mustAcceptRules } from "./select";
import { emptyRoom, type RoomState } from "./state";
import { envelope, events, facts, member, message, open, page, room, snapshot, stub } from "./testing";
import { createTimeline } from "./timeline";

const loaded = (list: readonly Received[], f = facts()): RoomState => {
  const head = list.at(-1)?.entry.seq ?? 0;
  return apply(apply(emptyRoom(room), snapshot(head, f)), page(list, head));
};
const brief = (rows: readonly Row[]) =>
  rows.filter((r) => r.type !== "day").map((r) => ("from" in r ? `${r.type} ${r.from}–${r.to}` : "seq" in r ? `${r.type} ${r.seq}` : r.type));
const rowsOf = (state: RoomState, readTo: Seq = 0, divider: Seq = readTo) => createTimeline()(state, readTo, divider);
const note = (seq: Seq, root: Seq, by = 2) => open({ seq, root, kind: "entry.noted", body: {}, by: { member: by } });

describe("the timeline", () => {
  it("folds runs of entries that are not for the viewer into one row with their numbers", () => {
    const state = loaded([message(1), stub(2), stub(3), message(4), stub(5)]);
    expect(brief(rowsOf(state).rows)).toEqual(["entry 1", "stubs 2–3", "entry 4", "stubs 5–5"]);
  });

  it("does not let a day's line fall into a run of stubs, since their days are not known", () => {
    const rows = rowsOf(loaded([stub(1), stub(2), message(3)])).rows;
    expect(rows.map((r) => r.type)).toEqual(["stubs", "day", "entry"]);
  });

  it("shows what is not loaded as gaps", () => {
    let state = apply(emptyRoom(room), snapshot(20));
    expect(brief(rowsOf(state).rows)).toEqual(["gap 1–20"]);
    state = apply(state, page([message(19), message(20)], 20));
    state = apply(state, page([message(8)], 20));
    expect(brief(rowsOf(state).rows)).toEqual(["gap 1–7", "entry 8", "gap 9–18", "entry 19", "entry 20"]);
  });

  it("leaves the genesis out", () => {
    const genesis = open({ seq: 0, kind: "genesis", body: { deployment: "d", format: "WARDROOM/1", log: "room", origin: "o", section: 1 } });
    expect(brief(rowsOf(loaded([genesis, message(1)])).rows)).toEqual(["entry 1"]);
  });

  it("folds runs of notes, and says what they note if it is one thing", () => {
    const state = loaded([message(1), message(2), note(3, 1, 2), note(4, 1, 3), message(5), note(6, 1), note(7, 2)]);
    const notes = rowsOf(state).rows.filter((r) => r.type === "noted");
    expect(notes).toMatchObject([{ from: 3, to: 4, root: 1, members: [2, 3] }, { from: 6, to: 7, root: null }]);
  });

  it("gives corrections and pins a short row that names their root", () => {
    const state = loaded([message(1), open({ seq: 2, root: 1, kind: "message.corrected", body: { text: "x" } })]);
    expect(rowsOf(state).rows.at(-1)).toMatchObject({ type: "about", seq: 2, root: 1 });
  });

  it("shows sealed entries as there", () => {
    expect(rowsOf(loaded([envelope(message(1))])).rows.at(-1)).toMatchObject({ type: "entry", entry: { form: "envelope" }, object: { sealed: true } });
  });

  it("quotes what an entry answers if it is in sight, and otherwise only its number", () => {
    const reply = message(3, "yes", { replyTo: 1 });
    const rows = (first: Received) => rowsOf(loaded([first, message(2), reply])).rows.at(-1);
    expect(rows(message(1, "Is it\n  **down**?"))).toMatchObject({ reply: { seq: 1, excerpt: "Is it **down**?", author: { member: 1 } } });
    expect(rows(stub(1))).toMatchObject({ reply: { seq: 1, excerpt: null, author: null } });
    expect(rows(envelope(message(1)))).toMatchObject({ reply: { seq: 1, excerpt: null } });
  });

  it("counts what is new, in sight and not the viewer's own, and what of it mentions them", () => {
    const by = { member: 2 };
    const state = loaded([
      message(1, "old", { by }), message(2, "mine"), stub(3), message(4, "@you", { by, body: { text: "@you", mentions: [1] } }), message(5, "new", { by }),
    ]);
    const { rows, unread, mentions } = rowsOf(state, 1);
    expect({ unread, mentions }).toEqual({ unread: 2, mentions: 1 });
    expect(brief(rows)).toEqual(["entry 1", "entry 2", "stubs 3–3", "unread", "entry 4", "entry 5"]);
    expect(rowsOf(state, 5).rows.some((r) => r.type === "unread")).toBe(false);
  });

  it("keeps the unread line where it was while entries are read", () => {
    const state = loaded([1, 2, 3].map((seq) => message(seq, "x", { by: { member: 2 } })));
    expect(brief(rowsOf(state, 3, 1).rows)).toEqual(["entry 1", "unread", "entry 2", "entry 3"]);
  });

  it("keeps every row that did not change", () => {
    const timeline = createTimeline();
    let state = loaded([message(1), message(2), stub(3), message(4, "r", { replyTo: 1 })]);
    const before = timeline(state, 0, 0).rows;
    expect(timeline(state, 0, 0).rows).toBe(before);
    state = apply(state, { type: "presence", room, here: [1], typing: [] });
    expect(timeline(state, 0, 0).rows).toBe(before);
    state = apply(state, events(note(5, 2)));
    const after = timeline(state, 0, 0).rows;
    const kept = before.filter((row) => after.includes(row));
    expect(before.length - kept.length).toBe(1); // only the row of entry 2, which is now noted
    expect(after.find((r) => r.key === "e2")).toMatchObject({ object: { noted: [{ member: 2 }] } });
  });
});

describe("a selector", () => {
  it("names an author as at joining, with the role of the moment", () => {
    const f = facts({ members: [member(1), member(7, { name: "Siân", org: "R1H", orgName: "Barts Health", role: "observer", host: false, state: "left" })] });
    expect(authorOf(f, { member: 7, org: "R1H", role: "representative" })).toEqual({
      member: 7, name: "Siân", org: "R1H", orgName: "Barts Health", role: "representative", host: false, veiled: "", system: false,
    });
    expect(authorOf(f, { member: 9, org: "R1H", role: "representative" })).toMatchObject({ member: 9, name: "", org: "R1H" });
    expect(authorOf(f, {})).toMatchObject({ system: true });
  });

  it("lists those present with hosts first, those who wait with the most pressing first, and the leads", () => {
    const f = facts({
      members: [
        member(1), member(2, { host: false, org: "R1H", orgName: "Barts", name: "B" }), member(3, { host: false, org: "R1H", orgName: "Barts", name: "A" }),
        member(4, { state: "removed", role: "lead" }), member(0, { root: 9, state: "invited" }), member(0, { root: 10, state: "asked" }),
        member(5, { host: false, org: "R1H", role: "lead" }),
      ],
    });
    expect(membersPresent(f).map((m) => m.number)).toEqual([1, 3, 2, 5]);
    expect(membersWaiting(f).map((m) => m.root)).toEqual([10, 9]);
    expect(leads(f).map((m) => m.number)).toEqual([1]);
  });

  it("asks for acceptance of newer rules", () => {
    const rules = { root: 3, seq: 3, version: 2, lines: ["a", "b", "c", "d", "e"] as const };
    expect(mustAcceptRules(facts({ rules }))).toBe(true);
    expect(mustAcceptRules(facts({ rules, members: [member(1, { rules: 2 })] }))).toBe(false);
  });

  it("cuts an excerpt between characters, not inside one", () => {
    expect(excerpt("🏥".repeat(200))).toBe(`${"🏥".repeat(139)}…`);
    expect(excerpt("short")).toBe("short");
  });

  it("knows the day in London, summer time and all", () => {
    expect(dayOf("2026-07-01T23:30:00.000Z")).toBe("2026-07-02");
    expect(dayOf("2026-12-01T23:30:00.000Z")).toBe("2026-12-01");
  });
});
