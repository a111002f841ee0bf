// A log's right edge: the roots of the perfect subtrees its leaves make up,
// largest first, one for each 1 bit of the size (RFC 6962, section 2.1).
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";

export class Frontier {
  #size: number;
  readonly #edge: Uint8Array[];

  /** Throws unless there is one 32-byte hash for each 1 bit of size. */
  constructor(size = 0, hashes: readonly Uint8Array[] = []) {
    if (!Number.isSafeInteger(size) || size < 0 || ones(size) !== hashes.length || hashes.some((h) => h.length !== 32)) {
      throw new Error("not a frontier");
    }
    this.#size = size;
    this.#edge = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  get hashes(): readonly Uint8Array[] {
    return [...this.#edge];
  }

  /** Adds the leaf with this leaf hash. Each subtree it completes takes in the one to its left. */
  append(leafHash: Uint8Array): void {
    let hash = leafHash;
    for (let n = this.#size; n % 2 === 1; n = Math.floor(n / 2)) hash = node(this.#edge.pop() as Uint8Array, hash);
    this.#edge.push(hash);
    this.#size++;
  }

  /** The root of the tree; that of the empty log is SHA-256 of nothing. */
  root(): Uint8Array {
    let hash: Uint8Array | undefined;
    for (const left of this.#edge.toReversed()) hash = hash ? node(left, hash) : left;
    return hash ?? sha256(new Uint8Array());
  }
}

/** The hash of two subtrees side by side (RFC 6962, section 2.1). */
export function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

function ones(n: number): number {
  let count = 0;
  for (let m = n; m > 0; m = Math.floor(m / 2)) count += m % 2;
  return count;
}
