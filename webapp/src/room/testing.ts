// For tests: entries and facts, made quickly and whole.
import { noCadence } from "../protocol/cadence";
import { readEntry } from "../protocol/fragment";
import type { Audience, Bodies, By, Facts, Fragment, Kind, Marking, MemberFacts, Received, Seq, SnapshotFrame } from "../protocol/types";
import type { PageFrame } from "./state";

export const room = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
const when = Date.parse("2026-02-03T04:05:06.000Z");
export const instant = (seq: Seq): string => new Date(when + Math.floor(seq / 3) * 1000).toISOString();

export const marking = (audience: Audience = { kind: "room" }, tlp: Marking["tlp"] = "TLP:AMBER+STRICT"): Marking => ({
  audience, originator: "DSC", tlp,
});

export interface Made<K extends Kind = Kind> {
  readonly seq: Seq;
  readonly kind: K;
  readonly root?: Seq;
  readonly by?: By;
  readonly marking?: Marking;
  readonly body: Bodies[K];
  readonly replyTo?: Seq;
  readonly key?: string;
}

/** An entry in open form. */
export function open<K extends Kind>(e: Made<K>): Received {
  const slots = [
    JSON.stringify({ kind: e.kind, root: e.root ?? e.seq }),
    JSON.stringify(e.by ?? { member: 1, org: "DSC", role: "lead" }),
    JSON.stringify({ recorded: instant(e.seq) }),
    e.marking ? JSON.stringify(e.marking) : "",
    JSON.stringify(e.body),
    e.replyTo ? JSON.stringify({ replyTo: e.replyTo }) : "",
    "",
    JSON.stringify(e.key ? { key: e.key } : {}),
  ] as const;
  const fragment: Fragment = { form: "open", seq: e.seq, seed: "AAAA", slots };
  return { fragment, entry: readEntry(fragment) };
}

/** The same entry as an envelope: slots 0–3. */
export function envelope(r: Received): Received {
  const { fragment } = r;
  if (fragment.form !== "open") throw new Error("not open");
  const slots: Record<number, readonly [string, string]> = {};
  for (const i of [0, 1, 2, 3] as const) slots[i] = ["AAAA", fragment.slots[i]];
  const sealed: Fragment = { form: "envelope", seq: fragment.seq, leaf: "AAAA", slots };
  return { fragment: sealed, entry: readEntry(sealed) };
}

/** The same entry as a stub. */
export function stub(r: Received | Seq): Received {
  const seq = typeof r === "number" ? r : r.fragment.seq;
  return { fragment: { form: "stub", seq, leaf: "AAAA" }, entry: { form: "stub", seq } };
}

export const member = (number: number, part: Partial<MemberFacts> = {}): MemberFacts => ({
  root: number, number, state: "joined", name: `Member ${number}`, org: "DSC", orgName: "Data Security Centre", orgType: "host", ods: "",
  tier: number === 1 ? "tactical" : "operational",
  role: number === 1 ? "lead" : "representative", host: true, start: 0, rules: 1, invitedBy: 1, invited: instant(0), joined: instant(0),
  ended: null, askedName: "", ...part,
});

export const facts = (part: Partial<Facts> = {}): Facts => ({
  room: {
    id: room, reference: "EX-2026-0001", title: "A test", mode: "exercise", lifecycle: "open", section: 1, roster: "names",
    tlp: "TLP:AMBER+STRICT", hosts: ["DSC", "NCSC"], assessors: [], called: [], cell: null, opened: instant(0), clock: null, earlier: null, ended: null,
  },
  you: 1, members: [member(1)], rules: null, brief: null, report: null, pins: [], assessments: [], books: [], retention: { years: 20, seq: 0, by: {}, at: null }, holds: [], erasures: [], posts: [], cadence: noCadence, ...part,
});

export const snapshot = (seq: Seq, state: Facts = facts()): SnapshotFrame => ({
  type: "snapshot", room, seq, frontier: { size: seq + 1, hashes: [] }, state,
});

export const events = (...list: readonly Received[]) => ({ type: "events", room, events: list }) as const;

export const page = (entries: readonly Received[], head: Seq, related: readonly Received[] = []): PageFrame => ({
  type: "page", room, entries, related, head,
});

export const message = (seq: Seq, text = `message ${seq}`, more: Partial<Made<"message.posted">> = {}): Received =>
  open({ seq, kind: "message.posted", marking: marking(), body: { text }, ...more });
