// Statutory clocks: what the wire says of what has to be told, and by when.
import { count, flag, maybe, oneOf, shape, text } from "./guard";
import type { Overriding } from "./rest";
import type { Instant, MemberNo, OrgID, Seq } from "./types";

export const statutes = ["gdpr_33", "gdpr_34", "nis", "ndg_management", "ndg_told", "bill_24", "bill_72"] as const;
/** What a clock runs by. */
export type Statute = (typeof statutes)[number];
export const vias = ["telephone", "email", "in_person"] as const;
/** How an organisation told a host what the host then wrote for it. */
export type Via = (typeof vias)[number];
export const clockStates = ["running", "evidenced", "withdrawn"] as const;
export type ClockState = (typeof clockStates)[number];

export interface StatutoryBodies {
  "clock.started": {
    readonly aware: Instant; readonly before?: Seq; readonly due?: Instant; readonly known?: string; readonly org: OrgID; readonly owner?: MemberNo;
    readonly start?: Seq; readonly statute: Statute; readonly via?: Via;
  };
  "clock.handed": { readonly owner?: MemberNo; readonly reason?: string; readonly via?: Via };
  "clock.corrected": { readonly aware: Instant; readonly due?: Instant; readonly reason: string; readonly via?: Via };
  /** late: minutes after it was due. */
  "clock.evidenced": { readonly done: Instant; readonly late?: number; readonly note?: string; readonly reference?: string; readonly via?: Via };
  "clock.withdrawn": { readonly reason: string; readonly via?: Via };
  /** The house's; after: minutes since the time of awareness. */
  "clock.reminded": { readonly after: number; readonly overdue?: boolean; readonly step: number };
  "clock.chased": { readonly text?: string };
  "ministers.briefed": { readonly at: Instant; readonly text: string };
}

const via = maybe(oneOf(...vias));
export const statutoryGuards = {
  "clock.started": shape({ aware: text, before: maybe(count), due: maybe(text), known: maybe(text), org: text, owner: maybe(count), start: maybe(count), statute: oneOf(...statutes), via }),
  "clock.handed": shape({ owner: maybe(count), reason: maybe(text), via }),
  "clock.corrected": shape({ aware: text, due: maybe(text), reason: text, via }),
  "clock.evidenced": shape({ done: text, late: maybe(count), note: maybe(text), reference: maybe(text), via }),
  "clock.withdrawn": shape({ reason: text, via }),
  "clock.reminded": shape({ after: count, overdue: maybe(flag), step: count }),
  "clock.chased": shape({ text: maybe(text) }),
  "ministers.briefed": shape({ at: text, text }),
};

/** A clock that is to start. */
export interface ClockDraft extends Overriding {
  readonly statute: Statute;
  readonly aware: Instant;
  readonly known?: string;
  /** Absent: one's own. */
  readonly org?: OrgID;
  readonly owner?: MemberNo;
  readonly start?: Seq;
  readonly via?: Via;
}
/** What is said of one that runs; seen: the last entry on the screen. */
export interface ClockSaid extends Overriding {
  readonly via?: Via;
  readonly seen: Seq;
}
export interface ClockEvidence extends ClockSaid {
  readonly done?: Instant;
  readonly reference?: string;
  readonly note?: string;
  readonly cites?: readonly Seq[];
}
export interface MinistersDraft extends Overriding {
  readonly text: string;
  readonly at?: Instant;
}
