// What the check of a log says, in words for people who have never heard of
// hash trees, and as texts to hand on.
import type { Alarm, Mark, ProofCheck } from "../../proof/prover";
import type { Signature } from "../../proof/note";
import { grouped } from "../../proof/note";
import type { KeyChange } from "../../proof/keys";
import type { EntryProof } from "../../protocol/proof";
import { utc } from "../../ui/time";

/** Who holds a key: the host its name begins with. */
export const holder = (name: string): string => name.split("/")[0] ?? name;

/** The holders of the keys on a seal, the operator first. */
export function holders(by: readonly Signature[]): readonly string[] {
  return [...new Set(by.map((s) => holder(s.name)))];
}

/** "Sealed by … and witnessed by … up to entry 212, …". */
export function sealedBy(mark: Mark): { readonly operator: string; readonly witness: string | null } {
  const [operator = "the operator"] = holders(mark.by.slice(0, 1));
  const witness = mark.by.find((s) => s.name.endsWith("/witness"));
  return { operator, witness: mark.cosigned && witness ? holder(witness.name) : null };
}

/** Signatures by the name of their key: one holder has several keys. */
export function byName(by: readonly Signature[]): readonly { readonly name: string; readonly keys: readonly Signature[] }[] {
  return [...new Set(by.map((s) => s.name))].map((name) => ({ name, keys: by.filter((s) => s.name === name) }));
}

export const alarmMeaning: Readonly<Record<Alarm["kind"], string>> = {
  fork: "The log you are shown here is not the log that was sealed, or not the one this browser was shown before. Entries may have been changed, removed or added, or different people may be shown different logs.",
  entry: "An entry you are shown here is not what the log holds under its number. It may have been changed after it was written.",
  seal: "The seal on this log is not signed with the keys it must be signed with. Another log may be passed off as the sealed one.",
};

/** How a key is not as it was. */
export function changeSentence(c: KeyChange): string {
  const whose = c.of === "witness" ? "The witness’s keys" : `The operator’s keys, set ${c.of.generation},`;
  switch (c.how) {
    case "changed":
      return `${whose} are not the ones this browser saw before.`;
    case "gone":
      return `${whose} that this browser saw before are no longer named.`;
    case "unlisted":
      return `${whose} are new, and the deployment’s own record does not list them.`;
  }
}

export interface About {
  readonly reference: string;
  /** The log's origin line. */
  readonly origin: string;
}

/** Everything this browser knows of what does not fit, for whoever looks into it. Holds no content of the room. */
export function evidenceText(alarm: Alarm, about: About & { readonly size: number; readonly root: string }, now: string): string {
  return [
    "Wardroom: evidence that a log does not fit together",
    "",
    `Copied:    ${utc(now)}`,
    `Room:      ${about.reference}`,
    `Log:       ${about.origin}`,
    `Found:     ${alarm.why}`,
    `Kind:      ${alarm.kind}`,
    `Size:      ${alarm.size} (both roots are about this many entries, the room’s beginning, number 0, among them)`,
    `Root here: ${alarm.here === "" ? "none computed at that size" : alarm.here}`,
    `Root told: ${alarm.there === "" ? "none" : alarm.there}`,
    `This browser followed the log up to size ${about.size}; its root, base64: ${about.root}`,
    "",
    ...alarm.notes.flatMap((n, i) => [`Signed note ${i + 1} of ${alarm.notes.length}, as it was received, between the lines:`, "-----", n.replace(/\n$/, ""), "-----", ""]),
  ].join("\n");
}

/**
 * A proof as a text file: what was checked, in words; the leaf; and the proof
 * in the form of C2SP tlog-proof, so that other programs read it.
 */
export function proofText(check: Extract<ProofCheck, { ok: true }>, proof: EntryProof, about: About): string {
  return [
    `Wardroom: proof of entry ${check.seq}`,
    "",
    `Room:        ${about.reference}`,
    `Log:         ${about.origin}`,
    `Entry:       ${check.seq}`,
    `Leaf hash:   ${grouped(check.leafHash)}`,
    `Sealed over: the first ${check.size} entries (0 to ${check.size - 1})`,
    `Root:        ${grouped(check.root)}`,
    check.at === null ? "Signed:      at no stated time" : `No later than: ${utc(check.at)}`,
    "",
    ...check.by.map((s) => `Signed by ${s.name} (${s.algorithm})${s.at === null ? "" : ` at ${utc(s.at)}`}\n  fingerprint ${s.fingerprint}`),
    "",
    `Leaf, base64: ${proof.leaf}`,
    "",
    "The proof, in the form of c2sp.org/tlog-proof, from the next line to the end:",
    "c2sp.org/tlog-proof@v1",
    `index ${proof.seq}`,
    ...proof.path,
    "",
    proof.note,
  ].join("\n");
}
