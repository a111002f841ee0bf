// The wire's types: entries, the standing facts and every frame of the stream,
// as the browser may rely on them; rest.ts has the REST interface's. What is not
// written in the two is not read. Parsing and checking stand in guard.ts,
// fragment.ts and frame.ts.

import type { ItemBody, Quote, SightingVerdict, Source } from "./intel";
import type { CellOf, Promoted } from "./cell";
import type { CadenceBodies } from "./cadence";
import type { BroadcastBodies } from "./broadcast";
import type { EscalationBodies } from "./escalation";
import type { StatutoryBodies } from "./statutory";
import type { ReportBodies } from "./reports";
import type { Ground } from "./keeping";
import type { Seal } from "./proof";
import type { Facts } from "./facts";

export type * from "./facts";

/** A room's id: 128 random bits, 26 characters of lower-case base32. */
export type RoomID = string;
export type PersonID = string;
/** An organisation's code: 2 to 12 capitals, digits or hyphens. */
export type OrgID = string;
/** A member's number in a room, shown as M-7. 0 is the system itself. */
export type MemberNo = number;
/** An entry's number in its log; 0 is the genesis, people see 1, 2, 3 … */
export type Seq = number;
/** RFC 3339 in UTC with milliseconds. */
export type Instant = string;
/** An idempotency key: a ULID made by this browser. */
export type Key = string;

export const tlps = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"] as const;
/** Traffic Light Protocol 2.0, lowest first. */
export type TLP = (typeof tlps)[number];
export const paps = ["PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"] as const;
export type PAP = (typeof paps)[number];
export const caveats = ["OFFICIAL", "OFFICIAL-SENSITIVE"] as const;
export type Caveat = (typeof caveats)[number];

export type Mode = "incident" | "exercise";
export const lifecycles = ["open", "responding", "recovering", "stood_down", "review", "closed"] as const;
export type Lifecycle = (typeof lifecycles)[number];
/** What guests may know of the other guests. */
export type Roster = "names" | "organisations" | "hosts";
export type History = "from_join" | "full";
export const roles = ["lead", "deputy", "liaison", "loggist", "comms", "representative", "observer", "auditor"] as const;
export type Role = (typeof roles)[number];
export const memberStates = [
  "proposed", "invited", "asked", "vouched", "joined", "declined", "withdrawn", "left", "removed",
] as const;
export type MemberState = (typeof memberStates)[number];
export const orgTypes = [
  "acute_trust", "ambulance_trust", "mental_health_trust", "community_trust", "icb", "ccg", "csu", "region",
  "government", "law_enforcement", "host", "supplier", "audit", "other",
] as const;
export type OrgType = (typeof orgTypes)[number];

export const tiers = ["operational", "tactical", "strategic"] as const;
/** A level of command, lowest first: bronze, silver, gold. */
export type Tier = (typeof tiers)[number];
export const scales = ["nhs_level", "ncsc_category"] as const;
/** Two ways of saying how severe an incident is, never compared: NHS level 4 is the worst, NCSC category 1 is. */
export type Scale = (typeof scales)[number];
export const decisionStates = ["proposed", "taken", "confirmed", "disputed", "superseded", "reversed"] as const;
/** taken: in effect, awaiting its maker's confirmation. */
export type DecisionState = (typeof decisionStates)[number];
export const actionStates = ["raised", "accepted", "declined", "done", "withdrawn"] as const;
export type ActionState = (typeof actionStates)[number];
export const nouns = ["severity", "decision", "action", "book", "logentry", "item", "tearline", "sighting", "release", "escalation", "clock", "meeting", "sitrep", "update", "request", "handover", "broadcast"] as const;
/** A kind of object of the record or of intelligence, as boards list them. */
export type Noun = (typeof nouns)[number];

/** Who receives an entry. It belongs to the root and counts as it stands at the head. */
export interface Audience {
  /** leads: of the hosts, and auditors. Only who wrote a veiled message goes to them alone. */
  readonly kind: "room" | "hosts" | "named" | "leads";
  readonly members?: readonly MemberNo[];
  readonly orgs?: readonly OrgID[];
}

/** What stands on the black bar before an entry, and who receives it: slot 3. */
export interface Marking {
  readonly audience: Audience;
  readonly caveat?: Caveat;
  readonly originator: OrgID;
  readonly pap?: PAP;
  /** Opening it is recorded: it travels sealed. */
  readonly recorded?: boolean;
  readonly tlp: TLP;
}

/** Who acted: slot 1. All absent is the system itself. */
export interface By {
  readonly member?: MemberNo;
  readonly org?: OrgID;
  /** Of a veiled message, and then alone. */
  readonly orgType?: OrgType;
  readonly person?: PersonID;
  readonly role?: Role;
}

/** An entry's clocks: slot 2. */
export interface Times {
  /** occurred is not exact. */
  readonly about?: boolean;
  readonly exercise?: Instant;
  readonly occurred?: Instant;
  readonly recorded: Instant;
}

/** References by number: slot 5. */
export interface Refs {
  readonly cites?: readonly Seq[];
  readonly from?: { readonly log: string; readonly seq: Seq };
  /** The logs it begins: a room's, then its access log's. */
  readonly logs?: readonly string[];
  readonly quotes?: readonly Quote[];
  readonly replyTo?: Seq;
}

/** One attachment: slot 6 lists them. */
export interface AttachedFile {
  readonly commitment: string;
  readonly id: string;
  readonly name: string;
  readonly salt: string;
  /** Of the content, in hex. */
  readonly sha256: string;
  readonly size: number;
  /** What its first bytes look like. */
  readonly type: string;
}

/** By what right it was done: slot 7. */
export interface Authority {
  readonly key?: Key;
  /** Why a host wrote it though it bears a protective marking. */
  readonly override?: string;
  readonly seen?: Seq;
  readonly stepUp?: Instant;
}

// ── bodies, one per kind ────────────────────────────────────────────────────

export interface Seat {
  readonly history: History;
  readonly name: string;
  readonly ods?: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly orgType: OrgType;
  readonly role: Role;
}

export interface BriefLines {
  readonly happened: string;
  readonly affects: string;
  readonly doing: string;
  readonly need: string;
  readonly next: string;
}

/** A JESIP M/ETHANE report, read for a cyber incident. */
export interface Methane {
  readonly major: boolean;
  readonly exact?: string;
  readonly type: string;
  readonly hazards?: string;
  readonly access?: string;
  readonly number?: string;
  readonly emergency?: string;
}

export type FiveLines = readonly [string, string, string, string, string];

export interface Inject {
  readonly actor: string;
  /** As precisely as the source says: a time, a date or a month. */
  readonly at: string;
  readonly conflict?: string;
  readonly provenance: string;
  readonly sources?: readonly string[];
  readonly text: string;
}

/** A place on a scale; or is given by someone who is not sure between two neighbours: the graver counts. */
export interface Grade {
  readonly at: number;
  readonly or?: number;
}
/** An organisation that may assess on a scale. */
export interface Assessor {
  readonly org: OrgID;
  readonly scale: Scale;
}
/** What a decision cannot do without, beside the time it was taken. */
export interface Verdict {
  readonly decision: string;
  readonly maker: MemberNo;
  readonly rationale: string;
  readonly tier: Tier;
}
/** A way that was considered. */
export interface Option {
  readonly rejected?: string;
  readonly text: string;
}
/** The rest of a decision record; each part may come at once or be added later. */
export interface Deliberation {
  readonly consulted?: string;
  readonly dissent?: string;
  readonly expected?: string;
  readonly options?: readonly Option[];
  readonly outcome?: string;
  readonly powers?: string;
  readonly question?: string;
  readonly relied?: readonly Seq[];
  readonly review?: Instant;
  readonly risks?: string;
}
/** Who is asked to act: one person of an organisation, or anyone who speaks for it. */
export interface Assignee {
  readonly member?: MemberNo;
  readonly org: OrgID;
}
/** Whose hand a line was written in on paper, and where. */
export interface Paper {
  readonly by: string;
  readonly page: string;
}

/** Who an export is for. */
export interface Recipient {
  readonly address?: string;
  readonly name: string;
  readonly organisation: string;
  readonly role?: string;
}
/** A part of a text, in Unicode code points: from is the first taken out, to the first that stays. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
/** What a redaction is of: field is a JSON pointer into the slot; absent, the whole slot. */
export interface RedactionPlace {
  readonly entry: Seq;
  readonly field?: string;
  readonly slot: number;
}
export type Redaction = RedactionPlace & { readonly ground: string; readonly reason: string; readonly spans?: readonly Span[] };

type None = Record<string, never>;

/** Why a log was broken off: it has fewer entries than were signed for, or others. Roots are hexadecimal. */
export interface Break {
  readonly held: number;
  readonly heldRoot: string;
  readonly log: string;
  readonly origin: string;
  readonly root: string;
  readonly size: number;
  readonly state: "behind" | "different";
}
export type SectionVerdict = "joined" | "condemned";

/** The body of each kind of event this version knows. */
export interface Bodies extends EscalationBodies, StatutoryBodies, CadenceBodies, ReportBodies, BroadcastBodies {
  genesis: { readonly break?: Break; readonly deployment: string; readonly format: string; readonly log: string; readonly origin: string; readonly room?: string; readonly section: number };
  "room.opened": { readonly assessors?: readonly Assessor[]; readonly cell?: CellOf; readonly hosts: readonly OrgID[]; readonly mode: Mode; readonly reference: string; readonly roster: Roster; readonly tlp: TLP; readonly title: string };
  "room.titled": { readonly title: string };
  "room.moved": { readonly from: Lifecycle; readonly to: Lifecycle };
  "room.reopened": { readonly section: number };
  "section.begun": { readonly break: Break; readonly numbers: number; readonly section: number };
  "section.judged": { readonly verdict: SectionVerdict };
  "clock.set": { readonly at: Instant; readonly factor: number; readonly paused: boolean };
  "rules.set": { readonly lines: FiveLines; readonly version: number };
  "brief.set": { readonly lines: BriefLines; readonly version: number };
  "report.given": { readonly methane: Methane };
  "report.updated": { readonly methane: Methane };
  "inject.given": Inject;
  "message.posted": { readonly invented?: boolean; readonly mentions?: readonly MemberNo[]; readonly text: string };
  /** Who wrote the veiled message right above it. */
  "message.attributed": { readonly entry: Seq; readonly member: MemberNo; readonly org: OrgID };
  /** audience: in the main room, by its members' numbers. */
  "promotion.asked": { readonly audience: Audience; readonly entry: Seq; readonly item?: boolean; readonly text: string; readonly tlp: TLP; readonly words?: Seq };
  "promotion.agreed": { readonly by: MemberNo; readonly caveat?: Caveat; readonly item?: ItemBody; readonly pap?: PAP; readonly recorded?: boolean; readonly said?: Promoted; readonly tlp: TLP; readonly to: Audience };
  "promotion.refused": None;
  "entry.promoted": Promoted;
  "message.corrected": { readonly mentions?: readonly MemberNo[]; readonly text: string };
  "entry.noted": None;
  "entry.pinned": None;
  "entry.unpinned": None;
  "audience.tightened": None;
  "audience.widened": { readonly reason: string };
  "audience.withheld": None;
  "audience.restored": None;
  "member.invited": { readonly invitation?: string; readonly issuer: string; readonly person?: PersonID; readonly seat: Seat };
  "member.proposed": { readonly invitation: string; readonly issuer: string; readonly seat: Seat };
  "member.admitted": None;
  "member.declined": None;
  "member.asked": { readonly issuer: string; readonly name: string; readonly person: PersonID };
  "member.vouched": None;
  "member.joined": { readonly how: string; readonly number: MemberNo; readonly person: PersonID; readonly rules: number; readonly seat: Seat };
  "member.accepted": { readonly rules: number };
  "member.changed": { readonly role: Role };
  "member.tiered": { readonly tier: Tier };
  "member.granted": { readonly start: Seq };
  "member.withdrawn": None;
  "member.left": None;
  "member.removed": None;
  "room.host_called": { readonly because: Seq; readonly org: OrgID };
  "severity.assessed": { readonly criteria: readonly string[]; readonly grade: Grade; readonly scale: Scale };
  "severity.reassessed": { readonly criteria: readonly string[]; readonly grade: Grade };
  /** No grade: to be withdrawn. */
  "severity.lowering_asked": { readonly criteria?: readonly string[]; readonly grade?: Grade; readonly tier: Tier };
  "severity.lowering_agreed": None;
  "severity.lowering_refused": None;
  "severity.lowering_dropped": None;
  "severity.reasoned": { readonly about: Seq; readonly text: string };
  "decision.proposed": { readonly decision: string; readonly deliberation: Deliberation; readonly invented?: boolean; readonly maker?: MemberNo; readonly rationale?: string };
  "decision.recorded": {
    readonly deliberation: Deliberation; readonly from?: Seq; readonly invented?: boolean; readonly reverses?: Seq; readonly supersedes?: Seq; readonly verdict: Verdict;
  };
  "decision.taken": { readonly deliberation: Deliberation; readonly verdict: Verdict };
  "decision.added": { readonly deliberation: Deliberation };
  "decision.confirmed": None;
  "decision.disputed": { readonly reason: string };
  "decision.superseded": { readonly by: Seq };
  "decision.reversed": { readonly by: Seq };
  "decision.reviewed": { readonly finding: string; readonly review?: Instant };
  "action.raised": { readonly decision?: Seq; readonly due?: Instant; readonly for: Assignee; readonly invented?: boolean; readonly text: string };
  "action.accepted": None;
  "action.declined": { readonly reason: string };
  "action.done": { readonly evidence: string };
  "action.handed": { readonly for: Assignee; readonly reason: string };
  "action.chased": { readonly text?: string };
  "action.withdrawn": { readonly reason: string };
  "book.opened": { readonly continues?: Seq; readonly first: number; readonly invented?: boolean; readonly maker: MemberNo; readonly number: number; readonly signal: string };
  "book.agreed": None;
  "book.closed": { readonly last: number };
  "logentry.written": { readonly book: Seq; readonly invented?: boolean; readonly number: number; readonly paper?: Paper; readonly speech?: boolean; readonly text: string };
  /** Comes with the erasure of a line: which number the next one gets. */
  "book.counted": { readonly next: number };
  /** A machine of an organisation reads, by TAXII, what goes to all of it. */
  "feed.opened": { readonly expires: Instant; readonly id: string; readonly name: string; readonly org: OrgID; readonly start: Seq };
  "feed.closed": { readonly why?: string };
  "retention.set": { readonly years: number };
  "hold.placed": { readonly reason: string; readonly reference: string };
  "hold.lifted": { readonly reason: string };
  "erasure.asked": { readonly entries: readonly Seq[]; readonly ground: Ground; readonly reason: string; readonly slots: readonly number[] };
  "erasure.agreed": None;
  "erasure.refused": { readonly reason: string };
  "erasure.dropped": None;
  "entry.erased": { readonly ask: Seq; readonly entry: Seq; readonly ground: Ground; readonly slots: readonly number[] };
  "logentry.corrected": { readonly invented?: boolean; readonly reason?: string; readonly text: string };
  "item.published": ItemBody;
  "item.corrected": ItemBody;
  "item.merged": { readonly other: Seq; readonly sources: readonly Source[] };
  "item.absorbed": { readonly into: Seq };
  "tearline.published": { readonly invented?: boolean; readonly item: Seq; readonly text: string };
  "sighting.marked": { readonly indicator?: number; readonly invented?: boolean; readonly item: Seq; readonly note?: string; readonly verdict: SightingVerdict };
  "entry.recalled": { readonly reason: string };
  "decision.shaken": { readonly entry: Seq };
  "release.requested": { readonly audience?: Audience; readonly entry: Seq; readonly for?: Seq; readonly second?: OrgID; readonly tlp?: TLP; readonly why: string };
  "release.answered": { readonly granted: boolean; readonly why?: string };
  "export.requested": {
    readonly basis: string; readonly basisText?: string; readonly from: Seq; readonly purpose: string; readonly recipient: Recipient; readonly to: Seq; readonly until: Instant;
  };
  "export.agreed": None;
  "export.refused": { readonly reason: string };
  "export.redacted": { readonly drop?: readonly RedactionPlace[]; readonly redactions?: readonly Redaction[] };
  "export.answered": {
    readonly answer: string; readonly entries: readonly Seq[]; readonly ground?: string; readonly reason?: string; readonly redactions?: readonly Redaction[];
  };
  "export.approved": { readonly checkpoint: number; readonly note: string; readonly policy: string };
  "export.withdrawn": { readonly reason: string };
}
export type Kind = keyof Bodies;

// ── entries, as decoded ─────────────────────────────────────────────────────

interface Visible {
  readonly seq: Seq;
  /** The entry that began this object; equal to seq for a root. */
  readonly root: Seq;
  readonly by: By;
  readonly times: Times;
  /** On roots, audience.* events and recalls; null elsewhere: the root's stands. */
  readonly marking: Marking | null;
  /** Slots that were erased; with 4 among them what it said is gone, and it is held as an envelope that nothing opens. */
  readonly erased?: readonly number[];
}

export type OpenOf<K extends Kind> = Visible & {
  readonly form: "open";
  readonly kind: K;
  readonly unknown?: never;
  readonly body: Bodies[K];
  readonly refs: Refs;
  /** Absent where there are none. */
  readonly files?: readonly AttachedFile[];
  readonly authority: Authority;
};

/** An entry this viewer may read in full, of a kind this version knows. */
export type KnownEntry = { [K in Kind]: OpenOf<K> }[Kind];

/** An entry of a kind (or with a body) that this version does not know: shown as such, never folded. */
export type UnknownEntry = Visible & {
  readonly form: "open";
  readonly kind: string;
  readonly unknown: true;
  readonly body: unknown;
  readonly refs: Refs;
  readonly files?: readonly AttachedFile[];
  readonly authority: Authority;
};
export type OpenEntry = KnownEntry | UnknownEntry;

/** An entry this viewer knows to be there: slots 0–3, no body. */
export type EnvelopeEntry = Visible & { readonly form: "envelope"; readonly kind: string };

/** An entry this viewer knows nothing of but its number. */
export interface StubEntry {
  readonly form: "stub";
  readonly seq: Seq;
}

export type Entry = OpenEntry | EnvelopeEntry | StubEntry;
export type VisibleEntry = OpenEntry | EnvelopeEntry;

// ── fragments, as sent ──────────────────────────────────────────────────────

export type SlotTexts = readonly [string, string, string, string, string, string, string, string];
/** base64 salt and exact value of one slot. */
export type PartialSlot = readonly [salt: string, value: string];

export interface OpenFragment {
  readonly form: "open";
  readonly seq: Seq;
  readonly seed: string;
  readonly slots: SlotTexts;
}
export interface EnvelopeFragment {
  readonly form: "envelope";
  readonly seq: Seq;
  readonly leaf: string;
  readonly slots: Readonly<Record<number, PartialSlot>>;
}
export interface StubFragment {
  readonly form: "stub";
  readonly seq: Seq;
  readonly leaf: string;
}
export type Fragment = OpenFragment | EnvelopeFragment | StubFragment;

/** A fragment with what it says: the fragment is kept for its commitments, the entry for reading. */
export interface Received {
  readonly fragment: Fragment;
  readonly entry: Entry;
}

// ── the snapshot's state ────────────────────────────────────────────────────

/** RFC 6962 compact form: size leaves, and the hashes of its perfect subtrees, largest first. */
export interface Frontier {
  readonly size: number;
  readonly hashes: readonly string[];
}

// ── the stream ──────────────────────────────────────────────────────────────

export interface SnapshotFrame {
  readonly type: "snapshot";
  readonly room: RoomID;
  readonly seq: Seq;
  readonly frontier: Frontier;
  /** Absent: nobody has signed for this log yet, or the answer is older than seals. */
  readonly seal?: Seal | null;
  readonly state: Facts;
}
export interface EventsFrame {
  readonly type: "events";
  readonly room: RoomID;
  readonly events: readonly Received[];
}
export interface OpenedFrame {
  readonly type: "opened";
  readonly room: RoomID;
  readonly root: Seq;
  readonly events: readonly Received[];
}
export interface WithdrawnFrame {
  readonly type: "withdrawn";
  readonly room: RoomID;
  readonly root: Seq;
}
export interface CaughtUpFrame {
  readonly type: "caught_up";
  readonly room: RoomID;
  readonly seq: Seq;
}
export interface PresenceFrame {
  readonly type: "presence";
  readonly room: RoomID;
  readonly here: readonly MemberNo[];
  readonly typing: readonly MemberNo[];
}
export interface ReadFrame {
  readonly type: "read";
  readonly room: RoomID;
  readonly seq: Seq;
}
export interface RevokedFrame {
  readonly type: "revoked";
  readonly room: RoomID;
}
/** The log has been sealed further: signed for, or cosigned. */
export interface SealedFrame {
  readonly type: "sealed";
  readonly room: RoomID;
  readonly seal: Seal;
}
/** Frames about one room. */
export type RoomFrame =
  | SnapshotFrame | SealedFrame | EventsFrame | OpenedFrame | WithdrawnFrame | CaughtUpFrame | PresenceFrame | ReadFrame | RevokedFrame;

export type ServerFrame =
  | RoomFrame
  | { readonly type: "welcome"; readonly now: Instant }
  | { readonly type: "rooms" }
  | { readonly type: "goaway"; readonly wait: number }
  | { readonly type: "error"; readonly room?: RoomID; readonly fault: Fault; readonly detail: string };

export type ClientFrame =
  | { readonly type: "hello"; readonly ticket: string }
  | { readonly type: "subscribe"; readonly room: RoomID; readonly after: Seq | null }
  | { readonly type: "unsubscribe"; readonly room: RoomID }
  | { readonly type: "typing"; readonly room: RoomID }
  | { readonly type: "read"; readonly room: RoomID; readonly seq: Seq };

// ── refusals ────────────────────────────────────────────────────────────────

export const faults = [
  "invalid", "signed_out", "step_up", "not_found", "forbidden", "conflict", "unavailable", "too_many", "internal",
] as const;
/** A kind of refusal. */
export type Fault = (typeof faults)[number];
