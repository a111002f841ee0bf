// What is erased, and what keeps from erasing: the browser lets go of what an
// entry says was erased, wherever it came from and whenever.
import type { ErasureFacts } from "../protocol/keeping";
import type { Entry, Facts, Instant, KnownEntry, OpenOf, Seq } from "../protocol/types";
import { shown } from "./members";

/** Which entries erased from an entry, oldest first. */
export type Erasings = readonly OpenOf<"entry.erased">[];

const body = 4;
const references = 5;
const attachments = 6;

/** The entry without what was erased from it. What is only known to be there stays as it is. */
export function strip(entry: Entry, by: Erasings | undefined): Entry {
  if (!by || entry.form !== "open") return entry;
  const erased = [...new Set([...(entry.erased ?? []), ...by.flatMap((e) => e.body.slots)])].toSorted((a, b) => a - b);
  const { seq, root, kind, times, marking } = entry;
  if (erased.includes(body)) return { form: "envelope", seq, root, by: entry.by, kind, times, marking, erased };
  const { files, ...rest } = entry;
  return { ...rest, erased, refs: erased.includes(references) ? {} : entry.refs, ...(files && !erased.includes(attachments) ? { files } : {}) };
}

/** Whether what the entry said was erased. */
export function isErased(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.form !== "stub" && entry.erased?.includes(body) === true;
}

/** The facts after one more entry of these kinds. */
export function foldErasure(facts: Facts, e: KnownEntry, at: Instant = shown(e.times)): Facts {
  switch (e.kind) {
    case "retention.set":
      return { ...facts, retention: { years: e.body.years, seq: e.seq, by: e.by, at } };
    case "hold.placed":
      return { ...facts, holds: [...facts.holds, { root: e.root, by: e.by, at, reason: e.body.reason, reference: e.body.reference }] };
    case "hold.lifted":
      return { ...facts, holds: facts.holds.filter((h) => h.root !== e.root) };
    case "erasure.asked": {
      const { entries, ground, reason, slots } = e.body;
      return { ...facts, erasures: [...facts.erasures, { root: e.root, by: e.by, at, entries, ground, reason, slots, agreed: [] }] };
    }
    case "erasure.agreed":
      return { ...facts, erasures: facts.erasures.map((a) => agree(a, e, at)).filter((a) => a.agreed.length < approvals) };
    case "erasure.refused":
    case "erasure.dropped":
      return { ...facts, erasures: facts.erasures.filter((a) => a.root !== e.root) };
    case "entry.erased":
      return facts.report?.seq === e.body.entry && e.body.slots.includes(body) ? { ...facts, report: null } : facts;
    default:
      return facts;
  }
}

/** How many people agree to an erasure, beside who asked. */
const approvals = 2;

function agree(a: ErasureFacts, e: KnownEntry, at: Instant): ErasureFacts {
  return a.root === e.root ? { ...a, agreed: [...a.agreed, { by: e.by, at }] } : a;
}

/** The entries that erase, by the entry they erased from, with those that these bring. */
export function erasingsWith(known: ReadonlyMap<Seq, Erasings>, entries: readonly Entry[]): ReadonlyMap<Seq, Erasings> {
  let next: Map<Seq, Erasings> | null = null;
  for (const e of entries) {
    if (e.form !== "open" || e.unknown || e.kind !== "entry.erased") continue;
    const of = (next ?? known).get(e.body.entry) ?? [];
    if (of.some((x) => x.seq === e.seq)) continue;
    next ??= new Map(known);
    next.set(e.body.entry, [...of, e].toSorted((a, b) => a.seq - b.seq));
  }
  return next ?? known;
}
