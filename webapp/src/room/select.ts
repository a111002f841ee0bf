// Questions about a room's state. Nothing here is stored, and nothing reads a
// clock.
import type { Quote } from "../protocol/intel";
import type { By, Entry, Facts, Instant, MemberFacts, MemberNo, PinFacts, Seq, TLP } from "../protocol/types";
import type { Author, Reply } from "./row";
import type { RoomObject, RoomState } from "./state";

export function memberByNumber(facts: Facts, number: MemberNo): MemberFacts | undefined {
  return number === 0 ? undefined : facts.members.find((m) => m.number === number);
}

/** This viewer's own membership. */
export function you(facts: Facts): MemberFacts | undefined {
  return memberByNumber(facts, facts.you);
}

/** Whether one is here for a host. */
export function isHost(facts: Facts): boolean {
  return you(facts)?.host ?? false;
}

/** Members in the room now: hosts first, then by organisation and name. */
export function membersPresent(facts: Facts): readonly MemberFacts[] {
  return facts.members
    .filter((m) => m.state === "joined")
    .toSorted((a, b) => Number(b.host) - Number(a.host) || order(a.orgName || a.org, b.orgName || b.org) || order(a.name, b.name) || a.number - b.number);
}

/** Memberships on their way in: proposed, invited, asked, vouched; those that wait for a lead first. */
export function membersWaiting(facts: Facts): readonly MemberFacts[] {
  const rank: Readonly<Record<string, number>> = { asked: 0, proposed: 1, vouched: 2, invited: 3 };
  return facts.members
    .filter((m) => m.state in rank)
    .toSorted((a, b) => (rank[a.state] ?? 9) - (rank[b.state] ?? 9) || a.root - b.root);
}

/** Those who may act as a lead now. */
export function leads(facts: Facts): readonly MemberFacts[] {
  return membersPresent(facts).filter(isLead);
}

export function isLead(m: MemberFacts | undefined): boolean {
  return m?.state === "joined" && m.host && (m.role === "lead" || m.role === "deputy");
}

/** Whether the viewer must accept a newer version of the handling rules before doing anything else. */
export function mustAcceptRules(facts: Facts): boolean {
  return facts.rules !== null && (you(facts)?.rules ?? 0) < facts.rules.version;
}

/** Who acted, named as at joining. */
export function authorOf(facts: Facts, by: By): Author {
  const number = by.member ?? 0;
  const m = memberByNumber(facts, number);
  const org = by.org ?? m?.org ?? "";
  return {
    member: number,
    name: m?.name ?? "",
    org,
    orgName: m && m.org === org ? m.orgName : "",
    role: by.role ?? m?.role ?? "",
    host: org !== "" && facts.room.hosts.includes(org),
    veiled: number === 0 ? (by.orgType ?? "") : "",
    system: number === 0 && !by.person && !by.orgType,
  };
}

/** The room's pins with what they point at, as far as it is loaded; newest first. */
export function pinned(state: RoomState): readonly { readonly pin: PinFacts; readonly object: RoomObject | null }[] {
  return (state.facts?.pins ?? []).map((pin) => ({ pin, object: state.objects.get(pin.root) ?? null })).toReversed();
}

export function entryAt(state: RoomState, seq: Seq): Entry | undefined {
  return state.entries.get(seq)?.entry;
}

/** The object an entry is about. */
export function objectOf(state: RoomState, seq: Seq): RoomObject | undefined {
  const entry = entryAt(state, seq);
  return entry && entry.form !== "stub" ? state.objects.get(entry.root) : undefined;
}

/** The newest wording of a message; null while sealed or if it is none. */
export function textOf(object: RoomObject): string | null {
  return object.versions.at(-1)?.text ?? null;
}

/** Whether the object's newest wording mentions the member. */
export function mentions(object: RoomObject, member: MemberNo): boolean {
  return object.versions.at(-1)?.mentions.includes(member) ?? false;
}

/** Words of another entry, as far as they are in this viewer's sight. */
export interface Quoted {
  /** The entry that holds them, and what it is about. */
  readonly entry: Seq;
  readonly root: Seq;
  readonly from: number;
  readonly to: number;
  /** null while they are not here. */
  readonly text: string | null;
  /** Why not: to be opened first, not loaded, erased, or not for this viewer. */
  readonly lacks: "" | "sealed" | "unloaded" | "erased" | "hidden";
  readonly tlp: TLP | null;
  readonly author: Author | null;
}

const utf8 = new TextEncoder();

/** The text of an entry of which a part can be quoted; null for what holds none. */
export function quotableText(entry: Entry | undefined): string | null {
  if (entry?.form !== "open" || entry.unknown) return null;
  switch (entry.kind) {
    case "message.posted":
    case "message.corrected":
    case "item.published":
    case "item.corrected":
      return entry.body.text;
    default:
      return null;
  }
}

/** The newest entry of an object whose words can be quoted. */
export function quotable(object: RoomObject): Entry | undefined {
  return object.events.findLast((e) => quotableText(e) !== null);
}

/** A part of a text, between two of its characters, as bytes: what a quote says. */
export function quoteOf(entry: Seq, text: string, start: number, end: number): Quote {
  const bytes = (n: number) => utf8.encode(text.slice(0, n)).length;
  return { entry, from: bytes(start), to: bytes(end) };
}

/** What a quote shows to this viewer. It says of its source what the source itself would. */
export function quotedIn(state: RoomState, { entry: seq, from, to }: Quote): Quoted {
  const entry = entryAt(state, seq);
  const object = entry && entry.form !== "stub" ? state.objects.get(entry.root) : undefined;
  const of = { entry: seq, root: object?.root ?? seq, from, to, tlp: object?.marking?.tlp ?? null, author: object?.by && state.facts ? authorOf(state.facts, object.by) : null };
  if (!entry) return { ...of, text: null, lacks: "unloaded" };
  if (entry.form === "envelope") return { ...of, text: null, lacks: entry.erased ? "erased" : "sealed" };
  const whole = quotableText(entry);
  const bytes = whole === null ? null : utf8.encode(whole);
  if (!bytes || to > bytes.length || from >= to) return { ...of, text: null, lacks: "hidden" };
  return { ...of, text: new TextDecoder().decode(bytes.slice(from, to)), lacks: "" };
}

/** What an entry answers: its excerpt if it is in sight, otherwise only its number. */
export function replyOf(state: RoomState, seq: Seq): Reply {
  const object = objectOf(state, seq);
  if (!object || !state.facts) return { seq, excerpt: null, author: null };
  const text = object.marking?.tlp === "TLP:RED" ? null : wordsOf(object); // what only named people read stands in its own place alone
  return { seq, excerpt: text === null ? null : excerpt(text), author: object.by && authorOf(state.facts, object.by) };
}

/** The newest words of an object that says something of its own; null while sealed, or if it says nothing. */
export function wordsOf(object: RoomObject): string | null {
  return asItStood(object, Number.POSITIVE_INFINITY)?.text ?? null;
}

/** What an object said when an entry was written, and whether it was corrected since; null for what is not in sight. */
export function asItStood(object: RoomObject, at: Seq): { readonly text: string; readonly corrected: boolean } | null {
  const upTo = <T extends { readonly seq: Seq }>(all: readonly T[]) => ({ was: all.findLast((v) => v.seq <= at), corrected: all.some((v) => v.seq > at) });
  if (object.versions.length > 0) {
    const { was, corrected } = upTo(object.versions);
    return was?.text === undefined || was.text === null ? null : { text: was.text, corrected };
  }
  if (object.reports.length > 0) {
    const { was, corrected } = upTo(object.reports);
    return was?.methane ? { text: `M/ETHANE report: ${was.methane.type}`, corrected } : null;
  }
  switch (object.record?.noun) {
    case "logentry": {
      const { was, corrected } = upTo(object.record.wordings);
      return was ? { text: was.text, corrected } : null;
    }
    case "item": {
      const { was, corrected } = upTo(object.record.versions);
      return was ? { text: was.body.title, corrected } : null;
    }
    case "tearline":
      return { text: object.record.text, corrected: false };
    case "release":
      return { text: object.record.why, corrected: false };
    case "decision":
      return { text: object.record.decision, corrected: false };
    case "escalation":
      return { text: object.record.sbar.recommendation, corrected: false };
    case "clock":
      return { text: object.record.known, corrected: false };
    case "meeting":
      return { text: object.record.summary, corrected: false };
    case "sitrep":
      return { text: object.record.situation, corrected: object.record.wordings.length > 1 };
    case "update":
    case "request":
      return { text: object.record.text, corrected: false };
    case "handover":
      return { text: object.record.iimarch.information, corrected: false };
    case "broadcast":
      return { text: `To organisations: ${object.record.purpose === "raised" ? "a major incident is raised" : "there is an update"}`, corrected: false };
    case "action":
      return { text: object.record.text, corrected: false };
  }
  const root = object.events[0];
  if (root?.form !== "open" || root.unknown) return null;
  if (root.kind === "entry.promoted" || root.kind === "promotion.asked") return { text: root.body.text, corrected: false };
  if (root.kind === "inject.given" || root.kind === "severity.reasoned" || root.kind === "post.reasoned" || root.kind === "ministers.briefed") return { text: root.body.text, corrected: false };
  return root.kind === "brief.set" ? { text: `Situation brief, version ${root.body.version}: ${root.body.lines.happened}`, corrected: false } : null;
}

/** At most 140 characters of the first lines, on one line. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  const chars = Array.from(line.slice(0, 600)); // by code points, so that none is cut in two
  return chars.length <= 140 ? line : `${chars.slice(0, 139).join("").trimEnd()}…`;
}

const londonDay = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/London", year: "numeric", month: "2-digit", day: "2-digit" });
const days = new Map<string, string>(); // by UTC hour: the zone's offset is whole hours, so a day begins with one

/** The day in London, YYYY-MM-DD. */
export function dayOf(at: Instant): string {
  const hour = at.slice(0, 13);
  let day = days.get(hour);
  if (day === undefined) {
    day = londonDay.format(new Date(at));
    days.set(hour, day);
  }
  return day;
}

function order(a: string, b: string): number {
  return a.localeCompare(b, "en-GB");
}
