// The prover in a thread of its own, so that hashing never holds up the page.
import { createVerifier, type ProverRequest } from "./prover";

const verify = createVerifier();

self.addEventListener("message", (e: MessageEvent<ProverRequest>) => {
  self.postMessage(verify(e.data));
});
