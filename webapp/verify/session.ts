// One checked bundle and the questions about its entries. The worker is a thin
// shell around it, so that all of it runs in tests as it runs in a browser.
import { Unreadable } from "./core/bytes";
import { isList, isObject, type Json, type JsonObject, member } from "./core/json";
import { slots } from "./core/leaf";
import { fingerprint, maxNote } from "./core/note";
import { parseOpening } from "./core/openings";
import { maxPolicy } from "./core/policy";
import { Lines, read } from "./core/source";
import { type Asked, type Outcome, type Tell, verify } from "./core/verify";
import type { WithheldLine } from "./core/withheld";
import type { Check, Done, Filter, Find, Gap, HiddenPart, List, Listed, NamedKey, Person, Row } from "./talk";


const maxLine = 64 << 20;

export class Session {
  readonly #file: Blob;
  readonly #outcome: Outcome;
  readonly #lines: readonly (readonly WithheldLine[])[]; // per slot, ascending, none overlapping
  #filter = "";
  #items: Float64Array = new Float64Array(0); // places in the index; -1 - n: a gap that begins with entry n

  private constructor(file: Blob, outcome: Outcome) {
    this.#file = file;
    this.#outcome = outcome;
    this.#lines = Array.from({ length: slots }, (_, slot) => outcome.withheld.filter((w) => w.slots.includes(slot)));
  }

  /** Checks a bundle; throws Unreadable. */
  static async open(c: Check, tell?: Tell): Promise<{ readonly session: Session; readonly done: Done }> {
    const asked: Asked = {
      policy: c.policy ? await whole(c.policy, maxPolicy, "the policy file") : null,
      since: c.since ? await whole(c.since, maxNote, "the earlier checkpoint") : null,
      minSize: c.minSize,
      notBefore: c.notBefore,
    };
    const outcome = await verify(c.bundle, asked, tell);
    const session = new Session(c.bundle, outcome);
    return { session, done: session.#done(c) };
  }

  #done(c: Check): Done {
    const o = this.#outcome;
    const info = (name: string): string => {
      const v = member(o.info, name);
      return typeof v === "string" ? v : "";
    };
    const { list, counts } = o.index.kinds;
    return {
      type: "done",
      report: o.report,
      asked: { policy: c.policy !== null, since: c.since !== null, minSize: c.minSize, notBefore: c.notBefore },
      trust: o.policy ? o.trust : null,
      keys: this.#keys(),
      about: { title: info("title"), reference: info("reference"), recipient: info("recipient"), exporter: info("exporter"), basis: info("basis") },
      kinds: list.map((name, i) => ({ name, count: counts[i] ?? 0 })),
      people: [...o.bearers].map(([number, person]) => ({ member: number, person })),
      bundleHash: o.hash,
    };
  }

  #keys(): NamedKey[] {
    const { policy, claimed } = this.#outcome;
    const mine = policy?.named ?? [];
    const all = [...mine, ...claimed.named.filter((k) => !mine.some((m) => m.line === k.line))];
    return all.map((k) => ({
      name: k.name, witness: k.witness, algorithm: k.algorithm, print: fingerprint(k.line),
      inBundle: claimed.named.some((x) => x.line === k.line), inPolicy: mine.some((x) => x.line === k.line),
    }));
  }

  async list(q: List): Promise<Listed> {
    await this.#apply(q.filter);
    const total = this.#items.length;
    const offset = Math.min(q.offset, Math.max(0, total - 1));
    const rows: (Row | Gap)[] = [];
    for (const item of this.#items.subarray(offset, offset + q.limit)) rows.push(item < 0 ? this.#gap(-1 - item) : await this.#row(item));
    return { type: "listed", id: q.id, rows, offset, total };
  }

  async find(q: Find): Promise<Listed> {
    const filter: Filter = { kind: null, actor: null, words: "", from: null, to: null, whole: false };
    await this.#apply(filter);
    const at = this.#items.findLastIndex((item) => (item < 0 ? -1 - item : this.#outcome.index.seq(item)) <= q.seq);
    return await this.list({ type: "list", id: q.id, filter, offset: Math.floor(Math.max(0, at) / q.limit) * q.limit, limit: q.limit });
  }

  /** Finds the entries a filter lets through. */
  async #apply(f: Filter): Promise<void> {
    const key = JSON.stringify(f);
    if (key === this.#filter) return;
    const { index, report } = this.#outcome;
    const items: number[] = [];
    const words = f.words.toLowerCase().normalize("NFC").split(/\s+/).filter((w) => w !== "");
    const all = f.kind === null && f.actor === null && words.length === 0 && f.from === null && f.to === null;
    let next = 0; // the entry that is due
    const gap = (until: number) => {
      if (all && next < until) items.push(-1 - next);
    };
    // Every line has its place in the index, in order: words are looked for in one pass over the file.
    const lines = words.length > 0 ? new Lines(this.#file, "openings.jsonl", this.#outcome.openings, maxLine) : null;
    for (let i = 0; i < index.length; i++) {
      const line = await lines?.next();
      const seq = index.seq(i);
      if (seq >= report.counts.leaves) break;
      gap(seq);
      next = seq + 1;
      if (f.kind !== null && index.kind(i) !== f.kind) continue;
      if (f.actor !== null && index.actor(i) !== f.actor) continue;
      // What does not show its time is in no range of times.
      if (f.from !== null && !(index.recorded(i) >= f.from)) continue;
      if (f.to !== null && !(index.recorded(i) <= f.to)) continue;
      if (f.whole && this.#hidden(seq).length === 0) continue;
      if (line && !this.#says(i, line.bytes, words)) continue;
      items.push(i);
    }
    gap(report.counts.leaves);
    this.#items = Float64Array.from(items);
    this.#filter = key;
  }

  /** An entry's line, read again. */
  async #opening(i: number) {
    const { index, openings } = this.#outcome;
    const line = await new Lines(this.#file, "openings.jsonl", { from: index.from(i), to: openings.to }, maxLine, 1 << 14).next();
    return line ? parseOpening(line.bytes) : null;
  }

  #says(i: number, line: Uint8Array, words: readonly string[]): boolean {
    const o = parseOpening(line);
    const person = this.#outcome.bearers.get(this.#outcome.index.actor(i));
    const parts: string[] = person ? [person.name, person.org] : [];
    for (const s of o?.shown ?? []) if (s) gather(s.value, parts);
    const text = parts.join("\n").toLowerCase().normalize("NFC");
    return words.every((w) => text.includes(w));
  }

  async #row(i: number): Promise<Row> {
    const { index, report, bearers } = this.#outcome;
    const seq = index.seq(i);
    const o = await this.#opening(i);
    const person: Person | null = bearers.get(index.actor(i)) ?? null;
    return {
      type: "entry",
      seq,
      slots: Array.from({ length: slots }, (_, s) => o?.shown[s]?.value ?? null),
      hidden: this.#hidden(seq),
      person,
      bound: report.bounds.find((b) => b.size > seq)?.at ?? null,
      sealed: seq < report.size,
    };
  }

  #gap(first: number): Gap {
    const { index, report } = this.#outcome;
    const i = index.find(first);
    const last = (i < index.length ? Math.min(index.seq(i), report.counts.leaves) : report.counts.leaves) - 1;
    const hidden = new Set<WithheldLine>();
    for (const lines of this.#lines) {
      for (let at = firstFrom(lines, first); at < lines.length; at++) {
        const w = lines[at];
        if (!w || w.first > last || hidden.size > 50) break;
        hidden.add(w);
      }
    }
    const shown = [...hidden].slice(0, 3);
    return { type: "gap", first, last, hidden: shown.map(part), more: hidden.size - shown.length };
  }

  #hidden(seq: number): HiddenPart[] {
    const found = new Set<WithheldLine>();
    for (const lines of this.#lines) {
      const w = lines[firstFrom(lines, seq)];
      if (w && w.first <= seq) found.add(w);
    }
    return [...found].map(part);
  }
}

/** The place of the first line that does not end before an entry. */
function firstFrom(lines: readonly WithheldLine[], seq: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((lines[mid]?.last ?? 0) < seq) low = mid + 1;
    else high = mid;
  }
  return low;
}

function part(w: WithheldLine): HiddenPart {
  return { slots: w.slots, why: w.why, ground: w.ground, reason: w.reason, event: w.event, wording: [...w.redacted].map(([slot, text]) => ({ slot, text })) };
}

/** All texts in a value. */
function gather(value: string, into: string[]): void {
  const walk = (v: Json): void => {
    if (typeof v === "string") into.push(v);
    else if (typeof v === "number") into.push(String(v));
    else if (isList(v)) v.forEach(walk);
    else if (isObject(v)) Object.values(v as JsonObject).forEach(walk);
  };
  try {
    walk(JSON.parse(value) as Json);
  } catch {
    into.push(value);
  }
}

async function whole(file: Blob, max: number, name: string): Promise<Uint8Array> {
  if (file.size > max) throw new Unreadable(name, "It is too long to be one.");
  return await read(file, 0, file.size);
}
