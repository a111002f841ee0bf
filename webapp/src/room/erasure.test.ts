import { describe, expect, test } from "vitest";
import { readEntry } from "../protocol/fragment";
import type { Fragment, Received } from "../protocol/types";
import { apply } from "./apply";
import { emptyRoom, type RoomState } from "./state";
import { facts, open, room } from "./testing";

const start = (): RoomState =>
  apply(emptyRoom(room), { type: "snapshot", room, seq: 0, frontier: { size: 1, hashes: [] }, state: facts() });
const marked = { audience: { kind: "room" }, originator: "DSC", tlp: "TLP:AMBER" } as const;
const said = (seq: number): Received => open({ seq, kind: "message.posted", body: { text: "CANARY" }, marking: marked, replyTo: 1 });
const erases = (seq: number, entry: number, slots: readonly number[] = [4, 5, 6]): Received =>
  open({ seq, kind: "entry.erased", body: { ask: 1, entry, ground: "patient_data", slots } });
const events = (s: RoomState, ...list: Received[]): RoomState => apply(s, { type: "events", room, events: list });
const holds = (s: RoomState): string => JSON.stringify([...s.entries.entries()]) + JSON.stringify([...s.objects.entries()]) + JSON.stringify(s.facts);

/** The same entry as the server gives it once slots were erased. */
function left(r: Received, gone: readonly number[]): Received {
  if (r.fragment.form !== "open") throw new Error("not open");
  const slots = Object.fromEntries(r.fragment.slots.map((v, i) => [i, ["AAAA", v] as const] as const).filter(([i]) => !gone.includes(i)));
  const fragment: Fragment = { form: "envelope", seq: r.fragment.seq, leaf: "AAAA", slots };
  return { fragment, entry: readEntry(fragment) };
}

describe("an entry that was erased", () => {
  test("is let go of when the entry that erases it comes", () => {
    const before = events(start(), said(1));
    expect(holds(before)).toContain("CANARY");
    const after = events(before, erases(2, 1));
    expect(holds(after)).not.toContain("CANARY");
    expect(after.entries.get(1)?.entry).toEqual(left(said(1), [4, 5, 6]).entry);
    expect(after.objects.get(1)).toMatchObject({ erased: true, sealed: false });
  });

  test("is not brought back by a page that was read before, nor by an opening", () => {
    const after = events(start(), open({ seq: 1, kind: "message.posted", body: { text: "x" }, marking: marked }), open({ seq: 2, kind: "entry.noted", root: 1, body: {} }), erases(3, 1));
    const page = apply(after, { type: "page", room, entries: [said(1)], related: [], head: 2 });
    expect(holds(page)).not.toContain("CANARY");
    expect(holds(apply(page, { type: "unsealed", room, entries: [said(1)] }))).not.toContain("CANARY");
    expect(holds(apply(page, { type: "opened", room, root: 1, events: [said(1)] }))).not.toContain("CANARY");
  });

  test("comes from a page as what is left of it, with what erased it", () => {
    const s = apply({ ...start(), seq: 3, spans: [{ from: 4, to: 3 }] }, { type: "page", room, entries: [left(said(1), [4, 5, 6])], related: [erases(3, 1)], head: 3 });
    expect(s.objects.get(1)).toMatchObject({ erased: true, sealed: false });
    expect(s.erasings.get(1)?.[0]?.body.ground).toBe("patient_data");
  });

  test("keeps what it said when only what it referred to was erased", () => {
    const after = events(start(), said(1), erases(2, 1, [5]));
    expect(after.entries.get(1)?.entry).toMatchObject({ form: "open", refs: {}, body: { text: "CANARY" } });
    expect(after.entries.get(1)?.entry).toEqual(left(said(1), [5]).entry);
  });

  test("leaves no report of which the newest state was erased, and the next one stands", () => {
    const methane = { major: false, type: "CANARY" };
    const given = events(start(), open({ seq: 1, kind: "report.given", body: { methane }, marking: marked }));
    expect(given.facts?.report?.methane.type).toBe("CANARY");
    const gone = events(given, erases(2, 1));
    expect(gone.facts?.report).toBeNull();
    const next = events(gone, open({ seq: 3, kind: "report.updated", root: 1, body: { methane: { major: false, type: "Ransomware" } } }));
    expect(next.facts?.report?.methane.type).toBe("Ransomware");
  });
});

test("questions wait for two approvals, and holds stand until they are lifted", () => {
  const ask = open({ seq: 1, kind: "erasure.asked", body: { entries: [9], ground: "unlawful", reason: "r", slots: [4] }, marking: { ...marked, audience: { kind: "hosts" } } });
  const agree = (seq: number) => open({ seq, kind: "erasure.agreed", root: 1, body: {} });
  const one = events(start(), ask, agree(2));
  expect(one.facts?.erasures[0]?.agreed).toHaveLength(1);
  expect(events(one, agree(3)).facts?.erasures).toEqual([]);
  const held = events(one, open({ seq: 3, kind: "hold.placed", body: { reference: "INQ-1", reason: "r" } }), open({ seq: 4, kind: "retention.set", body: { years: 30 } }));
  expect(held.facts).toMatchObject({ holds: [{ root: 3, reference: "INQ-1" }], retention: { years: 30, seq: 4 } });
  expect(events(held, open({ seq: 5, kind: "hold.lifted", root: 3, body: { reason: "r" } })).facts?.holds).toEqual([]);
});
