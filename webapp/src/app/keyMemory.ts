import type { KeyMemory } from "../proof/keys";

/** Fingerprints of public keys, by deployment; nothing else about it. */
export function keyMemory(deployment: string): KeyMemory {
  const where = `wardroom.keys.${deployment}`;
  return { read: () => localStorage.getItem(where), write: (text) => localStorage.setItem(where, text) };
}
