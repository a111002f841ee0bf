// A writer of bundles for tests: it follows the description of the format and
// shares nothing with the checker's way of reading it but the bytes.
import { ed25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

const base64 = (b: Uint8Array): string => Buffer.from(b).toString("base64");
const u64 = (n: number | bigint): Uint8Array => hexToBytes(BigInt(n).toString(16).padStart(16, "0"));
const u32 = (n: number): Uint8Array => hexToBytes(n.toString(16).padStart(8, "0"));
const text = (...parts: (string | Uint8Array)[]): Uint8Array => concatBytes(...parts.map((p) => (typeof p === "string" ? utf8ToBytes(p) : p)));

/** Canonical JSON of plain values. */
export function json(v: unknown): string {
  if (Array.isArray(v)) return `[${v.map(json).join(",")}]`;
  if (typeof v !== "object" || v === null) return JSON.stringify(v);
  return `{${Object.keys(v).toSorted().map((k) => `${JSON.stringify(k)}:${json((v as Record<string, unknown>)[k])}`).join(",")}}`;
}

interface Signer {
  readonly vkey: string;
  sign(note: string, at: number): string;
}

function signer(name: string, algorithm: 1 | 4 | 6, seed: Uint8Array): Signer {
  const pq = algorithm === 6 ? ml_dsa44.keygen(seed) : null;
  const pub = concatBytes(Uint8Array.of(algorithm), pq ? pq.publicKey : ed25519.getPublicKey(seed));
  const hash = sha256(text(name, "\n", pub)).slice(0, 4);
  const short = (s: string) => concatBytes(Uint8Array.of(utf8ToBytes(s).length), utf8ToBytes(s));
  return {
    vkey: `${name}+${bytesToHex(hash)}+${base64(pub)}`,
    sign(note, at) {
      let sig: Uint8Array;
      if (algorithm === 1) sig = ed25519.sign(utf8ToBytes(note), seed);
      else if (algorithm === 4) sig = concatBytes(u64(at), ed25519.sign(utf8ToBytes(`cosignature/v1\ntime ${at}\n${note}`), seed));
      else {
        const [origin = "", size = "", root = ""] = note.split("\n");
        const message = text("subtree/v1\n\0", short(name), u64(at), short(origin), u64(0), u64(BigInt(size)), Buffer.from(root, "base64"));
        if (!pq) throw new Error("no key");
        sig = concatBytes(u64(at), ml_dsa44.sign(message, pq.secretKey, { extraEntropy: false }));
      }
      return `— ${name} ${base64(concatBytes(hash, sig))}\n`;
    },
  };
}

const seedOf = (name: string): Uint8Array => sha256(utf8ToBytes(name));
const host = "rooms.example.nhs.uk";
export const origin = `${host}/wardroom/1/room/abcdefghijklmnopqrstuvwxyz`;

/** Whose keys sign. */
export interface Parties {
  readonly operator: readonly Signer[];
  readonly witness: readonly Signer[];
}

export function parties(name = "the true ones"): Parties {
  const n = `${host}/wardroom/1/notary`;
  const w = "witness.example.gov.uk/wardroom/1/witness";
  return {
    operator: [signer(n, 1, seedOf(`${name} a`)), signer(n, 6, seedOf(`${name} b`))],
    witness: [signer(w, 4, seedOf(`${name} c`)), signer(w, 6, seedOf(`${name} d`))],
  };
}

export function policyOf(p: Parties): string {
  return `wardroom/policy/1\n# as printed in the joint handbook\nlog ${p.operator.map((s) => s.vkey).join(" ")}\nwitness ${p.witness.map((s) => s.vkey).join(" ")}\n`;
}

export type Values = readonly [string, string, string, string, string, string, string, string];

export interface Entry {
  readonly seed: Uint8Array;
  readonly values: Values;
}

export const start = Date.UTC(2026, 4, 12, 15, 10, 0, 123);

/** An entry n seconds after the start. */
export function entry(seq: number, kind: string, by: object, body: object, more: { root?: number; marking?: object; after?: number } = {}): Entry {
  const recorded = new Date(start + (more.after ?? seq) * 1000).toISOString();
  return {
    seed: seedOf(`entry ${seq}`),
    values: [json({ kind, root: more.root ?? seq }), json(by), json({ recorded }), more.marking ? json(more.marking) : "", json(body), "", "", json({ key: `01JD6K7Q6Z${String(seq).padStart(16, "0")}` })],
  };
}

export const amber = { audience: { kind: "room" }, originator: "R1H", tlp: "TLP:AMBER+STRICT" };

/** A room: opened by its lead, a guest joins at 2, then messages. */
export function room(messages: readonly string[]): Entry[] {
  const lead = { member: 1, org: "X26", role: "lead" };
  const seat = (name: string, org: string, orgName: string, role: string) => ({ history: "full", name, org, orgName, orgType: "national", role });
  const out = [
    entry(0, "genesis", {}, { deployment: host, format: "WARDROOM/1", log: "room", origin, section: 1 }),
    entry(1, "room.opened", lead, { hosts: ["X26", "NCSC"], mode: "incident", reference: "INC-2026-0007", roster: "names", title: "Ransomware at Barts Health", tlp: "TLP:AMBER+STRICT" }),
    entry(2, "member.joined", lead, { how: "opened", number: 1, person: "zyxwvutsrqponmlkjihgfedcba", rules: 1, seat: seat("Priya Nair", "X26", "Data Security Centre", "lead") }),
    entry(3, "member.joined", { member: 2, org: "R1H", role: "representative" }, { how: "address", number: 2, person: "abcdefghijklmnopqrstuvwxya", rules: 1, seat: seat("Tom Okafor", "R1H", "Barts Health NHS Trust", "representative") }),
  ];
  messages.forEach((m, i) => out.push(entry(4 + i, "message.posted", i % 2 === 0 ? lead : { member: 2, org: "R1H", role: "representative" }, { text: m }, { marking: amber })));
  return out;
}

const mth = (hashes: readonly Uint8Array[]): Uint8Array => {
  const [only] = hashes;
  if (!only) return sha256(new Uint8Array());
  if (hashes.length === 1) return only;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return sha256(text(Uint8Array.of(1), mth(hashes.slice(0, k)), mth(hashes.slice(k))));
};

export function saltOf(e: Entry, slot: number): Uint8Array {
  return hmac(sha256, e.seed, text("WARDROOM/1/salt\n", Uint8Array.of(slot)));
}

export function leafOf(seq: number, e: Entry, line = origin): Uint8Array {
  const o = sha256(utf8ToBytes(line));
  const commitments = e.values.map((v, i) => {
    const b = utf8ToBytes(v);
    return sha256(text("WARDROOM/1/slot\n", Uint8Array.of(i), u64(seq), o, saltOf(e, i), u32(b.length), b));
  });
  return text("WARDROOM/1\n", u64(seq), o, ...commitments);
}

/** A signed note for the first `size` leaves. */
export function checkpoint(leaves: readonly Uint8Array[], size: number, p: Parties, at: number, line = origin): string {
  const root = mth(leaves.slice(0, size).map((l) => sha256(text(Uint8Array.of(0), l))));
  const note = `${line}\n${size}\n${base64(root)}\n`;
  return `${note}\n${[...p.operator, ...p.witness].map((s) => s.sign(note, at)).join("")}`;
}

export function whole(seq: number, e: Entry): string {
  return json({ seed: base64(e.seed), seq, slots: e.values });
}

export function partial(seq: number, e: Entry, slots: readonly number[]): string {
  return json({ seq, slots: Object.fromEntries(slots.map((s) => [String(s), [base64(saltOf(e, s)), e.values[s]]])) });
}

/** A tar of these files, in this order. */
export function tar(files: readonly (readonly [name: string, body: Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (const [name, body] of files) {
    const head = Buffer.alloc(512);
    head.write(name, 0, "latin1");
    head.write("0000644\x000000000\x000000000\0", 100, "latin1");
    head.write(`${body.length.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0        0`, 124, "latin1");
    head.write("ustar\x0000", 257, "latin1");
    head.write("0000000\x000000000\0", 329, "latin1");
    const sum = head.reduce((n, b) => n + b, 0);
    head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    blocks.push(head, body, new Uint8Array((512 - (body.length % 512)) % 512));
  }
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(1024)]));
}

export interface Parts {
  policy: string;
  info: object;
  checkpoint: string;
  earlier: readonly string[];
  leaves: readonly Uint8Array[];
  openings: readonly string[];
  withheld: readonly object[];
  more: readonly (readonly [string, Uint8Array])[];
}

const lines = (l: readonly string[]): Uint8Array => utf8ToBytes(l.map((s) => `${s}\n`).join(""));

/** The bundle of these parts, with sums.txt. */
export function bundle(p: Parts): Uint8Array<ArrayBuffer> {
  const files: (readonly [string, Uint8Array])[] = [
    ["README.txt", utf8ToBytes("A bundle made by a test.\n")],
    ["policy.txt", utf8ToBytes(p.policy)],
    ["bundle.json", utf8ToBytes(`${json(p.info)}\n`)],
    ["checkpoint", utf8ToBytes(p.checkpoint)],
    ["checkpoints.jsonl", lines(p.earlier.map((note) => json({ note, size: Number(note.split("\n")[1]) })))],
    ["leaves.bin", concatBytes(...p.leaves)],
    ["openings.jsonl", lines(p.openings)],
    ["withheld.jsonl", lines(p.withheld.map(json))],
    ...p.more,
  ];
  const sums = files.filter(([name]) => name !== "leaves.bin" && name !== "openings.jsonl").map(([name, b]) => `${bytesToHex(sha256(b))}  ${name}`);
  return tar([...files, ["sums.txt", lines(sums)]]);
}

/** The parts of a bundle that shows everything and is sealed to its end. */
export function partsOf(entries: readonly Entry[], p = parties(), at = Math.floor(start / 1000) + 86_400): Parts {
  const leaves = entries.map((e, i) => leafOf(i, e));
  return {
    policy: policyOf(p),
    info: { attachments: 0, exporter: "Priya Nair", format: "wardroom/bundle/1", from: 0, log: origin, recipient: "The Inquiry", reference: "INC-2026-0007", section: 1, title: "Ransomware at Barts Health", to: entries.length - 1 },
    checkpoint: checkpoint(leaves, leaves.length, p, at),
    earlier: [],
    leaves,
    openings: entries.map((e, i) => whole(i, e)),
    withheld: [],
    more: [],
  };
}
