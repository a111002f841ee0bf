// Bytes and how they are written: UTF-8, base64, hexadecimal, big-endian
// numbers. Everything here is strict: what has two spellings is refused in all
// but one.

/** Why something cannot be read: with the place, for people. Exit 2. */
export class Unreadable extends Error {
  constructor(where: string, why: string) {
    super(where === "" ? why : `${where}: ${why}`);
    this.name = "Unreadable";
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The text of UTF-8 bytes, or null if they are not UTF-8. */
export function utf8(b: Uint8Array): string | null {
  try {
    return decoder.decode(b);
  } catch {
    return null;
  }
}

/** The UTF-8 bytes of a text. */
export function bytesOf(s: string): Uint8Array {
  return encoder.encode(s);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const sextet = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) sextet[alphabet.charCodeAt(i)] = i;

/**
 * Standard base64 with padding (RFC 4648, section 4), or null. No white space;
 * `loose` lets the unused bits of the last letter be anything, as Go's decoder
 * does unless it is told to be strict.
 */
export function fromBase64(s: string, loose = false): Uint8Array | null {
  if (s.length % 4 !== 0) return null;
  const pad = s.endsWith("==") ? 2 : s.endsWith("=") ? 1 : 0;
  const out = new Uint8Array((s.length / 4) * 3 - pad);
  let at = 0;
  for (let i = 0; i < s.length; i += 4) {
    let bits = 0;
    const letters = i + 4 === s.length ? 4 - pad : 4;
    for (let j = 0; j < 4; j++) {
      const code = s.charCodeAt(i + j);
      const value = j < letters ? (code < 128 ? (sextet[code] ?? -1) : -1) : 0;
      if (value < 0) return null;
      bits = (bits << 6) | value;
    }
    const n = letters - 1;
    if (n < 3 && !loose && (bits & (n === 1 ? 0xffff : 0xff)) !== 0) return null;
    if (n > 0) out[at++] = bits >>> 16;
    if (n > 1) out[at++] = (bits >>> 8) & 0xff;
    if (n > 2) out[at++] = bits & 0xff;
  }
  return out;
}

/** Standard base64 with padding. */
export function toBase64(b: Uint8Array): string {
  let s = "";
  for (let i = 0; i < b.length; i += 3) {
    const bits = ((b[i] ?? 0) << 16) | ((b[i + 1] ?? 0) << 8) | (b[i + 2] ?? 0);
    const left = b.length - i;
    s += alphabet.charAt(bits >>> 18) + alphabet.charAt((bits >>> 12) & 63);
    s += (left > 1 ? alphabet.charAt((bits >>> 6) & 63) : "=") + (left > 2 ? alphabet.charAt(bits & 63) : "=");
  }
  return s;
}

/** Lower-case hexadecimal. */
export function hex(b: Uint8Array): string {
  let s = "";
  for (const x of b) s += (x < 16 ? "0" : "") + x.toString(16);
  return s;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Writes n, a whole number below 2^53, as eight bytes, the greatest first. */
export function putU64(b: Uint8Array, at: number, n: number): void {
  putU32(b, at, Math.floor(n / 2 ** 32));
  putU32(b, at + 4, n % 2 ** 32);
}

export function putU32(b: Uint8Array, at: number, n: number): void {
  b[at] = n >>> 24;
  b[at + 1] = n >>> 16;
  b[at + 2] = n >>> 8;
  b[at + 3] = n;
}
