// What a loggist types, and the line it makes.
import type { LineDraft } from "../../protocol/rest";
import type { Instant, Paper } from "../../protocol/types";
import { citedIn } from "../../ui/numbers";
import { hours, lastAt, parseWall } from "../../ui/time";

/** A line being written: its text, and when it happened where that was typed. */
export type Writing = {
  readonly text: string;
  /** "16:10"; "" for now. */
  readonly time: string;
  readonly about: boolean;
  readonly speech: boolean;
  /** Transcribed from paper; kept from line to line until it is put away. */
  readonly paper: Paper | null;
};
export const blankLine: Writing = { text: "", time: "", about: false, speech: false, paper: null };

/** A time typed at the beginning of the text ("1610 " or "~1610 ") becomes the line's time. */
export function withTyped(w: Writing, text: string): Writing {
  const m = /^(~?\d{2}[:.]?\d{2})\s(.*)$/su.exec(text);
  const wall = m && w.time === "" ? parseWall(m[1] ?? "") : null;
  return wall ? { ...w, time: wall.time, about: wall.about || w.about, text: m?.[2] ?? "" } : { ...w, text };
}

/** The time back in the text, to be changed. */
export function withTimeBack(w: Writing): Writing {
  return { ...w, text: `${w.about ? "~" : ""}${w.time.replace(":", "")}${w.text}`, time: "", about: false };
}

/**
 * The line as it is sent. now: the room's time in milliseconds; head: the last
 * entry there is here. "#4521" beyond it is somebody else's number, a ticket's
 * perhaps, and refers to nothing in this room.
 */
export function lineSent(w: Writing, now: number, head: number): LineDraft {
  const text = w.text.trim();
  const occurred: Instant | null = w.time === "" ? (w.about ? new Date(now).toISOString() : null) : lastAt(w.time, now);
  const cites = citedIn(text).filter((n) => n <= head);
  const paper = w.paper && w.paper.by.trim() !== "" && w.paper.page.trim() !== "" ? { by: w.paper.by.trim(), page: w.paper.page.trim() } : null;
  return {
    text,
    ...(occurred ? { occurred } : {}),
    ...(occurred && w.about ? { about: true } : {}),
    ...(w.speech ? { speech: true } : {}),
    ...(paper ? { paper } : {}),
    ...(cites.length > 0 ? { cites } : {}),
  };
}

/** A line taken back, or kept from before, to be written on: its time stays what it was. */
export function writingOf(line: LineDraft): Writing {
  return { text: line.text, time: line.occurred ? hours(line.occurred) : "", about: line.about ?? false, speech: line.speech ?? false, paper: line.paper ?? null };
}

/** What is missing before it can be sent; "" for nothing. */
export function lineProblem(w: Writing): string {
  if (w.text.trim() === "") return "Write something first.";
  if (w.paper && (w.paper.by.trim() === "" || w.paper.page.trim() === "")) return "Say whose hand the paper is in, and its book and page.";
  return "";
}
