// The fold of one handover: who hands which post to whom, in seven sections,
// and what came of it.
import type { HandoverState, Iimarch } from "../protocol/cadence";
import type { Post } from "../protocol/escalation";
import type { By, Instant, MemberNo, Seq, VisibleEntry } from "../protocol/types";

export interface Handover {
  readonly noun: "handover";
  readonly state: HandoverState;
  readonly settled: Seq;
  readonly by: By;
  readonly to: MemberNo;
  readonly post: Post;
  readonly since: Seq;
  readonly iimarch: Iimarch;
  readonly cites: readonly Seq[];
  readonly signed: Instant;
  /** By whom and when it was answered or taken back; null while it waits. */
  readonly ended: { readonly by: By; readonly at: Instant; readonly seq: Seq; readonly reason: string } | null;
}

/** Folds a handover's events, its root first; null while its root is not readable here. */
export function foldHandover(events: readonly VisibleEntry[]): Handover | null {
  const root = events[0];
  if (root?.form !== "open" || root.unknown || root.kind !== "handover.signed") return null;
  const { iimarch, post, since, to } = root.body;
  let h: Handover = { noun: "handover", state: "signed", settled: root.seq, by: root.by, to, post, since, iimarch, cites: root.refs.cites ?? [], signed: root.times.recorded, ended: null };
  for (const e of events) {
    const state = ({ "handover.accepted": "accepted", "handover.declined": "declined", "handover.withdrawn": "withdrawn" } as const)[e.kind as "handover.accepted"] as HandoverState | undefined;
    if (!state) continue;
    const reason = e.form === "open" && !e.unknown && (e.kind === "handover.declined" || e.kind === "handover.withdrawn") ? e.body.reason : "";
    h = { ...h, state, settled: e.seq, ended: { by: e.by, at: e.times.recorded, seq: e.seq, reason } };
  }
  return h;
}
