// Starts the prover's worker. Under Trusted Types a worker's address must come
// from a policy; this one lets through the one address the build wrote here.
import { type ProofCheck, type ProverFactory, unchecked } from "./prover";
import type { WorkerAnswer, WorkerRequest } from "./worker";
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
  const asked = new Map<number, (result: ProofCheck) => void>();
  const gone: ProofCheck = { ok: false, why: "This browser could not start the check." };
  let closed = false;
  let failed = false;
  let ids = 0;
  const giveUp = (): void => {
    for (const answer of asked.values()) answer(gone);
    asked.clear();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<WorkerAnswer>) => {
    if (closed) return;
    listen(data.integrity);
    if (data.checked) asked.get(data.checked.id)?.(data.checked.result);
    if (data.checked) asked.delete(data.checked.id);
  });
  worker.addEventListener("error", () => {
    failed = true;
    giveUp();
    if (!closed) listen({ ...unchecked, why: "this browser could not start the check" });
  });
  const post = (request: WorkerRequest): void => worker.postMessage(request);
  return {
    tell: (request) => post({ type: "tell", request }),
    check: (proof) =>
      new Promise((answer) => {
        if (closed || failed) return answer(gone);
        const id = ids++;
        asked.set(id, answer);
        post({ type: "check", id, proof });
      }),
    close: () => {
      closed = true;
      worker.terminate();
      giveUp();
    },
  };
};
