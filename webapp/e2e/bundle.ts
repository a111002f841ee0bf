// A bundle as a file outside the browser: what is in it, how somebody changes
// it, and the verifier on a machine that has no network.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { tar } from "../verify/kit/writer";
import { repository } from "./house";

export type Files = readonly (readonly [name: string, body: Uint8Array])[];

/** The files of a bundle, in their order: a plain USTAR, as evidence writes it. */
export function filesOf(bundle: Uint8Array): Files {
  const b = Buffer.from(bundle);
  const files: [string, Uint8Array][] = [];
  for (let at = 0; b[at] !== 0; ) {
    const name = b.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(b.toString("latin1", at + 124, at + 135), 8);
    files.push([name, b.subarray(at + 512, at + 512 + size)]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** One file of a bundle. */
export function fileOf(bundle: Uint8Array, name: string): Buffer {
  const found = filesOf(bundle).find(([n]) => n === name);
  if (!found) throw new Error(`the bundle holds no ${name}`);
  return Buffer.from(found[1]);
}

const put = (bundle: Uint8Array, name: string, change: (b: Buffer) => Uint8Array): Uint8Array => tar(filesOf(bundle).map(([n, body]) => [n, n === name ? change(Buffer.from(body)) : body] as const));

const leafSize = 11 + 8 + 32 + 8 * 32;

/** The same with one bit of an entry's leaf turned over: in the commitment to what it says. */
export function withLeafChanged(bundle: Uint8Array, seq: number): Uint8Array {
  return put(bundle, "leaves.bin", (b) => {
    const at = seq * leafSize + 11 + 8 + 32 + 4 * 32;
    b.writeUInt8(b.readUInt8(at) ^ 1, at);
    return b;
  });
}

/** The same without the line that shows an entry. */
export function withoutOpening(bundle: Uint8Array, seq: number): Uint8Array {
  return put(bundle, "openings.jsonl", (b) => {
    const lines = b.toString("utf8").split("\n");
    const left = lines.filter((l) => l === "" || (JSON.parse(l) as { seq: number }).seq !== seq);
    if (left.length !== lines.length - 1) throw new Error(`entry ${seq} has no line of its own among the openings`);
    return Buffer.from(left.join("\n"));
  });
}

/** What the verifier said, its lines joined, and its exit code. It ran where there is no network. */
export function verify(...args: string[]): { said: string; code: number } {
  const alone = (command: string, ...rest: string[]) => spawnSync("unshare", ["-rn", "--", command, ...rest], { encoding: "utf8", maxBuffer: 1 << 26 });
  const devices = alone("cat", "/proc/self/net/dev");
  if (devices.error || devices.status !== 0) {
    throw new Error(`A network namespace of one's own could not be had, so it was not shown that the verifier needs no network: ${devices.error?.message ?? devices.stderr.trim()}. Let this user make user namespaces (sysctl kernel.unprivileged_userns_clone=1), or run the tests as root.`);
  }
  const names = [...devices.stdout.matchAll(/^\s*(\S+):/gm)].map((m) => m[1]);
  if (names.some((n) => n !== "lo")) throw new Error(`the network namespace is not empty: ${names.join(", ")}`);
  const ran = alone(join(repository, "bin/wardroom-verify"), ...args);
  if (ran.error || ran.status === null) throw new Error(`wardroom-verify did not run: ${ran.error?.message ?? ran.signal}`);
  return { said: `${ran.stdout}${ran.stderr}`.replace(/\s+/g, " "), code: ran.status };
}
