// Leaves and commitments, recomputed in the browser.
//
//   leaf   = "WARDROOM/1\n" ‖ u64 seq ‖ origin[32] ‖ C0 … C7
//   Ci     = SHA-256("WARDROOM/1/slot\n" ‖ u8 i ‖ u64 seq ‖ origin ‖ salt_i[32] ‖ u32 len ‖ value_i)
//   salt_i = HMAC-SHA-256(seed, "WARDROOM/1/salt\n" ‖ u8 i)
//   leaf hash = SHA-256(0x00 ‖ leaf)                                            RFC 6962, section 2.1
//
// Numbers are big-endian; values are the exact bytes that were sent.
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { fromBase64 } from "../protocol/base64";
import type { Fragment } from "../protocol/types";

const leafTag = utf8ToBytes("WARDROOM/1\n");
const slotTag = utf8ToBytes("WARDROOM/1/slot\n");
const saltTag = utf8ToBytes("WARDROOM/1/salt\n");
const slots = 8;
const hashSize = 32;
/** Every leaf has this many bytes, whatever it commits to. */
export const leafSize = leafTag.length + 8 + hashSize + slots * hashSize;

/** The hash that binds a commitment to one log of one deployment: of the first line of its checkpoints, without its newline. */
export function originOf(line: string): Uint8Array {
  return sha256(utf8ToBytes(line));
}

export function saltOf(seed: Uint8Array, slot: number): Uint8Array {
  return hmac(sha256, seed, concatBytes(saltTag, Uint8Array.of(slot)));
}

export function commitment(slot: number, seq: number | bigint, origin: Uint8Array, salt: Uint8Array, value: Uint8Array): Uint8Array {
  return sha256(concatBytes(slotTag, Uint8Array.of(slot), u64(seq), origin, salt, u32(value.length), value));
}

export function leafOf(seq: number | bigint, origin: Uint8Array, commitments: readonly Uint8Array[]): Uint8Array {
  return concatBytes(leafTag, u64(seq), origin, ...commitments);
}

export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), leaf));
}

/** Why a fragment does not hold. */
export class Broken extends Error {
  constructor(seq: number, why: string) {
    super(`entry ${seq}: ${why}`);
    this.name = "Broken";
  }
}

/**
 * The leaf a fragment stands for. An open one is computed from its seed and
 * values; an envelope's or stub's is checked to be this log's and this
 * number's, and an envelope's shown slots to be what the leaf commits to.
 * Throws Broken.
 */
export function leafFrom(f: Fragment, origin: Uint8Array): Uint8Array {
  if (f.form === "open") {
    const seed = bytes(f.seq, f.seed);
    if (seed.length !== hashSize) throw new Broken(f.seq, "its seed is not 32 bytes");
    return leafOf(f.seq, origin, f.slots.map((value, i) => commitment(i, f.seq, origin, saltOf(seed, i), utf8ToBytes(value))));
  }
  const leaf = bytes(f.seq, f.leaf);
  const head = concatBytes(leafTag, u64(f.seq), origin);
  if (leaf.length !== leafSize) throw new Broken(f.seq, "its leaf has the wrong length");
  if (!equal(leaf.subarray(0, head.length), head)) throw new Broken(f.seq, "its leaf belongs to another log or number");
  if (f.form === "envelope") {
    for (const [slot, [salt, value]] of Object.entries(f.slots)) {
      const i = Number(slot);
      const at = head.length + i * hashSize;
      const c = commitment(i, f.seq, origin, bytes(f.seq, salt), utf8ToBytes(value));
      if (!equal(leaf.subarray(at, at + hashSize), c)) throw new Broken(f.seq, `slot ${i} is not what its leaf commits to`);
    }
  }
  return leaf;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

function bytes(seq: number, s: string): Uint8Array {
  try {
    return fromBase64(s);
  } catch {
    throw new Broken(seq, "not base64");
  }
}

function u64(n: number | bigint): Uint8Array {
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigUint64(0, BigInt(n));
  return b;
}

function u32(n: number): Uint8Array {
  const b = new Uint8Array(4);
  new DataView(b.buffer).setUint32(0, n);
  return b;
}
