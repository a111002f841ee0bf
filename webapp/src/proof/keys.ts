// The keys a deployment says it seals with, against those this browser saw
// first. A key may be added if the deployment's record lists it; a key that
// changes, goes or comes unlisted is said, until somebody has compared it.
import type { ProofKeys } from "../protocol/proof";
import { fingerprint } from "./note";
import type { KeyLines } from "./prover";

/** Where this browser remembers what it saw; public keys only. */
export interface KeyMemory {
  read(): string | null;
  write(text: string): void;
}

/** What is not as it was. */
export interface KeyChange {
  /** Whose: a generation of the operator's keys, or the witness's. */
  readonly of: "witness" | { readonly generation: number };
  readonly how: "changed" | "gone" | "unlisted";
  readonly before: readonly string[]; // fingerprints
  readonly now: readonly string[];
}

export interface KeysView {
  /** null: not asked for yet, or not to be had. */
  readonly keys: ProofKeys | null;
  readonly changes: readonly KeyChange[];
}

export const noKeys: KeysView = { keys: null, changes: [] };

interface Remembered {
  readonly notary: Readonly<Record<string, readonly string[]>>; // fingerprints by generation
  readonly witness: readonly string[] | null;
}

export function linesOf(keys: ProofKeys): KeyLines {
  return { notary: keys.notary.map((k) => k.verifiers), witness: keys.witness?.verifiers ?? [] };
}

function rememberable(keys: ProofKeys): Remembered {
  return {
    notary: Object.fromEntries(keys.notary.map((k) => [String(k.generation), k.verifiers.map(fingerprint)])),
    witness: keys.witness ? keys.witness.verifiers.map(fingerprint) : null,
  };
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

/** What of the keys is not as remembered; nothing for a browser that has not seen any. */
export function changesOf(before: Remembered | null, keys: ProofKeys): readonly KeyChange[] {
  if (!before) return [];
  const now = rememberable(keys);
  const changes: KeyChange[] = [];
  for (const [generation, seen] of Object.entries(before.notary)) {
    const is = now.notary[generation];
    const of = { generation: Number(generation) };
    if (!is) changes.push({ of, how: "gone", before: seen, now: [] });
    else if (!same(seen, is)) changes.push({ of, how: "changed", before: seen, now: is });
  }
  for (const k of keys.notary) {
    if (!before.notary[String(k.generation)] && k.listed === null) {
      changes.push({ of: { generation: k.generation }, how: "unlisted", before: [], now: now.notary[String(k.generation)] ?? [] });
    }
  }
  if (before.witness && !now.witness) changes.push({ of: "witness", how: "gone", before: before.witness, now: [] });
  else if (before.witness && now.witness && !same(before.witness, now.witness)) changes.push({ of: "witness", how: "changed", before: before.witness, now: now.witness });
  return changes;
}

function recall(memory: KeyMemory): Remembered | null {
  try {
    const r: unknown = JSON.parse(memory.read() ?? "null");
    return r !== null && typeof r === "object" && "notary" in r && "witness" in r ? (r as Remembered) : null;
  } catch {
    return null;
  }
}

export interface Keyring {
  readonly view: KeysView;
  /** Asks for the keys, after any question that is under way: what it answers was true after it was asked. */
  refresh(): Promise<ProofKeys>;
  /** Somebody has compared the fingerprints: the keys of now are the ones to remember. */
  accept(): void;
  subscribe(listen: () => void): () => void;
}

export function createKeyring(load: () => Promise<ProofKeys>, memory: KeyMemory): Keyring {
  const listeners = new Set<() => void>();
  let view = noKeys;
  let last: Promise<unknown> = Promise.resolve();
  const set = (next: KeysView): void => {
    view = next;
    for (const listen of [...listeners]) listen();
  };
  const remember = (keys: ProofKeys): void => {
    try {
      memory.write(JSON.stringify(rememberable(keys)));
    } catch {
      // A browser that keeps nothing sees every key for the first time.
    }
  };
  const ask = async (): Promise<ProofKeys> => {
    const keys = await load();
    const changes = changesOf(recall(memory), keys);
    if (changes.length === 0) remember(keys);
    set({ keys, changes });
    return keys;
  };
  return {
    get view() {
      return view;
    },
    refresh() {
      const next = last.then(ask, ask);
      last = next;
      return next;
    },
    accept() {
      if (!view.keys) return;
      remember(view.keys);
      set({ keys: view.keys, changes: [] });
    },
    subscribe(listen) {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
  };
}
