// What is kept of each entry that is opened, so that a list of a million needs
// no million entries in memory: where its line stands and what it is filtered
// by, some 30 bytes. The entries themselves are read again when they are shown.

/** A list of numbers that grows. */
class Column {
  #a: Float64Array | Uint32Array | Uint16Array;
  readonly #make: (n: number) => Float64Array | Uint32Array | Uint16Array;
  constructor(make: (n: number) => Float64Array | Uint32Array | Uint16Array) {
    this.#make = make;
    this.#a = make(1024);
  }
  set(i: number, n: number): void {
    if (i >= this.#a.length) {
      const next = this.#make(this.#a.length * 2);
      next.set(this.#a);
      this.#a = next;
    }
    this.#a[i] = n;
  }
  at(i: number): number {
    return this.#a[i] ?? 0;
  }
}

const f64 = () => new Column((n) => new Float64Array(n));

/** Words by number, in the order they were met. */
class Words {
  readonly list: string[] = [];
  readonly counts: number[] = [];
  readonly #numbers = new Map<string, number>();
  number(word: string): number {
    let n = this.#numbers.get(word);
    if (n === undefined) {
      n = this.list.length;
      // A log has some hundred kinds; one that has many more is not made by a server, and is listed as one kind.
      if (n >= 4000) return n - 1;
      this.list.push(word);
      this.counts.push(0);
      this.#numbers.set(word, n);
    }
    this.counts[n] = (this.counts[n] ?? 0) + 1;
    return n;
  }
}

export class EntryIndex {
  length = 0;
  readonly kinds = new Words();
  readonly #seq = f64();
  readonly #from = f64();
  readonly #recorded = f64();
  readonly #actor = new Column((n) => new Uint32Array(n));
  readonly #kind = new Column((n) => new Uint16Array(n));

  /** Adds an entry: from is where its line begins; recorded in milliseconds, NaN if that is not shown; actor 0 if nobody is named. */
  add(e: { readonly seq: number; readonly from: number; readonly kind: string; readonly actor: number; readonly recorded: number }): void {
    const i = this.length++;
    this.#seq.set(i, e.seq);
    this.#from.set(i, e.from);
    this.#recorded.set(i, e.recorded);
    this.#actor.set(i, e.actor);
    this.#kind.set(i, this.kinds.number(e.kind));
  }

  seq(i: number): number {
    return this.#seq.at(i);
  }
  from(i: number): number {
    return this.#from.at(i);
  }
  recorded(i: number): number {
    return this.#recorded.at(i);
  }
  actor(i: number): number {
    return this.#actor.at(i);
  }
  kind(i: number): number {
    return this.#kind.at(i);
  }

  /** The place of the first opened entry with this number or a greater one. */
  find(seq: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.seq(mid) < seq) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}
