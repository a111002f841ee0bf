// The folds of restricted intelligence: an item, its tear-line, what an
// organisation sees of it at its own place, and what is asked of its
// originator. And what spans them: how many see it, whose word counts.
import type { Indicator, ItemBody, SightingVerdict, Source } from "../protocol/intel";
import type { Audience, By, Instant, OrgID, Seq, TLP, VisibleEntry } from "../protocol/types";
import { shown } from "./members";
import type { RoomObject } from "./state";

/** An entry of an object's own history. */
export interface ItemStep {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
}
/** One wording of an item: the newest stands. */
export interface ItemVersion extends ItemStep {
  readonly body: ItemBody;
}
/** A piece of intelligence, as it stands. */
export interface Item {
  readonly noun: "item";
  readonly now: ItemBody;
  /** Its own, and those of the items that were merged into it. */
  readonly sources: readonly Source[];
  /** Oldest first; at least one. */
  readonly versions: readonly ItemVersion[];
  /** Items that turned out to be the same thing. */
  readonly merged: readonly (ItemStep & { readonly other: Seq })[];
  /** The item that goes on in its place. */
  readonly absorbed: Seq | null;
}
/** The originator's wording of an item that may go further than the item. */
export interface TearLine {
  readonly noun: "tearline";
  readonly item: Seq;
  readonly text: string;
}
/** An organisation's word on an item, or on one of its indicators. */
export interface Sighting {
  readonly noun: "sighting";
  readonly item: Seq;
  /** Its place in the item, from 0; null: the item as a whole. */
  readonly indicator: number | null;
  readonly verdict: SightingVerdict;
  readonly note: string;
}
/** A question to an originator whether an entry may go further. */
export interface Release {
  readonly noun: "release";
  readonly entry: Seq;
  readonly why: string;
  /** TLP:RED is lowered by two people: of which organisation the second is; null: no such question. */
  readonly second: OrgID | null;
  /** What is wished; null: as it is. */
  readonly tlp: TLP | null;
  readonly audience: Audience | null;
  /** Silence is no answer, and no consent. */
  readonly answered: (ItemStep & { readonly granted: boolean; readonly why: string }) | null;
}

const opened = (e: VisibleEntry) => (e.form === "open" && !e.unknown ? e : null);
const stepOf = (e: VisibleEntry): ItemStep => ({ seq: e.seq, by: e.by, at: shown(e.times) });

/** Folds an item's events, its root first; null while its root is not readable here. */
export function foldItem(events: readonly VisibleEntry[]): Item | null {
  return events.reduce<Item | null>((item, e) => {
    const known = opened(e);
    switch (known?.kind) {
      case "item.published":
        return { noun: "item", now: known.body, sources: known.body.sources, versions: [{ ...stepOf(e), body: known.body }], merged: [], absorbed: null };
      case "item.corrected":
        return item && { ...item, now: item.now.promoted ? { ...known.body, promoted: item.now.promoted } : known.body, sources: known.body.sources, versions: [...item.versions, { ...stepOf(e), body: known.body }] };
      case "item.merged":
        return item && { ...item, sources: [...item.sources, ...known.body.sources], merged: [...item.merged, { ...stepOf(e), other: known.body.other }] };
      case "item.absorbed":
        return item && { ...item, absorbed: known.body.into };
      default:
        return item;
    }
  }, null);
}

export function foldTearLine(events: readonly VisibleEntry[]): TearLine | null {
  const known = events[0] && opened(events[0]);
  return known?.kind === "tearline.published" ? { noun: "tearline", item: known.body.item, text: known.body.text } : null;
}

export function foldSighting(events: readonly VisibleEntry[]): Sighting | null {
  const known = events[0] && opened(events[0]);
  if (known?.kind !== "sighting.marked") return null;
  const { item, indicator, verdict, note } = known.body;
  return { noun: "sighting", item, indicator: indicator ?? null, verdict, note: note ?? "" };
}

export function foldRelease(events: readonly VisibleEntry[]): Release | null {
  return events.reduce<Release | null>((r, e) => {
    const known = opened(e);
    if (known?.kind === "release.requested") {
      const { entry, why, tlp, audience, second } = known.body;
      return { noun: "release", entry, why, second: second ?? null, tlp: tlp ?? null, audience: audience ?? null, answered: null };
    }
    if (known?.kind === "release.answered") return r && { ...r, answered: { ...stepOf(e), granted: known.body.granted, why: known.body.why ?? "" } };
    return r;
  }, null);
}

// ── what spans objects ──────────────────────────────────────────────────────

/** The word of one organisation that counts: its latest on that item or indicator. */
export interface Word {
  readonly org: OrgID;
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly indicator: number | null;
  readonly verdict: SightingVerdict;
  readonly note: string;
}

/** Each organisation's latest word on an item and on each of its indicators, as far as this viewer sees them; newest first. */
export function wordsOn(item: Seq, objects: Iterable<RoomObject>): readonly Word[] {
  const latest = new Map<string, Word>();
  for (const o of objects) {
    if (o.record?.noun !== "sighting" || o.record.item !== item || !o.by) continue;
    const { indicator, verdict, note } = o.record;
    const org = o.by.org ?? "";
    const key = `${org} ${indicator ?? ""}`;
    const at = o.events[0]?.times.recorded ?? "";
    if ((latest.get(key)?.seq ?? -1) < o.root) latest.set(key, { org, seq: o.root, by: o.by, at, indicator, verdict, note });
  }
  return [...latest.values()].toSorted((a, b) => b.seq - a.seq);
}

/** How many organisations say what, of the item as a whole or of any of its indicators. */
export function tallyOf(words: readonly Word[]): Readonly<Record<SightingVerdict, readonly OrgID[]>> {
  const of = (verdict: SightingVerdict) => [...new Set(words.filter((w) => w.verdict === verdict).map((w) => w.org))].toSorted();
  return { seen: of("seen"), not_seen: of("not_seen"), false_positive: of("false_positive"), mitigated: of("mitigated") };
}

/** The indicators that must not be blocked. */
export const keepers = (list: readonly Indicator[]): readonly Indicator[] => list.filter((i) => i.doNotBlock);

/** What is to be known of an item before it is acted on. now: the room's time, in milliseconds. */
export function itemState(o: RoomObject, now: number): "recalled" | "merged" | "expired" | "review" | "live" {
  if (o.recalled) return "recalled";
  const item = o.record?.noun === "item" ? o.record : null;
  if (!item) return "live";
  if (item.absorbed !== null) return "merged";
  if (item.now.expires && Date.parse(item.now.expires) <= now) return "expired";
  return item.now.review && Date.parse(item.now.review) <= now ? "review" : "live";
}
