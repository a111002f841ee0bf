// What the auditor's desk answers, and checking it at the border.
import { parseFragment, parseFragments } from "./fragment";
import { count, expect, flag, isRecord, listOf, maybe, shape, text } from "./guard";
import type { Grade, Instant, Kind, Lifecycle, MemberNo, OrgID, Received, Role, RoomID, Scale, Seq, TLP } from "./types";

export interface DeskRoom {
  readonly room: RoomID;
  readonly reference: string;
  readonly title: string;
  readonly mode: "incident" | "exercise";
  readonly lifecycle: Lifecycle;
  readonly opened: Instant;
  readonly head: Seq;
  /** It has a clock of its own. */
  readonly clock: boolean;
}
/** An organisation as it is today. */
export interface DeskOrganisation {
  readonly code: OrgID;
  readonly name: string;
  readonly closed: boolean;
  readonly successor?: OrgID;
  readonly successorName?: string;
}
export interface DeskRooms {
  readonly rooms: readonly DeskRoom[];
  readonly organisations: readonly DeskOrganisation[];
}
export interface TimelineQuery {
  readonly rooms: readonly RoomID[];
  readonly kinds: readonly string[];
  /** A room and a member's number in it, with a full stop between. */
  readonly person: string;
  readonly org: OrgID;
  readonly tlp: string;
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly by: "recorded" | "happened";
  readonly order: "oldest" | "newest";
}
/** An entry, or a run of entries that the reader may not see. */
export interface DeskLine {
  readonly room: RoomID;
  readonly from: Seq;
  readonly to: Seq;
  readonly entry: Received | null;
  readonly tlp: TLP | null;
}
export interface TimelinePage {
  readonly lines: readonly DeskLine[];
  readonly scanned: number;
  readonly next: string | null;
}
export type Link = "itself" | "supersedes" | "superseded" | "reverses" | "reversed" | "from" | "carries-out" | "relied";
export interface RelatedObject {
  readonly root: Seq;
  readonly link: Link;
  readonly of: Seq;
  /** None: the reader may not see it. */
  readonly entries: readonly Received[];
}
export type When = "by" | "about" | "after";
export interface KnownFact {
  readonly from: Seq;
  readonly to: Seq;
  readonly entry: Received | null;
  readonly could: "open" | "envelope" | "nothing" | "unknown" | null;
  readonly given: { readonly since: Instant; readonly at: Instant; readonly how: "live" | "page" | "object"; readonly form: "open" | "envelope" | "unknown"; readonly when: When } | null;
  readonly opened: { readonly at: Instant; readonly when: When } | null;
  /** They took it out in a file, or the machine `feed` of their organisation was given it. */
  readonly taken: { readonly at: Instant; readonly when: When; readonly feed?: string } | null;
}
export interface Known {
  /** The newest entry at the moment; 0: there was none. */
  readonly at: Seq;
  readonly moment: Instant;
  readonly rules: { readonly version: number; readonly since: Instant | null; readonly here: number; readonly applied: boolean };
  readonly member: { readonly number: MemberNo; readonly role: Role; readonly host: boolean; readonly start: Seq } | null;
  readonly state: Instant | null;
  readonly facts: readonly KnownFact[];
  readonly before: Seq | null;
}
export interface AccessLine {
  readonly seq: Seq;
  readonly kind: Kind | string;
  readonly member: MemberNo;
  readonly at: Instant;
  readonly entry: Seq;
  readonly why?: string;
  /** Which attachment was taken. */
  readonly file?: number;
  readonly sees: boolean;
  /** Of a bundle that was taken. */
  readonly sha256?: string;
  /** It was given to a machine: what that is for, and whose it is. Then member is 0. */
  readonly feed?: string;
  readonly org?: OrgID;
  readonly orgName?: string;
}
export interface GapRow {
  readonly lack: string;
  readonly root?: Seq;
  readonly due?: Instant;
  readonly on?: readonly { readonly entry: Seq; readonly changed: string }[];
  readonly role?: Role;
  readonly org?: OrgID;
}
export interface RoomGaps {
  readonly room: RoomID;
  readonly gaps: readonly GapRow[];
  readonly entries: readonly Received[];
  readonly more: boolean;
}
export interface ChartStep {
  readonly seq: Seq;
  readonly at: Instant;
  readonly org: OrgID;
  readonly scale: Scale;
  readonly grade: Grade;
  readonly ended: boolean;
}
export interface Chart {
  readonly from: Instant;
  readonly to: Instant;
  /** Seconds that a bucket is of. */
  readonly step: number;
  readonly buckets: readonly { readonly at: Instant; readonly entries: number }[];
  readonly severity: readonly ChartStep[];
  readonly organisations: readonly { readonly org: OrgID; readonly name: string; readonly joined: Instant; readonly ended?: Instant }[];
  readonly exercise: boolean;
  readonly clock: boolean;
}

const list = (v: unknown, field: string): readonly Record<string, unknown>[] => expect(listOf(isRecord), isRecord(v) ? v[field] : null, field) as readonly Record<string, unknown>[];
const received = (v: unknown): Received | null => (v === undefined || v === null ? null : parseFragment(v));

export const readDeskRooms = (v: unknown): DeskRooms => {
  list(v, "rooms").forEach((r) => expect(shape({ room: text, reference: text, title: text, head: count, clock: flag }), r, "desk room"));
  list(v, "organisations").forEach((o) => expect(shape({ code: text, name: text, closed: flag }), o, "desk organisation"));
  return v as DeskRooms;
};

export const readTimeline = (v: unknown): TimelinePage => ({
  lines: list(v, "lines").map((l) => {
    expect(shape({ room: text, from: count, to: count }), l, "timeline");
    return { ...(l as unknown as DeskLine), entry: received(l["entry"]), tlp: (l["tlp"] as TLP | undefined) ?? null };
  }),
  scanned: (v as { scanned: number }).scanned,
  next: (v as { next?: string }).next ?? null,
});

export const readHistory = (v: unknown): readonly RelatedObject[] =>
  list(v, "objects").map((o) => {
    expect(shape({ root: count, link: text, of: count }), o, "history");
    return { ...(o as unknown as RelatedObject), entries: parseFragments(o["entries"]) };
  });

export const readKnown = (v: unknown): Known => {
  const k = expect(shape({ at: count, moment: text, rules: shape({ version: count, here: count, applied: flag }) }), v, "known") as unknown as Partial<Known> & Known;
  return {
    ...k,
    rules: { ...k.rules, since: k.rules.since ?? null },
    member: k.member ?? null,
    state: k.state ?? null,
    before: k.before ?? null,
    facts: list(v, "facts").map((f) => {
      expect(shape({ from: count, to: count }), f, "fact");
      const fact = f as unknown as KnownFact;
      return { ...fact, entry: received(f["entry"]), could: fact.could ?? null, given: fact.given ?? null, opened: fact.opened ?? null, taken: fact.taken ?? null };
    }),
  };
};

export const readAccess = (v: unknown): { lines: readonly AccessLine[]; before: Seq | null } => {
  list(v, "lines").forEach((l) => expect(shape({ seq: count, kind: text, member: count, at: text, entry: count, sees: flag, sha256: maybe(text), feed: maybe(text), orgName: maybe(text) }), l, "access"));
  return { lines: (v as { lines: readonly AccessLine[] }).lines, before: (v as { before?: Seq }).before ?? null };
};

export const readGaps = (v: unknown): readonly RoomGaps[] =>
  list(v, "rooms").map((r) => {
    expect(shape({ room: text, gaps: listOf(isRecord), more: flag }), r, "gaps");
    return { ...(r as unknown as RoomGaps), entries: parseFragments(r["entries"]) };
  });

export const readChart = (v: unknown): Chart => {
  expect(shape({ from: text, to: text, step: count, buckets: listOf(isRecord), severity: listOf(isRecord), organisations: listOf(isRecord), exercise: flag, clock: flag }), v, "chart");
  return v as Chart;
};
