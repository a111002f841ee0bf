// For tests: the leaves of server/evidence/testdata/proofs.json, which is
// written and checked by the server's own code.
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { toBase64 } from "../protocol/base64";
import type { Fragment, Frontier as WireFrontier } from "../protocol/types";
import { Frontier, node } from "./frontier";
import { leafHash, leafOf, originOf } from "./leaf";

export const line = "wardroom.dsc.example/wardroom/1/room/nb2hi4dthixs653xo4xho2ltovqq";
const origin = originOf(line);

/** A leaf of the rehearsed log; the other history differs from it at entry 5. */
export function rehearsedLeaf(seq: number, other = false): Uint8Array {
  const commitments = Array.from({ length: 8 }, (_, i) => sha256(utf8ToBytes(`leaf ${seq} slot ${i}${other && seq === 5 ? " of another history" : ""}`)));
  return leafOf(seq, origin, commitments);
}

export const stubOf = (seq: number, other = false): Fragment => ({ form: "stub", seq, leaf: toBase64(rehearsedLeaf(seq, other)) });

export function frontierAt(size: number, other = false): WireFrontier {
  const f = new Frontier();
  for (let i = 0; i < size; i++) f.append(leafHash(rehearsedLeaf(i, other)));
  return { size, hashes: f.hashes.map(toBase64) };
}

// The definitions of RFC 6962, section 2.1, word for word: slow, and another
// way than the one that is tested.
const split = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

/** A tree over these leaf hashes: root, PATH and SUBPROOF between two of its leaves. */
export function treeOf(hashes: readonly Uint8Array[]) {
  const known = new Map<string, Uint8Array>();
  const root = (from: number, to: number): Uint8Array => {
    const key = `${from} ${to}`;
    const k = from + split(to - from);
    const found = known.get(key) ?? (to - from === 1 ? (hashes[from] as Uint8Array) : node(root(from, k), root(k, to)));
    known.set(key, found);
    return found;
  };
  const path = (m: number, from: number, to: number): Uint8Array[] => {
    if (to - from === 1) return [];
    const k = from + split(to - from);
    return m < k ? [...path(m, from, k), root(k, to)] : [...path(m, k, to), root(from, k)];
  };
  const subproof = (m: number, from: number, to: number, whole: boolean): Uint8Array[] => {
    if (m === to) return whole ? [] : [root(from, to)];
    const k = from + split(to - from);
    return m <= k ? [...subproof(m, from, k, whole), root(k, to)] : [...subproof(m, k, to, false), root(from, k)];
  };
  return { root, path, subproof };
}

/** That the rehearsed log at one size begins it at another, as the wire has it. */
export function provedFrom(from: number, to: number, other = false): string[] {
  return treeOf(Array.from({ length: to }, (_, i) => leafHash(rehearsedLeaf(i, other)))).subproof(from, 0, to, true).map(toBase64);
}
