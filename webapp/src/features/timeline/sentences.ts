import type { Entry, Facts, KnownEntry, MemberFacts } from "../../protocol/types";
import { assigneeCalled, memberCalled, orgNamed } from "../../room/called";
import { hostRoles, lifecycleName, roleName } from "../../ui/names";
import { postName } from "../../ui/escalation";
import { groundName, whatOf } from "../../ui/erasure";
import { tierName } from "../../ui/severity";
import type { Via } from "../../protocol/statutory";
import { afterWords, spanWords, viaName } from "../../ui/statutory";
import { rhythms } from "../../protocol/cadence";
import { everyWords, rhythmName, rhythmPlural } from "../../ui/cadence";
import { dateAndTime, timeOfDay } from "../../ui/time";
import { list, plural } from "../../ui/words";
import { reached } from "./reached";

// One plain sentence for each kind of entry that is not said by anybody:
// what happened to the room, its members, its brief and its clock.

const seatOf = (m: MemberFacts | undefined): string => {
  if (!m) return "someone";
  if (m.name !== "") return m.orgName === "" ? m.name : `${m.name} (${m.orgName})`;
  return m.orgName === "" ? "a member of another organisation" : `a member of ${m.orgName}`;
};

const via = (v: Via | undefined): string => (v === undefined ? "" : ` (told ${viaName[v]})`);

const capital = (s: string): string => s.charAt(0).toUpperCase() + s.slice(1);

/** The sentence for an open entry, or null for kinds that have a shape of their own. */
export function sentence(e: KnownEntry, facts: Facts): string | null {
  const by = e.by.member ? memberCalled(facts, e.by.member) : "The system";
  const postOf = (root: number): string => {
    const t = facts.posts.find((p) => p.root === root);
    return t ? postName[t.post].toLowerCase() : "a post";
  };
  const who = () => seatOf(facts.members.find((m) => m.root === e.root));
  switch (e.kind) {
    case "room.opened":
      return `Room opened as ${e.body.reference}, “${e.body.title}”`;
    case "room.linked":
      return `${e.by.member ? by : "Somebody in that room"} linked this room with ${e.body.reference}. Only hosts see this`;
    case "room.unlinked":
      return `${e.by.member ? by : "Somebody in the other room"} ended the link with another room. Only hosts see this`;
    case "room.titled":
      return `${by} changed the title to “${e.body.title}”`;
    case "room.moved":
      return `${by} moved the room from ${lifecycleName[e.body.from].toLowerCase()} to ${lifecycleName[e.body.to].toLowerCase()}`;
    case "room.reopened":
      return `${by} reopened the room as section ${e.body.section}`;
    case "section.begun":
      return `Section ${e.body.section} began here: the record before it was found ${e.body.break.state === "behind" ? "shorter than" : "not to be"} what was signed for`;
    case "section.judged":
      return `${by} said for ${e.by.org ? orgNamed(facts, e.by.org) : "a host"} that the section before ${e.body.verdict === "joined" ? "is part of this record" : "is not to be relied on"}`;
    case "clock.set":
      return e.body.paused ? `Exercise clock stopped at ${dateAndTime(e.body.at)}` : `Exercise clock runs from ${dateAndTime(e.body.at)}${e.body.factor === 1 ? "" : `, ${e.body.factor} times as fast`}`;
    case "rules.set":
      return `${by === "The system" ? "Handling rules set" : `${by} set the handling rules`}, version ${e.body.version}`;
    case "brief.set":
      return `${by} set the situation brief, version ${e.body.version}`;
    case "member.invited":
      return `${by} invited ${e.body.seat.name} (${e.body.seat.orgName}) as ${roleName[e.body.seat.role].toLowerCase()}`;
    case "member.proposed":
      return `${by} proposed ${e.body.seat.name} (${e.body.seat.orgName})`;
    case "member.admitted":
      return `${by} admitted ${who()}`;
    case "member.declined":
      return `${by} declined the proposal of ${who()}`;
    case "member.asked":
      return `${e.body.name} asked to be let in as ${who()}`;
    case "member.vouched":
      return `${by} let ${who()} in`;
    case "member.joined":
      return `${e.body.seat.name} (${e.body.seat.orgName}) joined as ${roleName[e.body.seat.role].toLowerCase()}`;
    case "member.accepted":
      return `${capital(who())} accepted version ${e.body.rules} of the handling rules`;
    case "member.changed":
      return `${by} made ${who()} ${roleName[e.body.role].toLowerCase()}`;
    case "member.tiered":
      // By taking a post or accepting an escalation: nobody gives a tier to themselves.
      if (e.by.member && facts.members.find((m) => m.root === e.root)?.number === e.by.member) return `${capital(who())} acts at the ${tierName[e.body.tier].toLowerCase()} tier now`;
      return `${by} put ${who()} at the ${tierName[e.body.tier].toLowerCase()} tier`;
    case "member.granted":
      return `${by} gave ${who()} sight of entries from number ${Math.max(1, e.body.start)}`;
    case "member.withdrawn":
      return `${by} withdrew the invitation of ${who()}`;
    case "member.left":
      return `${capital(who())} left the room`;
    case "member.removed":
      return `${by} removed ${who()}`;
    case "message.corrected":
      return `${by} corrected entry ${e.root}`;
    case "message.attributed":
      return `Entry ${e.body.entry} was written by ${memberCalled(facts, e.body.member)}, ${orgNamed(facts, e.body.org)}: only leads and auditors are told`;
    case "promotion.agreed":
      return `${by} agreed for ${orgNamed(facts, e.by.org ?? "")}: what entry ${e.root} asks for is said in the main room`;
    case "promotion.refused":
      return `${by} refused for ${orgNamed(facts, e.by.org ?? "")} what entry ${e.root} asks for: the main room is told nothing`;
    case "report.updated":
      return `${by} updated the M/ETHANE report`;
    case "entry.pinned":
      return `${by} pinned entry ${e.root}`;
    case "entry.unpinned":
      return `${by} took the pin off entry ${e.root}`;
    case "entry.noted":
      return `${by} noted entry ${e.root}`;
    case "audience.tightened":
      return `${by} tightened entry ${e.root}${e.marking ? ` to ${e.marking.tlp}` : ""}`;
    case "audience.widened":
      return `${by} widened entry ${e.root}${e.marking ? ` to ${e.marking.tlp}` : ""}: ${e.body.reason}`;
    case "audience.withheld":
      return `${by} withheld entry ${e.root} from guests`;
    case "audience.restored":
      return `${by} restored entry ${e.root}`;
    case "genesis":
      return "The log begins";
    case "room.host_called":
      return `${orgNamed(facts, e.body.org)} was called in because of the severity`;
    case "broadcast.approved":
      return `${by} approved broadcast ${e.root} to organisations: it goes out`;
    case "broadcast.sent_alone":
      return `${by} sent broadcast ${e.root} on one person’s word: ${e.body.reason}`;
    case "broadcast.refused":
      return `${by} refused broadcast ${e.root}: ${e.body.reason}`;
    case "broadcast.withdrawn":
      return `${by} withdrew broadcast ${e.root}: ${e.body.reason}`;
    case "broadcast.stopped":
      return `${by} stopped broadcast ${e.root}: ${e.body.reason}`;
    case "broadcast.reached":
      return reached(facts, e.root, e.body);
    case "escalation.accepted":
      return e.body.decision ? `${by} accepted escalation ${e.root}: decision ${e.body.decision}` : `${by} accepted escalation ${e.root}; a second person must too`;
    case "escalation.refused":
      return `${by} refused escalation ${e.root}: ${e.body.reason}`;
    case "escalation.withdrawn":
      return `${by} withdrew escalation ${e.root}: ${e.body.reason}`;
    case "escalation.advanced":
      return `No answer in time: escalation ${e.root} went to the next, number ${e.body.step} of those who are asked`;
    case "escalation.silent":
      return `Nobody answered escalation ${e.root}: both hosts are alarmed`;
    case "escalation.acted":
      return `${by} acted on escalation ${e.root} without approval, because ${e.body.because}`;
    case "clock.handed":
      return `${by} gave clock ${e.root} to ${e.body.owner ? memberCalled(facts, e.body.owner) : "whoever speaks for the organisation"}${via(e.body.via)}${e.body.reason ? `: ${e.body.reason}` : ""}`;
    case "clock.corrected":
      return `${by} corrected clock ${e.root}: aware from ${dateAndTime(e.body.aware)}${e.body.due ? `, so it ends at ${dateAndTime(e.body.due)}` : ""}${via(e.body.via)}. ${e.body.reason}`;
    case "clock.evidenced":
      return `${by} evidenced clock ${e.root}: done ${dateAndTime(e.body.done)}${e.body.late ? `, ${spanWords(e.body.late * 60_000)} late` : ", in time"}${e.body.reference ? `, reference ${e.body.reference}` : ""}${via(e.body.via)}${e.body.note ? `. ${e.body.note}` : ""}`;
    case "clock.withdrawn":
      return `${by} withdrew clock ${e.root}, it need not be told${via(e.body.via)}: ${e.body.reason}`;
    case "clock.reminded":
      return e.body.overdue ? `Clock ${e.root} is overdue, ${afterWords(e.body.after)} after they became aware` : `${afterWords(e.body.after)} have passed on clock ${e.root}`;
    case "clock.chased":
      return `${by} chased clock ${e.root}${e.body.text ? `: ${e.body.text}` : ""}`;
    case "escalation.stood_down":
      return `${by} stood escalation ${e.root} down: ${e.body.reason}`;
    case "cadence.set": {
      const of = rhythms.map((r) => `${rhythmPlural[r]} ${e.body[r] ? everyWords(e.body[r]) : "as the severity asks"}`);
      return `${by} set ${list(of)}: ${e.body.reason}`;
    }
    case "cadence.kept":
      return { meeting: "The meeting was held", sitrep: "The SITREP was filed", update: "The update was given" }[e.body.what];
    case "cadence.missed":
      return `Missed: the ${rhythmName[e.body.what]} due at ${timeOfDay(e.body.due)}`;
    case "cadence.put_off":
      return `${by} put the next meeting off until ${timeOfDay(e.body.until)}: ${e.body.reason}`;
    case "cadence.snoozed":
      return `${by} put the next update off until ${timeOfDay(e.body.until)}`;
    case "handover.accepted":
      return `${by} accepted handover ${e.root}`;
    case "handover.declined":
      return `${by} declined handover ${e.root}: ${e.body.reason}`;
    case "handover.withdrawn":
      return `${by} took handover ${e.root} back: ${e.body.reason}`;
    case "post.assigned":
      if (e.by.member === e.body.member) return `The post of ${postName[e.body.post].toLowerCase()} passes to ${memberCalled(facts, e.body.member)}`;
      return `${by} gave ${memberCalled(facts, e.body.member)} the post of ${postName[e.body.post].toLowerCase()}${e.body.deputy ? `, with ${memberCalled(facts, e.body.deputy)} as deputy` : ""}`;
    case "post.acknowledged":
      return `${by} took the post of ${postOf(e.root)}`;
    case "post.released":
      return `${by} ended the tenure of ${postOf(e.root)}`;
    case "post.assumed":
      return `${by} assumed command as ${postName[e.body.post].toLowerCase()}`;
    case "decision.taken":
      return `${memberCalled(facts, e.body.verdict.maker)} took the decision proposed in entry ${e.root}`;
    case "decision.added":
      return `${by} added to the record of decision ${e.root}`;
    case "decision.confirmed":
      return `${by} confirmed decision ${e.root}`;
    case "decision.disputed":
      return `${by} disputes decision ${e.root}: ${e.body.reason}`;
    case "decision.superseded":
      return `Decision ${e.root} is superseded by decision ${e.body.by}`;
    case "decision.reversed":
      return `Decision ${e.root} is reversed by decision ${e.body.by}`;
    case "decision.reviewed":
      return `${by} reviewed decision ${e.root}: ${e.body.finding}`;
    case "action.accepted":
      return `${by} accepted action ${e.root}`;
    case "action.declined":
      return `${by} declined action ${e.root}: ${e.body.reason}`;
    case "action.done":
      return `${by} says that action ${e.root} is done: ${e.body.evidence}`;
    case "action.handed":
      return `${by} handed action ${e.root} on to ${assigneeCalled(facts, e.body.for)}: ${e.body.reason}`;
    case "action.chased":
      return `${by} chased action ${e.root}${e.body.text ? `: ${e.body.text}` : ""}`;
    case "action.withdrawn":
      return `${by} withdrew action ${e.root}: ${e.body.reason}`;
    case "book.agreed": {
      const book = facts.books.find((b) => b.root === e.root);
      return `${by} confirmed how decisions are signalled${book ? ` in Log ${book.number}` : ""}`;
    }
    case "book.closed": {
      const book = facts.books.find((b) => b.root === e.root);
      const last = e.body.last < (book?.first ?? 1) ? "with no entry in it" : `after its entry ${e.body.last}`;
      return `${by} closed ${book ? `Log ${book.number}` : "the book"} ${last}`;
    }
    case "book.counted":
      return `The next line of the log is ${e.body.next}, after one was erased`;
    case "feed.opened":
      return `${by} let a machine of ${e.body.org} read intelligence by TAXII: ${e.body.name}`;
    case "feed.closed":
      if (e.body.why === "left") return `The machine's reading of entry ${e.root} ended: nobody of its organisation is here any more`;
      if (e.body.why === "closed") return `The machine's reading of entry ${e.root} ended with the room`;
      if (e.body.why === "section") return `The machine's reading of entry ${e.root} ended with the section before`;
      return `${by} ended the machine's reading of entry ${e.root}`;
    case "retention.set":
      return `${by} set the record to be kept for ${e.body.years} years after the room is closed`;
    case "hold.placed":
      return `${by} put the record on hold (${e.body.reference}): ${e.body.reason}`;
    case "hold.lifted":
      return `${by} lifted the hold of entry ${e.root}: ${e.body.reason}`;
    case "erasure.agreed":
      return `${by} agreed to the erasure asked for in entry ${e.root}`;
    case "erasure.refused":
      return `${by} refused the erasure asked for in entry ${e.root}: ${e.body.reason}`;
    case "erasure.dropped":
      return `${by} took back the question of entry ${e.root}: nothing is erased`;
    case "entry.erased":
      return `Erased from entry ${e.body.entry}: ${whatOf(e.body.slots)}, on the ground: ${groundName[e.body.ground].toLowerCase()}`;
    case "logentry.corrected":
      return `${by} corrected entry ${e.root}`;
    case "sitrep.corrected":
      return `${by} corrected the SITREP of entry ${e.root}: ${e.body.reason}`;
    case "item.corrected":
      return `${by} corrected the intelligence of entry ${e.root}`;
    case "item.merged":
      return `${by} merged entry ${e.body.other} into entry ${e.root}: its sources are kept`;
    case "item.absorbed":
      return `Entry ${e.root} goes on in entry ${e.body.into}`;
    case "entry.recalled":
      return `${by} recalled entry ${e.root}: ${e.body.reason}`;
    case "decision.shaken":
      return `Entry ${e.body.entry}, which decision ${e.root} cites, was recalled after it`;
    case "release.answered":
      return `${by} ${e.body.granted ? "agreed to what entry" : "did not agree to what entry"} ${e.root} asks${e.body.why ? `: ${e.body.why}` : ""}`;
    case "export.requested": {
      const { from, to, recipient } = e.body;
      const range = from === to ? `entry ${from}` : `entries ${from} to ${to}`;
      return `${by} asked for ${range} to be exported for ${recipient.name}, ${recipient.organisation}: ${e.body.purpose}`;
    }
    case "export.agreed":
      return `${by} agreed to export ${e.root}`;
    case "export.refused":
      return `${by} refused export ${e.root}: ${e.body.reason}`;
    case "export.redacted": {
      const out = e.body.redactions?.length ?? 0;
      const back = e.body.drop?.length ?? 0;
      const parts = [out ? `proposed ${plural(out, "redaction")}` : "", back ? `took back ${plural(back, "redaction")}` : ""].filter((s) => s !== "");
      return `${by} ${parts.join(" and ")} for export ${e.root}`;
    }
    case "export.answered": {
      const said = { release: "released", redact: "released in part", withhold: "withheld" }[e.body.answer] ?? "answered for";
      return `${by} ${said} ${e.body.entries.length === 1 ? "entry" : "entries"} ${e.body.entries.join(", ")} for export ${e.root}`;
    }
    case "export.approved":
      return `${by} approved export ${e.root}: it may be downloaded until its time has passed`;
    case "export.withdrawn":
      return `${by} withdrew export ${e.root}: ${e.body.reason}`;
    case "severity.assessed":
    case "severity.reassessed":
    case "severity.lowering_asked":
    case "severity.lowering_agreed":
    case "severity.lowering_refused":
    case "severity.lowering_dropped":
    case "severity.reasoned":
    case "post.reasoned":
    case "decision.proposed":
    case "decision.recorded":
    case "escalation.requested":
    case "clock.started":
    case "ministers.briefed":
    case "meeting.held":
    case "sitrep.filed":
    case "update.given":
    case "update.requested":
    case "handover.signed":
    case "broadcast.asked":
    case "action.raised":
    case "book.opened":
    case "logentry.written":
    case "item.published":
    case "tearline.published":
    case "sighting.marked":
    case "release.requested":
    case "message.posted":
    case "entry.promoted":
    case "promotion.asked":
    case "report.given":
    case "report.brought":
    case "inject.given":
    case "erasure.asked":
      return null;
  }
}

// What an envelope of a standing kind says: what happened, not to whom.
const sealedMember: Record<string, string> = {
  "member.invited": "Someone was invited",
  "member.proposed": "Someone was proposed",
  "member.admitted": "A proposal was admitted",
  "member.declined": "A proposal was declined",
  "member.asked": "Someone asked to be let in",
  "member.vouched": "Someone was let in",
  "member.joined": "A member joined",
  "member.accepted": "A member accepted the handling rules",
  "member.changed": "A member’s role changed",
  "member.tiered": "A member was put at another tier",
  "member.granted": "A member was given sight of earlier entries",
  "member.withdrawn": "An invitation was withdrawn",
  "member.left": "A member left",
  "member.removed": "A member was removed",
};

/** The sentence for an envelope about a member whose name is not for this reader. */
export function sealedSentence(e: Extract<Entry, { form: "envelope" }>, facts: Facts): string | null {
  const base = sealedMember[e.kind];
  if (base === undefined) return null;
  if (e.kind !== "member.joined" && e.kind !== "member.left" && e.kind !== "member.accepted") return base;
  const org = facts.members.find((m) => m.org === e.by.org && m.orgName !== "")?.orgName ?? e.by.org;
  const role = e.by.role ? roleName[e.by.role].toLowerCase() : "";
  const from = org ? base.replace("A member", `A member of ${org}`) : base;
  return e.kind === "member.joined" && role !== "" && !hostRoles.includes(e.by.role ?? "observer") ? `${from} as ${role}` : from;
}

/** What a run of entries that are not for this reader is called. */
export function stubSentence(from: number, to: number): string {
  return from === to ? `Entry ${from} is not addressed to you` : `Entries ${from}–${to} are not addressed to you`;
}
