// What goes out to organisations by text message and e-mail: what the wire says of it.
import { type ChannelKind, type ContactRole, contactRoles } from "./directory";
import { count, flag, listOf, maybe, oneOf, shape, text } from "./guard";
import { type History, type Instant, type MemberNo, type MemberState, type OrgID, type OrgType, orgTypes, type Seq } from "./types";

export const broadcastPurposes = ["raised", "update", "invite"] as const;
/** raised: once to each contact, for each room. update: to those who were told that. invite: each comes into the room. */
export type BroadcastPurpose = (typeof broadcastPurposes)[number];
export const broadcastStates = ["asked", "approved", "alone", "refused", "withdrawn", "stopped"] as const;
/** alone: it goes out on one person's word. */
export type BroadcastState = (typeof broadcastStates)[number];

/** A choice of organisations' contacts. */
export interface Contacted {
  readonly orgs?: readonly OrgID[];
  readonly roles?: readonly ContactRole[];
  readonly types?: readonly OrgType[];
}
/** What a choice came to. */
export interface BroadcastCount {
  readonly contacts: number;
  readonly emails: number;
  readonly fragments: number;
  readonly noNumber: number;
  readonly nobody: number;
  readonly orgs: number;
  readonly pence?: number;
  readonly texts: number;
}
type None = Readonly<Record<string, never>>;
export interface BroadcastBodies {
  "broadcast.asked": { readonly chosen: Contacted; readonly count: BroadcastCount; readonly hash: string; readonly history?: History; readonly list: string; readonly purpose: BroadcastPurpose };
  "broadcast.approved": None;
  "broadcast.sent_alone": { readonly reason: string };
  "broadcast.refused": { readonly reason: string };
  "broadcast.withdrawn": { readonly reason: string };
  "broadcast.stopped": { readonly reason: string };
  /** Of invitations, by the entries that began them. */
  "broadcast.reached": { readonly delivered?: readonly Seq[]; readonly invited?: readonly Seq[]; readonly left?: number; readonly opened?: readonly Seq[] };
}

export interface BroadcastDraft {
  readonly purpose: BroadcastPurpose;
  readonly types: readonly OrgType[];
  readonly orgs: readonly OrgID[];
  readonly roles: readonly ContactRole[];
  /** Of invitations. */
  readonly history?: History;
}
export interface BroadcastPreview {
  readonly count: BroadcastCount;
  readonly priced: boolean;
  readonly stale: number;
  readonly told: number;
  readonly barred: number;
  readonly unknown: readonly OrgID[];
  readonly noNumber: readonly { readonly org: OrgID; readonly role: ContactRole; readonly name: string }[];
  readonly nobody: readonly { readonly code: OrgID; readonly name: string }[];
  /** Of invitations: who has a number and is not invited. */
  readonly left: readonly { readonly org: OrgID; readonly role: ContactRole; readonly name: string; readonly why: string }[];
  readonly text: string;
  readonly fragments: number;
  readonly subject: string;
  readonly mail: string;
  readonly refusal?: string;
}
export const stages = ["queued", "sending", "uncertain", "sent", "delivered", "temporary", "permanent", "technical", "refused", "not_sent"] as const;
/** Where a message stands. */
export type Stage = (typeof stages)[number];
export interface MessageRow {
  readonly id: string;
  readonly channel: ChannelKind;
  readonly state: Stage;
  readonly why?: string;
  readonly try: number;
  readonly at?: Instant;
  readonly acknowledged?: Instant;
  readonly again: boolean;
}
export interface RecipientRow {
  readonly contact: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly role: ContactRole;
  readonly name: string;
  readonly sms: boolean;
  readonly email: boolean;
  readonly other: boolean;
  readonly messages: readonly MessageRow[];
}
export interface MessageCount {
  readonly channel: ChannelKind;
  readonly state: Stage;
  readonly why?: string;
  readonly messages: number;
  readonly acknowledged: number;
}
export interface Recipients {
  readonly counts: readonly MessageCount[];
  readonly recipients: readonly RecipientRow[];
  readonly next?: string;
}
/** One contact whom a broadcast invites. */
export interface InvitedRow {
  readonly contact: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly role: ContactRole;
  readonly name: string;
  /** Why they were not invited after all. */
  readonly kept?: string;
  readonly root?: Seq;
  readonly state?: MemberState;
  readonly number?: MemberNo;
  readonly expired?: boolean;
  readonly expires?: Instant;
  readonly opened?: Instant;
  readonly joined?: Instant;
  readonly message?: MessageRow;
  readonly again: boolean;
  /** Their number was corrected since. */
  readonly newPhone?: boolean;
}
export interface InvitedRows {
  readonly rows: readonly InvitedRow[];
}

const reason = shape({ reason: text });
const counts = shape({ contacts: count, emails: count, fragments: count, noNumber: count, nobody: count, orgs: count, pence: maybe(count), texts: count });
export const broadcastGuards = {
  "broadcast.asked": shape({
    chosen: shape({ orgs: maybe(listOf(text)), roles: maybe(listOf(oneOf(...contactRoles))), types: maybe(listOf(oneOf(...orgTypes))) }),
    count: counts, hash: text, history: maybe(text), list: text, purpose: oneOf(...broadcastPurposes),
  }),
  "broadcast.approved": shape({}),
  "broadcast.sent_alone": reason,
  "broadcast.refused": reason,
  "broadcast.withdrawn": reason,
  "broadcast.stopped": reason,
  "broadcast.reached": shape({ delivered: maybe(listOf(count)), invited: maybe(listOf(count)), left: maybe(count), opened: maybe(listOf(count)) }),
};
export const isBroadcastPreview = shape({
  count: counts, priced: flag, stale: count, told: count, barred: count, unknown: listOf(text), noNumber: listOf(shape({ org: text, role: text, name: text })),
  nobody: listOf(shape({ code: text, name: text })), left: listOf(shape({ org: text, role: text, name: text, why: text })), text, fragments: count, subject: text, mail: text, refusal: maybe(text),
});
const message = shape({ id: text, channel: text, state: oneOf(...stages), why: maybe(text), try: count, at: maybe(text), acknowledged: maybe(text), again: flag });
export const isRecipients = shape({
  counts: listOf(shape({ channel: text, state: oneOf(...stages), why: maybe(text), messages: count, acknowledged: count })),
  recipients: listOf(shape({ contact: text, org: text, orgName: text, role: text, name: text, sms: flag, email: flag, other: flag, messages: listOf(message) })),
  next: maybe(text),
});
export const isInvitedRows = shape({
  rows: listOf(
    shape({
      contact: text, org: text, orgName: text, role: text, name: text, kept: maybe(text), root: maybe(count), state: maybe(text), number: maybe(count), expired: maybe(flag),
      expires: maybe(text), opened: maybe(text), joined: maybe(text), message: maybe(message), again: flag, newPhone: maybe(flag),
    }),
  ),
});
