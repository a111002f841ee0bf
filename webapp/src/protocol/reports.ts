// Reports of incidents and links between rooms, over REST and as entries.
import { count, flag, isRecord, listOf, maybe, oneOf, shape, text } from "./guard";
import type { Instant, OrgID, RoomID, Seq } from "./types";

export const troubles = ["ransomware", "malware", "phishing", "account", "outage", "data", "supplier", "other"] as const;
/** What is reported, in one word. */
export type Trouble = (typeof troubles)[number];
export const mailSafes = ["yes", "no", "unsure"] as const;
/** Whether e-mail to whoever reports is safe. */
export type MailSafe = (typeof mailSafes)[number];
export type ReportVia = "web" | "telephone";
export const reportStates = ["received", "looking", "answered", "closed"] as const;
export type ReportState = (typeof reportStates)[number];

/** An ETHANE report of a cyber incident. */
export interface Ethane {
  readonly what: Trouble;
  readonly text: string;
  readonly mail: MailSafe;
  readonly where?: string;
  readonly hazards?: string;
  readonly access?: string;
  readonly number?: string;
  readonly engaged?: string;
}

export interface ReportDraft {
  readonly ethane: Ethane;
  readonly phone: string;
  readonly via?: ReportVia;
  /** By telephone: who rang. */
  readonly caller?: string;
}

/** What the hosts' people know of a report besides. */
export interface Triage {
  readonly by: string;
  readonly looking?: string;
  /** It is in a room, whether I am in that or not. */
  readonly placed: boolean;
  readonly opened: boolean;
  /** Of the rooms it is in, those that I am in. */
  readonly rooms: readonly RoomID[];
  readonly reason?: string;
  readonly steps: readonly { readonly kind: string; readonly at: Instant; readonly by?: string }[];
}

export interface FiledReport {
  readonly id: string;
  readonly reference: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly via: ReportVia;
  readonly state: ReportState;
  readonly at: Instant;
  readonly moved: Instant;
  readonly ethane: Ethane;
  readonly answers: readonly { readonly at: Instant; readonly text: string }[];
  readonly mine: boolean;
  readonly triage?: Triage;
  /** The end of the number; hosts only, and as long as it is known. */
  readonly phone?: string;
}

export interface ReportPage {
  readonly reports: readonly FiledReport[];
  readonly more: boolean;
}

/** A room of mine that is about the same organisations. */
export interface AlikeRoom {
  readonly room: RoomID;
  readonly reference: string;
  readonly title: string;
  readonly orgs: readonly { readonly code: OrgID; readonly name: string }[];
  readonly leads: boolean;
}

export interface RoomLink {
  readonly root: Seq;
  /** Absent if I am not in it. */
  readonly room?: RoomID;
  readonly reference: string;
  readonly at: Instant;
}

export interface ReportBodies {
  "report.brought": { readonly at: Instant; readonly ethane: Ethane; readonly org: OrgID; readonly orgName: string; readonly reference: string; readonly report: string; readonly via: ReportVia };
  "room.linked": { readonly reference: string; readonly room: RoomID };
  "room.unlinked": { readonly room: RoomID };
}

const ethane = shape({ what: oneOf(...troubles), text, mail: oneOf(...mailSafes), where: maybe(text), hazards: maybe(text), access: maybe(text), number: maybe(text), engaged: maybe(text) });
const via = oneOf("web", "telephone");
const filed = shape({
  id: text, reference: text, org: text, orgName: text, via, state: oneOf(...reportStates), at: text, moved: text, ethane, answers: listOf(shape({ at: text, text })), mine: flag,
  triage: maybe(isRecord as never),
});

export const reportBodyGuards = {
  "report.brought": shape({ at: text, ethane, org: text, orgName: text, reference: text, report: text, via }),
  "room.linked": shape({ reference: text, room: text }),
  "room.unlinked": shape({ room: text }),
};

export const reportGuards = {
  filed: shape({ id: text, reference: text }),
  one: filed,
  page: shape({ reports: listOf(filed), more: flag }),
  called: shape({ name: text, phone: text }),
  alike: shape({ rooms: listOf(shape({ room: text, reference: text, title: text, orgs: listOf(shape({ code: text, name: text })), leads: flag })) }),
  links: shape({ links: listOf(shape({ root: count, room: maybe(text), reference: text, at: text })) }),
};
