import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import vectors from "../../../server/evidence/testdata/vectors.json";
import { toBase64 } from "../protocol/base64";
import type { Fragment, SlotTexts } from "../protocol/types";
import { Frontier } from "./frontier";
import { Broken, commitment, leafFrom, leafHash, leafOf, leafSize, originOf, saltOf } from "./leaf";
import { createVerifier } from "./prover";

const b64 = (hex: string) => toBase64(hexToBytes(hex));
/** Those whose number the wire can carry. */
const sendable = vectors.events.filter((e) => Number.isSafeInteger(Number(e.seq)));
const open = (e: (typeof vectors.events)[number]): Fragment => ({
  form: "open", seq: Number(e.seq), seed: b64(e.seed), slots: e.values as unknown as SlotTexts,
});
const envelope = (e: (typeof vectors.events)[number], shown = [0, 1, 2, 3]): Fragment => ({
  form: "envelope", seq: Number(e.seq), leaf: b64(e.leaf),
  slots: Object.fromEntries(shown.map((i) => [i, [b64(e.salts[i]!), e.values[i]!] as const])),
});
const stub = (e: (typeof vectors.events)[number]): Fragment => ({ form: "stub", seq: Number(e.seq), leaf: b64(e.leaf) });

describe("leaves", () => {
  it("have the server's size", () => {
    expect(leafSize).toBe(vectors.leafSize);
    expect(sendable.length).toBeGreaterThan(6);
  });

  for (const e of vectors.events) {
    it(`commit as the server does: ${e.name}`, () => {
      const origin = originOf(e.originLine);
      expect(bytesToHex(origin)).toBe(e.origin);
      const seq = BigInt(e.seq);
      const salts = e.values.map((_, i) => saltOf(hexToBytes(e.seed), i));
      expect(salts.map(bytesToHex)).toEqual(e.salts);
      const commitments = e.values.map((v, i) => commitment(i, seq, origin, salts[i]!, utf8ToBytes(v)));
      expect(commitments.map(bytesToHex)).toEqual(e.commitments);
      const leaf = leafOf(seq, origin, commitments);
      expect(bytesToHex(leaf)).toBe(e.leaf);
      expect(bytesToHex(leafHash(leaf))).toBe(e.leafHash);
    });
  }

  for (const e of sendable) {
    it(`are the same from every form of the entry: ${e.name}`, () => {
      const origin = originOf(e.originLine);
      for (const f of [open(e), envelope(e), stub(e)]) expect(bytesToHex(leafFrom(f, origin))).toBe(e.leaf);
    });
  }

  it("expose a value, a salt, a number, a log or a byte that is not what was committed", () => {
    const e = sendable[2]!;
    const origin = originOf(e.originLine);
    const good = envelope(e) as Extract<Fragment, { form: "envelope" }>;
    const bent: Fragment[] = [
      { ...good, slots: { ...good.slots, 1: [good.slots[1]![0], `${good.slots[1]![1]} `] } },
      { ...good, slots: { ...good.slots, 1: [good.slots[2]![0], good.slots[1]![1]] } },
      { ...good, slots: { 0: good.slots[1]! } },
      { ...good, seq: good.seq + 1 },
      { ...good, leaf: toBase64(hexToBytes(e.leaf).slice(1)) },
      { ...good, leaf: "not base64!" },
      { ...(stub(e) as Extract<Fragment, { form: "stub" }>), seq: 9 },
      { ...(open(e) as Extract<Fragment, { form: "open" }>), seed: "AAAA" },
    ];
    for (const f of bent) expect(() => leafFrom(f, origin)).toThrow(Broken);
    expect(() => leafFrom(good, originOf("elsewhere/wardroom/1/room/x"))).toThrow(Broken);
  });
});

describe("the frontier", () => {
  it("has the server's root and hashes at every size", () => {
    const leaves = vectors.events.filter((e) => e.origin === vectors.events[0]!.origin).map((e) => hexToBytes(e.leafHash));
    const frontier = new Frontier();
    expect(vectors.log.length).toBeGreaterThan(7);
    for (const [i, want] of vectors.log.entries()) {
      if (i > 0) frontier.append(leaves[i - 1]!);
      expect({ size: frontier.size, root: bytesToHex(frontier.root()), hashes: frontier.hashes.map(bytesToHex) }).toEqual({
        size: want.size, root: want.root, hashes: want.hashes,
      });
    }
  });

  it("goes on from any frontier as if it had seen all of the log", () => {
    const last = vectors.log.at(-1)!;
    for (const [i, from] of vectors.log.entries()) {
      const frontier = new Frontier(from.size, from.hashes.map(hexToBytes));
      for (const e of sendable.slice(i, last.size)) frontier.append(hexToBytes(e.leafHash));
      expect(bytesToHex(frontier.root())).toBe(last.root);
    }
  });

  it("is refused with too many or too few hashes", () => {
    expect(() => new Frontier(3, [new Uint8Array(32)])).toThrow();
    expect(() => new Frontier(1, [new Uint8Array(31)])).toThrow();
    expect(() => new Frontier(-1, [])).toThrow();
  });
});

describe("the prover", () => {
  const line = vectors.events[0]!.originLine;
  const wire = (i: number) => ({ size: vectors.log[i]!.size, hashes: vectors.log[i]!.hashes.map(b64) });
  const rootOf = (i: number) => b64(vectors.log[i]!.root);

  it("extends a snapshot's frontier by entries of every form", () => {
    const { tell } = createVerifier();
    tell({ type: "origin", line });
    expect(tell({ type: "snapshot", seq: 2, frontier: wire(3) })).toMatchObject({ status: "ok", size: 3, root: rootOf(3) });
    expect(tell({ type: "live", fragments: [open(sendable[3]!), envelope(sendable[4]!), stub(sendable[5]!)] })).toMatchObject({
      status: "ok", size: 6, root: rootOf(6),
    });
    expect(tell({ type: "snapshot", seq: 5, frontier: wire(6) })).toMatchObject({ status: "ok" });
    expect(tell({ type: "seen", fragments: [open(sendable[5]!), envelope(sendable[1]!)] })).toMatchObject({ status: "ok", size: 6 });
  });

  it("is broken, for good, by a log that is shorter, other, or bent", () => {
    const fresh = () => {
      const { tell } = createVerifier();
      tell({ type: "origin", line });
      tell({ type: "snapshot", seq: 2, frontier: wire(3) });
      tell({ type: "live", fragments: [open(sendable[3]!)] });
      return tell;
    };
    const shorter = fresh();
    expect(shorter({ type: "snapshot", seq: 1, frontier: wire(2) })).toMatchObject({ status: "broken", why: expect.stringContaining("ends at entry 1") });
    expect(shorter({ type: "live", fragments: [open(sendable[4]!)] }).status).toBe("broken");
    const other = fresh();
    expect(other({ type: "snapshot", seq: 3, frontier: { size: 4, hashes: [b64(sendable[0]!.leafHash)] } }).status).toBe("broken");
    const bent = fresh();
    const f = envelope(sendable[4]!) as Extract<Fragment, { form: "envelope" }>;
    expect(bent({ type: "live", fragments: [{ ...f, slots: { 0: [f.slots[0]![0], "{}"] } }] }).status).toBe("broken");
    const changed = fresh();
    const o = open(sendable[3]!) as Extract<Fragment, { form: "open" }>;
    expect(changed({ type: "seen", fragments: [{ ...o, slots: [...o.slots.slice(0, 7), "{}"] as unknown as SlotTexts }] })).toMatchObject({
      status: "broken", why: "entry 3: it is not what it was",
    });
    const wrongSize = fresh();
    expect(wrongSize({ type: "snapshot", seq: 9, frontier: wire(3) }).status).toBe("broken");
  });

  it("is checking, not content, until it has a frontier", () => {
    const { tell } = createVerifier();
    expect(tell({ type: "origin", line }).status).toBe("checking");
  });
});
