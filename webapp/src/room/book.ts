// Loggists' books: the standing list of them, and the fold of one line.
import type { BookFacts, By, Instant, KnownEntry, Paper, Seq, VisibleEntry } from "../protocol/types";
import { shown } from "./members";

/** One wording of a line: the newest stands, the earlier ones stay legible. */
export interface Wording {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly text: string;
  /** Why it took the place of the one before; "" where none was given. */
  readonly reason: string;
  /** Written for an exercise, by nobody. */
  readonly invented: boolean;
}
/** A line of a loggist's book. */
export interface Line {
  readonly noun: "logentry";
  readonly book: Seq;
  readonly number: number;
  /** When it happened, and whether that is exact; when it was entered. */
  readonly occurred: Instant | null;
  readonly about: boolean;
  readonly entered: Instant;
  readonly speech: boolean;
  readonly paper: Paper | null;
  readonly cites: readonly Seq[];
  /** Oldest first; at least one. */
  readonly wordings: readonly Wording[];
}

/** Folds a line's events, its root first; null while its root is not readable here. */
export function foldLine(events: readonly VisibleEntry[]): Line | null {
  return events.reduce<Line | null>(step, null);
}

function step(line: Line | null, e: VisibleEntry): Line | null {
  if (e.form === "envelope" || e.unknown) return line;
  const wording = { seq: e.seq, by: e.by, at: shown(e.times) };
  if (e.kind === "logentry.written") {
    const { book, invented = false, number, paper, speech, text } = e.body;
    return {
      noun: "logentry", book, number, occurred: e.times.occurred ?? null, about: e.times.about ?? false, entered: shown(e.times), speech: speech ?? false,
      paper: paper ?? null, cites: e.refs.cites ?? [], wordings: [{ ...wording, text, reason: "", invented }],
    };
  }
  if (e.kind === "logentry.corrected" && line) {
    return { ...line, wordings: [...line.wordings, { ...wording, text: e.body.text, reason: e.body.reason ?? "", invented: e.body.invented ?? false }] };
  }
  return line;
}

/** The books after an event of one. */
export function foldBooks(all: readonly BookFacts[], e: KnownEntry): readonly BookFacts[] {
  switch (e.kind) {
    case "book.opened": {
      if (all.some((b) => b.root === e.root)) return all;
      const { first, maker, number, signal } = e.body;
      const book: BookFacts = { root: e.root, number, maker, loggist: e.by.member ?? 0, signal, opened: shown(e.times), agreed: null, closed: null, first };
      return [...all, book].toSorted((a, b) => a.root - b.root);
    }
    case "book.agreed":
      return all.map((b) => (b.root === e.root ? { ...b, agreed: shown(e.times) } : b));
    case "book.closed":
      return all.map((b) => (b.root === e.root ? { ...b, closed: shown(e.times) } : b));
    default:
      return all;
  }
}
