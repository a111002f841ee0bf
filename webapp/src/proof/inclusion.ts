// Proofs about a log's tree, checked (RFC 6962, section 2.1; the steps are
// those of RFC 9162, sections 2.1.3.2 and 2.1.4.2). Sizes and numbers go up to
// 2^53, so halves are taken by division, not by shifting.
import { equal } from "./leaf";
import { node } from "./frontier";

/** The longest path there can be of a log whose size the wire can carry. */
export const maxPath = 64;

/** One hash of a path: the neighbour on that side is joined on. */
export interface Step {
  readonly side: "left" | "right";
  readonly hash: Uint8Array;
}

/** The way from a leaf up to the root, or null if a path for this place in a tree of this size has another length. */
export function stepsOf(seq: number, size: number, path: readonly Uint8Array[]): readonly Step[] | null {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(seq) || seq < 0 || seq >= size || path.length > maxPath || path.some((h) => h.length !== 32)) return null;
  const steps: Step[] = [];
  let fn = seq;
  let sn = size - 1;
  for (const hash of path) {
    if (sn === 0) return null;
    if (fn % 2 === 1 || fn === sn) {
      steps.push({ side: "left", hash });
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      steps.push({ side: "right", hash });
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 ? steps : null;
}

/** The root that a leaf hash and its path make; null if the path does not fit the place. */
export function rootFrom(seq: number, size: number, leafHash: Uint8Array, path: readonly Uint8Array[]): Uint8Array | null {
  const steps = stepsOf(seq, size, path);
  return steps && steps.reduce((below, s) => (s.side === "left" ? node(s.hash, below) : node(below, s.hash)), leafHash);
}

/** Whether the log with root `b` at size `to` begins with the log that has root `a` at size `from`. */
export function consistent(from: number, a: Uint8Array, to: number, b: Uint8Array, path: readonly Uint8Array[]): boolean {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to || path.length > maxPath || path.some((h) => h.length !== 32)) return false;
  if (from === to) return path.length === 0 && equal(a, b);
  if (from === 0) return path.length === 0; // the empty log begins every log
  let fn = from - 1;
  let sn = to - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  // A whole subtree on the left is not sent: its root is the older log's own.
  const hashes = fn === 0 ? [a, ...path] : path;
  const [first, ...rest] = hashes;
  if (!first) return false;
  let fr = first;
  let sr = first;
  for (const c of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = node(c, fr);
      sr = node(c, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = node(sr, c);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equal(fr, a) && equal(sr, b);
}

const half = (n: number): number => Math.floor(n / 2);
