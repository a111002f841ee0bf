// The check of a bundle from its first byte to its last, and the verdict.
//
// Leaves, openings and the lines about what is withheld are read in step, a
// slice at a time; what is kept is the edge of the tree, what the log's rules
// need, and a few numbers an entry for the list. Whatever is found, the gravest
// is the verdict, and of several places of that kind the first is named.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOf, equal, fromBase64, hex, toBase64, Unreadable, utf8 } from "./bytes";
import { EntryIndex } from "./index";
import { canonical, isCount, isObject, type JsonObject, member, only } from "./json";
import { LeafReader, leafSize, originOf, slots } from "./leaf";
import { type Checkpoint, maxNote, type Note, parseCheckpoint, parseNote } from "./note";
import { type Opening, parseOpening } from "./openings";
import { judge, type Judged, maxPolicy, parsePolicy, type Policy } from "./policy";
import { exits, type Report, type Verdict } from "./report";
import { type Attached, type Facts, factsOf, type Finding, Replay } from "./replay";
import { Lines, read, records } from "./source";
import { type Member, members } from "./tar";
import { Tree } from "./tree";
import { parseWithheld, type WithheldLine } from "./withheld";

/** What a bundle is compared with; nothing of it comes out of the bundle. */
export interface Asked {
  readonly policy: Uint8Array | null; // a policy file
  readonly since: Uint8Array | null; // a signed note of the same log
  readonly minSize: number; // 0: any
  readonly notBefore: number | null; // milliseconds
}

export const asksNothing: Asked = { policy: null, since: null, minSize: 0, notBefore: null };

/** A name as it was when its bearer joined. */
export interface Bearer {
  readonly name: string;
  readonly org: string;
  readonly role: string;
}

/** The verdict, and what a list of the entries is made from. */
export interface Outcome {
  readonly report: Report;
  readonly info: JsonObject; // bundle.json
  readonly claimed: Policy; // what the bundle says of keys: trusted by nobody for that
  readonly policy: Policy | null; // the reader's
  readonly trust: string | null; // why the checkpoint is not trusted
  readonly index: EntryIndex;
  readonly openings: Member;
  readonly withheld: readonly WithheldLine[];
  readonly bearers: ReadonlyMap<number, Bearer>; // by member number
  readonly hash: string; // SHA-256 of the bundle
}

export type Tell = (done: number, entries: number, of: number) => void;

const required = ["README.txt", "policy.txt", "bundle.json", "checkpoint", "checkpoints.jsonl", "leaves.bin", "openings.jsonl", "withheld.jsonl"] as const;
const renderings = ["record.html", "record.pdf", "record.csv", "record.jsonl", "verify.html"];
const attachment = /^attachments\/[0-9a-f]{64}$/;

const maxSmall = 1 << 20;
const maxSums = 8 << 20;
const maxLine = 64 << 20;

/** A size whose root a checkpoint says. */
interface Mark {
  readonly checkpoint: Checkpoint;
  readonly kind: "earlier" | "since" | "seal";
  met: boolean; // there were as many leaves
  agrees: boolean;
}

/**
 * Checks a bundle. Throws Unreadable for what is given beside it; a bundle that
 * cannot be read is what unreadable makes a report of.
 */
export async function verify(bundle: Blob, asked: Asked, tell: Tell = () => {}): Promise<Outcome> {
  const policy = asked.policy ? parsePolicy(asked.policy, "the policy file") : null;
  const run = new Verification(bundle, asked, policy, tell);
  return await run.run();
}

/** The report of what could not be read as a bundle. */
export function unreadable(why: string): Omit<Report, "verdict"> & { readonly verdict: "UNREADABLE" } {
  return {
    verdict: "UNREADABLE", exit: 2, log: "", size: 0, root: "0".repeat(64), head: 0, sealed: { at: null, by: [] },
    counts: { leaves: 0, open: 0, part: 0, withheld: 0, erased: 0, tail: 0 }, first: null, erased: [], withheld: [], bounds: [], remarks: [why],
  };
}

class Verification {
  readonly #file: Blob;
  readonly #asked: Asked;
  readonly #policy: Policy | null;
  readonly #tell: Tell;
  #members: readonly Member[] = [];
  #marks: Mark[] = [];
  #bad: Finding | null = null; // the first place of something that was changed
  #damaged = false; // a file that the log does not prove is not what it was
  #missing: Finding | null = null;
  #differ: Finding | null = null; // the first entry whose attachment is not what it commits to
  readonly #untrusted: string[] = [];
  readonly #older: string[] = [];
  readonly #remarks: string[] = [];
  readonly #bounds: { size: number; at: string }[] = [];

  constructor(file: Blob, asked: Asked, policy: Policy | null, tell: Tell) {
    this.#file = file;
    this.#asked = asked;
    this.#policy = policy;
    this.#tell = tell;
  }

  async run(): Promise<Outcome> {
    this.#members = await members(this.#file);
    this.#contents();
    await this.#small("README.txt", maxSmall);
    const claimed = parsePolicy(await this.#small("policy.txt", maxPolicy), "policy.txt");
    const { note, checkpoint } = checkpointOf(await this.#small("checkpoint", maxNote), "checkpoint");
    const { info, attachments } = this.#info(await this.#small("bundle.json", maxSmall), checkpoint);
    const policy = this.#policy ?? claimed;
    if (!this.#policy) this.#untrusted.push("No policy file was given, so nobody’s signature counts: the signatures were compared with the keys that the bundle itself names, which anybody could have written into it.");
    await this.#earlier(policy, checkpoint);
    const judged = judge(policy, note, checkpoint);
    if (judged.trusted) this.#bound(checkpoint, judged);
    else this.#untrusted.push(`The checkpoint does not have every signature that the policy asks for: ${judged.why}`);
    this.#marks.push({ checkpoint, kind: "seal", met: false, agrees: false });
    this.#since(checkpoint);

    const scan = new Scan(this.#file, (name) => this.#member(name), checkpoint.origin, this.#marks, (f) => this.#tampered(f), this.#tell);
    await scan.run();
    if (scan.leaves < checkpoint.size) this.#tampered({ seq: scan.leaves, slot: -1, what: "It was sealed, and is not there." });
    this.#missing = scan.missing;
    const lacking = await this.#sums(attachments, scan.files);
    const gone = [...scan.files.entries()].filter(([sum]) => !this.#members.some((m) => m.name === `attachments/${sum}`)).flatMap(([, list]) => list.map((f) => f.seq));
    if (gone.length > 0) {
      const f: Finding = { seq: Math.min(...gone), slot: 6, what: "What is attached to it is not in the bundle." };
      if (before(f, this.#missing)) this.#missing = f;
    }
    const hash = await this.#hash();

    const sealedAt = judged.trusted ? judged.at : null;
    let contradiction = this.#compare(scan.replay);
    if (this.#differ && before(this.#differ, contradiction)) contradiction = this.#differ;
    this.#ages(checkpoint, sealedAt);
    if (lacking > 0) this.#remarks.push(`${lacking} attachments that the bundle announces are not in it.`);
    const erased = scan.withheld.filter((w) => w.why === "erased");
    const tail = Math.max(0, scan.leaves - checkpoint.size);
    const [verdict, first] = this.#verdict(contradiction, lacking > 0, erased.length > 0, tail > 0);
    const report: Report = {
      verdict,
      exit: exits[verdict],
      log: checkpoint.origin,
      size: checkpoint.size,
      root: hex(checkpoint.root),
      head: Math.max(0, scan.leaves - 1),
      sealed: {
        at: sealedAt === null ? null : rfc3339(sealedAt),
        by: judged.trusted ? judged.by.map((s) => ({ name: s.name, hash: s.hash, ...(s.at === null ? {} : { at: rfc3339(s.at) }) })) : [],
      },
      counts: { leaves: scan.leaves, open: scan.open, part: scan.part, withheld: scan.none, erased: new Set(erased.map((w) => w.first)).size, tail },
      first,
      erased: erased.map((w) => ({ seq: w.first, slots: w.slots, event: w.event, ground: w.ground })),
      withheld: scan.withheld.filter((w) => w.why !== "erased").map((w) => ({ first: w.first, last: w.last, slots: w.slots, why: w.why, ground: w.ground, reason: w.reason })),
      bounds: this.#bounds,
      remarks: [...this.#untrusted, ...this.#older, ...this.#remarks],
    };
    return {
      report, info, claimed, policy: this.#policy, trust: judged.trusted ? null : judged.why, index: scan.index, openings: this.#member("openings.jsonl"),
      withheld: scan.withheld, bearers: scan.bearers, hash,
    };
  }

  /** The files are the bundle's, in its order. */
  #contents(): void {
    let last = "";
    this.#members.forEach(({ name }, i) => {
      const wanted = required[i];
      if (wanted !== undefined) {
        if (name !== wanted) throw new Unreadable("the bundle", `Its file ${i + 1} is not ${wanted}.`);
        return;
      }
      if (last === "sums.txt") throw new Unreadable("the bundle", "A file stands after sums.txt.");
      const place = renderings.indexOf(name);
      const fits = name === "sums.txt" || (attachment.test(name) ? last === "" || (attachment.test(last) && last < name) : place >= 0 && place > renderings.indexOf(last));
      if (!fits) throw new Unreadable("the bundle", `Its file ${i + 1} has a name, or a place, that no file of a bundle has.`);
      last = name;
    });
    if (last !== "sums.txt") throw new Unreadable("the bundle", "It does not end with sums.txt.");
  }

  #member(name: string): Member {
    const m = this.#members.find((x) => x.name === name);
    if (!m) throw new Unreadable(name, "It is not there.");
    return m;
  }

  async #small(name: string, max: number): Promise<Uint8Array> {
    const m = this.#member(name);
    if (m.to - m.from > max) throw new Unreadable(name, "It is too long.");
    return await read(this.#file, m.from, m.to);
  }

  #info(b: Uint8Array, c: Checkpoint): { info: JsonObject; attachments: number } {
    const fail = (why: string): never => {
      throw new Unreadable("bundle.json", why);
    };
    const line = canonical(b.at(-1) === 10 ? b.subarray(0, -1) : b);
    if (b.at(-1) !== 10 || !("value" in line) || !isObject(line.value)) return fail("It is not canonical JSON.");
    const info = line.value;
    if (member(info, "format") !== "wardroom/bundle/1") fail("It is a bundle of another format.");
    const attachments = member(info, "attachments") ?? 0;
    if (member(info, "log") !== c.origin || !isCount(attachments)) return fail("It is of another log than the checkpoint.");
    return { info, attachments };
  }

  #bound(c: Checkpoint, judged: Judged): void {
    if (judged.trusted && judged.at !== null) this.#bounds.push({ size: c.size, at: rfc3339(judged.at) });
  }

  /** The earlier checkpoints, ascending. */
  async #earlier(policy: Policy, seal: Checkpoint): Promise<void> {
    const lines = new Lines(this.#file, "checkpoints.jsonl", this.#member("checkpoints.jsonl"), 2 * maxNote);
    let least = 0;
    let failed = 0;
    for (let line = await lines.next(); line; line = await lines.next()) {
      const read = canonical(line.bytes);
      const o = "value" in read && isObject(read.value) && only(read.value, "note", "size") ? read.value : {};
      const text = member(o, "note");
      if (typeof text !== "string") throw new Unreadable(lines.place, "It is not an earlier checkpoint.");
      const { note, checkpoint } = checkpointOf(bytesOf(text), lines.place);
      if (checkpoint.origin !== seal.origin || checkpoint.size !== member(o, "size") || checkpoint.size <= least || checkpoint.size >= seal.size) {
        throw new Unreadable(lines.place, "It is not an earlier checkpoint of this log, or not in its place.");
      }
      least = checkpoint.size;
      this.#marks.push({ checkpoint, kind: "earlier", met: false, agrees: false });
      const judged = judge(policy, note, checkpoint);
      if (judged.trusted) this.#bound(checkpoint, judged);
      else failed++;
      this.#tell(0, 0, 0);
    }
    if (failed > 0) this.#untrusted.push(`${failed} of the earlier checkpoints do not have every signature that the policy asks for.`);
  }

  /** The reader's own checkpoint takes its place among the others. */
  #since(seal: Checkpoint): void {
    if (!this.#asked.since) return;
    const { checkpoint } = checkpointOf(this.#asked.since, "the earlier checkpoint");
    if (checkpoint.origin !== seal.origin) throw new Unreadable("the earlier checkpoint", "It is of another log than this bundle.");
    const later = this.#marks.findIndex((m) => m.checkpoint.size > checkpoint.size);
    this.#marks.splice(later < 0 ? this.#marks.length : later, 0, { checkpoint, kind: "since", met: false, agrees: false });
  }

  #tampered(f: Finding): void {
    if (before(f, this.#bad)) this.#bad = f;
  }

  /** Compares the files that the log does not prove with sums.txt; how many attachments are announced and not there. */
  async #sums(announced: number, files: ReadonlyMap<string, readonly AttachedTo[]>): Promise<number> {
    const lines = (utf8(await this.#small("sums.txt", maxSums)) ?? "").split("\n");
    let n = 0;
    let lacking = announced;
    for (const m of this.#members) {
      if (m.name === "leaves.bin" || m.name === "openings.jsonl" || m.name === "sums.txt") continue;
      const line = lines[n++] ?? "";
      if (!/^[0-9a-f]{64}$/.test(line.slice(0, 64)) || line.slice(64) !== `  ${m.name}`) throw new Unreadable(`sums.txt, line ${n}`, `It is not the line of ${m.name}.`);
      const attached = m.name.startsWith("attachments/");
      const listed = attached ? (files.get(m.name.slice("attachments/".length)) ?? []) : [];
      const { sum, wrong } = await this.#checked(m, listed);
      if (sum !== line.slice(0, 64) || (attached && m.name !== `attachments/${sum}`)) {
        this.#damaged = true;
        this.#remarks.push(`The file ${m.name} is not as the exporter wrote it.`);
      } else if (attached && listed.length === 0) {
        this.#damaged = true;
        this.#remarks.push(`The file ${m.name} is attached to no entry that is shown.`);
      } else {
        for (const seq of wrong) {
          const f: Finding = { seq, slot: 6, what: "What is attached to it is not what it commits to." };
          if (before(f, this.#differ)) this.#differ = f;
        }
      }
      if (attached) lacking--;
    }
    if (lines.length !== n + 1 || lines[n] !== "") throw new Unreadable(`sums.txt, line ${n + 1}`, "It lists what is not there.");
    if (lacking < 0) throw new Unreadable("bundle.json", "There are more attachments than it says.");
    return lacking;
  }

  /** Reads a file once: its SHA-256, and which of the entries that list it commit to something else. */
  async #checked(m: Member, listed: readonly AttachedTo[]): Promise<{ sum: string; wrong: readonly number[] }> {
    const sum = sha256.create();
    const said = new Map<string, { hash: ReturnType<typeof sha256.create>; size: number; commitment: string; seqs: number[] }>();
    for (const f of listed) {
      const name = `${f.salt} ${f.size} ${f.commitment}`;
      const known = said.get(name);
      if (known) known.seqs.push(f.seq);
      else {
        const size = new Uint8Array(8);
        new DataView(size.buffer).setBigUint64(0, BigInt(f.size));
        said.set(name, { hash: sha256.create().update(bytesOf("WARDROOM/1/file\n")).update(fromBase64(f.salt) ?? new Uint8Array()).update(size), size: f.size, commitment: f.commitment, seqs: [f.seq] });
      }
    }
    for await (const part of records(this.#file, m, 1)) {
      sum.update(part);
      for (const s of said.values()) s.hash.update(part);
    }
    const wrong = [...said.values()].filter((s) => s.size !== m.to - m.from || toBase64(s.hash.digest()) !== s.commitment).flatMap((s) => s.seqs);
    return { sum: hex(sum.digest()), wrong };
  }

  async #sumOf(from: number, to: number, tell?: (at: number) => void): Promise<string> {
    const sum = sha256.create();
    for await (const part of records(this.#file, { from, to }, 1)) {
      sum.update(part);
      tell?.(from += part.length);
    }
    return hex(sum.digest());
  }

  #hash(): Promise<string> {
    return this.#sumOf(0, this.#file.size, (at) => this.#tell(0.8 + (0.2 * at) / this.#file.size, 0, 0));
  }

  /** What the roots say; the first contradiction, if there is one. */
  #compare(replay: Replay): Finding | null {
    let agreed = 0; // the last checkpoint of the bundle before the first that differs
    let differs: { f: Finding; upTo: number } | null = null;
    let sealed = false;
    for (const m of this.#marks) {
      if (m.kind === "since" || !m.met) continue;
      const { size } = m.checkpoint;
      if (m.agrees) agreed = differs ? agreed : size;
      else differs ??= { f: { seq: agreed, slot: -1, what: `Entries ${agreed} to ${size - 1}, together, are not what was sealed when there were ${size}.` }, upTo: size };
      if (m.kind === "seal") sealed = m.agrees;
    }
    if (differs && !sealed && (!this.#bad || this.#bad.seq >= differs.upTo)) this.#bad = differs.f;

    let least = differs && sealed ? differs.f : null;
    const note = (f: Finding) => {
      if (before(f, least)) least = f;
    };
    agreed = 0;
    for (const m of this.#marks) {
      if (m.kind === "since" && m.met && !m.agrees) note({ seq: agreed, slot: -1, what: `The record does not go on from the checkpoint of ${m.checkpoint.size} entries that it was compared with.` });
      if (m.met && m.agrees) agreed = m.checkpoint.size;
    }
    if (replay.found) note(replay.found);
    replay.unrecorded.forEach(note);
    return least;
  }

  #ages(c: Checkpoint, at: number | null): void {
    if (c.size < this.#asked.minSize) this.#older.push(`The checkpoint covers ${c.size} entries, and at least ${this.#asked.minSize} were asked for.`);
    if (this.#asked.notBefore !== null && (at === null || at * 1000 < this.#asked.notBefore)) this.#older.push("It is not known to have been sealed at the time that was asked for, or later.");
    for (const m of this.#marks) if (m.kind === "since" && !m.met) this.#older.push(`The bundle ends before the checkpoint of ${m.checkpoint.size} entries that it was compared with.`);
  }

  #verdict(contradiction: Finding | null, lacking: boolean, erased: boolean, tail: boolean): [Verdict, Finding | null] {
    if (this.#bad || this.#damaged) return ["TAMPERED", this.#bad];
    if (contradiction) return ["INCONSISTENT", contradiction];
    if (this.#untrusted.length > 0) return ["UNTRUSTED-KEY", null];
    if (this.#older.length > 0) return ["OLDER-THAN-ASKED", null];
    if (this.#missing || lacking) return ["INCOMPLETE", this.#missing];
    if (erased) return ["ERASED", null];
    return [tail ? "VALID-TAIL-UNSEALED" : "VALID", null];
  }
}

/** An attachment, with the entry that lists it. */
type AttachedTo = Attached & { readonly seq: number };

function before(f: Finding, g: Finding | null): boolean {
  return g === null || f.seq < g.seq || (f.seq === g.seq && f.slot < g.slot);
}

function checkpointOf(b: Uint8Array, where: string): { note: Note; checkpoint: Checkpoint } {
  const note = parseNote(b);
  const checkpoint = note ? parseCheckpoint(note.text) : null;
  if (!note || !checkpoint || (where === "checkpoint" && checkpoint.size === 0)) throw new Unreadable(where, "It is not a checkpoint of a log.");
  return { note, checkpoint };
}

function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** Goes through leaves, openings and withheld lines in step. */
class Scan {
  leaves = 0;
  open = 0;
  part = 0;
  none = 0;
  missing: Finding | null = null;
  readonly withheld: WithheldLine[] = [];
  readonly index = new EntryIndex();
  readonly bearers = new Map<number, Bearer>();
  readonly replay: Replay;
  /** The attachments of what is shown, by the SHA-256 of their content. */
  readonly files = new Map<string, readonly AttachedTo[]>();

  readonly #file: Blob;
  readonly #member: (name: string) => Member;
  readonly #marks: readonly Mark[];
  readonly #tampered: (f: Finding) => void;
  readonly #tell: Tell;
  readonly #reader: LeafReader;
  readonly #tree = new Tree();
  #mark = 0;
  // Of the withheld lines: per slot, the first entry that no line so far lists.
  readonly #until: number[] = Array.from({ length: slots }, () => 0);
  #pending: WithheldLine | null = null;
  #pendingAt = "";

  constructor(file: Blob, find: (name: string) => Member, origin: string, marks: readonly Mark[], tampered: (f: Finding) => void, tell: Tell) {
    this.#file = file;
    this.#member = find;
    this.#marks = marks;
    this.#tampered = tampered;
    this.#tell = tell;
    this.#reader = new LeafReader(originOf(origin));
    this.replay = new Replay(origin);
  }

  async run(): Promise<void> {
    const range = this.#member("leaves.bin");
    const size = range.to - range.from;
    this.leaves = Math.floor(size / leafSize);
    if (size % leafSize !== 0) this.#tampered({ seq: this.leaves, slot: -1, what: "The leaves end within this one." });

    const openings = this.#openings();
    const withheld = new Lines(this.#file, "withheld.jsonl", this.#member("withheld.jsonl"), maxLine);
    let opening = await openings();
    await this.#nextWithheld(withheld);
    let seq = 0;
    for await (const part of records(this.#file, { from: range.from, to: range.from + this.leaves * leafSize }, leafSize)) {
      for (let at = 0; at < part.length; at += leafSize, seq++) {
        const leaf = part.subarray(at, at + leafSize);
        if (!this.#reader.fits(seq, leaf)) this.#tampered({ seq, slot: -1, what: "What stands here is not the leaf of this entry of this log." });
        this.#meet();
        this.#tree.add(this.#reader.hash(leaf));
        while (this.#pending && this.#pending.first <= seq) {
          this.#takeWithheld(this.#pending);
          await this.#nextWithheld(withheld);
        }
        if (opening?.seq === seq) {
          this.#entry(seq, leaf, opening);
          opening = await openings();
        } else {
          this.#entry(seq, leaf, null);
        }
      }
      this.#tell((0.8 * seq) / this.leaves, seq, this.leaves);
    }
    this.#meet();
    for (; opening; opening = await openings()) this.#tampered({ seq: opening.seq, slot: -1, what: "It is shown, and there is no such entry." });
    for (; this.#pending; await this.#nextWithheld(withheld)) this.#takeWithheld(this.#pending);
  }

  /** Gives the openings in order, null after the last. */
  #openings(): () => Promise<(Opening & { readonly from: number }) | null> {
    const lines = new Lines(this.#file, "openings.jsonl", this.#member("openings.jsonl"), maxLine);
    let last = -1;
    return async () => {
      const line = await lines.next();
      if (!line) return null;
      const o = parseOpening(line.bytes);
      if (!o) throw new Unreadable(lines.place, "It is not the opening of an entry, in the one form that it may have.");
      if (o.seq <= last) throw new Unreadable(lines.place, "It is of an entry that should stand before it.");
      last = o.seq;
      return { ...o, from: line.range.from };
    };
  }

  async #nextWithheld(lines: Lines): Promise<void> {
    const last = this.#pending;
    const line = await lines.next();
    this.#pending = null;
    if (!line) return;
    const w = parseWithheld(line.bytes);
    if (!w) throw new Unreadable(lines.place, "It is not a line about what is withheld, in the one form that it may have.");
    if (last && !(last.first < w.first || (last.first === w.first && (last.slots[0] ?? 0) < (w.slots[0] ?? 0)))) throw new Unreadable(lines.place, "It should stand before the line above it.");
    this.#pending = w;
    this.#pendingAt = lines.place;
  }

  #takeWithheld(w: WithheldLine): void {
    for (const s of w.slots) {
      if (w.first < (this.#until[s] ?? 0)) throw new Unreadable(this.#pendingAt, "It lists a slot that a line above it lists.");
      this.#until[s] = w.last + 1;
    }
    if (w.last >= this.leaves) this.#tampered({ seq: Math.max(w.first, this.leaves), slot: -1, what: "It is listed as withheld, and there is no such entry." });
    this.withheld.push(w);
    if (w.why === "erased") this.replay.erasure(w);
  }

  #entry(seq: number, leaf: Uint8Array, o: (Opening & { readonly from: number }) | null): void {
    let shown = 0;
    let facts: Facts | null = null;
    if (o) {
      const salts = o.seed ? this.#reader.salts(o.seed) : null;
      let fits = true;
      o.shown.forEach((s, slot) => {
        if (!s) return;
        shown++;
        const salt = s.salt ?? salts?.[slot];
        if (fits && !(salt && this.#reader.commits(leaf, slot, seq, salt, bytesOf(s.value)))) {
          fits = false;
          this.#tampered({ seq, slot, what: "What is shown is not what was written: the leaf commits to something else." });
        }
      });
      facts = factsOf(o);
      this.#remember(seq, o.from, facts);
      for (const f of facts.files) this.files.set(f.sum, [...(this.files.get(f.sum) ?? []), { ...f, seq }]);
    }
    for (let slot = 0; slot < slots; slot++) {
      const listed = (this.#until[slot] ?? 0) > seq;
      const visible = o?.shown[slot] !== null && o !== null;
      if (listed && visible) throw new Unreadable("withheld.jsonl", `Entry ${seq}: a part is listed as withheld, and shown as well.`);
      if (!listed && !visible) this.missing ??= { seq, slot, what: "It is neither shown nor listed as withheld." };
    }
    if (shown === slots) this.open++;
    else if (shown > 0) this.part++;
    else this.none++;
    this.replay.entry(seq, facts);
  }

  /** Keeps what the list of entries is filtered by, and names. */
  #remember(seq: number, from: number, f: Facts): void {
    this.index.add({ seq, from, kind: f.kind ?? "", actor: f.member, recorded: f.recorded === null ? Number.NaN : Date.parse(f.recorded) });
    if (f.kind !== "member.joined" || !f.body) return;
    const seat = member(f.body, "seat");
    const text = (name: string): string => {
      const v = isObject(seat) ? member(seat, name) : undefined;
      return typeof v === "string" ? v : "";
    };
    const number = Number(member(f.body, "number"));
    if (!this.bearers.has(number)) this.bearers.set(number, { name: text("name"), org: text("orgName"), role: text("role") });
  }

  /** Compares the checkpoints of the size reached. */
  #meet(): void {
    for (let m = this.#marks[this.#mark]; m && m.checkpoint.size === this.#tree.size; m = this.#marks[++this.#mark]) {
      m.met = true;
      m.agrees = equal(m.checkpoint.root, this.#tree.root());
    }
  }
}

