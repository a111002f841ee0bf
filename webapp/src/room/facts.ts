// The fold of a room's standing facts, as one viewer may see them:
// foldFacts(snapshot at S, entries S+1 … T) is the snapshot at T.
import type { Facts, KnownEntry, MemberFacts, PinFacts, Seq, VisibleEntry } from "../protocol/types";
import { foldBooks } from "./book";
import { foldCadence, retimed } from "./cadence";
import { foldErasure } from "./erasure";
import { foldPosts } from "./post";
import { nextMember, shown } from "./members";
import { foldAssessments } from "./severity";

/** The facts after one more visible entry. */
export function foldFacts(facts: Facts, e: VisibleEntry): Facts {
  if (e.kind.startsWith("member.")) return foldMember(facts, e);
  if (e.kind === "entry.pinned") return pin(facts, { root: e.root, by: e.by.member ?? 0, at: shown(e.times) });
  if (e.kind === "entry.unpinned") return unpin(facts, e.root);
  if (e.form === "envelope" || e.unknown) return e.erased && e.kind.startsWith("report.") && (e.kind === "report.given" || facts.report?.root === e.root) ? { ...facts, report: null } : facts;
  return foldOpen(facts, e);
}

function foldOpen(facts: Facts, e: KnownEntry): Facts {
  const { room } = facts;
  switch (e.kind) {
    case "room.opened": {
      const { assessors, cell, hosts, mode, reference, roster, tlp, title } = e.body;
      return {
        ...facts,
        room: { ...room, assessors: assessors ?? [], cell: cell ?? null, hosts, mode, reference, roster, tlp, title, opened: e.times.recorded, lifecycle: "open", section: 1 },
      };
    }
    case "room.titled":
      return { ...facts, room: { ...room, title: e.body.title } };
    case "room.moved":
      return retimed({ ...facts, room: { ...room, lifecycle: e.body.to, ended: e.body.to === "closed" ? e.times.recorded : null } }, e.times.recorded);
    case "room.reopened":
      return retimed({ ...facts, room: { ...room, lifecycle: "open", section: e.body.section, ended: null } }, e.times.recorded);
    case "section.begun": {
      const { log, state, size, held } = e.body.break;
      return { ...facts, room: { ...room, section: e.body.section, earlier: { log, state, size, held, judged: [] } } };
    }
    case "section.judged": {
      if (!room.earlier) return facts;
      const org = e.by.org ?? "";
      const judged = [...room.earlier.judged.filter((j) => j.org !== org), { at: shown(e.times), by: e.by.member ?? 0, org, verdict: e.body.verdict }];
      return { ...facts, room: { ...room, earlier: { ...room.earlier, judged } } };
    }
    case "clock.set":
      return {
        ...facts,
        room: { ...room, clock: { exercise: e.body.at, factor: e.body.factor, paused: e.body.paused, set: e.times.recorded, seq: e.seq } },
      };
    case "rules.set":
      return { ...facts, rules: { root: e.root, seq: e.seq, version: e.body.version, lines: e.body.lines } };
    case "brief.set":
      return {
        ...facts,
        brief: { root: e.root, seq: e.seq, version: e.body.version, by: e.by, at: shown(e.times), lines: e.body.lines },
      };
    case "report.given":
    case "report.updated":
      return foldReport(facts, e);
    case "room.host_called": {
      const { org } = e.body;
      return room.called.includes(org) ? facts : { ...facts, room: { ...room, called: [...room.called, org] } };
    }
    case "severity.assessed":
    case "severity.reassessed":
    case "severity.lowering_asked":
    case "severity.lowering_agreed":
    case "severity.lowering_refused":
    case "severity.lowering_dropped":
      return retimed({ ...facts, assessments: foldAssessments(facts.assessments, e) }, e.times.recorded);
    case "book.opened":
    case "book.agreed":
    case "book.closed":
      return { ...facts, books: foldBooks(facts.books, e) };
    case "retention.set":
    case "hold.placed":
    case "hold.lifted":
    case "erasure.asked":
    case "erasure.agreed":
    case "erasure.refused":
    case "erasure.dropped":
    case "entry.erased":
      return foldErasure(facts, e);
    case "post.assigned":
    case "post.assumed":
    case "post.acknowledged":
    case "post.released":
      return { ...facts, posts: foldPosts(facts.posts, e) };
    case "cadence.set":
    case "cadence.kept":
    case "cadence.missed":
    case "cadence.put_off":
    case "cadence.snoozed":
      return foldCadence(facts, e);
    case "meeting.held":
    case "sitrep.filed":
    case "sitrep.corrected":
    case "update.given":
    case "update.requested":
    case "handover.signed":
    case "handover.accepted":
    case "handover.declined":
    case "handover.withdrawn":
    case "broadcast.asked":
    case "broadcast.approved":
    case "broadcast.sent_alone":
    case "broadcast.refused":
    case "broadcast.withdrawn":
    case "broadcast.stopped":
    case "broadcast.reached":
    case "escalation.requested":
    case "escalation.accepted":
    case "escalation.refused":
    case "escalation.withdrawn":
    case "escalation.advanced":
    case "escalation.silent":
    case "escalation.acted":
    case "escalation.stood_down":
    case "clock.started":
    case "clock.handed":
    case "clock.corrected":
    case "clock.evidenced":
    case "clock.withdrawn":
    case "clock.reminded":
    case "clock.chased":
    case "ministers.briefed":
    case "report.brought":
    case "room.linked":
    case "room.unlinked":
    case "book.counted":
    case "genesis":
    case "inject.given":
    case "message.posted":
    case "message.corrected":
    case "message.attributed":
    case "promotion.asked":
    case "promotion.agreed":
    case "promotion.refused":
    case "entry.promoted":
    case "entry.noted":
    case "entry.pinned":
    case "entry.unpinned":
    case "audience.tightened":
    case "audience.widened":
    case "audience.withheld":
    case "audience.restored":
    case "member.invited":
    case "member.proposed":
    case "member.admitted":
    case "member.declined":
    case "member.asked":
    case "member.vouched":
    case "member.joined":
    case "member.accepted":
    case "member.changed":
    case "member.granted":
    case "member.withdrawn":
    case "member.left":
    case "member.removed":
    case "member.tiered":
    case "severity.reasoned":
    case "post.reasoned":
    case "decision.proposed":
    case "decision.recorded":
    case "decision.taken":
    case "decision.added":
    case "decision.confirmed":
    case "decision.disputed":
    case "decision.superseded":
    case "decision.reversed":
    case "decision.reviewed":
    case "action.raised":
    case "action.accepted":
    case "action.declined":
    case "action.done":
    case "action.handed":
    case "action.chased":
    case "action.withdrawn":
    case "logentry.written":
    case "logentry.corrected":
    case "item.published":
    case "item.corrected":
    case "item.merged":
    case "item.absorbed":
    case "tearline.published":
    case "sighting.marked":
    case "entry.recalled":
    case "decision.shaken":
    case "release.requested":
    case "release.answered":
    case "export.requested":
    case "export.agreed":
    case "export.refused":
    case "export.redacted":
    case "export.answered":
    case "export.approved":
    case "export.withdrawn":
    case "feed.opened":
    case "feed.closed":
      return facts; // boards and the timeline fold these as objects
    default:
      return unreachable(e);
  }
}

function unreachable(e: never): never {
  throw new Error(`room: a kind without a rule: ${(e as { kind: string }).kind}`);
}

function foldReport(facts: Facts, e: KnownEntry & { kind: "report.given" | "report.updated" }): Facts {
  // Where what it updates was erased there is no report, and whoever sees the update saw that.
  if (e.kind === "report.updated" && facts.report && facts.report.root !== e.root) return facts;
  return { ...facts, report: { root: e.root, seq: e.seq, by: e.by, at: shown(e.times), methane: e.body.methane } };
}

function foldMember(facts: Facts, e: VisibleEntry): Facts {
  const old = facts.members.find((m) => m.root === e.root);
  const next = nextMember(old, e, facts.room.hosts);
  if (!next) return facts;
  return { ...facts, members: old ? facts.members.map((m) => (m === old ? next : m)) : inOrder([...facts.members, next]) };
}

function inOrder(members: readonly MemberFacts[]): readonly MemberFacts[] {
  return members.toSorted((a, b) => a.root - b.root);
}

function pin(facts: Facts, p: PinFacts): Facts {
  if (facts.pins.some((q) => q.root === p.root)) return facts;
  // Instants all have the same form, so their texts sort as they do.
  const pins = [...facts.pins, p].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.root - b.root));
  return { ...facts, pins };
}

function unpin(facts: Facts, root: Seq): Facts {
  return facts.pins.some((p) => p.root === root) ? { ...facts, pins: facts.pins.filter((p) => p.root !== root) } : facts;
}

/** The facts without anything that rests on this root: it was taken from sight. */
export function withoutRoot(facts: Facts, root: Seq): Facts {
  const next = unpin(facts, root);
  return {
    ...next,
    report: next.report?.root === root ? null : next.report,
    members: next.members.some((m) => m.root === root) ? next.members.filter((m) => m.root !== root) : next.members,
    books: next.books.some((b) => b.root === root) ? next.books.filter((b) => b.root !== root) : next.books,
  };
}

/** The facts once this root's events, all of them, are in sight in the form they have here. */
export function withRoot(facts: Facts, root: Seq, events: readonly VisibleEntry[]): Facts {
  const newer = facts.report && facts.report.root > root ? facts.report : null;
  let next = withoutRoot(facts, root);
  for (const e of events) {
    // Standing facts other than members are never out of sight, so an older one must not come back over a newer.
    if (/^(member|report|entry|book)\./.test(e.kind)) next = foldFacts(next, e);
  }
  return newer ? { ...next, report: newer } : next;
}
