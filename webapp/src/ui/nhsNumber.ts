// Valid NHS numbers in a text: the same rules as the server's when it looks
// for what an export might leave out; schema/nhs-numbers.json holds both to
// them.

export type Span = { readonly from: number; readonly to: number };

const digits = /^\p{Nd}$/u;

/** A digit's value in whatever script: each script's stand in a run of ten. */
function valueOf(c: string): number {
  const at = c.codePointAt(0) ?? 0;
  if (at >= 0x30 && at <= 0x39) return at - 0x30;
  let before = 0;
  while (before < 60 && digits.test(String.fromCodePoint(at - before - 1))) before++;
  return before % 10;
}

function checks(number: readonly number[]): boolean {
  const sum = number.slice(0, 9).reduce((s, d, i) => s + d * (10 - i), 0);
  const check = 11 - (sum % 11);
  return (check === 11 ? 0 : check) === number[9]; // 10 is no digit: such a number is none
}

/**
 * Ten digits, whose last is the check digit of the others by modulus 11, with
 * at most one blank, dash or full stop between two of them, and no digit on
 * either side. Where they stand, as positions in the string.
 */
export function nhsNumbers(text: string): Span[] {
  const found: Span[] = [];
  const ten = /(?<!\p{Nd})\p{Nd}(?:[\p{Zs}\p{Pd}\t\u2212.]?\p{Nd}){9}(?!\p{Nd})/gu;
  for (let m = ten.exec(text); m !== null; m = ten.exec(text)) {
    const written = [...m[0]];
    if (checks(written.filter((c) => digits.test(c)).map(valueOf))) found.push({ from: m.index, to: m.index + m[0].length });
    else ten.lastIndex = m.index + (written[0]?.length ?? 1); // another may begin within it
  }
  return found;
}

export const removedNumber = "[NHS number removed]";

/** The text without the numbers at these places. */
export function redacted(text: string, spans: readonly Span[]): string {
  return spans.toReversed().reduce((t, s) => t.slice(0, s.from) + removedNumber + t.slice(s.to), text);
}
