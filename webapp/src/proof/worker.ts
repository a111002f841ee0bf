// The prover in a thread of its own, so that hashing and checking signatures
// never hold up the page.
import type { EntryProof } from "../protocol/proof";
import { createVerifier, type Integrity, type ProofCheck, type ProverRequest } from "./prover";

export type WorkerRequest = { readonly type: "tell"; readonly request: ProverRequest } | { readonly type: "check"; readonly id: number; readonly proof: EntryProof };
export type WorkerAnswer = { readonly integrity: Integrity; readonly checked?: { readonly id: number; readonly result: ProofCheck } };

const verify = createVerifier();

self.addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
  if (data.type === "tell") return self.postMessage({ integrity: verify.tell(data.request) } satisfies WorkerAnswer);
  const { result, integrity } = verify.check(data.proof);
  self.postMessage({ integrity, checked: { id: data.id, result } } satisfies WorkerAnswer);
});
