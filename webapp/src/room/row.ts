// The rows a timeline is drawn from.
import type { Entry, Instant, MemberNo, OrgID, OrgType, Role, Seq, VisibleEntry } from "../protocol/types";
import type { Quoted } from "./select";
import type { RoomObject } from "./state";

/** Who wrote an entry: name and organisation as they were at joining, role as it was at writing. */
export interface Author {
  readonly member: MemberNo;
  /** "" when this viewer may not know it: show M-7 and the organisation. */
  readonly name: string;
  readonly org: OrgID | "";
  readonly orgName: string;
  readonly role: Role | "";
  readonly host: boolean;
  /** Of a veiled message: of what type its author's organisation is, which is all that it says; else "". */
  readonly veiled: OrgType | "";
  /** The house itself acted. */
  readonly system: boolean;
}

/** What an entry answers. excerpt is null when it is not visible or not loaded: only the number may be shown. */
export interface Reply {
  readonly seq: Seq;
  readonly excerpt: string | null;
  readonly author: Author | null;
}

export interface EntryRow {
  readonly type: "entry";
  readonly key: string;
  readonly seq: Seq;
  readonly entry: VisibleEntry;
  readonly object: RoomObject;
  readonly author: Author;
  readonly reply: Reply | null;
  readonly quotes: readonly Quoted[];
  readonly mentionsMe: boolean;
  readonly mine: boolean;
  readonly unread: boolean;
}
export interface AboutRow {
  readonly type: "about";
  readonly key: string;
  readonly seq: Seq;
  readonly root: Seq;
  readonly entry: VisibleEntry;
  readonly author: Author;
  readonly mine: boolean;
  readonly unread: boolean;
}
export interface NotedRow {
  readonly type: "noted";
  readonly key: string;
  readonly from: Seq;
  readonly to: Seq;
  /** The one entry all of them note; null if they note several. */
  readonly root: Seq | null;
  readonly members: readonly MemberNo[];
}
export interface StubsRow {
  readonly type: "stubs";
  readonly key: string;
  readonly from: Seq;
  readonly to: Seq;
}
export interface GapRow {
  readonly type: "gap";
  readonly key: string;
  readonly from: Seq;
  readonly to: Seq;
}
export interface DayRow {
  readonly type: "day";
  readonly key: string;
  readonly at: Instant;
}
export interface UnreadRow {
  readonly type: "unread";
  readonly key: string;
}
export type Row = EntryRow | AboutRow | NotedRow | StubsRow | GapRow | DayRow | UnreadRow;

const about: ReadonlySet<string> = new Set([
  "message.corrected", "report.updated", "entry.pinned", "entry.unpinned", "audience.tightened", "audience.widened", "audience.withheld",
  "audience.restored", "decision.taken", "decision.added", "decision.confirmed", "decision.disputed", "decision.superseded", "decision.reversed",
  "decision.reviewed", "action.accepted", "action.declined", "action.done", "action.handed", "action.chased", "action.withdrawn", "book.agreed",
  "book.closed", "book.counted", "logentry.corrected", "sitrep.corrected", "hold.lifted", "erasure.agreed", "erasure.refused", "erasure.dropped", "promotion.agreed", "promotion.refused", "export.agreed", "export.refused", "export.redacted", "export.answered", "export.approved", "export.withdrawn",
  "item.corrected", "item.merged", "item.absorbed", "entry.recalled", "decision.shaken", "release.answered",
  "escalation.accepted", "escalation.refused", "escalation.withdrawn", "escalation.advanced", "escalation.silent", "escalation.acted", "escalation.stood_down", "post.acknowledged", "post.released",
  "clock.handed", "clock.corrected", "clock.evidenced", "clock.withdrawn", "clock.reminded", "clock.chased",
  "broadcast.approved", "broadcast.sent_alone", "broadcast.refused", "broadcast.withdrawn", "broadcast.stopped", "broadcast.reached",
]);

/** Which row an entry stands in. */
export function rowTypeOf(entry: Entry): "stubs" | "noted" | "about" | "entry" {
  if (entry.form === "stub") return "stubs";
  if (entry.kind === "entry.noted") return "noted";
  return about.has(entry.kind) ? "about" : "entry";
}
