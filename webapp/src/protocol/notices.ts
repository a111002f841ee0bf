// Messages to people outside the application: how far each has come, whether
// they go out at all, and how a person is reached.
import { flag, isRecord, listOf, shape, text } from "./guard";

export type ReachKind = "sms" | "email";

export interface OwnRow {
  readonly value: string;
  /** Absent: a code that was sent there has not come back. */
  readonly verified?: string;
}

/** Times as 22:00, in the United Kingdom. */
export interface Quiet {
  readonly from: string;
  readonly until: string;
}

export interface Reach {
  readonly sms?: OwnRow;
  readonly email?: OwnRow;
  readonly quiet?: Quiet;
  /** The ways by which this server can send anything. */
  readonly codes: readonly ReachKind[];
}

export interface NoticeRow {
  readonly id?: string;
  readonly instance: string;
  readonly purpose: string;
  readonly channel: ReachKind;
  readonly state: "waiting" | "sent" | "arrived" | "failed" | "not_sent";
  readonly detail?: string;
  readonly at?: string;
  readonly acknowledged?: string;
  readonly again?: boolean;
}

export interface WayRow {
  readonly way: string;
  readonly set: boolean;
  readonly held?: string;
  readonly since?: string;
  readonly skew?: number;
  readonly waiting: number;
}

export const noticeGuards = { reach: shape({ codes: listOf(text) }), notices: shape({ notices: listOf(isRecord) }), ways: shape({ ways: listOf(shape({ set: flag })) }), said: shape({ said: text }) };
