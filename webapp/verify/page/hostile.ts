// What was written may have been written to deceive whoever reads it here:
// text that turns the line round, control characters, characters that are not
// seen. They are shown by name instead of being obeyed.

export interface Piece {
  readonly text: string;
  readonly hidden: boolean; // the text is the name of a character that would not be seen
}

// Control characters but tab and newline; format characters (category Cf: bidirectional controls, zero-width ones,
// tags) but the joiner and non-joiner, which words and emoji need; line and paragraph separators; odd spaces that
// look like nothing; private use; noncharacters cannot stand in a string that came as UTF-8 without being seen.
const unseen = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\u115f\u1160\u3164\uffa0]/u;
const all = new RegExp(unseen.source, "gu");

/** Cuts a text into what is shown as it is and what is shown by name. */
export function pieces(text: string): readonly Piece[] {
  const out: Piece[] = [];
  let from = 0;
  for (const m of text.matchAll(all)) {
    if (m.index > from) out.push({ text: text.slice(from, m.index), hidden: false });
    out.push({ text: nameOf(m[0]), hidden: true });
    from = m.index + m[0].length;
  }
  if (from < text.length) out.push({ text: text.slice(from), hidden: false });
  return out;
}

/** The text with everything unseen named: for places that take no elements. */
export function plain(text: string): string {
  return pieces(text).map((p) => p.text).join("");
}

function nameOf(c: string): string {
  return `[U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}
