import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../../../server/evidence/testdata/proofs.json";
import { fromBase64, toBase64 } from "../protocol/base64";
import { Frontier } from "./frontier";
import { consistent, rootFrom, stepsOf } from "./inclusion";
import { leafHash } from "./leaf";
import { rehearsedLeaf, treeOf } from "./testing";

const hashes = Array.from({ length: 300 }, (_, i) => sha256(utf8ToBytes(`leaf ${i}`)));

const { root: mth, path, subproof } = treeOf(hashes);
const size = fc.integer({ min: 1, max: 300 });
const place = size.chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 })));
const flip = (b: Uint8Array, bit: number) => b.map((x, i) => (i === bit >> 3 ? x ^ (1 << (bit & 7)) : x));

describe("a proof that an entry is in the log", () => {
  it("holds for every entry at every size from 1 to 300", () => {
    const frontier = new Frontier();
    for (let n = 1; n <= 300; n++) {
      frontier.append(hashes[n - 1]!);
      const root = toBase64(frontier.root());
      expect(root).toBe(toBase64(mth(0, n)));
      const step = n < 70 ? 1 : 7;
      for (let m = 0; m < n; m += step) expect(toBase64(rootFrom(m, n, hashes[m]!, path(m, 0, n))!)).toBe(root);
      expect(toBase64(rootFrom(n - 1, n, hashes[n - 1]!, path(n - 1, 0, n))!)).toBe(root);
    }
  });

  it("does not hold with any bit of it turned, a hash more or less, at another place or size", () => {
    fc.assert(
      fc.property(place, fc.nat(255), fc.nat(), (([n, m], bit, which) => {
        const good = path(m, 0, n);
        const root = toBase64(mth(0, n));
        const made = (seq: number, of: number, leaf: Uint8Array, p: readonly Uint8Array[]) => {
          const r = rootFrom(seq, of, leaf, p);
          return r && toBase64(r);
        };
        expect(made(m, n, flip(hashes[m]!, bit), good)).not.toBe(root);
        if (good.length > 0) {
          const at = which % good.length;
          expect(made(m, n, hashes[m]!, good.map((h, i) => (i === at ? flip(h, bit) : h)))).not.toBe(root);
          expect(made(m, n, hashes[m]!, good.filter((_, i) => i !== at))).not.toBe(root);
          expect(made((m + 1) % n, n, hashes[m]!, good)).not.toBe(root);
        }
        expect(made(m, n, hashes[m]!, [...good, hashes[0]!])).not.toBe(root);
        expect(made(n, n, hashes[m]!, good)).toBeNull();
        expect(stepsOf(m, n, good)?.length).toBe(good.length);
      })),
    );
  });

  it("is what the server makes", () => {
    const roots = vectors.roots.map((r) => fromBase64(r));
    expect(vectors.inclusion.length).toBeGreaterThan(50);
    for (const p of vectors.inclusion) {
      expect(toBase64(rootFrom(p.seq, p.size, leafHash(rehearsedLeaf(p.seq)), p.path.map(fromBase64))!)).toBe(vectors.roots[p.size]);
    }
    expect(vectors.consistency.length).toBeGreaterThan(50);
    for (const p of vectors.consistency) {
      expect(consistent(p.from, roots[p.from]!, p.to, roots[p.to]!, p.path.map(fromBase64))).toBe(true);
    }
  });
});

describe("a proof that one log begins with another", () => {
  it("holds for every two sizes, and for no other root", () => {
    fc.assert(
      fc.property(size, size, fc.nat(255), fc.nat(), (x, y, bit, which) => {
        const [from, to] = x < y ? [x, y] : [y, x];
        const good = from === to ? [] : subproof(from, 0, to, true);
        const a = mth(0, from);
        const b = mth(0, to);
        expect(consistent(from, a, to, b, good)).toBe(true);
        expect(consistent(from, flip(a, bit), to, b, good)).toBe(false);
        expect(consistent(from, a, to, flip(b, bit), good)).toBe(false);
        expect(consistent(from, a, to, b, [...good, a])).toBe(false);
        if (good.length > 0) {
          const at = which % good.length;
          expect(consistent(from, a, to, b, good.filter((_, i) => i !== at))).toBe(false);
          expect(consistent(from, a, to, b, good.map((h, i) => (i === at ? flip(h, bit) : h)))).toBe(false);
          expect(consistent(to, b, from, a, good)).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("takes the empty log for the beginning of any, and nothing for a proof of what is not", () => {
    expect(consistent(0, sha256(new Uint8Array()), 5, mth(0, 5), [])).toBe(true);
    expect(consistent(0, sha256(new Uint8Array()), 5, mth(0, 5), [hashes[0]!])).toBe(false);
    expect(consistent(4, mth(0, 4), 5, mth(0, 5), [])).toBe(false);
    expect(consistent(5, mth(0, 5), 4, mth(0, 4), [])).toBe(false);
    expect(consistent(1.5, mth(0, 5), 4, mth(0, 4), [])).toBe(false);
  });
});
