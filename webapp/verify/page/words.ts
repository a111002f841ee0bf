// What the verdicts mean, and what they do not, in words for people who have
// to rely on them.
import type { Report } from "../core/report";

export interface Words {
  readonly tone: "good" | "warn" | "bad";
  readonly title: string;
  readonly summary: string;
  readonly means: readonly string[];
  readonly not: readonly string[];
}

const never = [
  "That what people wrote is true, or that everything that happened was written down.",
  "What stands in the parts that are not shown. Their place, number and order are proved; their content is not.",
];
const times = "The times in the entries are those of the operator’s own clock. What others vouch for is that an entry was there when a checkpoint that covers it was signed.";

export const slotNames = ["what kind of entry it is", "who made it", "its times", "its label and audience", "its content", "its references", "its attachments", "by what right it was made"] as const;

/** "its content and its references". */
export function parts(slots: readonly number[]): string {
  if (slots.length === slotNames.length) return "everything";
  const names = slots.map((s) => slotNames[s] ?? `part ${s}`);
  return names.length < 2 ? (names[0] ?? "nothing") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

export const whys = {
  range: "Outside what was asked for or granted",
  redacted: "Redacted",
  withheld: "Withheld by its originator",
  unanswered: "Its originator was asked and has not answered",
  erased: "Erased from the record",
  audience: "Not for this recipient",
} as const;

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
}

export function verdictWords(r: Report, asked: { readonly policy: boolean }): Words {
  const place = r.first ? `entry ${r.first.seq}` : "the record";
  const whole = `Every one of the ${count(r.size, "entry", "entries")} that the checkpoint counts is in its place: none was changed, added, taken out or moved since it was signed for.`;
  const shown = "Everything shown here is, letter for letter, what was recorded at the time.";
  const signed = "Everybody whom your policy file names, the log’s operator and its witness, signed for exactly this record.";
  const tail = `Anything about ${r.counts.tail === 1 ? "the last entry" : `the last ${r.counts.tail.toLocaleString("en-GB")} entries`}: nobody had signed for ${r.counts.tail === 1 ? "it" : "them"} when this bundle was made.`;
  const open = r.counts.tail > 0 ? [tail] : [];
  switch (r.verdict) {
    case "VALID":
      return { tone: "good", title: "This record has not been changed", summary: "It is the record that the log’s operator and its witness signed for.", means: [whole, shown, signed], not: [...never, times] };
    case "VALID-TAIL-UNSEALED":
      return {
        tone: "warn",
        title: "Not changed, but its end is not sealed yet",
        summary: `The first ${count(r.size, "entry", "entries")} are as they were signed for. The last ${count(r.counts.tail, "entry", "entries")} had not been signed for when this bundle was made.`,
        means: [whole, shown, signed],
        not: [`${tail} Ask for a bundle made later.`, ...never, times],
      };
    case "ERASED":
      return {
        tone: "warn",
        title: "Not changed, and parts were erased openly",
        summary: `The record is the one that was signed for. In ${count(new Set(r.erased.map((e) => e.seq)).size, "entry", "entries")} something was erased later, by a decision that is itself recorded in it.`,
        means: [whole, shown, "Each erasure has its own entry in the record, which says what was erased, why, and on whose approval.", signed],
        not: ["What stood in the erased parts. Nobody can show it any more.", ...open, ...never, times],
      };
    case "INCOMPLETE":
      return {
        tone: "warn",
        title: "Something is missing without being listed",
        summary: "What is here has not been changed, but the bundle leaves something out and does not say so. Ask for it again.",
        means: [whole, shown, signed],
        not: ["That the bundle shows all that it should: a part is neither shown nor listed as withheld, or a file is missing.", ...open, ...never],
      };
    case "OLDER-THAN-ASKED":
      return {
        tone: "warn",
        title: "Not changed, but older than you asked for",
        summary: "The record is genuine as far as it goes. It does not reach as far as the size or the time that you gave.",
        means: [whole, shown, signed],
        not: ["That nothing followed. There may be later entries which this bundle does not have.", ...open, ...never],
      };
    case "UNTRUSTED-KEY":
      return {
        tone: "bad",
        title: asked.policy ? "Not signed by those whom you trust" : "Whose record this is has not been checked",
        summary: asked.policy
          ? "The bundle fits together, but it does not carry the signatures that your policy file asks for. Anybody could have made it."
          : "The bundle fits together, but without a policy file nobody’s signature was checked. Anybody could have made it.",
        means: ["The entries shown fit the checkpoint in the bundle: the bundle was not damaged."],
        not: ["That this is the record of the log it names. Compare the fingerprints below with people you know, get the policy file from them, and check again.", ...never],
      };
    case "INCONSISTENT":
      return {
        tone: "bad",
        title: r.first ? `The record contradicts itself at ${place}` : "The record contradicts an earlier checkpoint",
        summary: "Somebody has signed for a record that cannot be the only one, or that could not have come about by the rules of the log. Keep this file and tell both hosts.",
        means: ["Each entry fits the checkpoint in the bundle.", "Yet together they say what cannot be, or do not continue what was signed for before."],
        not: ["Which of the two accounts is right, or who caused it."],
      };
    case "TAMPERED":
      return {
        tone: "bad",
        title: r.first ? `This record has been changed: first at ${place}` : "This record has been changed",
        summary: "What the bundle shows is not what was signed for. Do not rely on it. Keep the file, and ask for the record from the other host or the witness.",
        means: [
          r.first && r.first.slot >= 0 ? `In ${place}, ${slotNames[r.first.slot] ?? "a part"} is not what was recorded.` : r.first ? `At ${place} the log is not the one that was signed for.` : "The log as a whole is not the one that was signed for.",
          "An accident, such as a damaged disk or a broken copy, looks the same as an intention.",
        ],
        not: ["That other entries are sound: only the first that does not fit is named.", "Who changed it, or when."],
      };
  }
}

/** Reports whether what the checkpoint proves holds for the entries: only then do its times say anything about them. */
export function vouched(r: Report): boolean {
  return r.verdict !== "TAMPERED" && r.verdict !== "INCONSISTENT" && r.verdict !== "UNTRUSTED-KEY";
}

/** "Message posted" of message.posted. */
export function kindWords(kind: string): string {
  const words = kind.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const names: Readonly<Record<string, string>> = {
  orgName: "organisation", org: "organisation code", ods: "ODS code", orgType: "kind of organisation", number: "number", text: "text", tlp: "label",
  how: "how they were known", rules: "handling rules accepted, version", person: "person", seat: "place in the room", history: "sees earlier entries", at: "at", or: "or",
  for: "for", due: "due", maker: "decision-maker", tier: "tier", by: "by", from: "from", to: "to", relied: "entries relied on", cites: "entries cited", replyTo: "answers", entry: "which", ask: "asked for in", root: "about", slots: "which parts", mentions: "mentions", member: "member", because: "because of", book: "book", continues: "continues",
};

/** Fields that hold members' numbers, and fields that hold entries' numbers. */
export const memberFields: ReadonlySet<string> = new Set(["maker", "member", "members", "mentions"]);
export const entryFields: ReadonlySet<string> = new Set(["relied", "cites", "replyTo", "entry", "ask", "root", "about", "because", "book", "continues", "supersedes", "reverses", "event", "start"]);

/** A field's name for people. */
export function fieldWords(name: string): string {
  const known = Object.hasOwn(names, name) ? names[name] : undefined;
  const words = known ?? name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/[._]/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
