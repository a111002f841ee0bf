// Two verifiers that share no code must say the same. The program's own tests
// write bundles with its answers beside them; the page's code answers the same
// questions here, and everything but the wording must be equal.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Unreadable } from "./core/bytes";
import { encode, type Json } from "./core/json";
import { unreadable, verify } from "./core/verify";

interface Item {
  readonly name: string;
  readonly bundle: string;
  readonly policy?: string;
  readonly since?: string;
  readonly minSize?: number;
  readonly notBefore?: string;
  readonly report: Reported;
}

interface Reported {
  readonly verdict: string;
  readonly first: null | { readonly seq: number; readonly slot: number; readonly what: string };
}

const repository = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "bundles-"));
let items: readonly Item[] = [];

beforeAll(() => {
  execFileSync("go", ["run", "-buildvcs=false", "./server/cmd/wardroom-bundles", folder], { cwd: repository, stdio: ["ignore", "ignore", "inherit"] });
  items = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as Item[];
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string | undefined): Uint8Array<ArrayBuffer> | null => (name === undefined ? null : new Uint8Array(readFileSync(join(folder, name))));

async function answer(i: Item): Promise<object> {
  const asked = { policy: file(i.policy), since: file(i.since), minSize: i.minSize ?? 0, notBefore: i.notBefore === undefined ? null : Date.parse(i.notBefore) };
  try {
    return (await verify(new Blob([file(i.bundle) ?? new Uint8Array()]), asked)).report;
  } catch (e) {
    if (e instanceof Unreadable) return unreadable(e.message);
    throw e;
  }
}

/** A report without what may differ: its sentences. */
function bare(report: object): string {
  const r = JSON.parse(JSON.stringify(report)) as Record<string, unknown> & Reported;
  return encode({ ...r, remarks: [], first: r.first && { ...r.first, what: "" } } as unknown as Json);
}

describe("the page and the program", () => {
  it("say the same of every bundle", async () => {
    const counts: Record<string, number> = {};
    const different: object[] = [];
    for (const i of items) {
      const mine = await answer(i);
      counts[i.report.verdict] = (counts[i.report.verdict] ?? 0) + 1;
      if (bare(mine) !== bare(i.report)) different.push({ name: i.name, page: mine, program: i.report });
    }
    expect(different).toEqual([]);
    expect(items.length).toBeGreaterThanOrEqual(200);
    // Every verdict there is has been met.
    expect(Object.keys(counts).toSorted()).toEqual(["ERASED", "INCOMPLETE", "INCONSISTENT", "OLDER-THAN-ASKED", "TAMPERED", "UNREADABLE", "UNTRUSTED-KEY", "VALID", "VALID-TAIL-UNSEALED"]);
  }, 600_000);
});
