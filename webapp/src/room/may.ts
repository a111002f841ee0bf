// What to offer: the server's table of who may do what, as a hint. The server
// decides; a button that is missing here is only missing.
import type { ErasureFacts, HoldFacts } from "../protocol/keeping";
import type { Assignee, BookFacts, Facts, LoweringFacts, MemberFacts, MemberNo, Role, Scale } from "../protocol/types";
import { inEffect } from "./decision";
import { isLead, memberByNumber, mustAcceptRules, you } from "./select";
import type { Post } from "../protocol/escalation";
import { goes } from "./broadcast";
import { waiting } from "./escalation";
import { holderOf, tierOfPost, waitingFor } from "./post";
import { tierRank } from "./severity";
import type { RoomObject } from "./state";

export type Act =
  | "post" | "correct" | "note" | "pin" | "unpin" | "tighten" | "widen" | "withhold" | "restore" | "open" | "brief" | "report" | "link" | "title"
  | "move" | "reopen" | "request-export" | "continue" | "judge" | "rules" | "clock" | "accept" | "leave" | "invite" | "propose" | "admit" | "vouch" | "withdraw" | "remove" | "change"
  | "grant" | "ring" | "set-retention" | "place-hold" | "lift-hold" | "ask-erasure" | "agree-erasure" | "refuse-erasure" | "drop-erasure" | "post-veiled" | "open-cell" | "seat" | "ask-promotion" | "answer-promotion"
  | "publish-item" | "change-item" | "mark-sighting" | "recall" | "ask-release" | "answer-release" | RecordAct;

/** What is done in the main room alone. */
const mainOnly: ReadonlySet<string> = new Set(["set-cadence", "hold-meeting", "put-off-meeting", "file-sitrep", "correct-sitrep", "give-update", "snooze-update", "request-update", "sign-handover", "accept-handover", "decline-handover", "withdraw-handover"]);

/** What may be asked of the incident's record. */
export type RecordAct =
  | "assess" | "lower" | "agree-lowering" | "tier" | "propose-decision" | "record-decision" | "take-decision" | "replace-decision"
  | "add-to-decision" | "confirm-decision" | "dispute-decision" | "review-decision" | "raise-action" | "accept-action" | "decline-action"
  | "finish-action" | "hand-action" | "chase-action" | "withdraw-action" | "open-book" | "agree-book" | "close-book" | "write-log-entry"
  | "correct-log-entry" | "assign-post" | "assume-post" | "request-escalation" | "accept-escalation" | "refuse-escalation" | "withdraw-escalation" | "act-escalation" | "stand-down-escalation"
  | "start-clock" | "correct-clock" | "hand-clock" | "evidence-clock" | "withdraw-clock" | "chase-clock" | "brief-ministers"
  | "set-cadence" | "hold-meeting" | "put-off-meeting" | "file-sitrep" | "correct-sitrep" | "give-update" | "snooze-update" | "request-update" | "sign-handover" | "accept-handover" | "decline-handover" | "withdraw-handover"
  | "ask-broadcast" | "approve-broadcast" | "send-alone" | "refuse-broadcast" | "withdraw-broadcast" | "stop-broadcast" | "read-broadcast";

/** What an act is about beside an object of the log. */
export interface About {
  readonly scale?: Scale;
  readonly asked?: LoweringFacts;
  readonly book?: BookFacts;
  readonly post?: Post;
  readonly hold?: HoldFacts;
  readonly erasure?: ErasureFacts;
  /** The entry that a request for release is about. */
  readonly entry?: RoomObject | undefined;
}

type Party = "owing" | "assumer" | "authority" | "assessor" | "second" | "maker" | "assignee" | "keeper" | "outgoing" | "incoming" | "counterpart";

/** Who may do an act: these roles, and of those only this party; or, whatever their role, its author or this party. */
interface Rule {
  readonly roles: ReadonlySet<Role | ""> | null; // null: every member
  readonly hosts?: boolean;
  readonly only?: Party;
  readonly or?: Party | "author";
}

const set = (...roles: readonly Role[]): ReadonlySet<Role | ""> => new Set<Role | "">(roles);
const writers = set("lead", "deputy", "liaison", "loggist", "comms", "representative");
const leaders = set("lead", "deputy");
const staff = set("lead", "deputy", "liaison", "loggist", "comms");
const nobody = set();
/** What somebody shared; what was decided or done is not taken back. */
const recallable: ReadonlySet<string> = new Set(["item.published", "tearline.published", "message.posted", "entry.promoted"]);

/** What can be brought from a side room to the main room: a message, or an item that goes on. TLP:RED stays with whom it names. */
const promotable = (o: RoomObject | undefined): boolean =>
  o?.marking?.tlp !== "TLP:RED" && ((o?.kind === "message.posted" && o.marking?.recorded !== true) || (o?.record?.noun === "item" && o.record.absorbed === null));

/** The record's part of the server's table, row by row. */
const record: Readonly<Record<RecordAct, Rule>> = {
  assess: { roles: set("lead", "deputy", "liaison", "representative"), only: "assessor" }, // the last: law enforcement's
  lower: { roles: set("lead", "deputy", "liaison", "representative"), only: "assessor" },
  "agree-lowering": { roles: set("lead", "deputy", "liaison"), hosts: true, only: "second" },
  tier: { roles: leaders, hosts: true },
  "propose-decision": { roles: writers },
  "record-decision": { roles: writers },
  "take-decision": { roles: writers },
  "replace-decision": { roles: writers },
  "add-to-decision": { roles: writers },
  "confirm-decision": { roles: null, only: "maker" },
  "dispute-decision": { roles: null, only: "maker" },
  "review-decision": { roles: leaders, hosts: true, or: "maker" },
  "assign-post": { roles: leaders, hosts: true },
  "assume-post": { roles: null, only: "assumer" },
  "request-escalation": { roles: writers },
  "accept-escalation": { roles: null, only: "authority" },
  "refuse-escalation": { roles: null, only: "authority" },
  "withdraw-escalation": { roles: leaders, hosts: true, or: "author" },
  "act-escalation": { roles: nobody, or: "author" },
  "stand-down-escalation": { roles: leaders, hosts: true, or: "author" },
  "start-clock": { roles: writers },
  "correct-clock": { roles: null, only: "owing" },
  "hand-clock": { roles: null, only: "owing" },
  "evidence-clock": { roles: null, only: "owing" },
  "withdraw-clock": { roles: null, only: "owing" },
  "chase-clock": { roles: set("lead", "deputy", "liaison", "loggist", "comms"), hosts: true },
  "brief-ministers": { roles: set("lead", "deputy", "liaison", "loggist", "comms"), hosts: true },
  "set-cadence": { roles: leaders, hosts: true },
  "hold-meeting": { roles: staff, hosts: true },
  "put-off-meeting": { roles: leaders, hosts: true },
  "file-sitrep": { roles: writers },
  "correct-sitrep": { roles: writers },
  "give-update": { roles: staff, hosts: true },
  "snooze-update": { roles: leaders, hosts: true },
  "request-update": { roles: null },
  "sign-handover": { roles: null, only: "outgoing" },
  "accept-handover": { roles: null, only: "incoming" },
  "decline-handover": { roles: null, only: "incoming" },
  "withdraw-handover": { roles: leaders, hosts: true, or: "author" },
  "ask-broadcast": { roles: set("lead", "deputy", "liaison"), hosts: true },
  "approve-broadcast": { roles: set("lead", "deputy", "liaison"), hosts: true, only: "counterpart" },
  "send-alone": { roles: leaders, hosts: true },
  "refuse-broadcast": { roles: set("lead", "deputy", "liaison"), hosts: true, only: "counterpart" },
  "withdraw-broadcast": { roles: leaders, hosts: true, or: "author" },
  "stop-broadcast": { roles: set("lead", "deputy", "liaison"), hosts: true },
  "read-broadcast": { roles: set("lead", "deputy", "liaison", "loggist", "comms"), hosts: true },
  "raise-action": { roles: writers },
  "accept-action": { roles: null, only: "assignee" },
  "decline-action": { roles: null, only: "assignee" },
  "finish-action": { roles: null, only: "assignee" },
  "hand-action": { roles: null, only: "assignee" },
  "chase-action": { roles: set("lead", "deputy", "liaison", "loggist", "comms"), hosts: true },
  "withdraw-action": { roles: leaders, hosts: true, or: "author" },
  "open-book": { roles: set("lead", "deputy", "loggist"), hosts: true },
  "agree-book": { roles: null, only: "maker" },
  "close-book": { roles: leaders, hosts: true, or: "keeper" },
  "write-log-entry": { roles: set("lead", "deputy", "loggist"), hosts: true, only: "keeper" },
  "correct-log-entry": { roles: nobody, or: "author" },
};

/** Whether this viewer may, as far as the browser can tell, do this now. object: the entry it is about, where it is about one. */
export function may(facts: Facts, act: Act, object?: RoomObject, about: About = {}): boolean {
  const me = you(facts);
  if (me?.state !== "joined") return false;
  const closed = facts.room.lifecycle === "closed";
  if (act === "accept" || act === "leave") return true;
  if (mustAcceptRules(facts)) return false;
  if (closed && !["open", "reopen", "request-export", "continue", "judge", "withdraw", "remove", "ring", "set-retention", "place-hold", "lift-hold", "ask-erasure", "agree-erasure", "refuse-erasure", "drop-erasure", "recall", "read-broadcast"].includes(act)) return false;
  const lead = isLead(me);
  const wrote = object?.by?.member === me.number;
  if (isRecordAct(act)) return !(facts.room.cell && mainOnly.has(act)) && possible(facts, act, object, about) && allowed(facts, me, record[act], object, about) && ours(facts, me, act, object);
  switch (act) {
    case "note":
    case "open":
      return true;
    case "post":
      return writers.has(me.role);
    case "correct":
      return wrote && object?.kind === "message.posted" && !object.erased;
    case "tighten":
      return hasMarking(object) && (lead || wrote);
    case "widen":
      return !object?.recalled && writers.has(me.role) && object?.marking?.originator === me.org;
    case "withhold":
      return lead && hasMarking(object) && object?.withheld === false;
    case "restore":
      return lead && object?.withheld === true;
    case "pin":
      return lead && object?.pinned !== true;
    case "unpin":
      return lead && object?.pinned !== false;
    case "reopen":
      return lead && closed;
    case "request-export":
      return lead || me.role === "auditor";
    case "clock":
      return lead && facts.room.mode === "exercise";
    case "continue":
      return lead;
    case "judge":
      return facts.room.earlier !== null && (lead || isLiaison(me));
    case "post-veiled":
      return me.role === "representative" && !facts.room.cell && facts.room.roster !== "hosts";
    case "change": // in a side room roles are the main room's
    case "open-cell":
      return lead && !facts.room.cell;
    case "seat":
      return lead && facts.room.cell !== null;
    case "ask-promotion":
      return lead && facts.room.cell !== null && promotable(object) && object?.marking?.originator === facts.room.cell.org && !object.sealed && !object.erased && !object.withheld && !object.recalled;
    case "answer-promotion":
      return facts.room.cell !== null && me.org === facts.room.cell.org && writers.has(me.role) && object?.consent === null && !object.recalled;
    case "invite":
      return (lead || isLiaison(me)) && !facts.room.cell;
    case "vouch":
    case "ring":
    case "withdraw":
      return lead || isLiaison(me);
    case "set-retention":
    case "drop-erasure":
      return lead;
    case "ask-erasure":
      return lead && object?.erased === false;
    case "place-hold":
    case "refuse-erasure":
      return lead || isLiaison(me);
    case "lift-hold":
      return lead && about.hold !== undefined && about.hold.by.org !== me.org && !same(facts, me, about.hold.by.member ?? 0);
    case "agree-erasure":
      return (lead || isLiaison(me)) && about.erasure !== undefined && approves(facts, me, about.erasure);
    case "publish-item":
    case "mark-sighting":
      return writers.has(me.role) && !object?.recalled;
    case "change-item": {
      const item = object?.record?.noun === "item" ? object.record : null;
      return writers.has(me.role) && item !== null && item.absorbed === null && !object?.recalled && object?.marking?.originator === me.org;
    }
    case "recall":
      return writers.has(me.role) && recallable.has(object?.kind ?? "") && !object?.recalled && object?.marking?.originator === me.org;
    case "ask-release":
      return hasMarking(object) && !object?.recalled && object?.marking?.originator !== me.org;
    case "answer-release":
      if (!writers.has(me.role) || object?.record?.noun !== "release" || object.record.answered !== null) return false;
      return object.record.second === null ? about.entry?.marking?.originator === me.org && !about.entry.recalled : object.record.second === me.org && object.by?.member !== me.number;
    case "propose":
      return me.role === "representative" && !facts.room.cell;
    case "brief":
    case "report":
    case "link":
    case "title":
    case "move":
    case "rules":
    case "admit":
    case "remove":
    case "grant":
      return lead;
    default:
      return unreachable(act);
  }
}

function isRecordAct(act: Act): act is RecordAct {
  return Object.hasOwn(record, act);
}

/** Whether the object is in a state in which the act makes sense at all. */
function possible(facts: Facts, act: RecordAct, object: RoomObject | undefined, about: About): boolean {
  const now = object?.record;
  const decision = now?.noun === "decision" ? now : null;
  const action = now?.noun === "action" ? now : null;
  const escalation = now?.noun === "escalation" ? now : null;
  const handover = now?.noun === "handover" ? now : null;
  switch (act) {
    case "accept-handover":
    case "decline-handover":
    case "withdraw-handover":
      return handover?.state === "signed";
    case "ask-broadcast":
    case "read-broadcast":
      return !facts.room.cell;
    case "approve-broadcast":
    case "send-alone":
    case "refuse-broadcast":
    case "withdraw-broadcast":
      return now?.noun === "broadcast" && now.state === "asked";
    case "stop-broadcast":
      return now?.noun === "broadcast" && goes(now);
    case "accept-escalation":
    case "refuse-escalation":
    case "withdraw-escalation":
      return escalation !== null && waiting(escalation);
    case "act-escalation":
      return escalation?.state === "silent";
    case "stand-down-escalation":
      return escalation?.state === "accepted";
    case "correct-clock":
    case "hand-clock":
    case "evidence-clock":
    case "withdraw-clock":
    case "chase-clock":
      return now?.noun === "clock" && now.state === "running";
    case "take-decision":
      return decision?.state === "proposed";
    case "replace-decision":
    case "review-decision":
      return decision !== null && inEffect(decision);
    case "add-to-decision":
      return decision !== null;
    case "confirm-decision":
    case "dispute-decision":
      return decision?.state === "taken";
    case "accept-action":
    case "decline-action":
      return action?.state === "raised";
    case "finish-action":
      return action?.state === "accepted";
    case "hand-action":
    case "chase-action":
    case "withdraw-action":
      return action?.state === "raised" || action?.state === "accepted";
    case "agree-book":
      return about.book !== undefined && about.book.agreed === null && about.book.closed === null;
    case "close-book":
    case "write-log-entry":
      return about.book !== undefined && about.book.closed === null;
    case "correct-sitrep":
      return now?.noun === "sitrep" && object?.recalled === null;
    case "correct-log-entry":
      return now?.noun === "logentry" && about.book?.closed === null;
    default:
      return true;
  }
}

function allowed(facts: Facts, me: MemberFacts, rule: Rule, object: RoomObject | undefined, about: About): boolean {
  if (rule.or === "author" ? same(facts, me, object?.by?.member ?? 0) : rule.or && is(rule.or, facts, me, object, about)) return true;
  if (rule.roles !== null && !rule.roles.has(me.role)) return false;
  if (rule.hosts && !me.host) return false;
  return rule.only === undefined || is(rule.only, facts, me, object, about);
}

function is(party: Party, facts: Facts, me: MemberFacts, object: RoomObject | undefined, { scale, asked, book, post }: About): boolean {
  const now = object?.record;
  switch (party) {
    case "assessor":
      return scale !== undefined && mayAssess(facts, me, scale);
    case "second":
      return asked !== undefined && secondTo(facts, me, asked);
    case "maker":
      return book ? same(facts, me, book.maker) : now?.noun === "decision" && same(facts, me, now.maker);
    case "outgoing": {
      const held = post && holderOf(facts, post);
      return held ? same(facts, me, held.member) : post === "incident_lead" && me.host && me.role === "lead";
    }
    case "incoming":
      return now?.noun === "handover" && same(facts, me, now.to);
    case "assumer": {
      if (!post || (post === "incident_lead" && !me.host)) return false;
      const deputy = [holderOf(facts, post), waitingFor(facts, post)].some((t) => t && t.deputy !== 0 && same(facts, me, t.deputy));
      const tier = tierOfPost(post);
      return deputy || tierRank(me.tier) > tierRank(tier) || (me.tier === "strategic" && tier === "strategic");
    }
    case "authority": {
      if (now?.noun !== "escalation" || same(facts, me, now.by.member ?? 0) || now.keys.includes(me.number)) return false;
      const asked = now.chain.slice(0, now.step).some((s) => (s.member ? same(facts, me, s.member) : s.name === me.name && s.org === me.org));
      return (me.host && asked) || tierRank(me.tier) >= tierRank(now.tier);
    }
    case "owing":
      return now?.noun === "clock" && keepsClock(me, now.org);
    case "counterpart":
      return now?.noun === "broadcast" && now.by.org !== me.org && !same(facts, me, now.by.member ?? 0);
    case "assignee":
      return now?.noun === "action" && isFor(facts, me, now.for);
    case "keeper":
      return book !== undefined && same(facts, me, book.loggist);
  }
}

/** Whether they may start, correct, hand on, evidence or withdraw a statutory clock of the organisation: their own, or as a host whom it told. */
export const keepsClock = (me: MemberFacts, org: string): boolean => (me.org === org && writers.has(me.role)) || (me.host && ["lead", "deputy", "liaison"].includes(me.role));

/** What a representative takes, supersedes and reverses is what their own organisation decides. */
function ours(facts: Facts, me: MemberFacts, act: RecordAct, object: RoomObject | undefined): boolean {
  const now = object?.record;
  if (act === "correct-sitrep") return object?.marking?.originator === me.org;
  if (me.role !== "representative" || now?.noun !== "decision" || (act !== "take-decision" && act !== "replace-decision")) return true;
  return now.maker === 0 || memberByNumber(facts, now.maker)?.org === me.org;
}

/** Whether the member's organisation assesses on the scale: as configured, a host, or law enforcement on an NCSC category. */
function mayAssess(facts: Facts, me: MemberFacts, scale: Scale): boolean {
  if (!me.host && (scale !== "ncsc_category" || me.orgType !== "law_enforcement")) return false;
  return facts.room.assessors.some((a) => a.org === me.org && a.scale === scale);
}

/** Whether the member may agree to what another asked: one tier up, or at strategic another of that tier or the other host. */
function secondTo(facts: Facts, me: MemberFacts, asked: Pick<LoweringFacts, "by" | "tier">): boolean {
  if (!me.host || same(facts, me, asked.by.member ?? 0)) return false;
  if (asked.tier === "strategic") return me.tier === "strategic" || me.org !== asked.by.org;
  return tierRank(me.tier) > tierRank(asked.tier);
}

/** Whether the member's agreement would be one of the two: of a host that has not agreed, by a person who neither asked nor agreed. */
function approves(facts: Facts, me: MemberFacts, a: ErasureFacts): boolean {
  return me.host && !same(facts, me, a.by.member ?? 0) && a.agreed.every((x) => x.by.org !== me.org && !same(facts, me, x.by.member ?? 0));
}

/** Who in the room, as far as the viewer knows, may agree to a lowering or refuse it. */
export function seconds(facts: Facts, asked: Pick<LoweringFacts, "by" | "tier">): readonly MemberFacts[] {
  const rule = record["agree-lowering"];
  return facts.members.filter((m) => m.state === "joined" && rule.roles?.has(m.role) && secondTo(facts, m, asked));
}

/** Whether an action is for the member: by name, or as one who speaks for the organisation. */
export function isFor(facts: Facts, me: MemberFacts, a: Assignee): boolean {
  return a.member ? same(facts, me, a.member) : a.org === me.org && writers.has(me.role);
}

/** Whether the member is whom the number meant, also after having left and come back under another. */
function same(facts: Facts, me: MemberFacts, n: MemberNo): boolean {
  if (n === me.number) return n !== 0;
  const of = memberByNumber(facts, n);
  return of !== undefined && of.state !== "joined" && of.name !== "" && of.name === me.name && of.org === me.org;
}

/** Standing entries have none: their audience is the room. */
function hasMarking(object: RoomObject | undefined): boolean {
  return object !== undefined && object.marking !== null;
}

function isLiaison(m: MemberFacts): boolean {
  return m.host && m.role === "liaison";
}

function unreachable(act: never): never {
  throw new Error(`room: an act without a rule: ${String(act)}`);
}
