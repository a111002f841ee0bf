// Checkpoints as signed notes (C2SP signed-note, tlog-checkpoint) and the three
// kinds of signature on them: Ed25519 over the text, Ed25519 with a time
// (tlog-cosignature, cosignature/v1) and ML-DSA-44 with a time (its subtree/v1
// message). Only the one way of writing each is taken.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { fromBase64, toBase64 } from "../protocol/base64";

/** Bounds: names and origins are counted in one byte where ML-DSA signs them; a note holds a few signatures. */
const maxName = 200;
export const maxNote = 1 << 16;

export interface Checkpoint {
  /** The log's origin line, without its newline. */
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  readonly root: Uint8Array;
}

export type Algorithm = "Ed25519" | "Ed25519 with a time" | "ML-DSA-44";

/** A public key, as its vkey line says it. */
export interface Verifier {
  readonly line: string;
  readonly name: string;
  /** Which of a name's keys, as signatures name it: eight hexadecimal digits. */
  readonly hash: string;
  readonly algorithm: Algorithm;
  readonly key: Uint8Array;
}

/** A signature that was checked here and is good. */
export interface Signature {
  readonly name: string;
  readonly hash: string;
  readonly algorithm: Algorithm;
  /** SHA-256 of the key's line, hex in groups of four. */
  readonly fingerprint: string;
  /** When the signer says it signed, RFC 3339 in whole seconds; null where the algorithm does not say. */
  readonly at: string | null;
}

/** A note whose required signatures are all there and good. */
export interface Signed extends Checkpoint {
  readonly by: readonly Signature[];
}

/** Why a note is not taken. `untrusted`: it can be read, but is not signed by whom it must be. */
export class BadNote extends Error {
  readonly untrusted: boolean;
  constructor(why: string, untrusted = false) {
    super(why);
    this.name = "BadNote";
    this.untrusted = untrusted;
  }
}

const algorithms: Readonly<Record<number, { readonly name: Algorithm; readonly keyLength: number; readonly sigLength: number }>> = {
  1: { name: "Ed25519", keyLength: 32, sigLength: 64 },
  4: { name: "Ed25519 with a time", keyLength: 32, sigLength: 8 + 64 },
  6: { name: "ML-DSA-44", keyLength: 1312, sigLength: 8 + 2420 },
};

/** Reads a vkey line: name+hash+base64(algorithm ‖ key). Throws BadNote. */
export function parseVerifier(line: string): Verifier {
  const at = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(line);
  if (!at) throw new BadNote("not the line of a key");
  const [, name = "", hash = "", encoded = ""] = at;
  const raw = strictBase64(encoded);
  const known = algorithms[raw?.[0] ?? 0];
  if (!raw || !known || raw.length !== known.keyLength + 1 || utf8ToBytes(name).length > maxName) throw new BadNote("not a key of a kind that is known here");
  if (keyHash(name, raw) !== hash) throw new BadNote("a key that is not what its line says");
  return { line, name, hash, algorithm: known.name, key: raw.subarray(1) };
}

/** A key for people: SHA-256 of its line, hex in groups of four. The same on every screen, in the terminal and on the witness's page. */
export function fingerprint(line: string): string {
  return grouped(bytesToHex(sha256(utf8ToBytes(line))));
}

export function grouped(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, "$1 ");
}

/** The text of a note and its lines of signatures, none of them checked. */
export function splitNote(note: string): { readonly text: string; readonly lines: readonly { readonly name: string; readonly hash: string; readonly sig: Uint8Array }[] } {
  // Of control characters a note has newlines only.
  // oxlint-disable-next-line no-control-regex
  if (note.length > maxNote || /[\u0000-\u0009\u000b-\u001f]/.test(note) || /\p{Surrogate}/u.test(note)) throw new BadNote("not a note");
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n")) throw new BadNote("not a note");
  const lines = note.slice(cut + 2, -1).split("\n");
  return {
    text: note.slice(0, cut + 1),
    lines: lines.map((line) => {
      const at = /^— ([^\s+]+) (\S+)$/u.exec(line);
      const raw = at && strictBase64(at[2] ?? "");
      if (!at || !raw || raw.length < 5) throw new BadNote("a line of it is no signature");
      return { name: at[1] ?? "", hash: bytesToHex(raw.subarray(0, 4)), sig: raw.subarray(4) };
    }),
  };
}

/** Reads a checkpoint's three lines: origin, size, root. No extension lines. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  const [origin = "", size = "", root = ""] = lines;
  const n = Number(size);
  const raw = strictBase64(root);
  if (lines.length !== 4 || lines[3] !== "" || origin === "" || utf8ToBytes(origin).length > maxName || !/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(n) || raw?.length !== 32) {
    throw new BadNote("not a checkpoint");
  }
  return { origin, size: n, root: raw };
}

/**
 * Checks a note and returns its checkpoint. Every key of `need` must have
 * signed it: a note from which one signature was taken off is still a good
 * note, and not what was asked for. Those of `also` are named if they have
 * signed; a bad signature by any of them spoils it, one by another key is
 * passed over. Throws BadNote.
 */
export function openNote(note: string, origin: string, need: readonly Verifier[], also: readonly Verifier[] = []): Signed {
  const { text, lines } = splitNote(note);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) throw new BadNote("it is about another log");
  const by: Signature[] = [];
  const good = new Set<Verifier>();
  for (const line of lines) {
    const v = [...need, ...also].find((k) => k.name === line.name && k.hash === line.hash);
    if (!v || good.has(v)) continue;
    if (!verifies(v, text, checkpoint, line.sig)) throw new BadNote(`the signature of ${v.name} (${v.algorithm}) is not good`, true);
    good.add(v);
    by.push({ name: v.name, hash: v.hash, algorithm: v.algorithm, fingerprint: fingerprint(v.line), at: timeOf(v, line.sig) });
  }
  const absent = need.find((v) => !good.has(v));
  if (absent) throw new BadNote(`${absent.name} (${absent.algorithm}) has not signed it`, true);
  return { ...checkpoint, by };
}

function verifies(v: Verifier, text: string, c: Checkpoint, sig: Uint8Array): boolean {
  const kind = Object.values(algorithms).find((a) => a.name === v.algorithm);
  if (sig.length !== kind?.sigLength) return false;
  try {
    switch (v.algorithm) {
      case "Ed25519":
        return ed25519.verify(sig, utf8ToBytes(text), v.key, { zip215: false });
      case "Ed25519 with a time":
        return ed25519.verify(sig.subarray(8), utf8ToBytes(`cosignature/v1\ntime ${seconds(sig)}\n${text}`), v.key, { zip215: false });
      case "ML-DSA-44":
        return ml_dsa44.verify(sig.subarray(8), subtreeMessage(v.name, seconds(sig), c), v.key);
    }
  } catch {
    return false; // the key is no point, or the signature no number
  }
}

// What ML-DSA signs of a checkpoint: the subtree from 0 to its size (C2SP tlog-cosignature).
function subtreeMessage(name: string, time: bigint, c: Checkpoint): Uint8Array {
  const signer = utf8ToBytes(name);
  const origin = utf8ToBytes(c.origin);
  return concatBytes(
    utf8ToBytes("subtree/v1\n\0"), Uint8Array.of(signer.length), signer, u64(time), Uint8Array.of(origin.length), origin, u64(0n), u64(BigInt(c.size)), c.root,
  );
}

const seconds = (sig: Uint8Array): bigint => new DataView(sig.buffer, sig.byteOffset, 8).getBigUint64(0);

function timeOf(v: Verifier, sig: Uint8Array): string | null {
  if (v.algorithm === "Ed25519") return null;
  const t = Number(seconds(sig)) * 1000;
  return t > 0 && t < 8.64e15 ? new Date(t).toISOString().replace(".000Z", "Z") : null;
}

function keyHash(name: string, key: Uint8Array): string {
  return bytesToHex(sha256(concatBytes(utf8ToBytes(`${name}\n`), key)).subarray(0, 4));
}

/** Base64 in its one spelling: the same bytes in other letters are refused. */
export function strictBase64(s: string): Uint8Array | null {
  try {
    const raw = fromBase64(s);
    return toBase64(raw) === s ? raw : null;
  } catch {
    return null;
  }
}

function u64(n: bigint): Uint8Array {
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigUint64(0, n);
  return b;
}
