// Lines of withheld.jsonl: which slots of which entries the bundle does not
// show, and why, as the exporter says. Nothing in them is proved by the log but
// that an erasure has its entry.
import { canonical, isCount, isList, isObject, type Json, member, only } from "./json";
import { slots } from "./leaf";
import { reasons, type Why } from "./report";

export interface WithheldLine {
  readonly first: number;
  readonly last: number;
  readonly slots: readonly number[];
  readonly why: Why;
  readonly ground: string; // empty: none is given
  readonly reason: string;
  readonly event: number; // the entry that records an erasure; 0 for anything else
  /** Wording that the exporter puts in a slot's place. */
  readonly redacted: ReadonlyMap<number, string>;
}

/** What a line says, or null. Only the one way of writing it is taken. */
export function parseWithheld(line: Uint8Array): WithheldLine | null {
  const read = canonical(line);
  if (!("value" in read) || !isObject(read.value)) return null;
  const o = read.value;
  if (!only(o, "event", "first", "ground", "last", "reason", "redacted", "slots", "why")) return null;
  const first = member(o, "first");
  const last = member(o, "last");
  const list = member(o, "slots");
  const why = reasons.find((r) => r === member(o, "why"));
  const ground = optional(member(o, "ground"));
  const reason = optional(member(o, "reason"));
  if (!isCount(first) || !isCount(last) || last < first || !isList(list) || list.length === 0 || !why || ground === null || reason === null) return null;
  const numbers: number[] = [];
  for (const s of list) {
    if (!isCount(s) || s >= slots || s <= (numbers.at(-1) ?? -1)) return null;
    numbers.push(s);
  }
  const event = member(o, "event") ?? 0;
  if (!isCount(event) || (member(o, "event") !== undefined && event === 0) || (why === "erased") !== event > 0 || (why === "erased" && first !== last)) return null;
  const redacted = new Map<number, string>();
  const wording = member(o, "redacted");
  if (wording !== undefined) {
    if (!isObject(wording) || Object.keys(wording).length === 0 || first !== last) return null;
    for (const [name, text] of Object.entries(wording)) {
      if (typeof text !== "string" || !/^[0-7]$/.test(name) || !numbers.includes(Number(name))) return null;
      redacted.set(Number(name), text);
    }
  }
  return { first, last, slots: numbers, why, ground, reason, event, redacted };
}

/** A text that is left out rather than empty: "" if it is not there, null if it is not one. */
function optional(v: Json | undefined): string | null {
  if (v === undefined) return "";
  return typeof v === "string" && v !== "" ? v : null;
}
