// Meetings, situation reports, updates and handovers: what the wire says of
// how a room keeps time, and of how command passes on.
import { type Post, postNames } from "./escalation";
import { count, flag, listOf, maybe, nullable, oneOf, shape, text } from "./guard";
import type { Instant, MemberNo, Seq } from "./types";

export const rhythms = ["meeting", "sitrep", "update"] as const;
/** Something a room does again and again while it runs. */
export type Rhythm = (typeof rhythms)[number];

/** The form in which command is handed over. */
export interface Iimarch {
  readonly administration: string;
  readonly communications: string;
  readonly humanitarian: string;
  readonly information: string;
  readonly intent: string;
  readonly method: string;
  readonly risk: string;
}
export const iimarchParts = ["information", "intent", "method", "administration", "risk", "communications", "humanitarian"] as const;
export type IimarchPart = (typeof iimarchParts)[number];

export type HandoverState = "signed" | "accepted" | "declined" | "withdrawn";

/** Where one rhythm stands, by the server's clock, in exercises too. */
export interface Beat {
  /** When the next is; null while it does not run. */
  readonly due: Instant | null;
  /** Minutes; 0: it does not run. */
  readonly every: number;
  readonly from: Instant | null;
  readonly kept: Instant | null;
  /** When the first was due that was missed since the last. */
  readonly missed: Instant | null;
  /** When the next was brought forward. */
  readonly moved: Instant | null;
  readonly putOff: boolean;
  readonly snoozed: number;
}
/** What leads set, in minutes (0: as the severity asks), and what the severity asked for when they did. */
export interface Interval {
  readonly demanded: number;
  readonly minutes: number;
}
export interface CadenceFacts extends Readonly<Record<Rhythm, Beat>> {
  readonly set: ({ readonly seq: Seq } & Readonly<Record<Rhythm, Interval>>) | null;
}

export interface CadenceBodies {
  "cadence.set": { readonly meeting?: number; readonly reason: string; readonly sitrep?: number; readonly update?: number };
  "cadence.kept": { readonly what: Rhythm };
  /** The house's. */
  "cadence.missed": { readonly due: Instant; readonly what: Rhythm };
  "cadence.put_off": { readonly reason: string; readonly until: Instant };
  "cadence.snoozed": { readonly until: Instant };
  "meeting.held": { readonly invented?: boolean; readonly members?: readonly MemberNo[]; readonly others?: string; readonly place: string; readonly summary: string };
  "sitrep.corrected": { readonly actions?: string; readonly asAt: Instant; readonly forecast?: string; readonly impact?: string; readonly reason: string; readonly situation: string };
  "sitrep.filed": { readonly actions?: string; readonly asAt: Instant; readonly forecast?: string; readonly impact?: string; readonly invented?: boolean; readonly situation: string };
  "update.given": { readonly entry?: Seq; readonly invented?: boolean; readonly text?: string };
  "update.requested": { readonly text?: string };
  "handover.signed": { readonly iimarch: Iimarch; readonly invented?: boolean; readonly post: Post; readonly since: Seq; readonly to: MemberNo };
  "handover.accepted": Readonly<Record<string, never>>;
  "handover.declined": { readonly reason: string };
  "handover.withdrawn": { readonly reason: string };
}

const none = shape({});
const reason = shape({ reason: text });
export const cadenceGuards = {
  "cadence.set": shape({ meeting: maybe(count), reason: text, sitrep: maybe(count), update: maybe(count) }),
  "cadence.kept": shape({ what: oneOf(...rhythms) }),
  "cadence.missed": shape({ due: text, what: oneOf(...rhythms) }),
  "cadence.put_off": shape({ reason: text, until: text }),
  "cadence.snoozed": shape({ until: text }),
  "meeting.held": shape({ invented: maybe(flag), members: maybe(listOf(count)), others: maybe(text), place: text, summary: text }),
  "sitrep.corrected": shape({ actions: maybe(text), asAt: text, forecast: maybe(text), impact: maybe(text), reason: text, situation: text }),
  "sitrep.filed": shape({ actions: maybe(text), asAt: text, forecast: maybe(text), impact: maybe(text), invented: maybe(flag), situation: text }),
  "update.given": shape({ entry: maybe(count), invented: maybe(flag), text: maybe(text) }),
  "update.requested": shape({ text: maybe(text) }),
  "handover.signed": shape({
    iimarch: shape({ administration: text, communications: text, humanitarian: text, information: text, intent: text, method: text, risk: text }),
    invented: maybe(flag), post: oneOf(...postNames), since: count, to: count,
  }),
  "handover.accepted": none,
  "handover.declined": reason,
  "handover.withdrawn": reason,
};

const beat = shape({ due: nullable(text), every: count, from: nullable(text), kept: nullable(text), missed: nullable(text), moved: nullable(text), putOff: flag, snoozed: count });
const interval = shape({ demanded: count, minutes: count });
export const cadenceFacts = shape({ meeting: beat, sitrep: beat, update: beat, set: nullable(shape({ seq: count, meeting: interval, sitrep: interval, update: interval })) });

const still: Beat = { due: null, every: 0, from: null, kept: null, missed: null, moved: null, putOff: false, snoozed: 0 };
/** Nothing runs. */
export const noCadence: CadenceFacts = { meeting: still, sitrep: still, update: still, set: null };
