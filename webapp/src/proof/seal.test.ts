import { describe, expect, it } from "vitest";
import vectors from "../../../server/evidence/testdata/proofs.json";
import { fromBase64, toBase64 } from "../protocol/base64";
import type { EntryProof, Seal } from "../protocol/proof";
import { createVerifier, type Integrity, type KeyLines } from "./prover";
import { frontierAt, line, provedFrom, rehearsedLeaf, stubOf } from "./testing";

const { notes, roots } = vectors;
const keys: KeyLines = { notary: [vectors.notary[0]!], witness: vectors.witness };
const both: KeyLines = { ...keys, notary: vectors.notary };
type Name = keyof typeof notes;
const seal = (name: Name, cosigned = !name.startsWith("signed")): Seal => ({ size: Number(name.split(" ").at(-1)), note: notes[name], cosigned, at: "2026-02-03T04:05:06Z" });
const hex = (b64: string) => [...fromBase64(b64)].map((b) => b.toString(16).padStart(2, "0")).join("");
const live = (from: number, to: number, other = false) => ({ type: "live", fragments: Array.from({ length: to - from }, (_, i) => stubOf(from + i, other)) }) as const;

/** A browser that is at this size, and knows these keys. */
function at(size: number, known: KeyLines | null = keys, other = false) {
  const v = createVerifier();
  v.tell({ type: "origin", line });
  if (known) v.tell({ type: "keys", keys: known, upTo: 0 });
  v.tell({ type: "snapshot", seq: size - 1, frontier: frontierAt(size, other) });
  return v;
}
const good = { status: "ok", alarm: null, wantsKeys: 0 } as const;

it("the rehearsed log is the one the vectors are of", () => expect(line).toBe(vectors.originLine));

describe("a seal", () => {
  it("counts once its signatures are good and its root is the one this browser has", () => {
    const v = at(8);
    expect(v.tell({ type: "seal", seal: seal("signed 8") })).toMatchObject({ ...good, cosigned: null, signed: { size: 8, cosigned: false, by: { length: 2 } } });
    expect(v.tell({ type: "seal", seal: seal("cosigned 8") })).toMatchObject({ ...good, cosigned: { size: 8, cosigned: true, by: { length: 4 } }, asks: [], ahead: 0 });
    v.tell(live(8, 20));
    expect(v.tell({ type: "seal", seal: seal("cosigned 20") })).toMatchObject({ ...good, cosigned: { size: 20 } });
  });

  it("that lags behind is compared with the root of its own size, and so is one that came before its entries", () => {
    const v = at(3);
    v.tell(live(3, 30));
    for (const name of ["cosigned 7", "cosigned 3", "cosigned 20"] as const) expect(v.tell({ type: "seal", seal: seal(name) }), name).toMatchObject(good);
    const early = at(7);
    expect(early.tell({ type: "seal", seal: seal("cosigned 20") })).toMatchObject({ ...good, cosigned: null, ahead: 20 });
    expect(early.tell(live(7, 19))).toMatchObject({ ...good, cosigned: null, ahead: 20 });
    expect(early.tell(live(19, 21))).toMatchObject({ ...good, cosigned: { size: 20 }, ahead: 0 });
  });

  it("waits for the keys, and asks for them again when it names one that is not known", () => {
    const v = at(20, null);
    expect(v.tell({ type: "seal", seal: seal("cosigned 20") })).toMatchObject({ status: "ok", alarm: null, wantsKeys: 1, cosigned: null });
    expect(v.tell({ type: "keys", keys, upTo: 1 })).toMatchObject({ ...good, cosigned: { size: 20 } });
    const later = at(20);
    expect(later.tell({ type: "seal", seal: seal("second generation 20") })).toMatchObject({ wantsKeys: 1, alarm: null });
    expect(later.tell({ type: "keys", keys, upTo: 0 })).toMatchObject({ wantsKeys: 1, alarm: null }); // asked for before it came
    expect(later.tell({ type: "keys", keys: both, upTo: 1 })).toMatchObject({ ...good, cosigned: { size: 20 } });
  });

  it("raises the alarm if it is not signed by all who must, whatever the server says of it", () => {
    const told: Partial<Record<Name, boolean>> = { "half signed 20": true, "two halves 20": true, "stranger 20": true, "signed 20": true, "half witnessed 20": true };
    for (const name of Object.keys(told) as Name[]) {
      const v = at(20, both);
      v.tell({ type: "seal", seal: seal(name, true) });
      expect(v.tell({ type: "keys", keys: both, upTo: 1 }), name).toMatchObject({ status: "broken", cosigned: null, alarm: { kind: "seal", size: 20, notes: [notes[name]] } });
    }
    const bent = at(20);
    expect(bent.tell({ type: "seal", seal: { ...seal("cosigned 20"), note: notes["cosigned 20"].replace(/(.)\n$/, (_, c: string) => `${c === "=" ? "A" : "="}\n`) } })).toMatchObject({ alarm: { kind: "seal" } });
    const moved = at(20);
    expect(moved.tell({ type: "seal", seal: { ...seal("cosigned 8"), size: 20 } })).toMatchObject({ alarm: { kind: "seal" } });
  });

  it("that is said to be witnessed waits for the witness's keys, and raises the alarm where none are named", () => {
    const v = at(20, { ...keys, witness: [] });
    expect(v.tell({ type: "seal", seal: seal("cosigned 20") })).toMatchObject({ alarm: null, wantsKeys: 1, signed: null });
    expect(v.tell({ type: "keys", keys: { ...keys, witness: [] }, upTo: 1 })).toMatchObject({ alarm: { kind: "seal" } });
  });

  it("that has the witness's signatures counts as cosigned whatever the server says, and one without them does not", () => {
    const v = at(20);
    expect(v.tell({ type: "seal", seal: seal("cosigned 20", false) })).toMatchObject({ cosigned: { size: 20 } });
    const w = at(20);
    expect(w.tell({ type: "seal", seal: seal("half witnessed 20", false) })).toMatchObject({ ...good, cosigned: null, signed: { size: 20 } });
  });
});

describe("a fork", () => {
  const otherwise = (told: Integrity, size: number, note: string) => {
    expect(told).toMatchObject({ status: "broken", alarm: { kind: "fork", size } });
    expect(told.alarm?.here).not.toBe(told.alarm?.there);
    expect(told.alarm?.notes.at(-1)).toBe(note);
  };

  it("shows when a seal is for another history, with both roots and both notes", () => {
    const v = at(7);
    v.tell({ type: "seal", seal: seal("cosigned 7") });
    v.tell(live(7, 20));
    const told = v.tell({ type: "seal", seal: seal("other history 20") });
    otherwise(told, 20, notes["other history 20"]);
    expect(told.alarm).toMatchObject({ here: hex(roots[20]!), notes: [notes["cosigned 7"], notes["other history 20"]] });
    const lagging = at(7);
    lagging.tell(live(7, 20));
    otherwise(lagging.tell({ type: "seal", seal: seal("other history 8") }), 8, notes["other history 8"]);
    const early = at(7);
    early.tell({ type: "seal", seal: seal("other history 8") });
    otherwise(early.tell(live(7, 8)), 8, notes["other history 8"]);
  });

  it("shows when the history on the screen is the other one", () => {
    otherwise(at(8, keys, true).tell({ type: "seal", seal: seal("cosigned 8") }), 8, notes["cosigned 8"]);
  });

  it("is never cleared: not by good seals, a new snapshot, keys, or the next prover of the log", () => {
    const v = at(8);
    const alarm = v.tell({ type: "seal", seal: seal("other history 8") }).alarm;
    expect(alarm).not.toBeNull();
    v.tell({ type: "seal", seal: seal("cosigned 8") });
    v.tell({ type: "keys", keys: both, upTo: 1 });
    v.tell({ type: "snapshot", seq: 19, frontier: frontierAt(20) });
    v.tell({ type: "seal", seal: seal("stranger 20", true) });
    v.tell({ type: "seal", seal: seal("other history 20") }); // what was found first stays
    expect(v.tell(live(20, 21))).toMatchObject({ status: "broken", alarm });
    const next = createVerifier();
    next.tell({ type: "origin", line });
    next.tell({ type: "known", known: { size: 8, root: roots[8]!, alarm } });
    expect(next.tell({ type: "snapshot", seq: 19, frontier: frontierAt(20) })).toMatchObject({ status: "broken", alarm });
  });

  it("shows when a log that was left and opened again is shorter, or another at the same size", () => {
    const again = (size: number, other: boolean) => {
      const v = createVerifier();
      v.tell({ type: "origin", line });
      v.tell({ type: "known", known: { size: 20, root: roots[20]!, alarm: null } });
      return v.tell({ type: "snapshot", seq: size - 1, frontier: frontierAt(size, other) });
    };
    expect(again(19, false).alarm).toMatchObject({ kind: "fork", why: expect.stringContaining("entry 19 before") as string });
    expect(again(20, true).alarm).toMatchObject({ kind: "fork", here: hex(roots[20]!) });
    expect(again(20, false)).toMatchObject({ status: "ok", asks: [] });
  });
});

describe("what is older than the snapshot", () => {
  const ask = { from: 7, to: 20 };
  /** A browser that came at 20 and was told of an older seal. */
  const late = (older: Name) => {
    const v = at(20);
    expect(v.tell({ type: "seal", seal: seal(older) })).toMatchObject({ ...good, cosigned: null, asks: [] }); // there is nothing to ask about yet
    return v;
  };

  it("is asked about once a newer seal has fitted, and counts when it is proved to be the log's beginning", () => {
    const v = late("cosigned 7");
    expect(v.tell({ type: "seal", seal: seal("signed 20") })).toMatchObject({ ...good, signed: { size: 20 }, cosigned: null, asks: [ask] });
    expect(v.tell({ type: "path", ask, path: provedFrom(7, 20) })).toMatchObject({ ...good, signed: { size: 20 }, cosigned: { size: 7 }, asks: [] });
  });

  it("raises the alarm if the proof does not show it", () => {
    for (const [older, path] of [["other history 8", provedFrom(8, 20)], ["other history 8", provedFrom(8, 20, true)], ["cosigned 8", []], ["cosigned 8", provedFrom(8, 20).toReversed()], ["cosigned 8", ["?"]]] as const) {
      const v = late(older);
      v.tell({ type: "seal", seal: seal("cosigned 20") });
      expect(v.tell({ type: "path", ask: { from: 8, to: 20 }, path }), older).toMatchObject({ alarm: { kind: "fork", size: 8, notes: [notes["cosigned 20"], notes[older]] } });
    }
  });

  it("is not asked about twice for the same seal, nor counted, if the server gives no proof", () => {
    const v = late("cosigned 7");
    v.tell({ type: "seal", seal: seal("signed 20") });
    expect(v.tell({ type: "path", ask, path: null })).toMatchObject({ ...good, asks: [], cosigned: null, unlinked: false });
    expect(v.tell({ type: "seal", seal: seal("cosigned 20") })).toMatchObject({ ...good, asks: [], cosigned: { size: 20 } });
  });

  it("includes what was followed before a cut: a snapshot further on has to continue it", () => {
    const jump = (other: boolean) => {
      const v = at(7, keys, other);
      v.tell(live(7, 10, other));
      expect(v.tell({ type: "snapshot", seq: 19, frontier: frontierAt(20) })).toMatchObject({ ...good, asks: [], unlinked: false });
      expect(v.tell({ type: "seal", seal: seal("cosigned 20") })).toMatchObject({ ...good, asks: [{ from: 10, to: 20 }] });
      return v;
    };
    const path = provedFrom(10, 20);
    expect(jump(false).tell({ type: "path", ask: { from: 10, to: 20 }, path })).toMatchObject({ ...good, asks: [], unlinked: false });
    expect(jump(true).tell({ type: "path", ask: { from: 10, to: 20 }, path })).toMatchObject({ alarm: { kind: "fork", size: 10 } });
    expect(jump(true).tell({ type: "path", ask: { from: 10, to: 20 }, path: null })).toMatchObject({ alarm: null, unlinked: true });
  });
});

describe("the proof of an entry", () => {
  const pathTo = (seq: number, size: number) => vectors.inclusion.find((p) => p.seq === seq && p.size === size)?.path;
  const sized = vectors.inclusion.filter((p) => p.size === 20 || p.size === 8 || p.size === 7 || p.size === 3);
  const proof = (p: (typeof sized)[number], more: Partial<EntryProof> = {}): EntryProof => ({
    seq: p.seq, leaf: toBase64(rehearsedLeaf(p.seq)), size: p.size, root: roots[p.size]!, path: p.path, note: notes[`cosigned ${p.size as 20}`], cosigned: true, at: "", ...more,
  });

  it("is verified here: leaf, way, root, signatures", () => {
    expect(sized.length).toBeGreaterThan(2);
    for (const p of sized) {
      const v = at(p.size);
      v.tell({ type: "seen", fragments: [stubOf(p.seq)] });
      const { result, integrity } = v.check(proof(p));
      expect(result).toMatchObject({ ok: true, seq: p.seq, size: p.size, root: hex(roots[p.size]!), cosigned: true, shown: true, own: true, by: { length: 4 }, steps: { length: p.path.length } });
      expect(integrity.alarm).toBeNull();
    }
  });

  it("says when the entry was not met here, or the checkpoint is not compared yet", () => {
    const p = sized[0]!;
    const v = at(30);
    const { result, integrity } = v.check(proof(p));
    expect(result).toMatchObject({ ok: true, shown: false, own: false });
    expect(integrity.alarm).toBeNull();
    expect(at(20, null).check(proof(p)).result).toMatchObject({ ok: false });
  });

  it("fails, with the alarm, for another leaf, way, number, root or signature", () => {
    const p = sized.find((s) => s.path.length > 1 && s.seq !== 5)!;
    expect(pathTo(p.seq, p.size)).toBeDefined();
    const bent: Partial<EntryProof>[] = [
      { leaf: toBase64(rehearsedLeaf(p.seq + 1)) },
      { leaf: "AAAA" },
      { path: p.path.toReversed() },
      { path: p.path.slice(1) },
      { path: [] },
      { seq: p.seq + 1 },
      { size: p.size + 1 },
      { note: notes["half signed 20"] },
      { note: notes["other history 8"], size: 8 },
    ];
    for (const b of bent) {
      const v = at(p.size, both);
      const { result, integrity } = v.check(proof(p, b));
      expect(result.ok, JSON.stringify(b).slice(0, 60)).toBe(false);
      if (b.note !== notes["half signed 20"]) expect(integrity.alarm, JSON.stringify(b).slice(0, 60)).not.toBeNull();
    }
  });

  it("fails if the entry on the screen has another leaf", () => {
    const p = sized[0]!;
    const v = at(p.size, keys);
    v.tell({ type: "seen", fragments: [{ form: "stub", seq: p.seq, leaf: toBase64(rehearsedLeaf(p.seq).map((b, i) => (i === 100 ? b ^ 1 : b))) }] });
    const { result, integrity } = v.check(proof(p));
    expect(result.ok).toBe(false);
    expect(integrity.alarm).toMatchObject({ kind: "entry" });
  });
});
