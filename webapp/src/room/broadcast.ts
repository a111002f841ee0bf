// The fold of one broadcast: what it says, to whom, and who agreed.
import type { BroadcastCount, BroadcastPurpose, BroadcastState, Contacted } from "../protocol/broadcast";
import type { By, History, Instant, Seq, VisibleEntry } from "../protocol/types";

export interface BroadcastStep {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly what: BroadcastState;
  /** The reason; "" for none. */
  readonly said: string;
}
export interface Broadcast {
  readonly noun: "broadcast";
  readonly state: BroadcastState;
  readonly by: By;
  readonly purpose: BroadcastPurpose;
  /** What those who are invited see of earlier entries; null: nobody is. */
  readonly history: History | null;
  readonly chosen: Contacted;
  readonly count: BroadcastCount;
  readonly asked: Instant;
  /** From when on one lead may send it alone. */
  readonly alone: Instant;
  /** When it was let out; null: it was not. */
  readonly sent: Instant | null;
  readonly steps: readonly BroadcastStep[];
}

/** How long the other host has, in milliseconds. */
const wait = 5 * 60_000;

/** Whether it is going out, or went. */
export const goes = (b: Broadcast): boolean => b.state === "approved" || b.state === "alone";

const states: Readonly<Record<string, BroadcastState>> = {
  "broadcast.approved": "approved", "broadcast.sent_alone": "alone", "broadcast.refused": "refused", "broadcast.withdrawn": "withdrawn", "broadcast.stopped": "stopped",
};

/** Folds a broadcast's events, its root first; null while its root is not readable here. */
export function foldBroadcast(events: readonly VisibleEntry[]): Broadcast | null {
  let b: Broadcast | null = null;
  for (const e of events) {
    const known = e.form === "open" && !e.unknown ? e : null;
    const at = e.times.recorded;
    if (known?.kind === "broadcast.asked") {
      const { chosen, count, purpose, history } = known.body;
      b = {
        noun: "broadcast", state: "asked", by: e.by, purpose, history: history ?? null, chosen, count, asked: at, alone: new Date(Date.parse(at) + wait).toISOString(), sent: null,
        steps: [{ seq: e.seq, by: e.by, at, what: "asked", said: "" }],
      };
      continue;
    }
    const state = states[e.kind];
    if (!b || !state) continue;
    const said = known && "reason" in known.body && typeof known.body.reason === "string" ? known.body.reason : "";
    b = { ...b, state, sent: state === "approved" || state === "alone" ? at : b.sent, steps: [...b.steps, { seq: e.seq, by: e.by, at, what: state, said }] };
  }
  return b;
}
