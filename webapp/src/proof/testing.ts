// For tests: the leaves of server/evidence/testdata/proofs.json, which is
// written and checked by the server's own code.
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { toBase64 } from "../protocol/base64";
import type { Fragment, Frontier as WireFrontier } from "../protocol/types";
import { Frontier } from "./frontier";
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
