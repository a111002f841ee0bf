// Since when entries wait for their seal. The server says it of what came
// before this page; of what came since, this page knows itself, so that a
// server that falls silent about it hides nothing.
import type { Integrity } from "../proof/prover";
import type { Seal } from "../protocol/proof";
import type { Instant, Received, Seq } from "../protocol/types";

const kept = 512; // groups whose arrival is remembered; of more the first ones are

export function createUnsealed() {
  let said: Instant | null = null; // by the server
  let witnessed = true;
  let arrivals: { readonly to: Seq; readonly at: Instant }[] = [];
  return {
    /** The server's newest word; it counts from the witness's last signature, so without a witness it says nothing. */
    told(seal: Seal): void {
      said = seal.since ?? null;
    },
    /** Entries have come at this moment (milliseconds, the server's clock). */
    came(events: readonly Received[], now: number): void {
      const last = events.at(-1);
      if (last && arrivals.length < kept) arrivals.push({ to: last.entry.seq, at: new Date(now).toISOString() });
    },
    /** What the check has reached. Where there is a witness, only what it cosigned counts. */
    reached({ cosigned, signed }: Integrity, witness: boolean): void {
      witnessed = witness;
      const size = (witnessed ? cosigned : signed)?.size ?? 0;
      arrivals = arrivals.filter((a) => a.to >= size);
    },
    /** A new snapshot: what came before it is for the server to say. */
    forget(): void {
      said = null;
      arrivals = [];
    },
    get since(): Instant | null {
      const first = arrivals[0]?.at ?? null;
      return said !== null && witnessed && (first === null || Date.parse(said) < Date.parse(first)) ? said : first;
    },
  };
}
