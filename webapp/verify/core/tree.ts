// The Merkle tree of RFC 6962, section 2.1, summed up from the left: a node is
// SHA-256(0x01 ‖ left ‖ right). Only the right edge is kept, at most 53 hashes.
import { sha256 } from "@noble/hashes/sha2.js";
import { hashSize } from "./leaf";

const pair = new Uint8Array(1 + 2 * hashSize);

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair[0] = 1;
  pair.set(left, 1);
  pair.set(right, 1 + hashSize);
  return sha256(pair);
}

export class Tree {
  /** Leaves so far. */
  size = 0;
  readonly #edge: Uint8Array[] = []; // one per bit of size that is set, the largest subtree first

  add(leafHash: Uint8Array): void {
    let h = leafHash;
    for (let n = this.size; n % 2 === 1; n = Math.floor(n / 2)) {
      const left = this.#edge.pop();
      if (left) h = node(left, h);
    }
    this.#edge.push(h);
    this.size++;
  }

  root(): Uint8Array {
    if (this.#edge.length === 0) return sha256(new Uint8Array(0));
    return this.#edge.reduceRight((right, left) => node(left, right));
  }
}
