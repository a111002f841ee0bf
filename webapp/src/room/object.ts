// The fold of one root's events: what one message, report or brief is now,
// and everything it has been.
import type { Marking, Seq, VisibleEntry } from "../protocol/types";
import { foldAction } from "./action";
import { foldLine } from "./book";
import { foldDecision } from "./decision";
import { foldBroadcast } from "./broadcast";
import { foldEscalation } from "./escalation";
import { foldStatutory } from "./statutory";
import { isErased } from "./erasure";
import { foldHandover } from "./handover";
import { foldItem, foldRelease, foldSighting, foldTearLine } from "./item";
import { foldMeeting } from "./meeting";
import { foldAssessments } from "./severity";
import type { Noted, Recall, RecordObject, ReportVersion, RoomObject, Version } from "./state";

/** Folds the visible events about a root; undefined for none. They must be in order. */
export function foldObject(root: Seq, events: readonly VisibleEntry[]): RoomObject | undefined {
  const first = events[0];
  if (!first) return undefined;
  let marking: Marking | null = null;
  let before: Marking | null = null;
  let withheld = false;
  let consent: RoomObject["consent"] = null;
  let pinned = false;
  let sealed = false;
  let recalled: Recall | null = null;
  const versions: Version[] = [];
  const reports: ReportVersion[] = [];
  const noted: Noted[] = [];
  for (const e of events) {
    const known = e.form === "open" && !e.unknown ? e : null;
    if (e.form === "envelope" && !e.erased && bodied.has(e.kind)) sealed = true;
    const at = e.times.recorded;
    switch (e.kind) {
      case "message.posted":
      case "message.corrected": {
        const body = known?.kind === "message.posted" || known?.kind === "message.corrected" ? known.body : null;
        versions.push({ seq: e.seq, by: e.by, at, text: body?.text ?? null, mentions: body?.mentions ?? [] });
        break;
      }
      case "report.given":
      case "report.updated": {
        const body = known?.kind === "report.given" || known?.kind === "report.updated" ? known.body : null;
        reports.push({ seq: e.seq, by: e.by, at, methane: body?.methane ?? null });
        break;
      }
      case "entry.noted": {
        const member = e.by.member ?? 0;
        if (!noted.some((n) => n.member === member)) noted.push({ member, at, seq: e.seq });
        break;
      }
      case "entry.pinned":
        pinned = true;
        break;
      case "entry.unpinned":
        pinned = false;
        break;
      case "promotion.agreed":
        consent = "agreed";
        break;
      case "promotion.refused":
        consent = "refused";
        break;
      case "entry.recalled":
        recalled = { seq: e.seq, by: e.by, at, reason: known?.kind === "entry.recalled" ? known.body.reason : "" };
        withheld = false;
        before = null;
        break;
      case "audience.withheld":
        withheld = true;
        before = marking;
        break;
      case "audience.restored":
        withheld = false;
        before = null;
        break;
    }
    if (e.marking) marking = e.marking;
  }
  return {
    root, kind: first.seq === root ? first.kind : "", events, by: first.seq === root ? first.by : null, marking, before, withheld, versions,
    reports, noted, consent, pinned, sealed, recalled, erased: first.seq === root && isErased(first), record: recordOf(first.seq === root ? first.kind : "", events),
  };
}

/** What the object is in the incident's record; null if it is none, or not readable here. */
function recordOf(kind: string, events: readonly VisibleEntry[]): RecordObject | null {
  switch (kind) {
    case "decision.proposed":
    case "decision.recorded":
      return foldDecision(events);
    case "action.raised":
      return foldAction(events);
    case "escalation.requested":
      return foldEscalation(events);
    case "clock.started":
      return foldStatutory(events);
    case "meeting.held":
    case "sitrep.filed":
    case "update.given":
    case "update.requested":
    case "cadence.missed":
      return foldMeeting(events);
    case "handover.signed":
      return foldHandover(events);
    case "broadcast.asked":
      return foldBroadcast(events);
    case "logentry.written":
      return foldLine(events);
    case "item.published":
      return foldItem(events);
    case "tearline.published":
      return foldTearLine(events);
    case "sighting.marked":
      return foldSighting(events);
    case "release.requested":
      return foldRelease(events);
    case "severity.assessed": {
      const all = events.reduce<ReturnType<typeof foldAssessments>>((a, e) => (e.form === "open" && !e.unknown ? foldAssessments(a, e) : a), []);
      return all[0] ? { noun: "severity", ...all[0] } : null;
    }
    default:
      return null;
  }
}

/** Kinds whose body holds content worth opening. */
/** Entries about the object that hold something worth erasing and can be erased: its root first. */
export function erasable(object: RoomObject): readonly Seq[] {
  return object.events.filter((e) => bodied.has(e.kind) && e.kind !== "book.opened" && !isErased(e)).map((e) => e.seq);
}

const bodied: ReadonlySet<string> = new Set([
  "message.posted", "message.corrected", "report.given", "report.updated", "inject.given", "severity.reasoned", "post.reasoned", "decision.proposed",
  "decision.recorded", "decision.taken", "decision.added", "decision.disputed", "decision.reviewed", "action.raised", "action.declined",
  "action.done", "action.handed", "action.chased", "action.withdrawn", "book.opened", "logentry.written", "logentry.corrected",
  "item.published", "item.corrected", "item.merged", "tearline.published", "sighting.marked", "release.requested",
  "promotion.asked", "promotion.agreed", "entry.promoted",
  "meeting.held", "sitrep.filed", "sitrep.corrected", "update.given", "handover.signed", "handover.declined", "handover.withdrawn",
  "escalation.requested", "escalation.accepted", "escalation.refused", "escalation.withdrawn", "escalation.acted", "escalation.stood_down",
  "clock.started", "clock.handed", "clock.corrected", "clock.evidenced", "clock.withdrawn", "clock.chased", "ministers.briefed",
  "broadcast.asked", "broadcast.sent_alone", "broadcast.refused", "broadcast.withdrawn", "broadcast.stopped",
]);
