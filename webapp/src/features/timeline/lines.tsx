import type { ReactNode } from "react";
import type { GapRow, Row } from "../../room/row";
import { dayKey } from "../../ui/time";

// Separators are drawn with the line they stand before, not as lines of their
// own: then the first line in sight is always an entry, and what is loaded
// above it cannot move it.

export type Content = Exclude<Row, { type: "day" | "unread" | "gap" }>;
export type Line = {
  key: string;
  row: Content | null;
  /** A line of the reader's own that is not in the log yet. */
  extra: ReactNode;
  gap: GapRow | null;
  /** A moment of the day that begins with this line. */
  day: string | null;
  unread: boolean;
  /** The entry numbers this line covers. */
  from: number;
  to: number;
};
export type Extra = { key: string; node: ReactNode };

const span = (r: Content): [number, number] => ("from" in r ? [r.from, r.to] : [r.seq, r.seq]);
// In an exercise the days are the exercise's own.
const moment = (r: Content): string | null => ("entry" in r ? (r.entry.times.exercise ?? r.entry.times.recorded) : null);
const none = { row: null, extra: null, gap: null, day: null, unread: false } as const;

/**
 * Folds separators into the lines that follow them. What came after the
 * reader arrived came before their eyes: it gets no unread line. Runs keep their key by
 * their end, so that growing upwards keeps their place on the screen.
 */
export function lines(rows: readonly Row[], extras: readonly Extra[] = [], arrived = Number.POSITIVE_INFINITY): Line[] {
  const out: Line[] = [];
  let gap: GapRow | null = null;
  let unread = false;
  let today = "";
  let end = 0;
  for (const row of rows) {
    if (row.type === "gap") gap = row;
    else if (row.type === "unread") unread = true;
    else if (row.type !== "day") {
      const [from, to] = span(row);
      const at = moment(row);
      const day = at && dayKey(at) !== today ? at : null;
      if (at) today = dayKey(at);
      out.push({ ...none, key: row.type === "stubs" || row.type === "noted" ? `${row.type}-${to}` : row.key, row, gap, day, unread: unread && from <= arrived, from, to });
      gap = null;
      unread = false;
      end = to;
    }
  }
  if (gap) out.push({ ...none, key: `gap-${gap.to}`, gap, from: gap.from, to: gap.to });
  for (const x of extras) out.push({ ...none, key: `extra-${x.key}`, extra: x.node, from: end + 1, to: end });
  return out;
}

/** The index of the line that holds an entry's number, or -1. */
export function lineOf(all: readonly Line[], seq: number): number {
  let low = 0;
  let high = all.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    const l = all[mid];
    if (!l) return -1;
    if (seq < l.from) high = mid - 1;
    else if (seq > l.to) low = mid + 1;
    else return mid;
  }
  return -1;
}

/** How many lines somebody else wrote came after an entry. */
export const newAfter = (all: readonly Line[], seq: number): number => all.filter((l) => l.from > seq && l.row?.type === "entry" && !l.row.mine).length;
