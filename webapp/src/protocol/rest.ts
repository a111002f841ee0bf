// The REST interface: what is asked and answered, beside entries and facts.
import type { Iimarch, Rhythm } from "./cadence";
import type { Condition, Post, Sbar } from "./escalation";
import type { Way } from "./fallback";
import type { Exported, Quote } from "./intel";
import type { Ground } from "./keeping";
import type {
  Assessor, Assignee, Audience, Caveat, Deliberation, Fault, FiveLines, Grade, History, Instant, Lifecycle, MemberNo, MemberState, Methane,
  Mode, OrgID, OrgType, PAP, Paper, PersonID, Received, Role, RoomID, Roster, Scale, Seat, Seq, Tier, TLP,
} from "./types";

/** One thing wrong with a request, for the person at the form. */
export interface FieldError {
  readonly name: string;
  readonly message: string;
}
/** RFC 9457. */
export interface Problem {
  readonly fault: Fault;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** A refusal that has an answer of its own; "" for most. */
  readonly code?: string;
  readonly errors: readonly FieldError[];
}

export interface SignIn {
  readonly issuers: readonly { readonly key: string; readonly name: string; readonly up: boolean }[];
  readonly duty: string;
  readonly deployment: string;
  readonly development: boolean;
  readonly signedIn: boolean;
}
/** An organisation that one may act for. assesses: the scale it sets severity on, if it does. */
export interface SessionOrg {
  readonly code: OrgID;
  readonly name: string;
  readonly type: OrgType;
  readonly host: boolean;
  readonly assesses?: Scale;
}
export interface Session {
  readonly person: { readonly id: PersonID; readonly name: string; readonly issuer: string };
  readonly registered: boolean;
  readonly orgs: readonly SessionOrg[];
  readonly host: boolean;
  readonly admin: boolean;
  readonly way: Way;
  /** Has one, to give a second factor with. */
  readonly passkey: boolean;
  readonly session: string;
  readonly stepUpUntil: Instant | null;
  readonly locksAt: Instant;
  readonly endsAt: Instant;
  readonly now: Instant;
}
export interface SessionRow {
  readonly id: string;
  readonly current: boolean;
  readonly issuer: string;
  readonly device: string;
  readonly started: Instant;
  readonly lastSeen: Instant;
  readonly ends: Instant;
  readonly way: Way;
}
/** Whether a section of a room may be written to. */
export interface SectionState {
  readonly state: "ok" | "behind" | "different";
  readonly at?: Instant;
  readonly size?: number;
  readonly held?: number;
  readonly next?: RoomID;
}
export interface RoomRow {
  readonly id: RoomID;
  readonly reference: string;
  readonly title: string;
  readonly mode: Mode;
  readonly lifecycle: Lifecycle;
  readonly role: Role;
  readonly org: OrgID;
  readonly head: Seq;
  readonly lastAt: Instant;
  readonly readTo: Seq;
  readonly unread: number;
  readonly mentions: number;
  /** Decisions, actions and questions that wait for me, up to 100. */
  readonly needs: number;
  readonly muted: boolean;
  /** Nothing more is written in this section: it is not what was signed for. */
  readonly readOnly: boolean;
  /** With readOnly: where the room goes on, if I am in it. */
  readonly next?: RoomID;
  readonly section: number;
  readonly member: MemberNo;
  /** People whom this person could let in: they ask, or were proposed. */
  readonly waiting: number;
  /** Who else of this person's organisation is in the room. */
  readonly colleagues: readonly MemberNo[];
  /** Of a side room: whose, and beside which room, in the section in which that goes on. */
  readonly cell?: CellRow;
}
export interface CellRow {
  readonly parent: RoomID;
  readonly org: OrgID;
  readonly orgName: string;
}
/** A side room to open: hosts by their numbers in the main room, besides whoever opens it. */
export interface NewCell {
  readonly org: OrgID;
  readonly hosts: readonly MemberNo[];
  readonly title?: string;
}
/** What of a side room is to be said in the main room, if its organisation agrees. */
export interface Promoting extends Overriding {
  readonly entry: Seq;
  readonly text?: string;
  readonly tlp?: TLP;
  readonly audience?: Audience;
}
export interface InvitationRow {
  readonly id: string;
  readonly reference: string;
  /** Absent, as the seat is, while a lead has not said yet that the invitation is for this person. */
  readonly title?: string;
  readonly mode: Mode;
  readonly seat?: Seat;
  readonly rules: RulesText;
}
export interface RulesText {
  readonly version: number;
  readonly lines: FiveLines;
}
export interface Rooms {
  readonly rooms: readonly RoomRow[];
  readonly invitations: readonly InvitationRow[];
  /** How many more there are that the server cannot read while the service is renewed; absent from an older one. */
  readonly elsewhere?: number;
  /** For hosts: reports that nobody looks at yet. */
  readonly reports: number;
}
export interface NewRoom {
  readonly title: string;
  readonly mode: Mode;
  readonly roster: Roster;
  readonly org: OrgID;
  readonly report: Methane;
  /** The report that it is opened of. */
  readonly filed?: string;
  readonly clock?: { readonly at: Instant; readonly factor: number; readonly paused: boolean };
  readonly severity?: { readonly scale: Scale; readonly grade: Grade; readonly criteria: readonly string[]; readonly reason: string };
}
export interface RoomCreated {
  readonly room: RoomID;
  readonly reference: string;
  readonly seq: Seq;
}
/** The answer of every command that only appends. */
export interface Receipt {
  readonly seq: Seq;
}
/** A page of history: entries ascending; related are later visible events about them. */
export interface Page {
  readonly entries: readonly Received[];
  readonly related: readonly Received[];
  readonly head: Seq;
  readonly size: number;
}
/** Who was given an entry, who has not opened it, and who took it away in a file. */
export interface Opens {
  readonly opens: readonly { readonly member: MemberNo; readonly at: Instant }[];
  readonly notYet: readonly MemberNo[];
  readonly exports?: readonly Exported[];
  /** The organisations' machines that were given it. */
  readonly feeds?: readonly Fed[];
}
/** A machine was given an item, by TAXII. */
export interface Fed {
  /** What the machine is for; absent where the room shows organisations only. */
  readonly name?: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly at: Instant;
  /** It was this item that it was given, which was merged into the one asked about. */
  readonly merged?: Seq;
}
/** A machine that reads here by TAXII for an organisation. */
export interface FeedRow {
  readonly seq: Seq;
  readonly name: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly by: MemberNo;
  readonly issued: Instant;
  readonly expires: Instant;
  readonly closed: Instant | null;
  /** What ended it; absent: a lead did. */
  readonly why?: string;
  /** When it last asked, to the minute; absent: never. */
  readonly asked?: Instant;
  readonly given?: Instant;
  /** How many items it was given, of those of which the reader may know who had them. */
  readonly items: number;
}
export interface FeedList {
  readonly feeds: readonly FeedRow[];
  /** The address of the TAXII 2.1 API root. */
  readonly root: string;
}
export interface NewFeed {
  readonly name: string;
  readonly org: OrgID;
  readonly days: number;
}
/** The token is in this answer and nowhere else. */
export interface FeedIssued {
  readonly seq: Seq;
  readonly token: string;
  readonly root: string;
}
export interface MessageDraft {
  readonly text: string;
  readonly replyTo?: Seq;
  readonly quotes?: readonly Quote[];
  readonly mentions?: readonly MemberNo[];
  readonly tlp?: TLP;
  readonly pap?: PAP;
  readonly caveat?: Caveat;
  readonly audience?: Audience;
  readonly occurred?: Instant;
  readonly attachments?: readonly AttachedDraft[];
  /** The head of the preflight that was shown: refused with the code gained if somebody came in since. */
  readonly shown?: Seq;
  readonly override?: string;
  /** Say only of what type my organisation is. */
  readonly veiled?: boolean;
}
/** What a scanner says of a file: none was asked or could tell; it has not answered yet; it found nothing; it found something. */
export type Scan = "none" | "pending" | "clean" | "found";
/** A file that a message is to have. */
export interface AttachedDraft {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly whole: boolean;
}
/** How far a file has come. */
export interface UploadState {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly chunk: number;
  readonly received: readonly number[];
  readonly whole: boolean;
  readonly sha256?: string;
  readonly scan: Scan;
}
/** What would be sent, for the question who would receive it. */
export interface PreflightAsk {
  readonly tlp?: TLP;
  readonly audience?: Audience;
  readonly replyTo?: Seq;
  /** The entry that would be widened; absent for a new one. */
  readonly entry?: Seq;
  /** It is an item or a tear-line: machines may be given it. */
  readonly item?: boolean;
  /** Whether its openings are put on record then; absent: as it is. */
  readonly recorded?: boolean;
  /** What was shown before: who came in since is marked. */
  readonly shown?: Seq;
}
/** A machine that would be given it. */
export interface ReceivingFeed {
  readonly feed: Seq;
  /** "" where the room shows organisations only. */
  readonly name: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly gained: boolean;
  readonly already: boolean;
}
export interface Receiver {
  readonly number: MemberNo;
  /** "" where the room shows organisations only. */
  readonly name: string;
  readonly org: OrgID;
  readonly orgName: string;
  readonly role: Role;
  /** Joined in the last ten minutes. */
  readonly joined10: boolean;
  readonly supplier: boolean;
  /** Would not have received it as of `shown`. */
  readonly gained: boolean;
  /** Receives the entry as it stands, before it is widened. */
  readonly already: boolean;
}
export interface ReceivingOrg {
  readonly org: OrgID;
  readonly orgName: string;
  readonly supplier: boolean;
  readonly people: number;
  /** Whoever joins for it later and may see earlier entries receives it too. */
  readonly whole: boolean;
}
export interface Preflight {
  readonly head: Seq;
  readonly members: readonly Receiver[];
  readonly organisations: readonly ReceivingOrg[];
  /** The organisations' machines that would be given it. */
  readonly feeds?: readonly ReceivingFeed[];
  /** The room does not name everyone who may receive it. */
  readonly unnamed: boolean;
}
/** A host's reason to write what bears a protective marking. */
export interface Overriding {
  readonly override?: string;
}
/** The label and audience of something new; absent: the room's, to the room. */
export interface Label {
  readonly tlp?: TLP;
  readonly pap?: PAP;
  readonly caveat?: Caveat;
  readonly audience?: Audience;
}
/** What was shown of who receives it: the preflight's head. */
export interface Showing {
  readonly shown?: Seq;
}
export interface Assessing extends Pick<Label, "tlp" | "audience">, Showing {
  readonly scale: Scale;
  readonly grade: Grade;
  readonly criteria: readonly string[];
  readonly reason: string;
  readonly seen: Seq;
}
/** No grade: withdraw the assessment. */
export interface Lowering extends Pick<Label, "tlp" | "audience">, Showing {
  readonly scale: Scale;
  readonly grade?: Grade;
  readonly criteria?: readonly string[];
  readonly reason: string;
  readonly seen: Seq;
}
export interface DecisionTaking extends Overriding {
  readonly decision: string;
  readonly rationale: string;
  readonly maker: MemberNo;
  readonly tier?: Tier;
  /** When it was taken, in the room's time; absent: now. */
  readonly taken?: Instant;
  readonly about?: boolean;
  readonly deliberation: Deliberation;
  readonly seen: Seq;
}
export interface DecisionDraft extends DecisionTaking, Label, Showing {
  readonly from?: Seq;
  readonly supersedes?: Seq;
  readonly reverses?: Seq;
}
export interface ProposalDraft extends Label, Overriding, Showing {
  readonly decision: string;
  readonly rationale?: string;
  readonly maker?: MemberNo;
  readonly deliberation: Deliberation;
}
export interface ActionDraft extends Label, Overriding, Showing {
  readonly text: string;
  readonly for: Assignee;
  readonly due?: Instant;
  readonly decision?: Seq;
}
export interface EscalationDraft extends Label, Overriding {
  readonly condition: Condition;
  readonly sbar: Sbar;
}
export interface CadenceDraft extends Readonly<Record<Rhythm, number>>, Overriding {
  readonly reason: string;
}
export interface MeetingDraft extends Label, Overriding, Showing {
  readonly held?: Instant;
  readonly place: string;
  readonly members?: readonly MemberNo[];
  readonly others?: string;
  readonly summary: string;
  readonly cites?: readonly Seq[];
}
export interface SitrepDraft extends Label, Overriding, Showing {
  readonly asAt?: Instant;
  readonly situation: string;
  readonly impact?: string;
  readonly actions?: string;
  readonly forecast?: string;
}
/** A report said anew, whole. */
export interface SitrepFix extends Overriding {
  readonly asAt?: Instant;
  readonly situation: string;
  readonly impact?: string;
  readonly actions?: string;
  readonly forecast?: string;
  readonly reason: string;
}
export interface UpdateDraft extends Label, Overriding, Showing {
  readonly text?: string;
  readonly entry?: Seq;
}
export interface HandoverDraft extends Label, Overriding, Showing {
  readonly post: Post;
  readonly to: MemberNo;
  readonly iimarch: Iimarch;
  readonly cites?: readonly Seq[];
}
export interface BookDraft extends Pick<Label, "tlp" | "audience">, Showing {
  readonly maker: MemberNo;
  readonly signal: string;
  readonly continues?: Seq;
}
/** A line of a book on its way into it. */
export interface LineDraft extends Overriding, Showing {
  readonly text: string;
  readonly occurred?: Instant;
  readonly about?: boolean;
  readonly speech?: boolean;
  readonly paper?: Paper;
  readonly cites?: readonly Seq[];
}
export interface BoardQuery {
  readonly state?: string;
  readonly mine?: boolean;
  readonly overdue?: boolean;
  /** Of items: those not to be acted on any more. */
  readonly expired?: boolean;
  readonly under?: Seq;
  readonly org?: OrgID;
  readonly before?: Seq;
  readonly limit?: number;
}
/** A page of a board: roots, newest first, and every visible event about them, ascending. */
export interface Board {
  readonly roots: readonly Seq[];
  readonly entries: readonly Received[];
  readonly more: boolean;
  readonly head: Seq;
}
export interface Tightening {
  readonly tlp?: TLP;
  readonly audience?: Audience;
  /** Whether opening it is recorded; absent: as it is. */
  readonly recorded?: boolean;
}
export interface Widening extends Tightening, Overriding, Showing {
  readonly reason: string;
}
export interface SearchQuery {
  readonly text?: string;
  readonly person?: MemberNo;
  /** Across rooms: words of the name of who wrote it. */
  readonly author?: string;
  readonly kind?:
    | "message" | "report" | "brief" | "rules" | "member" | "room" | "inject" | "clock" | "audience" | "entry" | "decision" | "action" | "book"
    | "logentry" | "item" | "tearline" | "sighting" | "release";
  readonly from?: Instant;
  readonly to?: Instant;
  readonly mentionsMe?: boolean;
  readonly before?: Seq;
  readonly limit?: number;
}
export interface SearchHits {
  readonly hits: readonly { readonly seq: Seq; readonly entries: readonly Received[] }[];
  readonly scanned: number;
  readonly next: Seq | null;
}
export interface SearchAllHits {
  readonly hits: readonly {
    readonly room: RoomID; readonly reference: string; readonly title: string; readonly by: string; readonly seq: Seq; readonly entries: readonly Received[];
  }[];
  readonly next: string | null;
}
export interface NewMember {
  readonly name: string;
  readonly org: OrgID;
  readonly role: Role;
  readonly history: History;
  readonly issuer?: string;
  readonly person?: PersonID;
  readonly email?: string;
  readonly phone?: string;
  readonly subject?: string;
  /** Also make six digits, to be told by another channel than the link. */
  readonly otp?: boolean;
  /** Also send them a code by text message. */
  readonly text?: boolean;
}
/** An invitation for which somebody at a dead link asked for another. */
export interface LinkWanted {
  readonly root: Seq;
  readonly at: Instant;
}
/** An invitation's link and typed code, shown once; absent when a known person was pre-bound. */
export interface Link {
  readonly link?: string;
  readonly code?: string;
  /** Six digits that tie whoever has them to the invitation, if they were asked for. */
  readonly otp?: string;
}
export type Invited = Receipt & Link;
/** One's own telephone number ("" if none is known), and in how many rooms hosts can see it. */
export interface OwnContact {
  readonly phone: string;
  readonly rooms: number;
}
export interface Proposal {
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
}
/** One of the three names an invitation. */
export interface InvitationName {
  readonly token?: string;
  readonly code?: string;
  readonly invitation?: string;
}
export interface InvitationLook {
  readonly invitation: string;
  /** Something ties this sign-in to it. Until then title and seat are absent and the rules have no lines: a link can be forwarded. */
  readonly tied: boolean;
  readonly reference: string;
  readonly title?: string;
  readonly mode: Mode;
  readonly hosts: readonly string[];
  readonly seat?: Seat;
  readonly rules: RulesText;
  readonly needsCode: boolean;
  readonly state: MemberState;
}
/** invited: tied by now, and there are rules to read before joining. */
export type JoinAnswer = { readonly room: RoomID } | { readonly state: "asked" | "invited" };
export interface Organisation {
  readonly code: OrgID;
  readonly name: string;
  readonly ods: string;
  readonly type: OrgType;
  readonly issuer: string;
  readonly host: boolean;
  readonly closed: boolean;
  readonly successor?: OrgID;
}
export interface OrganisationForm {
  readonly code: OrgID;
  readonly name: string;
  readonly ods?: string;
  readonly type: OrgType;
  readonly issuer?: string;
}
export interface PersonRow {
  readonly id: PersonID;
  readonly name: string;
}
export interface AdminPerson extends PersonRow {
  readonly issuer: string;
  readonly subject: string;
  readonly orgs: readonly OrgID[];
  /** Of orgs: those whose contacts they keep. */
  readonly keeps: readonly OrgID[];
  readonly admin: boolean;
  readonly suspended: boolean;
  readonly passkeys: readonly number[];
}
export interface AdminIssuer {
  readonly key: string;
  readonly name: string;
  readonly url: string;
  readonly acr: string;
  readonly stepUp: string;
  readonly domains: readonly string[];
  readonly up: boolean;
  readonly stopped: boolean;
}
export interface AdminToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly issued: Instant;
  readonly expires: Instant;
  readonly revoked: boolean;
}
export interface AdminSession extends SessionRow {
  readonly person: PersonID;
  readonly name: string;
}
export interface AdminLogRow {
  readonly seq: Seq;
  readonly kind: string;
  readonly at: Instant;
  readonly by: string;
  readonly summary: string;
}
export interface Deployment {
  readonly duty: string;
  readonly hosts: readonly OrgID[];
  /** Which organisations may assess severity on which scale. */
  readonly assessors?: readonly Assessor[];
  /** Who is called in when the severity asks for the other host. */
  readonly onCall?: readonly PersonID[];
}

/** What is asked to be erased: the slots are the same of each entry. */
export interface ErasureDraft {
  readonly entries: readonly Seq[];
  readonly slots: readonly number[];
  readonly ground: Ground;
  readonly reason: string;
}
