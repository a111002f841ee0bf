// Escalations, and who holds which post: what the wire says of authority.
import { count, flag, listOf, maybe, nullable, oneOf, shape, text } from "./guard";
import type { By, Instant, MemberNo, OrgID, PersonID, Seat, Seq, Tier } from "./types";

export const conditions = ["disconnect_network", "suspend_service", "restore_service", "public_statement", "ransom_demand", "mutual_aid", "other"] as const;
/** What an escalation asks authority for. */
export type Condition = (typeof conditions)[number];
export const escalationStates = ["requested", "silent", "accepted", "refused", "withdrawn", "acted", "stood_down"] as const;
/** silent: nobody answered in time; it can still be answered. */
export type EscalationState = (typeof escalationStates)[number];
export const ways = ["post", "deputy", "lead", "rota", "on_call"] as const;
export type Way = (typeof ways)[number];
export const postNames = [
  "incident_lead", "strategic_commander", "tactical_commander", "operational_commander", "loggist", "communications", "liaison", "technical_lead", "clinical_safety",
] as const;
/** A place in the command structure; one person holds each. */
export type Post = (typeof postNames)[number];
const tierNames = ["operational", "tactical", "strategic"] as const;

/** Situation, background, assessment, recommendation. */
export interface Sbar {
  readonly assessment: string;
  readonly background: string;
  readonly recommendation: string;
  readonly situation: string;
}
/** One person of the chain that is asked. */
export interface Step {
  readonly invitation?: string;
  readonly issuer?: string;
  /** Absent: not in the room when it was raised. */
  readonly member?: MemberNo;
  readonly name: string;
  readonly org: OrgID;
  readonly person: PersonID;
  readonly seat?: Seat;
  readonly tier: Tier;
  readonly way: Way;
}
export interface EscalationBodies {
  "escalation.requested": {
    /** Its number in the section before. */
    readonly before?: Seq;
    readonly chain: readonly Step[]; readonly condition: Condition; readonly factor?: boolean; readonly invented?: boolean; readonly matrix: number;
    readonly minutes: number; readonly sbar: Sbar; readonly tier: Tier; readonly twoKey?: boolean;
  };
  /** No decision: a second person must accept too. */
  "escalation.accepted": { /** The decision it was recorded as in the section before. */ readonly before?: Seq; readonly decision?: Seq; readonly rationale: string; readonly tier: Tier };
  "escalation.refused": { readonly reason: string };
  "escalation.withdrawn": { readonly reason: string };
  /** The house's: the next is asked. */
  "escalation.advanced": { readonly step: number };
  "escalation.silent": Readonly<Record<string, never>>;
  "escalation.acted": { readonly because: string };
  "escalation.stood_down": { readonly reason: string };
  "post.assigned": { readonly deputy?: MemberNo; readonly member: MemberNo; readonly post: Post };
  "post.acknowledged": { readonly tier: Tier };
  "post.released": Readonly<Record<string, never>>;
  "post.assumed": { readonly post: Post; readonly tier: Tier };
  "post.reasoned": { readonly about: Seq; readonly text: string };
}
/** One person's time in a post. */
export interface PostFacts {
  readonly assigned: Instant;
  /** Taken without consent. */
  readonly assumed: boolean;
  /** 0 for none. */
  readonly deputy: MemberNo;
  /** When it was acknowledged; null: not yet. */
  readonly from: Instant | null;
  readonly member: MemberNo;
  readonly post: Post;
  readonly root: Seq;
  readonly until: Instant | null;
}
export type { By };

const none = shape({});
const reason = shape({ reason: text });
const step = shape({ member: maybe(count), name: text, org: text, person: text, tier: oneOf(...tierNames), way: oneOf(...ways) });
export const escalationGuards = {
  "escalation.requested": shape({
    before: maybe(count),
    chain: listOf(step), condition: oneOf(...conditions), factor: maybe(flag), invented: maybe(flag), matrix: count, minutes: count,
    sbar: shape({ assessment: text, background: text, recommendation: text, situation: text }), tier: oneOf(...tierNames), twoKey: maybe(flag),
  }),
  "escalation.accepted": shape({ before: maybe(count), decision: maybe(count), rationale: text, tier: oneOf(...tierNames) }),
  "escalation.refused": reason,
  "escalation.withdrawn": reason,
  "escalation.advanced": shape({ step: count }),
  "escalation.silent": none,
  "escalation.acted": shape({ because: text }),
  "escalation.stood_down": reason,
  "post.assigned": shape({ deputy: maybe(count), member: count, post: oneOf(...postNames) }),
  "post.acknowledged": shape({ tier: oneOf(...tierNames) }),
  "post.released": none,
  "post.assumed": shape({ post: oneOf(...postNames), tier: oneOf(...tierNames) }),
  "post.reasoned": shape({ about: count, text }),
};
export const postFacts = shape({ assigned: text, assumed: flag, deputy: count, from: nullable(text), member: count, post: oneOf(...postNames), root: count, until: nullable(text) });
