// Signed notes (C2SP signed-note) and the keys that sign them. Three kinds of
// key are known: Ed25519 as it is (0x01), Ed25519 cosignature/v1 (0x04) and
// ML-DSA-44 (0x06, C2SP tlog-cosignature); the latter two say when.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { bytesOf, fromBase64, hex, join, putU64, toBase64, utf8 } from "./bytes";

export const maxNote = 1 << 16; // bytes
const maxSignatures = 100;
const maxName = 200; // bytes, of a key's name and of an origin line
const lastSecond = 253402300799n; // of the year 9999: no calendar that people read goes on

/** A public key, as a line of a policy names it. */
export interface Key {
  readonly line: string; // the whole vkey
  readonly name: string;
  readonly hash: string; // 8 hexadecimal digits
  readonly algorithm: 1 | 4 | 6;
  readonly public: Uint8Array;
}

export interface Signature {
  readonly name: string;
  readonly hash: string; // of the key, 8 hexadecimal digits
  readonly bytes: Uint8Array; // without the key hash
  readonly strict: boolean; // the base64 is the one way of writing these bytes
}

export interface Note {
  readonly text: string;
  readonly signatures: readonly Signature[];
}

/** A log's state, as a note says it: its first size leaves have this root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

// Go's unicode.IsSpace, since a name that one side splits and the other does not would be two names.
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function nameable(name: string): boolean {
  return name !== "" && !space.test(name) && !name.includes("+") && !hasControl(name) && bytesOf(name).length <= maxName;
}

/** A key from its line `name+hash+base64`, or null. */
export function parseKey(line: string): Key | null {
  const [name = "", hash = "", ...rest] = line.split("+");
  const encoded = fromBase64(rest.join("+"));
  if (!nameable(name) || !/^[0-9a-f]{8}$/.test(hash) || !encoded || encoded.length < 1) return null;
  const algorithm = encoded[0];
  const key = encoded.slice(1);
  if (algorithm !== 1 && algorithm !== 4 && algorithm !== 6) return null;
  if (key.length !== (algorithm === 6 ? 1312 : 32) || keyHash(name, algorithm, key) !== hash) return null;
  return { line, name, hash, algorithm, public: key };
}

/** The key as it cosigns: a plain Ed25519 key is taken for the one whose signatures say when. */
export function timed(k: Key): Key {
  return k.algorithm === 1 ? { ...k, algorithm: 4, hash: keyHash(k.name, 4, k.public) } : k;
}

function keyHash(name: string, algorithm: number, key: Uint8Array): string {
  return hex(sha256(join(bytesOf(name + "\n"), Uint8Array.of(algorithm), key)).subarray(0, 4));
}

/** What people compare: SHA-256 of the key's line, in groups of four. */
export function fingerprint(line: string): string {
  return (hex(sha256(bytesOf(line))).match(/.{4}/g) ?? []).join(" ");
}

/** A note's text and signatures, none of them checked; null if it is no note. */
export function parseNote(b: Uint8Array): Note | null {
  const all = b.length <= maxNote ? utf8(b) : null;
  if (all === null || hasControl(all)) return null;
  const split = all.lastIndexOf("\n\n");
  if (split < 0 || !all.endsWith("\n") || all.length === split + 2) return null;
  const lines = all.slice(split + 2, -1).split("\n");
  if (lines.length > maxSignatures) return null;
  const signatures: Signature[] = [];
  for (const line of lines) {
    const m = /^— ([^ ]*) (.*)$/u.exec(line);
    const raw = m?.[2] ? fromBase64(m[2], true) : null;
    const name = m?.[1] ?? "";
    if (!raw || raw.length < 5 || name === "" || space.test(name) || name.includes("+")) return null;
    signatures.push({ name, hash: hex(raw.subarray(0, 4)), bytes: raw.slice(4), strict: toBase64(raw) === m?.[2] });
  }
  return { text: all.slice(0, split + 1), signatures };
}

function hasControl(s: string): boolean {
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c < 0x20 && c !== 0x0a) return true;
  }
  return false;
}

/** The checkpoint a note's text is, in the one way of writing it and without extension lines; null if it is none. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = "", count = "", hash = "", end, ...more] = text.split("\n");
  const root = fromBase64(hash);
  const size = Number(count);
  if (end !== "" || more.length > 0 || !root || root.length !== 32 || !/^(0|[1-9][0-9]*)$/.test(count) || !Number.isSafeInteger(size)) return null;
  if (origin === "" || bytesOf(origin).length > maxName || origin.includes("\u007f")) return null;
  return { origin, size, root };
}

/** Checks one signature over a checkpoint's text. `at` is when, in whole seconds, if the key says so. */
export function check(key: Key, note: Note, s: Signature): { readonly good: boolean; readonly at: number | null } {
  const bad = { good: false, at: null };
  try {
    if (key.algorithm === 1) {
      return s.bytes.length === 64 && ed25519.verify(s.bytes, bytesOf(note.text), key.public, { zip215: false }) ? { good: true, at: null } : bad;
    }
    if (s.bytes.length !== 8 + (key.algorithm === 4 ? 64 : 2420)) return bad;
    const time = new DataView(s.bytes.buffer, s.bytes.byteOffset, 8).getBigUint64(0);
    if (time > lastSecond) return bad;
    const at = Number(time);
    const signature = s.bytes.subarray(8);
    if (key.algorithm === 4) {
      const said = bytesOf(`cosignature/v1\ntime ${at}\n${note.text}`);
      return ed25519.verify(signature, said, key.public, { zip215: false }) ? { good: true, at } : bad;
    }
    const c = parseCheckpoint(note.text);
    return c && ml_dsa44.verify(signature, subtree(key.name, at, c), key.public) ? { good: true, at } : bad;
  } catch {
    return bad; // a key or signature that is no point of its curve
  }
}

/** What an ML-DSA cosignature signs: label, cosigner, time, origin, the leaves [0, size) and their root. */
function subtree(name: string, at: number, c: Checkpoint): Uint8Array {
  const short = (s: string) => {
    const b = bytesOf(s);
    return join(Uint8Array.of(b.length), b);
  };
  const number = (n: number) => {
    const b = new Uint8Array(8);
    putU64(b, 0, n);
    return b;
  };
  return join(bytesOf("subtree/v1\n\0"), short(name), number(at), short(c.origin), number(0), number(c.size), c.root);
}
