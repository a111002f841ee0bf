// A map from entry numbers that can be changed without copying all of it:
// chunks of 256 are copied when written to, the others are shared.

const bits = 8;
const size = 1 << bits;
type Chunk<T> = readonly (T | undefined)[];

export class SeqMap<T> {
  readonly #chunks: ReadonlyMap<number, Chunk<T>>;

  private constructor(chunks: ReadonlyMap<number, Chunk<T>>) {
    this.#chunks = chunks;
  }

  static empty<T>(): SeqMap<T> {
    return new SeqMap<T>(new Map());
  }

  get(seq: number): T | undefined {
    return this.#chunks.get(Math.floor(seq / size))?.[seq % size];
  }

  has(seq: number): boolean {
    return this.get(seq) !== undefined;
  }

  /** A map with these changes; undefined takes a number out. The same map if nothing differs. */
  with(changes: Iterable<readonly [number, T | undefined]>): SeqMap<T> {
    const fresh = new Map<number, (T | undefined)[]>();
    for (const [seq, value] of changes) {
      const at = Math.floor(seq / size);
      const chunk = fresh.get(at);
      if (chunk) {
        chunk[seq % size] = value;
      } else if (this.get(seq) !== value) {
        const copy = this.#chunks.get(at)?.slice() ?? Array.from<T | undefined>({ length: size });
        copy[seq % size] = value;
        fresh.set(at, copy);
      }
    }
    if (fresh.size === 0) return this;
    const chunks = new Map<number, Chunk<T>>(this.#chunks);
    for (const [at, chunk] of fresh) {
      if (chunk.some((v) => v !== undefined)) chunks.set(at, chunk);
      else chunks.delete(at);
    }
    return new SeqMap(chunks);
  }

  /** Every entry, ascending. */
  *entries(): Generator<readonly [number, T]> {
    for (const at of [...this.#chunks.keys()].toSorted((a, b) => a - b)) {
      for (const [i, value] of (this.#chunks.get(at) ?? []).entries()) {
        if (value !== undefined) yield [at * size + i, value];
      }
    }
  }
}
