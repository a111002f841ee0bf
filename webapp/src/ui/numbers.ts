// Numbers of entries as people type them.

/** "12, #14 and 20" → [12, 14, 20]; each once, in the order given. */
export const numbersIn = (typed: string): readonly number[] => [...new Set([...typed.matchAll(/\d{1,9}/g)].map((m) => Number(m[0])).filter((n) => n > 0))];

/** The entries a text refers to as "#12"; each once. */
export const citedIn = (text: string): readonly number[] => [...new Set([...text.matchAll(/(?<=^|[\s([,;:])#(\d{1,9})\b/g)].map((m) => Number(m[1])).filter((n) => n > 0))];
