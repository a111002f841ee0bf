// The policy file: whose signatures a checkpoint must carry. It comes from
// somebody the reader trusts, never out of the bundle that is judged by it.
import { Unreadable, utf8 } from "./bytes";
import { check, type Checkpoint, type Key, type Note, parseKey, type Signature, timed } from "./note";

/** One generation of the operator's keys, and the sizes for which it signs. */
export interface Generation {
  readonly keys: readonly [Key, Key]; // Ed25519, ML-DSA-44
  readonly from: number; // the least size
  readonly to: number; // the greatest; Infinity: any
}

export interface Policy {
  readonly logs: readonly Generation[];
  readonly witnesses: readonly (readonly Key[])[]; // as they cosign
  /** The keys as the file writes them, each once, for people to compare. */
  readonly named: readonly { readonly line: string; readonly name: string; readonly witness: boolean; readonly algorithm: number }[];
}

/** A signature that has been checked. */
export interface Signer {
  readonly name: string;
  readonly hash: string; // of the key, 8 hexadecimal digits
  readonly at: number | null; // when, in whole seconds, by a key that says so
}

/** What became of a checkpoint under a policy. */
export type Judged =
  | { readonly trusted: true; readonly by: readonly Signer[]; readonly at: number | null } // at: when the last witness had cosigned it
  | { readonly trusted: false; readonly why: string };

export const maxPolicy = 1 << 20; // bytes

/** Reads a policy file; throws Unreadable with the line. */
export function parsePolicy(b: Uint8Array, name: string): Policy {
  const text = b.length <= maxPolicy ? utf8(b) : null;
  if (text === null) throw new Unreadable(name, b.length > maxPolicy ? "It is too large for a policy file." : "It is not text in UTF-8.");
  if (text.includes("\r")) throw new Unreadable(name, "Its lines must end with a line feed alone. It may have been saved by an editor that changes line ends: ask for it again.");
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines[0] !== "wardroom/policy/1") throw new Unreadable(name, "It does not begin with the line wardroom/policy/1, so it is not a policy file.");
  const logs: Generation[] = [];
  const witnesses: (readonly Key[])[] = [];
  const named = new Map<string, Policy["named"][number]>();
  lines.forEach((line, i) => {
    if (i === 0 || line === "" || line.startsWith("#")) return;
    const fail = (why: string): never => {
      throw new Unreadable(`${name}, line ${i + 1}`, why);
    };
    const key = (s: string, witness: boolean): Key => {
      const k = parseKey(s) ?? fail("A key in it cannot be read.");
      named.set(s, { line: s, name: k.name, witness, algorithm: k.algorithm });
      return k;
    };
    const [word, ...rest] = line.split(" ");
    if (word === "log" && rest.length >= 2 && rest.length <= 4) {
      const [ed = "", ml = "", from = "0", to] = rest;
      const size = (s: string): number => (/^(0|[1-9][0-9]*)$/.test(s) && Number.isSafeInteger(Number(s)) ? Number(s) : fail("A size in it is not a number."));
      const keys = [key(ed, false), key(ml, false)] as const;
      if (keys[0].algorithm !== 1 || keys[1].algorithm !== 6) fail("The first key must be an Ed25519 key and the second an ML-DSA-44 key.");
      const g = { keys, from: size(from), to: to === undefined ? Infinity : size(to) };
      if (g.to === 0 || g.to < g.from) fail("The sizes are the wrong way round.");
      logs.push(g);
    } else if (word === "witness" && (rest.length === 1 || rest.length === 2)) {
      witnesses.push(rest.map((s) => timed(key(s, true))));
    } else {
      fail("It names neither the keys of a log nor those of a witness.");
    }
    const cosigners = witnesses.flat().map(id);
    if (new Set(cosigners).size !== cosigners.length) fail("A witness's key stands there twice.");
    if (logs.some((g) => g.keys.some((k) => cosigners.includes(id(k))))) fail("A key is the log's and a witness's at once.");
  });
  if (logs.length === 0) throw new Unreadable(name, "It names no key of a log.");
  return { logs, witnesses, named: [...named.values()] };
}

function id(k: Key): string {
  return `${k.hash} ${k.name}`;
}

/** Judges a checkpoint: both keys of a generation that may sign its size, and every key of every witness. */
export function judge(policy: Policy, note: Note, c: Checkpoint): Judged {
  let failed: Judged = { trusted: false, why: `No keys in the policy file may sign for ${c.size} entries.` };
  for (const g of policy.logs) {
    if (c.size < g.from || c.size > g.to) continue;
    const judged = signedByAll(policy, g, note);
    if (judged.trusted) return judged;
    failed = judged;
  }
  return failed;
}

function signedByAll(policy: Policy, g: Generation, note: Note): Judged {
  const cosigners = policy.witnesses.flat();
  const need = [...g.keys, ...cosigners];
  const by: Signer[] = [];
  const seen = new Set<Key>();
  let at: number | null = null;
  for (const s of note.signatures) {
    const key = need.find((k) => k.name === s.name && k.hash === s.hash);
    if (!key || seen.has(key)) continue; // of somebody else, or once more
    seen.add(key);
    const { good, when } = signed(key, note, s);
    if (!good) return { trusted: false, why: `The signature of ${key.name} (key ${key.hash}) on it is not good.` };
    by.push({ name: key.name, hash: key.hash, at: when });
    if (when !== null && cosigners.includes(key)) at = Math.max(at ?? when, when);
  }
  const missing = need.find((k) => !seen.has(k));
  if (missing) return { trusted: false, why: `${missing.name} (key ${missing.hash}) has not signed it.` };
  return { trusted: true, by, at };
}

function signed(key: Key, note: Note, s: Signature): { good: boolean; when: number | null } {
  if (!s.strict) return { good: false, when: null }; // the same signature in other letters
  const { good, at } = check(key, note, s);
  return { good, when: at };
}
