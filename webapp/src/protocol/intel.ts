// Restricted intelligence as the wire has it: what an item holds, and what is
// asked and answered about items over REST.
import type { Provenance } from "./cell";
import { count, flag, listOf, maybe, oneOf, shape, text } from "./guard";
import { type Audience, type Caveat, caveats, type Instant, type MemberNo, type PAP, paps, type Seq, type TLP, tlps } from "./types";

export const indicatorKinds = [
  "ipv4", "ipv6", "domain", "url", "email", "md5", "sha1", "sha256", "sha512", "ssdeep", "cve", "file", "mitre", "asn", "mac", "mutex", "registry", "other",
] as const;
export type IndicatorKind = (typeof indicatorKinds)[number];

/** Something by which an attack can be recognised. Its value is live as parsed: it is shown and copied defanged. */
export interface Indicator {
  readonly cvss?: string;
  /** Blocking it does harm. */
  readonly doNotBlock?: boolean;
  readonly id?: string;
  readonly kind: IndicatorKind;
  readonly note?: string;
  readonly tags?: readonly string[];
  readonly value: string;
}

export const reliabilities = ["A", "B", "C", "D", "E", "F"] as const;
export type Reliability = (typeof reliabilities)[number];
export const credibilities = ["1", "2", "3", "4", "5", "6"] as const;
export type Credibility = (typeof credibilities)[number];

/** Where an item comes from, with its Admiralty grade; without a name it is de-attributed. */
export interface Source {
  readonly credibility: Credibility;
  readonly kind?: string;
  readonly name?: string;
  readonly received?: Instant;
  readonly reliability: Reliability;
}

/** Something outside that an item points at. It is never a link. */
export interface Reference {
  readonly name: string;
  readonly url?: string;
}

/** An item as it was published or last corrected. */
export interface ItemBody {
  readonly caveats?: string;
  readonly expires?: Instant;
  readonly indicators: readonly Indicator[];
  readonly invented?: boolean;
  /** Where it stood, if it was brought from a side room. */
  readonly promoted?: Provenance;
  readonly refs?: readonly Reference[];
  readonly review?: Instant;
  readonly sources: readonly Source[];
  readonly text: string;
  readonly title: string;
}

export const verdicts = ["seen", "not_seen", "false_positive", "mitigated"] as const;
/** What an organisation says of an item or an indicator at its own place. */
export type SightingVerdict = (typeof verdicts)[number];

/** Words of an entry, by where they stand in it: byte offsets into the text of the event whose number it is. */
export interface Quote {
  readonly entry: Seq;
  readonly from: number;
  readonly to: number;
}

// ── asked ───────────────────────────────────────────────────────────────────

/** How something new is marked, with whether opening it is recorded. */
export interface RestrictedLabel {
  readonly tlp?: TLP;
  readonly pap?: PAP;
  readonly caveat?: Caveat;
  readonly audience?: Audience;
  readonly recorded?: boolean;
}
/** The originator's wording that may go further than the item. */
export interface TearLineDraft extends Pick<RestrictedLabel, "tlp" | "audience"> {
  readonly text: string;
  /** The head up to which the writer was shown who receives it. */
  readonly shown?: Seq;
}
export interface ItemDraft extends ItemBody, RestrictedLabel {
  readonly tear?: TearLineDraft;
  /** The ids of uploads, each whole. */
  readonly attachments?: readonly string[];
  /** A host's reason to share what bears a protective marking. */
  readonly override?: string;
  /** The head up to which the writer was shown who receives it. */
  readonly shown?: Seq;
}
export interface SightingDraft {
  readonly verdict: SightingVerdict;
  /** Its place in the item; absent: of the item as a whole. */
  readonly indicator?: number;
  readonly note?: string;
  readonly hostsOnly?: boolean;
  readonly override?: string;
}
/** What is wished of the originator. */
export interface ReleaseAsk extends Pick<RestrictedLabel, "tlp" | "audience"> {
  readonly why: string;
  readonly override?: string;
}
/** The originator's answer. Granted, it widens the item to this. */
export interface ReleaseReply extends RestrictedLabel {
  readonly grant: boolean;
  readonly why?: string;
  readonly shown?: Seq;
  readonly override?: string;
}

// ── answered ────────────────────────────────────────────────────────────────

/** Who opened an entry, who has not, and who took it away in a file. */
export interface Exported {
  readonly member: MemberNo;
  readonly at: Instant;
  readonly format?: string;
  /** It was this item that they took, which was merged into the one asked about. */
  readonly merged?: number;
}

/** What the importer understood of one thing in a file, and how the file marks it. */
export interface ImportedItem {
  readonly item: ItemBody;
  /** Absent: the file gives none; the room's stands. */
  readonly tlp?: TLP;
  readonly pap?: PAP;
  readonly caveat?: Caveat;
  /** Organisations that the file's own sharing names: whom to choose is the publisher's to say. */
  readonly audience?: readonly string[];
}
/** What the importer did with something in a file: took it otherwise than it was written, or left it out. */
export interface ImportNote {
  readonly what: string;
  readonly why: string;
  /** How often. */
  readonly count: number;
  /** Where first. */
  readonly line?: number;
}
/** What a file would become. Nothing is shared by it. */
export interface ImportPreview {
  readonly items: readonly ImportedItem[];
  readonly mapped: readonly ImportNote[];
  readonly left: readonly ImportNote[];
}
export const importFormats = ["stix", "misp", "csv"] as const;
export type ImportFormat = (typeof importFormats)[number];
export const exportFormats = ["stix", "misp", "csv", "text"] as const;
export type ExportFormat = (typeof exportFormats)[number];

const indicator = shape({
  cvss: maybe(text), doNotBlock: maybe(flag), id: maybe(text), kind: oneOf(...indicatorKinds), note: maybe(text), tags: maybe(listOf(text)), value: text,
});
const source = shape({
  credibility: oneOf(...credibilities), kind: maybe(text), name: maybe(text), received: maybe(text), reliability: oneOf(...reliabilities),
});
const note = shape({ what: text, why: text, count, line: maybe(count) });
const reference = shape({ name: text, url: maybe(text) });

const item = shape({
  caveats: maybe(text), expires: maybe(text), indicators: listOf(indicator), invented: maybe(flag),
  promoted: maybe(shape({ audience: oneOf("room", "hosts", "named", "leads"), corrects: maybe(count), leafHash: text, origin: text, seq: count, tlp: oneOf(...tlps) })), refs: maybe(listOf(reference)), review: maybe(text),
  sources: listOf(source), text, title: text,
});

export const intelGuards = {
  indicator,
  source,
  item,
  preview: shape({ items: listOf(shape({ item, tlp: maybe(oneOf(...tlps)), pap: maybe(oneOf(...paps)), caveat: maybe(oneOf(...caveats)), audience: maybe(listOf(text)) })), mapped: listOf(note), left: listOf(note) }),
  extracted: shape({ indicators: listOf(indicator) }),
  published: shape({ seq: count, tear: maybe(count) }),
};
