// Alerts and what organisations answer to them, over REST.
import type { MessageCount } from "./broadcast";
import type { ContactRole } from "./directory";
import { count, flag, type Guard, listOf, maybe, oneOf, shape, text } from "./guard";
import type { NoticeRow } from "./notices";
import type { Instant, Key, OrgID, OrgType, RoomID, TLP } from "./types";
import { newKey } from "./ulid";

export const alertSeverities = ["high", "medium", "low"] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

export const alertStates = ["sent", "acknowledged", "unsure", "applies", "planned", "done", "not_applicable"] as const;
/** How far an organisation has come. */
export type AlertState = (typeof alertStates)[number];

export const vias = ["telephone", "email", "in_person"] as const;
/** How an organisation's word came to the host who entered it. */
export type Via = (typeof vias)[number];

export type Applies = "yes" | "no" | "unsure";

/** What is due next; "" for nothing. */
export type AlertWants = "" | "acknowledge" | "update" | "remediation";

export interface AlertOrg {
  readonly org: OrgID;
  readonly name: string;
  readonly type: OrgType;
  readonly state: AlertState;
  readonly wants: AlertWants;
  readonly dueBy?: Instant;
  readonly acknowledged?: Instant;
  /** Until when it is to be put right. */
  readonly remediation?: Instant;
  readonly next?: Instant;
  readonly changed?: Instant;
  readonly by?: string;
  readonly via?: Via;
  readonly chased?: Instant;
  readonly chases: number;
  readonly version: number;
}

export interface AlertCounts {
  readonly organisations: number;
  readonly overdue: number;
  readonly states: Readonly<Partial<Record<AlertState, number>>>;
}

/** Out of which an alert was issued: for the hosts in that room alone. */
export interface AlertRoom {
  readonly id: RoomID;
  readonly reference: string;
  readonly title: string;
}

export interface AlertRow {
  readonly number: number;
  readonly reference: string;
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly tlp: TLP;
  readonly issued: Instant;
  readonly acknowledgeBy?: Instant;
  readonly closed?: Instant;
  /** Of the organisations I act for. */
  readonly mine: readonly AlertOrg[];
  /** Of all it went to: hosts only. */
  readonly counts?: AlertCounts;
}

export interface Alerts {
  readonly alerts: readonly AlertRow[];
  readonly issues: boolean;
}

export interface ClosedAlerts {
  readonly alerts: readonly AlertRow[];
  readonly more: boolean;
}

export interface AlertText extends AlertRow {
  readonly details: string;
  readonly mitigation: string;
  readonly remediation: string;
  readonly cves: readonly string[];
  readonly platforms: readonly string[];
  readonly types?: readonly OrgType[];
  readonly codes?: readonly OrgID[];
  readonly issues: boolean;
  /** Out of which it was issued, if I am in that room for a host. */
  readonly room?: AlertRoom;
}

export interface AlertBoardQuery {
  readonly state: AlertState | "";
  readonly overdue: boolean;
  readonly type: OrgType | "";
  readonly q: string;
}

export interface AlertBoard {
  readonly rows: readonly AlertOrg[];
  readonly found: number;
  readonly counts: AlertCounts;
}

export const alertKinds = ["alert.issued", "alert.acknowledged", "alert.answered", "alert.remediation", "alert.updated", "alert.done", "alert.chased", "alert.closed"] as const;
export type AlertKind = (typeof alertKinds)[number];

export interface AlertEntry {
  /** Its place among those I see, from 1. */
  readonly n: number;
  readonly kind: AlertKind;
  readonly at: Instant;
  /** "": a host. */
  readonly by: string;
  readonly orgs: readonly OrgID[];
  readonly via?: Via;
  readonly applies?: Applies;
  readonly text?: string;
  readonly due?: Instant;
  readonly next?: Instant;
}

export interface AlertEntries {
  readonly entries: readonly AlertEntry[];
  readonly more: boolean;
}

export interface AlertReach {
  readonly organisations: number;
  readonly types: readonly { readonly type: OrgType; readonly orgs: number }[];
}

export interface AlertDraft {
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly tlp: TLP;
  readonly details: string;
  readonly mitigation: string;
  readonly remediation: string;
  readonly cves: readonly string[];
  readonly platforms: readonly string[];
  readonly types: readonly OrgType[];
  readonly codes: readonly OrgID[];
  /** To how many it was shown to go. */
  readonly reach: number;
  /** The room it is issued out of. */
  readonly room?: RoomID;
}

/** For whom an answer is, and how it came. */
export interface AnswersFor {
  readonly orgs: readonly OrgID[];
  readonly via?: Via;
  readonly seen?: number;
}

/** One step of the ladder. */
export type AlertAnswer =
  | { readonly step: "acknowledge" }
  | { readonly step: "answer"; readonly applies: Applies; readonly note: string }
  | { readonly step: "plan"; readonly plan: string; readonly due: Instant; readonly next?: Instant }
  | { readonly step: "update"; readonly text: string; readonly next?: Instant }
  | { readonly step: "finish"; readonly evidence: string };

const orgRow = shape({
  org: text, name: text, type: text, state: oneOf(...alertStates), wants: oneOf("", "acknowledge", "update", "remediation"), dueBy: maybe(text), acknowledged: maybe(text),
  remediation: maybe(text), next: maybe(text), changed: maybe(text), by: maybe(text), via: maybe(oneOf(...vias)), chased: maybe(text), chases: count, version: count,
});
const counts = shape({ organisations: count, overdue: count });
const row = {
  number: count, reference: text, title: text, severity: oneOf(...alertSeverities), tlp: text, issued: text, acknowledgeBy: maybe(text), closed: maybe(text), mine: listOf(orgRow), counts: maybe(counts),
};
const guards = {
  list: shape({ alerts: listOf(shape(row)), issues: flag }),
  closed: shape({ alerts: listOf(shape(row)), more: flag }),
  one: shape({ ...row, details: text, mitigation: text, remediation: text, cves: listOf(text), platforms: listOf(text), issues: flag, room: maybe(shape({ id: text, reference: text, title: text })) }),
  ofRoom: shape({ alerts: listOf(shape(row)) }),
  board: shape({ rows: listOf(orgRow), found: count, counts }),
  entries: shape({ entries: listOf(shape({ n: count, kind: oneOf(...alertKinds), at: text, by: text, orgs: listOf(text) })), more: flag }),
  notices: shape({ counts: listOf(shape({ state: text, messages: count, acknowledged: count })), notices: listOf(shape({ contact: text, name: text, instance: text, state: text })) }),
  reach: shape({ organisations: count, types: listOf(shape({ type: text, orgs: count })) }),
  receipt: shape({ number: count, reference: text }),
  chased: shape({ number: count, reference: text, chased: listOf(text) }),
};

/** A message to a contact of an organisation that an alert went to: for hosts. */
export interface AlertNotice extends NoticeRow {
  readonly contact: string;
  readonly name: string;
  readonly role?: ContactRole;
}

export interface AlertNotices {
  readonly counts: readonly MessageCount[];
  readonly notices: readonly AlertNotice[];
}

type Get = <T>(path: string, guard: Guard<unknown>) => Promise<T>;
type Post = <T>(path: string, body: unknown, key: Key, guard?: Guard<unknown>) => Promise<T>;
export interface AlertReceipt {
  readonly number: number;
  readonly reference: string;
}

export type AlertApi = ReturnType<typeof alertApi>;

/** The lines of the contract that are about alerts. */
export function alertApi(get: Get, post: Post) {
  const query = (q: Record<string, string | number | boolean | undefined>): string => {
    const said = Object.entries(q).filter(([, v]) => v !== "" && v !== undefined && v !== false && v !== 0);
    return said.length === 0 ? "" : `?${new URLSearchParams(said.map(([k, v]) => [k, String(v)]))}`;
  };
  return {
    list: () => get<Alerts>("/alerts", guards.list),
    closed: (before = 0) => get<ClosedAlerts>(`/alerts/closed${query({ before })}`, guards.closed),
    ofRoom: async (room: RoomID) => (await get<{ alerts: readonly AlertRow[] }>(`/rooms/${encodeURIComponent(room)}/alerts`, guards.ofRoom)).alerts,
    one: (n: number) => get<AlertText>(`/alerts/${n}`, guards.one),
    board: (n: number, q: AlertBoardQuery, from = 0) => get<AlertBoard>(`/alerts/${n}/board${query({ ...q, from })}`, guards.board),
    entries: (n: number, org: OrgID | "" = "", before = 0) => get<AlertEntries>(`/alerts/${n}/entries${query({ org, before })}`, guards.entries),
    /** How far messages have come: counted, and of one organisation each. */
    notices: (n: number, org: OrgID | "" = "") => get<AlertNotices>(`/alerts/${n}/notices${query({ org })}`, guards.notices),
    sendAgain: (n: number, id: string) => post<void>(`/alerts/${n}/notices/${id}/again`, {}, newKey()),
    reach: (types: readonly OrgType[], codes: readonly OrgID[]) => post<AlertReach>("/alerts/preview", { types, codes }, newKey(), guards.reach),
    issue: (draft: AlertDraft, key: Key = newKey()) => post<AlertReceipt>("/alerts", draft, key, guards.receipt),
    close: (n: number, reason: string, key: Key = newKey()) => post<AlertReceipt>(`/alerts/${n}/close`, { reason }, key, guards.receipt),
    /** Of all that are overdue, or of some. */
    chase: (n: number, orgs: readonly OrgID[] | null, key: Key = newKey()) => post<{ chased: readonly OrgID[] }>(`/alerts/${n}/chase`, orgs === null ? {} : { orgs }, key, guards.chased),
    answer: (n: number, whom: AnswersFor, { step, ...said }: AlertAnswer, key: Key = newKey()) => post<AlertReceipt>(`/alerts/${n}/${step}`, { ...whom, ...said }, key, guards.receipt),
  };
}
