// What the browser holds of one room, and nothing else: the standing facts,
// the entries loaded so far, and the objects they fold into. All of it is
// immutable; a part that did not change keeps its identity.
import type { Handover } from "./handover";
import type { Meeting, Missed, Sitrep, Update, UpdateRequest } from "./meeting";
import type {
  AssessmentFacts, By, Entry, Facts, Instant, Marking, MemberNo, Methane, Received, RoomID, Seq, VisibleEntry,
} from "../protocol/types";
import type { Action } from "./action";
import type { Broadcast } from "./broadcast";
import type { Escalation } from "./escalation";
import type { StatutoryClock } from "./statutory";
import type { Line } from "./book";
import type { Item, Release, Sighting, TearLine } from "./item";
import type { Decision } from "./decision";
import type { Erasings } from "./erasure";
import { SeqMap } from "./seqmap";

/** A run of entry numbers, both ends included; empty when to = from − 1. */
export interface Span {
  readonly from: Seq;
  readonly to: Seq;
}

/** An entry with the position at which this browser's sight of it was judged. */
export interface Held {
  readonly entry: Entry;
  /** The log's head when the server chose this form: later judgements win. */
  readonly asOf: Seq;
}

/** One wording of a message: the newest stands, the earlier ones stay legible. */
export interface Version {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  /** null while only its envelope is here. */
  readonly text: string | null;
  readonly mentions: readonly MemberNo[];
}

/** One state of a report. */
export interface ReportVersion {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly methane: Methane | null;
}

/** Who has noted an entry, and when first. */
export interface Noted {
  readonly member: MemberNo;
  readonly at: Instant;
  readonly seq: Seq;
}

/** That an entry's originator took it back: for good. */
export interface Recall {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  /** "" while it is not readable here. */
  readonly reason: string;
}

/** What an object is: of the incident's record, or of restricted intelligence. */
export type RecordObject = Decision | Action | Escalation | StatutoryClock | Line | Item | TearLine | Sighting | Release | ({ readonly noun: "severity" } & AssessmentFacts) | Meeting | Sitrep | Update | UpdateRequest | Missed | Handover | Broadcast;

/** The fold of one root's events, as far as this viewer sees them. */
export interface RoomObject {
  readonly root: Seq;
  /** The root's kind; "" while only later events of it are here. */
  readonly kind: string;
  /** Every visible event about it that is here, in order, its root first. */
  readonly events: readonly VisibleEntry[];
  readonly by: By | null;
  /** The marking in force; null for standing entries, whose audience is the room. */
  readonly marking: Marking | null;
  /** While withheld: what the marking was before. */
  readonly before: Marking | null;
  readonly withheld: boolean;
  /** Messages: every wording, oldest first. */
  readonly versions: readonly Version[];
  /** Reports: every state, oldest first. */
  readonly reports: readonly ReportVersion[];
  readonly noted: readonly Noted[];
  /** The originator has ended its sharing. */
  readonly recalled: Recall | null;
  /** Severity, decisions, actions, lines of books, and intelligence: what they are now. */
  readonly record: RecordObject | null;
  /** Of what was asked of a side room's organisation: its answer; null while it waits, and of all else. */
  readonly consent: "agreed" | "refused" | null;
  readonly pinned: boolean;
  /** Some of it is here only as an envelope: its body comes by opening it. */
  readonly sealed: boolean;
  /** What began it was erased, and nothing brings it back. */
  readonly erased: boolean;
}

/** Whether exercise control wrote it: what began it says so. */
export function isInvented(o: RoomObject): boolean {
  const first = o.events[0];
  return first?.form === "open" && !first.unknown && "invented" in first.body && first.body.invented === true;
}

/** Why its author, for a host, wrote what bears a protective marking; by the entry that gave the reason. */
export function overridesOf(o: RoomObject): readonly { readonly seq: Seq; readonly by: By; readonly reason: string }[] {
  return o.events.flatMap((e) => (e.form === "open" && e.authority.override ? [{ seq: e.seq, by: e.by, reason: e.authority.override }] : []));
}

export interface Presence {
  readonly here: readonly MemberNo[];
  readonly typing: readonly MemberNo[];
}

export type Phase =
  | "opening" // no snapshot yet
  | "open"
  | "revoked"; // no longer a member: nothing of the room is kept

export interface RoomState {
  readonly room: RoomID;
  readonly phase: Phase;
  /** null until the first snapshot and after revocation. */
  readonly facts: Facts | null;
  /** The last entry applied; −1 before the first snapshot. */
  readonly seq: Seq;
  /** Whether the stream has reached the head since it last connected. */
  readonly caughtUp: boolean;
  /** Counts snapshots: when it changes, everything loaded before is gone. */
  readonly epoch: number;
  readonly entries: SeqMap<Held>;
  /** The runs of history that are loaded, ascending and apart; the last one ends at seq. */
  readonly spans: readonly Span[];
  /** By root. */
  readonly objects: SeqMap<RoomObject>;
  /** Roots taken from sight, and the position at which they were: a page read earlier must not bring them back. */
  readonly withdrawn: ReadonlyMap<Seq, Seq>;
  /** By entry: what erased from it, as far as that is here. What it erased is not kept, whatever brings it. */
  readonly erasings: ReadonlyMap<Seq, Erasings>;
  readonly presence: Presence;
}

export const nobody: Presence = { here: [], typing: [] };

export function emptyRoom(room: RoomID): RoomState {
  return {
    room, phase: "opening", facts: null, seq: -1, caughtUp: false, epoch: 0, entries: SeqMap.empty(), spans: [], objects: SeqMap.empty(),
    withdrawn: new Map(), erasings: new Map(), presence: nobody,
  };
}

/** A page of history on its way into the state. */
export interface PageFrame {
  readonly type: "page";
  readonly room: RoomID;
  readonly entries: readonly Received[];
  readonly related: readonly Received[];
  readonly head: Seq;
}

/** The bodies of an envelope's object, given out once its opening is on the access log. */
export interface UnsealedFrame {
  readonly type: "unsealed";
  readonly room: RoomID;
  readonly entries: readonly Received[];
}

/** The stream was cut: what is here stands, but may be behind, and who is present is not known. */
export interface CutFrame {
  readonly type: "cut";
  readonly room: RoomID;
}
