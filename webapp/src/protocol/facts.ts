// What stands in a room beside its entries, as a snapshot brings it: each noun's standing facts.

import type { CadenceFacts } from "./cadence";
import type { CellOf } from "./cell";
import type { PostFacts } from "./escalation";
import type { ErasureFacts, HoldFacts, RetentionFacts } from "./keeping";
import type { Assessor, BriefLines, By, FiveLines, Grade, Instant, Lifecycle, MemberNo, MemberState, Methane, Mode, OrgID, OrgType, Role, RoomID, Roster, Scale, SectionVerdict, Seq, TLP, Tier } from "./types";

export interface Clock {
  readonly exercise: Instant;
  readonly factor: number;
  readonly paused: boolean;
  readonly set: Instant;
  readonly seq: Seq;
}
export interface RoomFacts {
  readonly id: RoomID;
  readonly reference: string;
  readonly title: string;
  readonly mode: Mode;
  readonly lifecycle: Lifecycle;
  readonly section: number;
  readonly roster: Roster;
  readonly tlp: TLP;
  readonly hosts: readonly OrgID[];
  readonly assessors: readonly Assessor[];
  /** Hosts called in because of the severity. */
  readonly called: readonly OrgID[];
  /** null unless it is a side room. */
  readonly cell: CellOf | null;
  readonly opened: Instant;
  readonly clock: Clock | null;
  /** The section before this one, if that was broken off. */
  readonly earlier: Earlier | null;
  /** When it was closed; null while it is not. */
  readonly ended: Instant | null;
}
export interface Earlier {
  readonly log: RoomID;
  readonly state: "behind" | "different";
  /** Entries it has here, and entries that were signed for. */
  readonly size: number;
  readonly held: number;
  /** The newest word of each host. */
  readonly judged: readonly Judgement[];
}
export interface Judgement {
  readonly at: Instant;
  readonly by: MemberNo;
  readonly org: OrgID;
  readonly verdict: SectionVerdict;
}
export interface MemberFacts {
  readonly root: Seq;
  /** 0 until joined. */
  readonly number: MemberNo;
  readonly state: MemberState;
  /** "" when this viewer may not know it (an envelope). */
  readonly name: string;
  readonly org: OrgID | "";
  readonly orgName: string;
  readonly orgType: OrgType | "";
  readonly ods: string;
  readonly role: Role | "";
  /** The level of command they act at; "" where this viewer may not know it. */
  readonly tier: Tier | "";
  readonly host: boolean;
  readonly start: Seq;
  readonly rules: number;
  readonly invitedBy: MemberNo;
  readonly invited: Instant | null;
  readonly joined: Instant | null;
  readonly ended: Instant | null;
  readonly askedName: string;
}
export interface RulesFacts {
  readonly root: Seq;
  readonly seq: Seq;
  readonly version: number;
  readonly lines: FiveLines;
}
export interface BriefFacts {
  readonly root: Seq;
  readonly seq: Seq;
  readonly version: number;
  readonly by: By;
  readonly at: Instant;
  readonly lines: BriefLines;
}
export interface ReportFacts {
  readonly root: Seq;
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly methane: Methane;
}
export interface PinFacts {
  readonly root: Seq;
  readonly by: MemberNo;
  readonly at: Instant;
}
/** A question to lower an assessment, waiting for a second person. */
export interface LoweringFacts {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  /** Of who asks. */
  readonly tier: Tier;
  /** Absent: to be withdrawn. */
  readonly grade?: Grade;
  readonly criteria?: readonly string[];
}
/** An organisation's assessment on a scale, standing or (ended) withdrawn. */
export interface AssessmentFacts {
  readonly root: Seq;
  readonly scale: Scale;
  readonly org: OrgID;
  /** Who set the grade that stands, by which entry, and since when it counts. */
  readonly by: By;
  readonly seq: Seq;
  readonly since: Instant;
  readonly grade: Grade;
  readonly criteria: readonly string[];
  readonly ended: boolean;
  readonly lowering: LoweringFacts | null;
}
/** A loggist's book, kept for one decision-maker. */
export interface BookFacts {
  readonly root: Seq;
  readonly number: number;
  readonly maker: MemberNo;
  readonly loggist: MemberNo;
  readonly signal: string;
  readonly opened: Instant;
  /** When the decision-maker confirmed how they signal. */
  readonly agreed: Instant | null;
  readonly closed: Instant | null;
  /** The number of its first line. */
  readonly first: number;
}
/** A room's standing facts as one member may see them. */
export interface Facts {
  readonly room: RoomFacts;
  readonly you: MemberNo;
  readonly members: readonly MemberFacts[];
  readonly rules: RulesFacts | null;
  readonly brief: BriefFacts | null;
  readonly report: ReportFacts | null;
  readonly pins: readonly PinFacts[];
  readonly assessments: readonly AssessmentFacts[];
  readonly books: readonly BookFacts[];
  readonly retention: RetentionFacts;
  readonly holds: readonly HoldFacts[];
  readonly erasures: readonly ErasureFacts[];
  /** Who holds, and held, which post; oldest first. */
  readonly posts: readonly PostFacts[];
  /** When the room meets, reports and tells next. */
  readonly cadence: CadenceFacts;
}
