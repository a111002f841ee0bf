// What the server says of a log's seals and proofs. All of it is a claim until
// proof/ has checked it.
import { count, expect, flag, type Guard, listOf, maybe, nullable, shape, text } from "./guard";
import type { Instant, Seq } from "./types";

/** The newest checkpoint of a room's log: how far it is sealed. */
export interface Seal {
  /** Leaves: entries 0 … size − 1. */
  readonly size: number;
  /** A signed note; with the witness's signatures when cosigned. */
  readonly note: string;
  readonly cosigned: boolean;
  readonly at: Instant;
  /** When the first entry was recorded that no cosigned checkpoint covers; absent while that is a few seconds ago. */
  readonly since?: Instant;
}
/** That an entry's leaf is under a checkpoint's root (RFC 6962). */
export interface EntryProof {
  readonly seq: Seq;
  readonly leaf: string;
  readonly size: number;
  readonly root: string;
  readonly path: readonly string[];
  readonly note: string;
  readonly cosigned: boolean;
  readonly at: Instant;
}
export interface NotaryKey {
  readonly generation: number;
  readonly name: string;
  /** vkey lines; each signs every checkpoint of this generation. */
  readonly verifiers: readonly string[];
  /** When the deployment's own log listed it; null: it does not. */
  readonly listed: Instant | null;
}
export interface WitnessKey {
  readonly name: string;
  readonly verifiers: readonly string[];
  /** Where the witness answers for itself. */
  readonly address: string;
}
export interface ProofKeys {
  readonly deployment: string;
  readonly notary: readonly NotaryKey[];
  readonly witness: WitnessKey | null;
  /** The text of a policy file, for a verifier. */
  readonly policy: string;
}

const longestNote = 1 << 16;
const note: Guard<string> = (v): v is string => text(v) && v.length <= longestNote;
const seal = shape({ size: count, note, cosigned: flag, at: text, since: maybe(text) });
const proof = shape({ seq: count, leaf: text, size: count, root: text, path: listOf(text), note, cosigned: flag, at: text });
const keys = shape({
  deployment: text, policy: text,
  notary: listOf(shape({ generation: count, name: text, verifiers: listOf(text), listed: maybe(nullable(text)) })),
  witness: maybe(nullable(shape({ name: text, verifiers: listOf(text), address: maybe(text) }))),
});

export const parseSeal = (v: unknown): Seal => expect(seal, v, "seal") as Seal;
/** Of a snapshot: a log that nobody has signed for yet has none. */
export const parseSealOrNone = (v: unknown): Seal | null => (v === undefined || v === null ? null : parseSeal(v));
export const parseEntryProof = (v: unknown): EntryProof => expect(proof, v, "proof") as EntryProof;
export const parsePath = (v: unknown): readonly string[] => expect(shape({ path: listOf(text) }), v, "proof").path;

export function parseProofKeys(v: unknown): ProofKeys {
  const k = expect(keys, v, "keys");
  return {
    deployment: k.deployment, policy: k.policy,
    notary: k.notary.map(({ generation, name, verifiers, listed }) => ({ generation, name, verifiers, listed: listed ?? null })),
    witness: k.witness ? { name: k.witness.name, verifiers: k.witness.verifiers, address: k.witness.address ?? "" } : null,
  };
}
