// The fold of intelligence: an item with every wording and every source it was
// given, its tear-lines, what organisations saw of it, and what is asked of
// its originator. Whatever spans several of these is a selector over what this
// viewer sees.
import type {
  Audience, By, Instant, Item, ItemState, OrgID, Seq, SightingVerdict, Source, TLP, VisibleEntry,
} from "../protocol/types";
import { shown } from "./members";
import type { RoomState } from "./state";

export interface ItemStep {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
}
/** A recall: for good. reason is null while only its envelope is here. */
export interface Recalled extends ItemStep {
  readonly reason: string | null;
}
export interface ItemObject {
  readonly noun: "item";
  readonly state: ItemState;
  /** As last corrected, with the sources of what was merged into it; null while sealed or erased. */
  readonly item: Item | null;
  /** Every wording, oldest first; null while sealed. */
  readonly versions: readonly (ItemStep & { readonly item: Item | null })[];
  /** What was merged into it. */
  readonly merged: readonly (ItemStep & { readonly other: Seq; readonly sources: readonly Source[] })[];
  /** The item it was merged into. */
  readonly into: Seq | null;
}
export interface TearlineObject extends ItemStep {
  readonly noun: "tearline";
  readonly item: Seq;
  readonly text: string;
}
export interface SightingObject extends ItemStep {
  readonly noun: "sighting";
  readonly org: OrgID;
  readonly item: Seq;
  /** Its place in the item; null: the item as a whole. */
  readonly indicator: number | null;
  readonly verdict: SightingVerdict;
  readonly note: string;
}
export interface ReleaseObject extends ItemStep {
  readonly noun: "release";
  readonly entry: Seq;
  readonly why: string;
  /** What is asked for; null: as it is. */
  readonly tlp: TLP | null;
  readonly audience: Audience | null;
  /** null while nobody has answered; that is no consent. */
  readonly answer: (ItemStep & { readonly granted: boolean; readonly why: string }) | null;
}
export type Intel = ItemObject | TearlineObject | SightingObject | ReleaseObject;

/** What the object is of intelligence; null if it is none, or not readable here. */
export function foldIntel(kind: string, events: readonly VisibleEntry[]): Intel | null {
  switch (kind) {
    case "item.published":
      return foldItem(events);
    case "tearline.published":
    case "sighting.marked":
    case "release.requested":
      return foldOther(events);
    default:
      return null;
  }
}

function stepOf(e: VisibleEntry): ItemStep {
  return { seq: e.seq, by: e.by, at: shown(e.times) };
}

function foldItem(events: readonly VisibleEntry[]): ItemObject {
  let o: ItemObject = { noun: "item", state: "live", item: null, versions: [], merged: [], into: null };
  for (const e of events) {
    const known = e.form === "open" && !e.unknown ? e : null;
    switch (e.kind) {
      case "item.published":
      case "item.corrected": {
        const item = known?.kind === "item.published" || known?.kind === "item.corrected" ? known.body : null;
        o = { ...o, item, versions: [...o.versions, { ...stepOf(e), item }] };
        break;
      }
      case "item.merged": {
        if (known?.kind !== "item.merged") break;
        const { other, sources } = known.body;
        o = { ...o, item: o.item && { ...o.item, sources: [...o.item.sources, ...sources] }, merged: [...o.merged, { ...stepOf(e), other, sources }] };
        break;
      }
      case "item.absorbed":
        o = { ...o, state: o.state === "recalled" ? o.state : "merged", into: known?.kind === "item.absorbed" ? known.body.into : null };
        break;
      case "entry.recalled":
        o = { ...o, state: "recalled" };
        break;
    }
  }
  return o;
}

function foldOther(events: readonly VisibleEntry[]): Intel | null {
  let o: TearlineObject | SightingObject | ReleaseObject | null = null;
  for (const e of events) {
    if (e.form !== "open" || e.unknown) continue;
    const at = stepOf(e);
    if (e.kind === "tearline.published") o = { noun: "tearline", ...at, item: e.body.item, text: e.body.text };
    else if (e.kind === "sighting.marked") {
      const { item, indicator, verdict, note } = e.body;
      o = { noun: "sighting", ...at, org: e.by.org ?? "", item, indicator: indicator ?? null, verdict, note: note ?? "" };
    } else if (e.kind === "release.requested") {
      const { entry, why, tlp, audience } = e.body;
      o = { noun: "release", ...at, entry, why, tlp: tlp ?? null, audience: audience ?? null, answer: null };
    } else if (e.kind === "release.answered" && o !== null && o.noun === "release") {
      const asked: ReleaseObject = o;
      o = { ...asked, answer: { ...at, granted: e.body.granted, why: e.body.why ?? "" } };
    }
  }
  return o;
}

/** The recall among an object's events. */
export function recalledOf(events: readonly VisibleEntry[]): Recalled | null {
  const e = events.find((x) => x.kind === "entry.recalled");
  return e ? { ...stepOf(e), reason: e.form === "open" && !e.unknown && e.kind === "entry.recalled" ? e.body.reason : null } : null;
}

/** The latest word of each organisation about an item, as a whole and of each indicator, as far as it is here. */
export function tallyOf(state: RoomState, item: Seq): readonly SightingObject[] {
  const latest = new Map<string, SightingObject>();
  for (const [, o] of state.objects.entries()) {
    const s = o.intel;
    if (s?.noun !== "sighting" || s.item !== item) continue;
    const of = `${s.org} ${s.indicator ?? ""}`;
    const old = latest.get(of);
    if (!old || old.seq < s.seq) latest.set(of, s);
  }
  return [...latest.values()].toSorted((a, b) => a.seq - b.seq);
}

/** Tear-lines of an item, oldest first, as far as they are here. */
export function tearlinesOf(state: RoomState, item: Seq): readonly TearlineObject[] {
  return intelOf(state).filter((o): o is TearlineObject => o.noun === "tearline" && o.item === item);
}

/** Requests about an entry, oldest first, as far as they are here. */
export function releasesOf(state: RoomState, entry: Seq): readonly ReleaseObject[] {
  return intelOf(state).filter((o): o is ReleaseObject => o.noun === "release" && o.entry === entry);
}

function intelOf(state: RoomState): readonly Intel[] {
  return [...state.objects.entries()].flatMap(([, o]) => o.intel ?? []);
}
