// The fold of a meeting, a situation report, an update or a request for one:
// each is said once, but that a report can be corrected.
import type { Rhythm } from "../protocol/cadence";
import type { By, Instant, KnownEntry, MemberNo, Seq, VisibleEntry } from "../protocol/types";
import { shown } from "./members";

interface Said {
  readonly by: By;
  /** When it was recorded, by the server's clock. */
  readonly at: Instant;
  readonly cites: readonly Seq[];
}
export interface Meeting extends Said {
  readonly noun: "meeting";
  readonly held: Instant;
  readonly place: string;
  readonly members: readonly MemberNo[];
  readonly others: string;
  readonly summary: string;
}
interface SitrepParts {
  readonly asAt: Instant;
  readonly situation: string;
  readonly impact: string;
  readonly actions: string;
  readonly forecast: string;
}
/** What a report said, and why it was said anew; "" of the first. */
export interface SitrepWording extends SitrepParts {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly reason: string;
}
/** A situation report as it stands. */
export interface Sitrep extends Said, SitrepParts {
  readonly noun: "sitrep";
  /** Oldest first; at least one. */
  readonly wordings: readonly SitrepWording[];
}
export interface Update extends Said {
  readonly noun: "update";
  readonly text: string;
  readonly entry: Seq | null;
}
export interface UpdateRequest extends Said {
  readonly noun: "request";
  readonly text: string;
}
export interface Missed extends Said {
  readonly noun: "missed";
  readonly what: Rhythm;
  readonly due: Instant;
}

/** What a root says; null while it is not readable here. */
export function foldMeeting(events: readonly VisibleEntry[]): Meeting | Sitrep | Update | UpdateRequest | Missed | null {
  const e = events[0];
  const first = e?.form === "open" && !e.unknown ? said(e) : null;
  return first?.noun === "sitrep" ? events.reduce(corrected, first) : first;
}

function said(e: KnownEntry): Meeting | Sitrep | Update | UpdateRequest | Missed | null {
  const base = { by: e.by, at: e.times.recorded, cites: e.refs.cites ?? [] };
  switch (e.kind) {
    case "meeting.held": {
      const { place, members, others, summary } = e.body;
      return { noun: "meeting", ...base, held: e.times.occurred ?? shown(e.times), place, members: members ?? [], others: others ?? "", summary };
    }
    case "sitrep.filed": {
      const { asAt, situation, impact, actions, forecast } = e.body;
      const parts = { asAt, situation, impact: impact ?? "", actions: actions ?? "", forecast: forecast ?? "" };
      return { noun: "sitrep", ...base, ...parts, wordings: [{ seq: e.seq, by: e.by, at: base.at, ...parts, reason: "" }] };
    }
    case "update.given":
      return { noun: "update", ...base, text: e.body.text ?? "", entry: e.body.entry ?? null };
    case "update.requested":
      return { noun: "request", ...base, text: e.body.text ?? "" };
    case "cadence.missed":
      return { noun: "missed", ...base, what: e.body.what, due: e.body.due };
    default:
      return null;
  }
}

function corrected(r: Sitrep, e: VisibleEntry): Sitrep {
  if (e.form !== "open" || e.unknown || e.kind !== "sitrep.corrected") return r;
  const { asAt, situation, impact, actions, forecast, reason } = e.body;
  const parts = { asAt, situation, impact: impact ?? "", actions: actions ?? "", forecast: forecast ?? "" };
  return { ...r, ...parts, wordings: [...r.wordings, { seq: e.seq, by: e.by, at: e.times.recorded, ...parts, reason }] };
}
