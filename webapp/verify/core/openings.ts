// Lines of openings.jsonl: what an entry's leaf commits to, in full (the
// entry's seed and eight values) or some slots of it (a salt and a value each).
import { fromBase64 } from "./bytes";
import { canonical, isCount, isList, isObject, type Json, member, only } from "./json";
import { hashSize, slots } from "./leaf";

export interface Opening {
  readonly seq: number;
  readonly seed: Uint8Array | null; // of a whole one
  /** Per slot, in order: its value, and the salt of a partial one. Null where it is not shown. */
  readonly shown: readonly ({ readonly value: string; readonly salt: Uint8Array | null } | null)[];
}

/** The opening a line holds, or null. */
export function parseOpening(line: Uint8Array): Opening | null {
  const read = canonical(line);
  if (!("value" in read) || !isObject(read.value)) return null;
  const o = read.value;
  const seq = member(o, "seq");
  const shown = member(o, "slots");
  if (!isCount(seq)) return null;
  if (isList(shown)) {
    const seed = bytes32(member(o, "seed"));
    if (!only(o, "seed", "seq", "slots") || !seed || shown.length !== slots) return null;
    const values: { value: string; salt: null }[] = [];
    for (const value of shown) {
      if (typeof value !== "string") return null;
      values.push({ value, salt: null });
    }
    return { seq, seed, shown: values };
  }
  if (!isObject(shown) || !only(o, "seq", "slots")) return null;
  const names = Object.keys(shown);
  const out = Array.from<Opening["shown"][number]>({ length: slots }).fill(null);
  for (const name of names) {
    const pair = member(shown, name);
    if (!/^[0-7]$/.test(name) || !isList(pair) || pair.length !== 2) return null;
    const salt = bytes32(pair[0]);
    const value = pair[1];
    if (!salt || typeof value !== "string") return null;
    out[Number(name)] = { value, salt };
  }
  return names.length > 0 ? { seq, seed: null, shown: out } : null;
}

function bytes32(v: Json | undefined): Uint8Array | null {
  const b = typeof v === "string" && v.length === 44 ? fromBase64(v) : null;
  return b?.length === hashSize ? b : null;
}
