// Follows one room's log leaf by leaf and keeps its root. A prover extends
// the frontier a snapshot gave; what does not fit breaks it, visibly and for
// good. It shows forks and tampered storage while the incident runs; it cannot
// show what an operator who serves false JavaScript hides.
import { fromBase64, toBase64 } from "../protocol/base64";
import type { Fragment, Frontier as WireFrontier, Seq } from "../protocol/types";
import { Frontier } from "./frontier";
import { Broken, leafFrom, leafHash, originOf } from "./leaf";

export interface Integrity {
  readonly status: "checking" | "ok" | "broken";
  /** Leaves summed up so far: the last entry's number plus one. */
  readonly size: number;
  /** base64 of the root over them; "" before the first. */
  readonly root: string;
  /** When broken: what did not fit, by number, never by content. */
  readonly why: string;
}

export const unchecked: Integrity = { status: "checking", size: 0, root: "", why: "" };

export type ProverRequest =
  | { readonly type: "origin"; readonly line: string }
  | { readonly type: "snapshot"; readonly seq: Seq; readonly frontier: WireFrontier }
  | { readonly type: "live"; readonly fragments: readonly Fragment[] } // the next ones in order
  | { readonly type: "seen"; readonly fragments: readonly Fragment[] }; // of pages and opened objects: checked one by one

export interface Prover {
  tell(request: ProverRequest): void;
  close(): void;
}
export type ProverFactory = (listen: (integrity: Integrity) => void) => Prover;

/** The prover itself. It answers after each request. */
export function createVerifier(): (request: ProverRequest) => Integrity {
  let origin: Uint8Array | null = null;
  let frontier: Frontier | null = null;
  let why = "";
  // Leaf hashes of envelopes and stubs met so far need no memory: a page's leaf is compared when its number is live only.
  const leaves = new Map<Seq, string>(); // of live entries, so that a page cannot show another

  const handle = (r: ProverRequest): void => {
    if (r.type === "origin") {
      origin = originOf(r.line);
      return;
    }
    if (r.type === "snapshot") {
      if (r.frontier.size !== r.seq + 1) throw new Broken(r.seq, "the snapshot's frontier has another size");
      const next = new Frontier(r.frontier.size, r.frontier.hashes.map(fromBase64));
      if (frontier && next.size < frontier.size) throw new Broken(r.seq, "the log is shorter than it was");
      if (frontier && next.size === frontier.size && toBase64(next.root()) !== toBase64(frontier.root())) {
        throw new Broken(r.seq, "the log is not the one that was followed so far");
      }
      frontier = next;
      return;
    }
    if (!origin) return;
    for (const f of r.fragments) {
      const hash = leafHash(leafFrom(f, origin));
      if (r.type === "live" && frontier && f.seq === frontier.size) {
        frontier.append(hash);
        leaves.set(f.seq, toBase64(hash));
      } else if (leaves.has(f.seq) && leaves.get(f.seq) !== toBase64(hash)) {
        throw new Broken(f.seq, "it is not what it was");
      }
    }
  };

  return (request) => {
    if (why === "") {
      try {
        handle(request);
      } catch (e) {
        why = e instanceof Error ? e.message : "it could not be checked";
      }
    }
    return {
      status: why !== "" ? "broken" : frontier && origin ? "ok" : "checking",
      size: frontier?.size ?? 0,
      root: frontier ? toBase64(frontier.root()) : "",
      why,
    };
  };
}

/** A prover in this thread. */
export const localProver: ProverFactory = (listen) => {
  const verify = createVerifier();
  return { tell: (r) => listen(verify(r)), close: () => {} };
};
