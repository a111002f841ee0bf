// Leaves and what they commit to.
//
//   leaf   = "WARDROOM/1\n" ‖ u64 seq ‖ origin[32] ‖ C0 … C7
//   Ci     = SHA-256("WARDROOM/1/slot\n" ‖ u8 i ‖ u64 seq ‖ origin[32] ‖ salt_i[32] ‖ u32 length ‖ value_i)
//   salt_i = HMAC-SHA-256(seed, "WARDROOM/1/salt\n" ‖ u8 i)
//   origin = SHA-256(origin line of the log's checkpoints, without its newline)
//
// Numbers are big-endian; values are the exact bytes that were recorded.
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOf, putU32, putU64 } from "./bytes";

export const slots = 8;
export const hashSize = 32;

const leafTag = bytesOf("WARDROOM/1\n");
const slotTag = bytesOf("WARDROOM/1/slot\n");
const saltTag = bytesOf("WARDROOM/1/salt\n");

const afterTag = leafTag.length + 8 + hashSize; // where C0 begins
/** Every leaf has this many bytes, whatever it commits to. */
export const leafSize = afterTag + slots * hashSize;

/** What binds every commitment to one log of one deployment. */
export function originOf(line: string): Uint8Array {
  return sha256(bytesOf(line));
}

/** Reads and recomputes the leaves of one log. It reuses its buffers: one at a time. */
export class LeafReader {
  readonly #head = new Uint8Array(afterTag); // as the next leaf must begin
  readonly #slot: Uint8Array; // what stands under a commitment before its value
  readonly #record = new Uint8Array(1 + leafSize); // 0x00 ‖ leaf
  readonly #salt = new Uint8Array(saltTag.length + 1);
  #scratch = new Uint8Array(4096);

  constructor(origin: Uint8Array) {
    this.#head.set(leafTag);
    this.#head.set(origin, leafTag.length + 8);
    this.#slot = new Uint8Array(slotTag.length + 1 + 8 + hashSize + hashSize + 4);
    this.#slot.set(slotTag);
    this.#slot.set(origin, slotTag.length + 1 + 8);
    this.#salt.set(saltTag);
  }

  /** Reports whether the bytes are the leaf of entry seq of this log, as far as a leaf says it openly. */
  fits(seq: number, leaf: Uint8Array): boolean {
    putU64(this.#head, leafTag.length, seq);
    for (let i = 0; i < afterTag; i++) if (leaf[i] !== this.#head[i]) return false;
    return leaf.length === leafSize;
  }

  /** The leaf's hash as a record of the tree: SHA-256(0x00 ‖ leaf), RFC 6962, section 2.1. */
  hash(leaf: Uint8Array): Uint8Array {
    this.#record.set(leaf, 1);
    return sha256(this.#record);
  }

  /** The salts of all eight slots, from an entry's seed. */
  salts(seed: Uint8Array): Uint8Array[] {
    const mac = hmac.create(sha256, seed);
    const out: Uint8Array[] = [];
    for (let i = 0; i < slots; i++) {
      this.#salt[saltTag.length] = i;
      out.push(mac.clone().update(this.#salt).digest());
    }
    return out;
  }

  /** Reports whether the leaf's slot commits to this value under this salt. */
  commits(leaf: Uint8Array, slot: number, seq: number, salt: Uint8Array, value: Uint8Array): boolean {
    const c = this.commitment(slot, seq, salt, value);
    const at = afterTag + slot * hashSize;
    for (let i = 0; i < hashSize; i++) if (leaf[at + i] !== c[i]) return false;
    return true;
  }

  commitment(slot: number, seq: number, salt: Uint8Array, value: Uint8Array): Uint8Array {
    const head = this.#slot;
    const after = slotTag.length;
    head[after] = slot;
    putU64(head, after + 1, seq);
    head.set(salt, after + 1 + 8 + hashSize);
    putU32(head, after + 1 + 8 + hashSize + hashSize, value.length);
    const size = head.length + value.length;
    if (size > this.#scratch.length) {
      if (size > 1 << 20) return sha256.create().update(head).update(value).digest();
      this.#scratch = new Uint8Array(size * 2);
    }
    this.#scratch.set(head);
    this.#scratch.set(value, head.length);
    return sha256(this.#scratch.subarray(0, size));
  }
}
