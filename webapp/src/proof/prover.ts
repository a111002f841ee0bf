// Follows one room's log leaf by leaf, keeps its root, and compares each
// sealed checkpoint with the root it had itself at that size. What does not
// fit raises an alarm, for good. That shows forks, rollbacks and tampered
// storage while the incident runs; it cannot show what an operator who serves
// false JavaScript hides.
import { bytesToHex } from "@noble/hashes/utils.js";
import { fromBase64, toBase64 } from "../protocol/base64";
import type { EntryProof, Seal } from "../protocol/proof";
import type { Fragment, Frontier as WireFrontier, Instant, Seq } from "../protocol/types";
import { Frontier } from "./frontier";
import { consistent, rootFrom, stepsOf } from "./inclusion";
import { Broken, equal, leafFrom, leafHash, originOf } from "./leaf";
import { BadNote, openNote, parseCheckpoint, parseVerifier, type Signature, type Signed, splitNote, strictBase64, type Verifier } from "./note";

/**
 * What does not fit. `fork`: the log that is shown here is not the one that was
 * signed, or not the one that was followed before. `entry`: an entry is not
 * what the log commits to. `seal`: a seal is not signed by whom it must be.
 */
export interface Alarm {
  readonly kind: "fork" | "entry" | "seal";
  /** What did not fit, by number, never by content. */
  readonly why: string;
  /** The number of entries both roots are about. */
  readonly size: number;
  /** Root computed here, and root claimed: hex, or "" where there is none. */
  readonly here: string;
  readonly there: string;
  /** Signed notes that bear on it: the last that fitted, and the one that does not. */
  readonly notes: readonly string[];
}

/** A checkpoint that was checked here: signed as it must be, with the root this browser has at that size. */
export interface Mark {
  readonly size: number;
  readonly cosigned: boolean;
  /** The latest time among its signatures. */
  readonly at: Instant | null;
  readonly by: readonly Signature[];
}

/** That the log at size `from` is a beginning of the log at size `to` is wanted from the server. */
export interface Ask {
  readonly from: number;
  readonly to: number;
}

export interface Integrity {
  readonly status: "checking" | "ok" | "broken";
  /** Leaves summed up so far: the last entry's number plus one. */
  readonly size: number;
  /** base64 of the root over them; "" before the first. */
  readonly root: string;
  /** When broken, or when the check could not start: why. */
  readonly why: string;
  readonly alarm: Alarm | null;
  /** The newest checkpoint with the witness's signatures, and the newest that the operator signed. */
  readonly cosigned: Mark | null;
  readonly signed: Mark | null;
  /** A good seal covers this many entries, and fewer were given to this browser; 0: none does. */
  readonly ahead: number;
  readonly asks: readonly Ask[];
  /** Seals wait for keys, or name one that is not known: how many have so far, which is what to answer `upTo`; 0: none does. */
  readonly wantsKeys: number;
  /** The server gave no proof that the log continues what this browser was shown before the connection was cut. */
  readonly unlinked: boolean;
}

export const unchecked: Integrity = {
  status: "checking", size: 0, root: "", why: "", alarm: null, cosigned: null, signed: null, ahead: 0, asks: [], wantsKeys: 0, unlinked: false,
};

/** vkey lines: all of one generation sign each checkpoint; all of the witness's cosign it. */
export interface KeyLines {
  readonly notary: readonly (readonly string[])[];
  readonly witness: readonly string[];
}

/** What an earlier prover of the same log knew. */
export interface Known {
  readonly size: number;
  readonly root: string;
  readonly alarm: Alarm | null;
}

export type ProverRequest =
  | { readonly type: "origin"; readonly line: string }
  | { readonly type: "known"; readonly known: Known } // before the first snapshot
  | { readonly type: "snapshot"; readonly seq: Seq; readonly frontier: WireFrontier }
  | { readonly type: "live"; readonly fragments: readonly Fragment[] } // the next ones in order
  | { readonly type: "seen"; readonly fragments: readonly Fragment[] } // of pages and opened objects: checked one by one
  | { readonly type: "keys"; readonly keys: KeyLines; readonly upTo: number } // asked for when that many seals had waited
  | { readonly type: "seal"; readonly seal: Seal }
  | { readonly type: "path"; readonly ask: Ask; readonly path: readonly string[] | null }; // null: the server gave none

/** What came of checking an entry's proof, computed here. */
export type ProofCheck =
  | { readonly ok: false; readonly why: string }
  | {
      readonly ok: true;
      readonly seq: Seq;
      /** Hex. */
      readonly leafHash: string;
      readonly size: number;
      readonly root: string;
      readonly steps: readonly { readonly side: "left" | "right"; readonly hash: string }[];
      readonly by: readonly Signature[];
      readonly cosigned: boolean;
      readonly at: Instant | null;
      /** Whether the entry was met on this page, with the same leaf. */
      readonly shown: boolean;
      /** Whether the checkpoint's root is the one this browser had itself at that size; false: not compared yet. */
      readonly own: boolean;
    };

export interface Prover {
  tell(request: ProverRequest): void;
  check(proof: EntryProof): Promise<ProofCheck>;
  close(): void;
}
export type ProverFactory = (listen: (integrity: Integrity) => void) => Prover;

export interface Verifying {
  tell(request: ProverRequest): Integrity;
  check(proof: EntryProof): { readonly result: ProofCheck; readonly integrity: Integrity };
}

const rootsKept = 4096; // sizes whose root can still be told; an older checkpoint is proved consistent instead
const held = 16; // seals that wait for keys, for entries or for a proof
const attempts = 5; // to have a proof of consistency, each about another size

interface Claim {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  readonly mark: Mark | null; // null: the root this browser had itself
  tried: readonly number[]; // sizes about which the server gave no proof
}

class Alarmed extends Error {
  readonly alarm: Alarm;
  constructor(alarm: Alarm) {
    super(alarm.why);
    this.alarm = alarm;
  }
}

/** The prover itself. It answers each request. */
export function createVerifier(): Verifying {
  let line = "";
  let origin: Uint8Array | null = null;
  let frontier: Frontier | null = null;
  let alarm: Alarm | null = null;
  let followed: { readonly size: number; readonly root: Uint8Array } | null = null; // by an earlier prover
  let keys: { readonly notary: readonly (readonly Verifier[])[]; readonly witness: readonly Verifier[] } | null = null;
  let unknown: { readonly seal: Seal; readonly nth: number }[] = []; // waiting for keys
  let waited = 0;
  let claims: Claim[] = []; // signed as they must be; their root is not compared yet
  let signed: Mark | null = null;
  let cosigned: Mark | null = null;
  let matched = ""; // the note of the newest checkpoint that fitted
  const leaves = new Map<Seq, string>(); // leaf hashes of what was met, so that a page cannot show another
  const edges = new Map<number, readonly Uint8Array[]>(); // the frontier at each size, newest last

  const broken = (kind: Alarm["kind"], why: string, more: Partial<Alarm> = {}): Alarmed =>
    new Alarmed({ kind, why, size: 0, here: "", there: "", ...more, notes: [matched, ...(more.notes ?? [])].filter((n, i, all) => n !== "" && all.indexOf(n) === i) });

  function rootAt(size: number): Uint8Array | null {
    const edge = edges.get(size);
    return edge ? new Frontier(size, edge).root() : null;
  }

  function keep(): void {
    if (!frontier) return;
    edges.set(frontier.size, frontier.hashes);
    for (const oldest of edges.keys()) {
      if (edges.size <= rootsKept) break;
      edges.delete(oldest);
    }
  }

  function snapshot(seq: Seq, wire: WireFrontier): void {
    if (wire.size !== seq + 1) throw broken("fork", "the snapshot's tree has another size than the log", { size: wire.size });
    const next = new Frontier(wire.size, wire.hashes.map(fromBase64));
    const before = frontier ? { size: frontier.size, root: frontier.root() } : followed;
    if (before && next.size < before.size) {
      throw broken("fork", `the log now ends at entry ${seq}; this browser was shown entry ${before.size - 1} before`, { size: before.size, here: bytesToHex(before.root) });
    }
    if (before && next.size === before.size && !equal(next.root(), before.root)) {
      throw broken("fork", "the log is not the one that this browser followed so far", { size: next.size, here: bytesToHex(before.root), there: bytesToHex(next.root()) });
    }
    if (!frontier || next.size > frontier.size) edges.clear();
    // What came while nobody listened is not known here: that it continues what is known has to be proved.
    if (before && next.size > before.size) claim({ size: before.size, root: before.root, note: "", mark: null, tried: [] });
    frontier = next;
    followed = null;
    keep();
  }

  function take(type: "live" | "seen", fragments: readonly Fragment[]): void {
    if (!origin) return;
    for (const f of fragments) {
      const hash = leafHash(leafFrom(f, origin));
      const known = leaves.get(f.seq);
      if (known !== undefined && known !== toBase64(hash)) throw new Broken(f.seq, "it is not what it was");
      leaves.set(f.seq, toBase64(hash));
      if (type === "live" && frontier && f.seq === frontier.size) {
        frontier.append(hash);
        keep();
      }
    }
  }

  /** Which keys must have signed this note; null while one is not known. */
  function signersOf(note: string, witnessed: boolean): readonly Verifier[] | null {
    const lines = splitNote(note).lines;
    const named = (v: Verifier) => lines.some((l) => l.name === v.name && l.hash === v.hash);
    const generation = keys?.notary.find((g) => g.length > 0 && g.every(named));
    if (!keys || !generation) return null;
    if (witnessed && (keys.witness.length === 0 || !keys.witness.every(named))) return null;
    return witnessed ? [...generation, ...keys.witness] : generation;
  }

  function open(note: string, need: readonly Verifier[]): { signed: Signed; mark: Mark } {
    const s = openNote(note, line, need, keys?.witness ?? []);
    const witnessed = keys !== null && keys.witness.length > 0 && keys.witness.every((v) => s.by.some((b) => b.name === v.name && b.hash === v.hash));
    const times = s.by.map((b) => b.at).filter((at) => at !== null).toSorted();
    return { signed: s, mark: { size: s.size, cosigned: witnessed, at: times.at(-1) ?? null, by: s.by } };
  }

  /** Checks a seal's form and signatures. `nth`: of those that waited for keys, 0 for a new one; `last`: the keys were asked for since it came. */
  function seal(s: Seal, nth: number, last: boolean): void {
    if (s.note === matched && (cosigned?.size === s.size || !s.cosigned)) return;
    const size = s.size;
    try {
      const text = parseCheckpoint(splitNote(s.note).text);
      if (text.origin !== line || text.size !== size) throw new BadNote("it is about another log or size");
      const need = signersOf(s.note, s.cosigned);
      if (need === null) {
        if (last) throw new BadNote(s.cosigned ? "one of the keys that must sign and witness it has not, or is not listed" : "it is signed by no key that is listed", true);
        if (nth === 0) waited++;
        unknown = [...unknown, { seal: s, nth: nth || waited }].slice(-held);
        return;
      }
      const opened = open(s.note, need);
      claim({ size, root: opened.signed.root, note: s.note, mark: opened.mark, tried: [] });
    } catch (e) {
      if (e instanceof BadNote) throw broken("seal", `the seal up to entry ${size - 1}: ${e.message}`, { size, notes: [s.note] });
      throw e;
    }
  }

  function claim(c: Claim): void {
    claims = [...claims.filter((o) => !(o.mark && c.mark && o.size === c.size && o.mark.cosigned === c.mark.cosigned && equal(o.root, c.root))), c];
    // Not one that says what was followed: what was seen must be continued.
    if (claims.length > held) claims.splice(Math.max(0, claims.findIndex((o) => o.mark !== null)), 1);
  }

  function fits(c: Claim): void {
    if (!c.mark) return;
    if (!signed || c.size >= signed.size) {
      signed = c.mark;
      matched = c.note;
    }
    if (c.mark.cosigned && (!cosigned || c.size >= cosigned.size)) cosigned = c.mark;
  }

  function differs(c: Claim, here: Uint8Array | null, why: string): Alarmed {
    return broken("fork", why, { size: c.size, here: here ? bytesToHex(here) : "", there: bytesToHex(c.root), notes: [c.note] });
  }

  /** Compares what waits with the roots that are known by now. */
  function settle(): void {
    const waiting = claims;
    claims = [];
    for (const c of waiting) {
      const here = rootAt(c.size);
      if (!here) claims.push(c);
      else if (equal(here, c.root)) fits(c);
      else {
        throw differs(c, here, c.mark ? `the seal up to entry ${c.size - 1} is for another log than the one shown here` : "the log is not the one that this browser followed so far");
      }
    }
  }

  /** The size about which to ask: the newest sealed one that fitted. The server proves nothing beyond its own seals. */
  function target(): number | null {
    return signed && edges.has(signed.size) ? signed.size : null;
  }

  function asks(): readonly Ask[] {
    const to = target();
    if (to === null) return [];
    return claims.filter((c) => c.size < to && c.tried.length < attempts && !c.tried.includes(to)).map((c) => ({ from: c.size, to }));
  }

  function path({ from, to }: Ask, hashes: readonly string[] | null): void {
    const root = rootAt(to);
    const about = claims.filter((c) => c.size === from);
    if (hashes === null || !root) {
      for (const c of about) c.tried = [...c.tried, to];
      return;
    }
    const decoded = hashes.map((h) => strictBase64(h) ?? new Uint8Array());
    claims = claims.filter((c) => c.size !== from);
    for (const c of about) {
      if (!consistent(from, c.root, to, root, decoded)) {
        throw differs(c, null, `the log that is shown here does not begin with the entries up to ${from - 1} ${c.mark ? "that were sealed" : "that this browser was shown before"}`);
      }
      fits(c);
    }
  }

  function handle(r: ProverRequest): void {
    switch (r.type) {
      case "origin":
        line = r.line;
        origin = originOf(r.line);
        return;
      case "known":
        alarm = r.known.alarm;
        followed = r.known.size > 0 ? { size: r.known.size, root: fromBase64(r.known.root) } : null;
        return;
      case "snapshot":
        return snapshot(r.seq, r.frontier);
      case "live":
      case "seen":
        return take(r.type, r.fragments);
      case "keys": {
        keys = { notary: r.keys.notary.map((g) => g.map(parseVerifier)), witness: r.keys.witness.map(parseVerifier) };
        const waiting = unknown;
        unknown = [];
        for (const { seal: s, nth } of waiting) seal(s, nth, nth <= r.upTo);
        return;
      }
      case "seal":
        return seal(r.seal, 0, false);
      case "path":
        return path(r.ask, r.path);
    }
  }

  function alarmOf(e: unknown): Alarm {
    if (e instanceof Alarmed) return e.alarm;
    if (e instanceof Broken) return broken("entry", e.message).alarm;
    if (e instanceof BadNote) return broken("seal", `the keys: ${e.message}`).alarm;
    return broken("entry", "it could not be checked").alarm;
  }

  function guarded(work: () => void): void {
    if (alarm) return; // what was found stays as it was found
    try {
      work();
      settle();
    } catch (e) {
      alarm = alarmOf(e);
    }
  }

  function integrity(): Integrity {
    return {
      status: alarm ? "broken" : frontier && origin ? "ok" : "checking",
      size: frontier?.size ?? 0, root: frontier ? toBase64(frontier.root()) : "", why: alarm?.why ?? "", alarm, cosigned, signed,
      ahead: frontier ? claims.reduce((most, c) => Math.max(most, c.size > (frontier as Frontier).size ? c.size : 0), 0) : 0,
      asks: alarm ? [] : asks(), wantsKeys: alarm ? 0 : (unknown.at(-1)?.nth ?? 0), unlinked: claims.some((c) => c.mark === null && c.tried.length > 0),
    };
  }

  function prove(p: EntryProof): ProofCheck {
    if (!origin || !keys) return { ok: false, why: "The keys of this log are not known yet." };
    const hash = leafHash(leafFrom({ form: "stub", seq: p.seq, leaf: p.leaf }, origin));
    const shown = leaves.get(p.seq);
    if (shown !== undefined && shown !== toBase64(hash)) throw new Broken(p.seq, "its proof is about another entry than the one shown");
    const need = signersOf(p.note, p.cosigned);
    if (!need) return { ok: false, why: "It is sealed with a key that this browser does not know yet." };
    const { signed: s, mark } = open(p.note, need);
    const hashes = p.path.map((h) => strictBase64(h) ?? new Uint8Array());
    const made = s.size === p.size ? rootFrom(p.seq, p.size, hash, hashes) : null;
    if (!made || !equal(made, s.root)) {
      throw broken("entry", `entry ${p.seq}: the way to the seal up to entry ${p.size - 1} that was given for it does not lead there`, { size: p.size, here: made ? bytesToHex(made) : "", there: bytesToHex(s.root), notes: [p.note] });
    }
    if (!rootAt(p.size)) claim({ size: p.size, root: s.root, note: p.note, mark, tried: [] });
    else if (!equal(rootAt(p.size) as Uint8Array, s.root)) throw differs({ size: p.size, root: s.root, note: p.note, mark, tried: [] }, rootAt(p.size), `the seal up to entry ${p.size - 1} is for another log than the one shown here`);
    return {
      ok: true, seq: p.seq, leafHash: bytesToHex(hash), size: p.size, root: bytesToHex(s.root),
      steps: (stepsOf(p.seq, p.size, hashes) ?? []).map((step) => ({ side: step.side, hash: bytesToHex(step.hash) })),
      by: s.by, cosigned: mark.cosigned, at: mark.at, shown: shown !== undefined, own: rootAt(p.size) !== null,
    };
  }

  return {
    tell(request) {
      guarded(() => handle(request));
      return integrity();
    },
    check(proof) {
      let result: ProofCheck = { ok: false, why: "This log has already failed its check." };
      guarded(() => {
        try {
          result = prove(proof);
        } catch (e) {
          const found = e instanceof BadNote ? broken("seal", `the seal of entry ${proof.seq}’s proof: ${e.message}`, { size: proof.size, notes: [proof.note] }) : e;
          result = { ok: false, why: alarmOf(found).why };
          throw found;
        }
      });
      return { result, integrity: integrity() };
    },
  };
}

/** A prover in this thread. */
export const localProver: ProverFactory = (listen) => {
  const verify = createVerifier();
  return {
    tell: (r) => listen(verify.tell(r)),
    check: (proof) => {
      const { result, integrity } = verify.check(proof);
      listen(integrity);
      return Promise.resolve(result);
    },
    close: () => {},
  };
};
