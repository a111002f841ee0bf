// Fragments: an entry as the wire carries it, in one of three forms. A
// fragment is kept whole for its commitments; the entry is what it says.
import { count, flag, isRecord, listOf, Malformed, maybe, oneOf, shape, text } from "./guard";
import { knows } from "./kinds";
import {
  type Authority, type By, caveats, type EnvelopeFragment, type Entry, type Fragment, type KnownEntry, type Marking, type OpenFragment,
  paps, type Received, type Refs, type SlotTexts, type StubFragment, type Times, tlps, type UnknownEntry,
} from "./types";

const slotKind = shape({ kind: text, root: count });
const slotBy = shape({ member: maybe(count), org: maybe(text), person: maybe(text), role: maybe(text) });
const slotTimes = shape({ about: maybe(flag), exercise: maybe(text), occurred: maybe(text), recorded: text });
const audience = shape({ kind: oneOf("room", "hosts", "named"), members: maybe(listOf(count)), orgs: maybe(listOf(text)) });
const slotMarking = shape({
  audience, caveat: maybe(oneOf(...caveats)), originator: text, pap: maybe(oneOf(...paps)), recorded: maybe(flag), tlp: oneOf(...tlps),
});
const quote = shape({ entry: count, from: count, to: count });
const slotRefs = shape({
  cites: maybe(listOf(count)), from: maybe(shape({ log: text, seq: count })), logs: maybe(listOf(text)), quotes: maybe(listOf(quote)), replyTo: maybe(count),
});
const slotAuthority = shape({ key: maybe(text), seen: maybe(count), stepUp: maybe(text) });

/** Reads one fragment and what it says. Throws Malformed only if its frame-work is wrong; unknown kinds become unknown entries. */
export function parseFragment(v: unknown): Received {
  const fragment = readFragment(v);
  return { fragment, entry: readEntry(fragment) };
}

/** Reads a list of fragments. */
export function parseFragments(v: unknown): readonly Received[] {
  if (!Array.isArray(v)) throw new Malformed("list of entries");
  return v.map(parseFragment);
}

function readFragment(v: unknown): Fragment {
  if (!isRecord(v) || !count(v["seq"])) throw new Malformed("entry");
  const { seq, seed, slots, leaf } = v;
  if (text(seed)) {
    if (!listOf(text)(slots) || slots.length !== 8) throw new Malformed(`entry ${seq}: slots`);
    return { form: "open", seq, seed, slots: slots as unknown as SlotTexts } satisfies OpenFragment;
  }
  if (!text(leaf)) throw new Malformed(`entry ${seq}: leaf`);
  if (slots === undefined) return { form: "stub", seq, leaf } satisfies StubFragment;
  if (!isRecord(slots)) throw new Malformed(`entry ${seq}: slots`);
  const shown: Record<number, readonly [string, string]> = {};
  for (const [i, slot] of Object.entries(slots)) {
    if (!/^[0-7]$/.test(i) || !listOf(text)(slot) || slot.length !== 2) throw new Malformed(`entry ${seq}: slot`);
    shown[Number(i)] = slot as unknown as readonly [string, string];
  }
  return { form: "envelope", seq, leaf, slots: shown } satisfies EnvelopeFragment;
}

/** What a fragment says. */
export function readEntry(f: Fragment): Entry {
  if (f.form === "stub") return { form: "stub", seq: f.seq };
  const value = (i: number): string => (f.form === "open" ? f.slots[i] : f.slots[i]?.[1]) ?? "";
  const head = json(value(0));
  if (!slotKind(head)) throw new Malformed(`entry ${f.seq}: kind`);
  const times = json(value(2));
  if (!slotTimes(times)) throw new Malformed(`entry ${f.seq}: times`);
  const visible = {
    seq: f.seq,
    kind: head.kind,
    root: head.root,
    by: orEmpty<By>(slotBy, value(1)),
    times: times as Times,
    marking: value(3) === "" ? null : marking(f.seq, value(3)),
  };
  // Of an open entry from which slots were erased the others come each by itself, the last of the eight among them.
  const erased = f.form === "envelope" && f.slots[7] ? [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => !f.slots[i]) : null;
  if (f.form === "envelope" && (!erased || erased.includes(4))) return { form: "envelope", ...visible, ...(erased ? { erased } : {}) };
  const open = {
    form: "open" as const,
    ...visible,
    ...(erased ? { erased } : {}),
    body: json(value(4)),
    refs: orEmpty<Refs>(slotRefs, value(5)),
    authority: orEmpty<Authority>(slotAuthority, value(7)),
  };
  if (knows(head.kind, open.body)) return open as KnownEntry; // knows has judged kind and body together
  return { ...open, unknown: true } satisfies UnknownEntry;
}

function marking(seq: number, s: string): Marking {
  const m = json(s);
  if (!slotMarking(m)) throw new Malformed(`entry ${seq}: marking`);
  return m as Marking;
}

function orEmpty<T extends object>(guard: (v: unknown) => boolean, s: string): T {
  const v = json(s);
  return guard(v) ? (v as T) : ({} as T);
}

function json(s: string): unknown {
  if (s === "") return undefined;
  try {
    return JSON.parse(s);
  } catch {
    throw new Malformed("slot");
  }
}
