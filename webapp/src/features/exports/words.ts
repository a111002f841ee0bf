import type { ExportRow, ExportState, Named } from "../../protocol/exports";
import type { Received } from "../../protocol/types";
import type { StateLook } from "../../ui/record";

export const exportLook: Record<ExportState, StateLook> = {
  requested: { word: "Waiting for the hosts", tone: "open", icon: "circle" },
  agreed: { word: "Agreed, not approved", tone: "waiting", icon: "half" },
  approved: { word: "Approved", tone: "good", icon: "check" },
  refused: { word: "Refused", tone: "bad", icon: "close" },
  withdrawn: { word: "Withdrawn", tone: "over", icon: "back" },
};
export const overLook: StateLook = { word: "Time has passed", tone: "over", icon: "late" };

/** What a slot of an entry holds, for people. */
export const slotNames = ["what kind of entry it is", "who wrote it", "when", "label and audience", "what it says", "what it refers to", "attachments", "by what right it was done"] as const;

/** What the list calls a code; the code where it does not know it. */
export const wordsOf = (list: readonly Named[], code: string): string => list.find((n) => n.code === code)?.words ?? code;

/** "Dame A. Example, counsel, The Example Inquiry". */
export const recipientInFull = (x: Pick<ExportRow, "recipient">): string => [x.recipient.name, x.recipient.role, x.recipient.organisation].filter((s) => s !== undefined && s !== "").join(", ");

/** The text of an entry that is open to the reader and has one. */
export const saidIn = ({ entry }: Received): string | null => (entry.form === "open" && typeof entry.body === "object" && entry.body !== null && "text" in entry.body ? String(entry.body.text) : null);

/** A string somewhere in a JSON value, and where: a JSON pointer (RFC 6901). */
export interface TextField {
  readonly pointer: string;
  readonly text: string;
}

/** Every string of a JSON value that somebody could have typed. */
export function textsOf(value: unknown, pointer = ""): readonly TextField[] {
  if (typeof value === "string") return pointer === "" ? [] : [{ pointer, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([k, v]) => textsOf(v, `${pointer}/${k.replaceAll("~", "~0").replaceAll("/", "~1")}`));
}

/** A span of UTF-16 units, as text fields count, in code points. */
export const inCodePoints = (text: string, from: number, to: number): { from: number; to: number } => {
  const start = [...text.slice(0, from)].length;
  return { from: start, to: start + [...text.slice(from, to)].length };
};

/** Spans in order, those that meet made one. */
export function merged(spans: readonly { from: number; to: number }[]): readonly { from: number; to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (const s of spans.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && s.from <= last.to) last.to = Math.max(last.to, s.to);
    else out.push({ ...s });
  }
  return out;
}

/** A text cut into what stays and what is left out. */
export function pieces(text: string, spans: readonly { from: number; to: number }[]): readonly { text: string; out: boolean }[] {
  const points = [...text];
  const all: { text: string; out: boolean }[] = [];
  let at = 0;
  for (const s of spans) {
    if (s.from > at) all.push({ text: points.slice(at, s.from).join(""), out: false });
    all.push({ text: points.slice(s.from, s.to).join(""), out: true });
    at = s.to;
  }
  if (at < points.length) all.push({ text: points.slice(at).join(""), out: false });
  return all;
}
