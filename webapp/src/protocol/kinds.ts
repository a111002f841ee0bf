// What the wire knows of each kind's body. A kind that is missing here, or a
// body that does not pass, becomes an unknown entry: shown, never folded.
import { count, flag, type Guard, isRecord, listOf, maybe, oneOf, shape, text } from "./guard";
import { cadenceGuards } from "./cadence";
import { broadcastGuards } from "./broadcast";
import { escalationGuards } from "./escalation";
import { statutoryGuards } from "./statutory";
import { reportBodyGuards } from "./reports";
import { intelGuards, verdicts } from "./intel";
import { grounds } from "./keeping";
import { caveats, type Kind, lifecycles, orgTypes, paps, roles, scales, tiers, tlps } from "./types";

const seat = shape({
  history: oneOf("from_join", "full"), name: text, ods: maybe(text), org: text, orgName: text,
  orgType: oneOf(...orgTypes), role: oneOf(...roles),
});
const methane = shape({
  access: maybe(text), emergency: maybe(text), exact: maybe(text), hazards: maybe(text), major: flag, number: maybe(text), type: text,
});
const lines = shape({ affects: text, doing: text, happened: text, need: text, next: text });
const five: Guard<readonly [string, string, string, string, string]> = (v): v is readonly [string, string, string, string, string] =>
  listOf(text)(v) && v.length === 5;
const none = isRecord;
const invitation = shape({ invitation: text, issuer: text, seat });
const grade = shape({ at: count, or: maybe(count) });
const criteria = listOf(text);
const verdict = shape({ decision: text, maker: count, rationale: text, tier: oneOf(...tiers) });
const deliberation = shape({
  consulted: maybe(text), dissent: maybe(text), expected: maybe(text), options: maybe(listOf(shape({ rejected: maybe(text), text }))),
  outcome: maybe(text), powers: maybe(text), question: maybe(text), relied: maybe(listOf(count)), review: maybe(text), risks: maybe(text),
});
const assignee = shape({ member: maybe(count), org: text });
/** Who may assess on which scale. */
export const assessor = shape({ org: text, scale: oneOf(...scales) });
const place = shape({ entry: count, field: maybe(text), slot: count });
const redaction = shape({ entry: count, field: maybe(text), ground: text, reason: text, slot: count, spans: maybe(listOf(shape({ from: count, to: count }))) });
const message = shape({ mentions: maybe(listOf(count)), text });

const broken = shape({ held: count, heldRoot: text, log: text, origin: text, root: text, size: count, state: oneOf("behind", "different") });

const audience = shape({ kind: oneOf("room", "hosts", "named", "leads"), members: maybe(listOf(count)), orgs: maybe(listOf(text)) });
const promoted = shape({ audience: oneOf("room", "hosts", "named", "leads"), corrects: maybe(count), leafHash: text, origin: text, seq: count, text, tlp: oneOf(...tlps) });
/** A side room: whose, and beside which room. */
export const cell = shape({ org: text, parent: text });

export const bodies: { readonly [K in Kind]: (v: unknown) => boolean } = {
  genesis: shape({ break: maybe(broken), deployment: text, format: text, log: text, origin: text, room: maybe(text), section: count }),
  "room.opened": shape({
    assessors: maybe(listOf(assessor)), cell: maybe(cell), hosts: listOf(text), mode: oneOf("incident", "exercise"), reference: text,
    roster: oneOf("names", "organisations", "hosts"), tlp: oneOf(...tlps), title: text,
  }),
  "room.titled": shape({ title: text }),
  "room.moved": shape({ from: oneOf(...lifecycles), to: oneOf(...lifecycles) }),
  "room.reopened": shape({ section: count }),
  "section.begun": shape({ break: broken, numbers: count, section: count }),
  "section.judged": shape({ verdict: oneOf("joined", "condemned") }),
  "clock.set": shape({ at: text, factor: count, paused: flag }),
  "rules.set": shape({ lines: five, version: count }),
  "brief.set": shape({ lines, version: count }),
  "report.given": shape({ methane }),
  "report.updated": shape({ methane }),
  "inject.given": shape({ actor: text, at: text, conflict: maybe(text), provenance: text, sources: maybe(listOf(text)), text }),
  "message.posted": (v) => message(v) && maybe(flag)((v as { invented?: unknown }).invented),
  "message.corrected": message,
  "message.attributed": shape({ entry: count, member: count, org: text }),
  "promotion.asked": shape({ audience, entry: count, item: maybe(flag), text, tlp: oneOf(...tlps), words: maybe(count) }),
  "promotion.agreed": shape({
    by: count, caveat: maybe(oneOf(...caveats)), item: maybe(intelGuards.item), pap: maybe(oneOf(...paps)), recorded: maybe(flag), said: maybe(promoted), tlp: oneOf(...tlps), to: audience,
  }),
  "promotion.refused": none,
  "entry.promoted": promoted,
  "entry.noted": none,
  "entry.pinned": none,
  "entry.unpinned": none,
  "audience.tightened": none,
  "audience.widened": shape({ reason: text }),
  "audience.withheld": none,
  "audience.restored": none,
  "member.invited": shape({ invitation: maybe(text), issuer: text, person: maybe(text), seat }),
  "member.proposed": invitation,
  "member.admitted": none,
  "member.declined": none,
  "member.asked": shape({ issuer: text, name: text, person: text }),
  "member.vouched": none,
  "member.joined": shape({ how: text, number: count, person: text, rules: count, seat }),
  "member.accepted": shape({ rules: count }),
  "member.changed": shape({ role: oneOf(...roles) }),
  "member.tiered": shape({ tier: oneOf(...tiers) }),
  "member.granted": shape({ start: count }),
  "member.withdrawn": none,
  "member.left": none,
  "member.removed": none,
  "room.host_called": shape({ because: count, org: text }),
  "severity.assessed": shape({ criteria, grade, scale: oneOf(...scales) }),
  "severity.reassessed": shape({ criteria, grade }),
  "severity.lowering_asked": shape({ criteria: maybe(criteria), grade: maybe(grade), tier: oneOf(...tiers) }),
  "severity.lowering_agreed": none,
  "severity.lowering_refused": none,
  "severity.lowering_dropped": none,
  "severity.reasoned": shape({ about: count, text }),
  "decision.proposed": shape({ decision: text, deliberation, invented: maybe(flag), maker: maybe(count), rationale: maybe(text) }),
  "decision.recorded": shape({ deliberation, from: maybe(count), invented: maybe(flag), reverses: maybe(count), supersedes: maybe(count), verdict }),
  "decision.taken": shape({ deliberation, verdict }),
  "decision.added": shape({ deliberation }),
  "decision.confirmed": none,
  "decision.disputed": shape({ reason: text }),
  "decision.superseded": shape({ by: count }),
  "decision.reversed": shape({ by: count }),
  "decision.reviewed": shape({ finding: text, review: maybe(text) }),
  "action.raised": shape({ decision: maybe(count), due: maybe(text), for: assignee, invented: maybe(flag), text }),
  "action.accepted": none,
  "action.declined": shape({ reason: text }),
  "action.done": shape({ evidence: text }),
  "action.handed": shape({ for: assignee, reason: text }),
  "action.chased": shape({ text: maybe(text) }),
  "action.withdrawn": shape({ reason: text }),
  "book.opened": shape({ continues: maybe(count), first: count, invented: maybe(flag), maker: count, number: count, signal: text }),
  "book.agreed": none,
  "book.closed": shape({ last: count }),
  "logentry.written": shape({ book: count, invented: maybe(flag), number: count, paper: maybe(shape({ by: text, page: text })), speech: maybe(flag), text }),
  "book.counted": shape({ next: count }),
  "feed.opened": shape({ expires: text, id: text, name: text, org: text, start: count }),
  "feed.closed": shape({ why: maybe(text) }),
  "retention.set": shape({ years: count }),
  "hold.placed": shape({ reason: text, reference: text }),
  "hold.lifted": shape({ reason: text }),
  "erasure.asked": shape({ entries: listOf(count), ground: oneOf(...grounds), reason: text, slots: listOf(count) }),
  "erasure.agreed": none,
  "erasure.refused": shape({ reason: text }),
  "erasure.dropped": none,
  "entry.erased": shape({ ask: count, entry: count, ground: oneOf(...grounds), slots: listOf(count) }),
  "logentry.corrected": shape({ invented: maybe(flag), reason: maybe(text), text }),
  "item.published": intelGuards.item,
  "item.corrected": intelGuards.item,
  "item.merged": shape({ other: count, sources: listOf(intelGuards.source) }),
  "item.absorbed": shape({ into: count }),
  "tearline.published": shape({ invented: maybe(flag), item: count, text }),
  "sighting.marked": shape({ indicator: maybe(count), invented: maybe(flag), item: count, note: maybe(text), verdict: oneOf(...verdicts) }),
  "entry.recalled": shape({ reason: text }),
  "decision.shaken": shape({ entry: count }),
  "release.requested": shape({ audience: maybe(audience), entry: count, for: maybe(count), second: maybe(text), tlp: maybe(oneOf(...tlps)), why: text }),
  "release.answered": shape({ granted: flag, why: maybe(text) }),
  "export.requested": shape({
    basis: text, basisText: maybe(text), from: count, purpose: text, recipient: shape({ address: maybe(text), name: text, organisation: text, role: maybe(text) }),
    to: count, until: text,
  }),
  "export.agreed": none,
  "export.refused": shape({ reason: text }),
  "export.redacted": shape({ drop: maybe(listOf(place)), redactions: maybe(listOf(redaction)) }),
  "export.answered": shape({ answer: text, entries: listOf(count), ground: maybe(text), reason: maybe(text), redactions: maybe(listOf(redaction)) }),
  "export.approved": shape({ checkpoint: count, note: text, policy: text }),
  "export.withdrawn": shape({ reason: text }),
  ...escalationGuards,
  ...statutoryGuards,
  ...cadenceGuards,
  ...reportBodyGuards,
  ...broadcastGuards,
};

/** Whether body is what this version knows the kind to hold. */
export function knows<K extends string>(kind: K, body: unknown): boolean {
  return Object.hasOwn(bodies, kind) && bodies[kind as unknown as Kind](body);
}

/** Whether every member sees entries of this kind, whatever their history start. */
export function isStanding(kind: string): boolean {
  return /^room\.(?!linked$|unlinked$)|^(section|rules|brief|member|retention|hold|cadence)\.|^genesis$|^clock\.set$|^entry\.erased$|^(severity|post)\.(?!reasoned$)/.test(kind);
}

/** Whether entries of this kind are the incident's record: severity, decisions, actions, escalations, clocks, meetings, reports, handovers, broadcasts and loggists' books. */
export function inRecord(kind: string): boolean {
  return /^(severity|decision|action|book|logentry|escalation|ministers|cadence|meeting|sitrep|update|handover|broadcast)\.|^clock\.(?!set$)|^room\.host_called$/.test(kind);
}

/** Whether entries of this kind change what boards list beside the record: intelligence, and what is asked of its originators. */
export function onBoards(kind: string): boolean {
  return /^(item|tearline|sighting|release|promotion)\.|^entry\.recalled$/.test(kind);
}

/** The kinds whose events begin an object. member.joined does so for the opener only. */
export const rootKinds: ReadonlySet<string> = new Set<Kind>([
  "genesis", "room.opened", "clock.set", "rules.set", "brief.set", "report.given", "inject.given", "message.posted",
  "member.invited", "member.proposed", "severity.assessed", "severity.reasoned", "decision.proposed", "decision.recorded", "action.raised",
  "book.opened", "logentry.written", "export.requested", "retention.set", "hold.placed", "erasure.asked", "entry.erased",
  "item.published", "tearline.published", "sighting.marked", "release.requested",
  "message.attributed", "promotion.asked", "entry.promoted", "feed.opened", "escalation.requested", "post.assigned", "post.assumed", "post.reasoned",
  "clock.started", "ministers.briefed",
  "cadence.set", "cadence.kept", "cadence.missed", "cadence.put_off", "cadence.snoozed", "meeting.held", "sitrep.filed", "update.given", "update.requested", "handover.signed",
  "report.brought", "room.linked",
  "message.attributed", "promotion.asked", "entry.promoted", "feed.opened", "escalation.requested", "post.assigned", "post.assumed", "post.reasoned", "broadcast.asked",
]);

