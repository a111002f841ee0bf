// Starts the prover's worker. Under Trusted Types a worker's address must come
// from a policy; this one lets through the one address the build wrote here.
import { type Integrity, type ProverFactory, unchecked } from "./prover";
import workerURL from "./worker.ts?worker&url";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}

let policy: { createScriptURL(url: string): unknown } | null = null;

function trusted(url: string): URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes && !policy) {
    policy = trustedTypes.createPolicy("wardroom-worker", {
      createScriptURL(asked) {
        if (asked !== workerURL) throw new TypeError("not the prover's worker");
        return asked;
      },
    });
  }
  // The DOM types do not know TrustedScriptURL; a browser with Trusted Types takes nothing else.
  return (policy ? policy.createScriptURL(url) : url) as URL;
}

/** A prover in a worker of its own. A worker that cannot start leaves the room unchecked, and says why. */
export const workerProver: ProverFactory = (listen) => {
  const worker = new Worker(trusted(workerURL), { type: "module", name: "prover" });
  let closed = false;
  worker.addEventListener("message", (e: MessageEvent<Integrity>) => {
    if (!closed) listen(e.data);
  });
  worker.addEventListener("error", () => {
    if (!closed) listen({ ...unchecked, why: "this browser could not start the check" });
  });
  return {
    tell: (r) => worker.postMessage(r),
    close: () => {
      closed = true;
      worker.terminate();
    },
  };
};
