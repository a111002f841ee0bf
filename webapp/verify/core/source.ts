// Bytes that are read in slices: a file on disk of any size, never whole.
import { Unreadable } from "./bytes";

/** Bytes of a slice read at once. */
const slice = 1 << 20;

/** A range of a file. */
export interface Range {
  readonly from: number;
  readonly to: number; // the first byte after it
}

export async function read(file: Blob, from: number, to: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(from, to).arrayBuffer());
  } catch {
    throw new Unreadable("", "The file could not be read any further. It may have been moved, or changed, since it was chosen.");
  }
}

/** Records of one length, in order, many at a time. */
export async function* records(file: Blob, range: Range, size: number): AsyncGenerator<Uint8Array, void, void> {
  const step = Math.floor(slice / size) * size;
  for (let at = range.from; at < range.to; at += step) yield await read(file, at, Math.min(at + step, range.to));
}

/** Lines, each ending with a newline. next gives each line without it and where it stands, null after the last. */
export class Lines {
  readonly #file: Blob;
  readonly #range: Range;
  readonly #name: string;
  readonly #longest: number;
  #buffer: Uint8Array = new Uint8Array(0);
  readonly #slice: number;
  #start = 0; // of what is not yet taken, in buffer
  #at: number; // where buffer begins, in file
  /** Lines taken so far. */
  taken = 0;

  constructor(file: Blob, name: string, range: Range, longest: number, step = slice) {
    this.#file = file;
    this.#range = range;
    this.#name = name;
    this.#longest = longest;
    this.#slice = step;
    this.#at = range.from;
  }

  /** Where a line stands, for people. */
  get place(): string {
    return `${this.#name}, line ${this.taken}`;
  }

  async next(): Promise<{ readonly bytes: Uint8Array; readonly range: Range } | null> {
    let searched = this.#start;
    for (;;) {
      const end = this.#buffer.indexOf(10, searched);
      if (end >= 0 && end - this.#start <= this.#longest) {
        const line = { bytes: this.#buffer.subarray(this.#start, end), range: { from: this.#at + this.#start, to: this.#at + end } };
        this.#start = end + 1;
        this.taken++;
        return line;
      }
      const rest = this.#buffer.length - this.#start;
      if (rest > this.#longest || end >= 0) throw new Unreadable(`${this.#name}, line ${this.taken + 1}`, "The line is too long.");
      const from = this.#at + this.#buffer.length;
      if (from >= this.#range.to) {
        if (rest > 0) throw new Unreadable(`${this.#name}, line ${this.taken + 1}`, "The line does not end.");
        return null;
      }
      const more = await read(this.#file, from, Math.min(from + this.#slice, this.#range.to));
      if (more.length === 0) throw new Unreadable(this.#name, "The file is shorter than it was when it was chosen.");
      const next = new Uint8Array(rest + more.length);
      next.set(this.#buffer.subarray(this.#start));
      next.set(more, rest);
      this.#at += this.#start;
      this.#buffer = next;
      this.#start = 0;
      searched = rest;
    }
  }
}
