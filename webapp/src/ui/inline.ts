// What plain text inside a message may hold beside words: names of mentioned
// members and references to entries by number.

export type MentionName = { name: string; me: boolean };

export type Part = { kind: "text"; text: string } | { kind: "mention"; text: string; me: boolean } | { kind: "entry"; text: string; entry: number };

const escape = (s: string): string => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Splits text at "@Name" of the mentioned and at "#12" after a space or bracket. */
export function inlineParts(text: string, mentions: readonly MentionName[]): Part[] {
  const names = mentions.toSorted((a, b) => b.name.length - a.name.length);
  const alternatives = [String.raw`(?<=^|[\s(\[,;:])#\d{1,9}\b`, ...names.map((m) => `@${escape(m.name)}`)];
  const pattern = new RegExp(alternatives.join("|"), "gu");
  const parts: Part[] = [];
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    const hit = found[0];
    if (found.index > last) parts.push({ kind: "text", text: text.slice(last, found.index) });
    if (hit.startsWith("#")) parts.push({ kind: "entry", text: hit, entry: Number(hit.slice(1)) });
    else parts.push({ kind: "mention", text: hit, me: names.some((m) => m.me && `@${m.name}` === hit) });
    last = found.index + hit.length;
  }
  if (last < text.length) parts.push({ kind: "text", text: text.slice(last) });
  return parts;
}

/** A line of a message without its Markdown marks, for excerpts. */
export const plainText = (markdown: string): string => markdown.replace(/```\w*|[*`]|(?<=^|\s)[>#](?=\s)/g, "").trim();

/** Whether a text has quotation marks of its own, so that verbatim speech is not quoted twice. */
export const quoted = (text: string): boolean => /["“”]/.test(text);
