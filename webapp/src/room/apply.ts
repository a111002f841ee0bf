// apply(state, frame) → state: the whole of how a room changes in the browser.
// Pure, exhaustive over the frames, idempotent. What keeps client and server
// honest: apply(snapshot at S, frames S+1 … T) has the facts of the snapshot
// at T, for every kind, per person.
import type { Facts, OpenedFrame, Received, RoomFrame, Seq, SnapshotFrame, VisibleEntry } from "../protocol/types";
import { erasingsWith, strip } from "./erasure";
import { foldFacts, withoutRoot, withRoot } from "./facts";
import { foldObject } from "./object";
import { type CutFrame, emptyRoom, type Held, nobody, type PageFrame, type RoomState, type Span, type UnsealedFrame } from "./state";

export function apply(state: RoomState, frame: RoomFrame | PageFrame | UnsealedFrame | CutFrame): RoomState {
  if (frame.type === "snapshot") return applySnapshot(state, frame);
  if (state.phase !== "open") return state; // nothing but a snapshot opens a room
  switch (frame.type) {
    case "events":
      return applyEvents(state, frame.events);
    case "opened":
      return applyOpened(state, frame);
    case "withdrawn":
      return applyWithdrawn(state, frame.root);
    case "caught_up":
      return state.caughtUp ? state : { ...state, caughtUp: true };
    case "cut":
      return state.caughtUp || state.presence !== nobody ? { ...state, caughtUp: false, presence: nobody } : state;
    case "presence":
      return { ...state, presence: { here: frame.here, typing: frame.typing } };
    case "read":
      return state; // a marker of this person's, not of the room: the store keeps it
    case "sealed":
      return state; // of the log, not of the room: the prover judges it
    case "revoked":
      return { ...emptyRoom(state.room), phase: "revoked", epoch: state.epoch + 1 };
    case "page":
      return applyPage(state, frame);
    case "unsealed":
      return applyUnsealed(state, frame);
    default:
      return unreachable(frame);
  }
}

function unreachable(frame: never): never {
  throw new Error(`room: a frame without a rule: ${(frame as { type: string }).type}`);
}

function applySnapshot(state: RoomState, { seq, state: facts }: SnapshotFrame): RoomState {
  return {
    ...emptyRoom(state.room), phase: "open", facts, seq, epoch: state.epoch + 1, spans: [{ from: seq + 1, to: seq }],
    // One in the middle of a live stream (the reader's own rights changed) takes nothing from that; after a cut both were emptied already.
    ...(state.phase === "open" ? { presence: state.presence, caughtUp: state.caughtUp } : {}),
  };
}

/** One group of the log. What is already here is passed over; a group that leaves a hole changes nothing. */
function applyEvents(state: RoomState, events: readonly Received[]): RoomState {
  const fresh = events.filter(({ entry }) => entry.seq > state.seq);
  if (fresh.length === 0 || fresh.some(({ entry }, i) => entry.seq !== state.seq + 1 + i)) return state;
  const seq = state.seq + fresh.length;
  let facts = state.facts as Facts; // an open room has facts
  for (const { entry } of fresh) {
    if (entry.form !== "stub") facts = foldFacts(facts, entry);
  }
  return {
    ...hold(state, fresh.map(({ entry }) => ({ entry, asOf: seq }))),
    facts, seq, spans: state.spans.map((s) => (s.to === state.seq ? { from: s.from, to: seq } : s)),
  };
}

function applyOpened(state: RoomState, { root, events }: OpenedFrame): RoomState {
  const held = events.filter(({ entry }) => entry.seq <= state.seq).map(({ entry }) => ({ entry, asOf: state.seq }));
  const visible = held.map((h) => h.entry).filter((e): e is VisibleEntry => e.form !== "stub" && e.root === root);
  const withdrawn = new Map(state.withdrawn);
  withdrawn.delete(root);
  return { ...hold(hide(state, root), held), withdrawn, facts: withRoot(state.facts as Facts, root, visible) };
}

function applyWithdrawn(state: RoomState, root: Seq): RoomState {
  return {
    ...hide(state, root),
    withdrawn: new Map(state.withdrawn).set(root, state.seq),
    facts: withoutRoot(state.facts as Facts, root),
  };
}

/** Every entry about the root becomes a stub, and its object is gone. */
function hide(state: RoomState, root: Seq): RoomState {
  const object = state.objects.get(root);
  if (!object) return state;
  return {
    ...state,
    entries: state.entries.with(object.events.map(({ seq }) => [seq, { entry: { form: "stub", seq }, asOf: state.seq }] as const)),
    objects: state.objects.with([[root, undefined]]),
  };
}

/**
 * A page of history. It was judged at its own head, so where the stream has
 * judged later the stream's answer stands; what lies beyond the stream's
 * position is left for the stream to bring.
 */
function applyPage(state: RoomState, { entries, related, head }: PageFrame): RoomState {
  const held: Held[] = [];
  for (const { entry } of [...entries, ...related]) {
    if (entry.seq > state.seq) continue;
    const old = state.entries.get(entry.seq);
    if (old && old.asOf > head) continue;
    if (old?.entry.form === "open" && entry.form === "envelope" && !entry.erased) continue; // opened here: do not seal it again
    const hidden = entry.form !== "stub" && (state.withdrawn.get(entry.root) ?? -1) > head;
    held.push({ entry: hidden ? { form: "stub", seq: entry.seq } : entry, asOf: head });
  }
  const first = entries[0];
  const last = entries.at(-1);
  const next = hold(state, held);
  if (!first || !last || first.entry.seq > state.seq) return next;
  return { ...next, spans: join([...state.spans, { from: first.entry.seq, to: Math.min(last.entry.seq, state.seq) }]) };
}

/** Opened bodies take the place of envelopes that are still in sight. */
function applyUnsealed(state: RoomState, { entries }: UnsealedFrame): RoomState {
  return hold(
    state,
    entries.filter(({ entry }) => entry.form !== "stub" && state.entries.get(entry.seq)?.entry.form === "envelope").map(({ entry }) => ({ entry, asOf: state.seq })),
  );
}

/** Holds entries and folds the objects they touch anew. */
function hold(state: RoomState, brought: readonly Held[]): RoomState {
  if (brought.length === 0) return state;
  const erasings = erasingsWith(state.erasings, brought.map((h) => h.entry));
  // What an entry that came says was erased goes, if it was here already.
  const seqs = new Set(brought.map((h) => h.entry.seq));
  const older = erasings === state.erasings ? [] : [...erasings.keys()].filter((seq) => !seqs.has(seq)).flatMap((seq) => state.entries.get(seq) ?? []);
  const held = [...brought, ...older].map((h) => {
    const entry = strip(h.entry, erasings.get(h.entry.seq));
    return entry === h.entry ? h : { ...h, entry };
  });
  const byRoot = new Map<Seq, Map<Seq, VisibleEntry>>();
  const eventsOf = (root: Seq): Map<Seq, VisibleEntry> => {
    let events = byRoot.get(root);
    if (!events) {
      events = new Map((state.objects.get(root)?.events ?? []).map((e) => [e.seq, e]));
      byRoot.set(root, events);
    }
    return events;
  };
  for (const { entry } of held) {
    const old = state.entries.get(entry.seq)?.entry;
    if (old && old.form !== "stub") eventsOf(old.root).delete(entry.seq);
    if (entry.form !== "stub") eventsOf(entry.root).set(entry.seq, entry);
  }
  return {
    ...state,
    erasings,
    entries: state.entries.with(held.map((h) => [h.entry.seq, h] as const)),
    objects: state.objects.with(
      [...byRoot].map(([root, events]) => [root, foldObject(root, [...events.values()].toSorted((a, b) => a.seq - b.seq))] as const),
    ),
  };
}

/** Sorted spans with those that touch made one. */
function join(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = [];
  // An empty span sorts before a full one that begins where it does, so that the two become one.
  for (const s of spans.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = joined.at(-1);
    if (last && s.from <= last.to + 1) joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, s.to) };
    else joined.push(s);
  }
  return joined;
}
