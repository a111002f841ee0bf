// How organisations are reached, over REST.
import { count, flag, listOf, shape, text } from "./guard";
import type { Instant, OrgID, OrgType, PersonID } from "./types";

export const contactRoles = ["ciso", "siro", "cio", "on_call_director", "it_security", "comms", "clinical_safety", "aeo", "other"] as const;
/** What a contact answers for at their organisation. */
export type ContactRole = (typeof contactRoles)[number];

export const channelKinds = ["sms", "email", "voice"] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** How well somebody is known to be reached. */
export type Standing = "none" | "unverified" | "stale" | "verified";

/** A number or address, masked. */
export interface ContactChannel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly masked: string;
  readonly outOfHours: boolean;
  readonly standing: Exclude<Standing, "none">;
  readonly verified?: Instant;
  readonly how?: "code" | "rung";
}

export interface OrgContact {
  readonly id: string;
  readonly role: ContactRole;
  readonly name: string;
  readonly place: number;
  readonly alertOnly: boolean;
  readonly channels: readonly ContactChannel[];
}

export interface Keeper {
  readonly person: PersonID;
  readonly name: string;
}

/** An organisation's list of whom to reach. */
export interface OrgContacts {
  readonly code: OrgID;
  readonly name: string;
  readonly type: OrgType;
  readonly closed: boolean;
  readonly successor?: OrgID;
  readonly contacts: readonly OrgContact[];
  readonly keepers: readonly Keeper[];
  /** Whether I keep it. */
  readonly keeps: boolean;
  /** Whether my word that I rang back verifies a number. */
  readonly rings: boolean;
  /** The ways by which the server can send a code. */
  readonly codes: readonly ChannelKind[];
  readonly staleDays: number;
}

/** A channel that is there already, by its id, or a new one. */
export type ChannelDraft = { readonly id: string; readonly outOfHours: boolean } | { readonly kind: ChannelKind; readonly value: string; readonly outOfHours: boolean };

export interface ContactDraft {
  readonly role: ContactRole;
  readonly name: string;
  readonly place: number;
  readonly alertOnly: boolean;
  readonly channels: readonly ChannelDraft[];
}

export interface CoverageRow {
  readonly code: OrgID;
  readonly name: string;
  readonly type: OrgType;
  readonly contacts: number;
  readonly any: Standing;
  readonly roles: Readonly<Partial<Record<ContactRole, Standing>>>;
}

export interface DirectoryQuery {
  readonly q: string;
  readonly type: OrgType | "";
  readonly role: ContactRole | "";
  readonly state: Standing | "";
}

export interface DirectoryFound {
  readonly organisations: readonly CoverageRow[];
  readonly found: number;
  readonly staleDays: number;
}

export type CoverageCount = Readonly<Record<Standing, number>>;

export interface TypeCoverage {
  readonly type: OrgType;
  readonly orgs: number;
  readonly any: CoverageCount;
  readonly roles: Readonly<Record<ContactRole, CoverageCount>>;
}

export interface CoverageReport {
  readonly types: readonly TypeCoverage[];
  readonly staleDays: number;
}

const channel = shape({ id: text, kind: text, masked: text, outOfHours: flag, standing: text });
const contact = shape({ id: text, role: text, name: text, place: count, alertOnly: flag, channels: listOf(channel) });
const counts = shape({ verified: count, stale: count, unverified: count, none: count });

export const directoryGuards = {
  list: shape({ code: text, name: text, closed: flag, contacts: listOf(contact), keepers: listOf(shape({ person: text, name: text })), keeps: flag, rings: flag, codes: listOf(text), staleDays: count }),
  found: shape({ organisations: listOf(shape({ code: text, name: text, type: text, contacts: count, any: text })), found: count, staleDays: count }),
  coverage: shape({ types: listOf(shape({ type: text, orgs: count, any: counts })), staleDays: count }),
  called: shape({ kind: text, value: text }),
};

/** What trusts are taken for of which neither the table nor their name says of which kind they are; "": they are refused. */
export type TrustKind = "" | "acute_trust" | "mental_health_trust" | "community_trust" | "ambulance_trust";

export interface ImportedOrg {
  readonly code: OrgID;
  readonly name: string;
  readonly type: OrgType;
  readonly was?: { readonly name: string; readonly type: OrgType };
}

export interface ImportNote {
  readonly line: number;
  readonly code?: string;
  readonly why: string;
}

/** What a table of organisations would change: everything counted, the first of each listed. */
export interface OrgImport {
  readonly sha256: string;
  readonly rows: number;
  readonly same: number;
  readonly new: number;
  readonly changed: number;
  readonly closed: number;
  readonly refused: number;
  readonly added: readonly ImportedOrg[];
  readonly changes: readonly ImportedOrg[];
  readonly closings: readonly { readonly code: OrgID; readonly name: string; readonly ended?: string; readonly successor?: OrgID }[];
  readonly refusals: readonly ImportNote[];
  readonly notes: readonly ImportNote[];
}

const org = shape({ code: text, name: text, type: text });
const note = shape({ line: count, why: text });

export const importGuards = {
  preview: shape({
    sha256: text, rows: count, same: count, new: count, changed: count, closed: count, refused: count,
    added: listOf(org), changes: listOf(org), closings: listOf(shape({ code: text, name: text })), refusals: listOf(note), notes: listOf(note),
  }),
  entered: shape({ entered: count, left: count }),
};
