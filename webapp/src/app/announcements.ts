import { orgTypeName } from "../ui/names";
import type { Row } from "../room/row";
import { excerpt, textOf, wordsOf } from "../room/select";
import { count } from "../ui/words";

export type Loudness = "all" | "mentions" | "none";
export const loudnesses: readonly { value: Loudness; label: string }[] = [
  { value: "all", label: "Every new entry" },
  { value: "mentions", label: "Mentions of me, decisions and severity" },
  { value: "none", label: "Nothing" },
];

type EntryRow = Extract<Row, { type: "entry" }>;

const weighty = /^(decision\.(proposed|recorded)|action\.raised|escalation\.requested|handover\.signed|broadcast\.asked|clock\.started|ministers\.briefed|severity\.(assessed|reassessed|lowering_\w+))$/;
const isDecision = (r: EntryRow): boolean => weighty.test(r.entry.kind) || /^\W*decision\b/i.test(textOf(r.object) ?? "");

const nouns: Record<string, string> = { decision: "a decision", action: "an action", escalation: "an escalation", clock: "a clock", severity: "about the severity", logentry: "a log entry", book: "a log was opened", meeting: "a meeting", sitrep: "a situation report", update: "an update", handover: "a handover", broadcast: "a broadcast to organisations" };
const called = (r: EntryRow): string => nouns[r.entry.kind.slice(0, r.entry.kind.indexOf("."))] ?? "";

/** What a screen reader hears of entries that came together; null for nothing. */
export function announcement(rows: readonly Row[], loudness: Loudness): string | null {
  if (loudness === "none") return null;
  const fresh = rows.filter((r): r is EntryRow => r.type === "entry" && !r.mine && (loudness === "all" || r.mentionsMe || isDecision(r)));
  const first = fresh[0];
  if (!first) return null;
  const mentions = fresh.filter((r) => r.mentionsMe).length;
  if (fresh.length > 1) {
    const n = count(fresh.length);
    return `${n.charAt(0).toUpperCase()}${n.slice(1)} new entries${mentions > 0 ? `, ${count(mentions)} ${mentions === 1 ? "mentions" : "mention"} you` : ""}`;
  }
  const who = first.author.veiled ? orgTypeName[first.author.veiled] : first.author.system ? "Exercise control" : first.author.name || `M-${first.author.member}`;
  const text = wordsOf(first.object);
  const noun = called(first);
  return `Entry ${first.seq}, ${who}${noun === "" ? "" : `, ${noun}`}${first.mentionsMe ? ", mentions you" : ""}${first.object.sealed ? ": a sealed entry" : text ? `: ${excerpt(text)}` : ""}`;
}
