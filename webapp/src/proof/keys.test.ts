import { describe, expect, it } from "vitest";
import vectors from "../../../server/evidence/testdata/proofs.json";
import type { ProofKeys } from "../protocol/proof";
import { createKeyring, type KeyMemory } from "./keys";
import { fingerprint } from "./note";

const set = (generation: number, verifiers: readonly string[], listed: string | null = "2026-02-03T04:05:06Z") => ({ generation, name: "wardroom.dsc.example/wardroom/1/notary", verifiers, listed });
const witness = { name: "witness.ncsc.example/wardroom/1/witness", verifiers: vectors.witness, address: "https://witness.ncsc.example/" };
const first: ProofKeys = { deployment: "wardroom.dsc.example", policy: "", notary: [set(1, vectors.notary[0]!)], witness };
const rotated: ProofKeys = { ...first, notary: [...first.notary, set(2, vectors.notary[1]!)] };

function browser() {
  let kept: string | null = null;
  const memory: KeyMemory = { read: () => kept, write: (text) => (kept = text) };
  /** A page loaded anew, to which the server names these keys. */
  const sees = async (keys: ProofKeys) => {
    const ring = createKeyring(() => Promise.resolve(keys), memory);
    await ring.refresh();
    return ring;
  };
  return { memory, sees, kept: () => kept };
}

describe("the keys a browser remembers", () => {
  it("are those it sees first, public and by fingerprint alone", async () => {
    const b = browser();
    expect((await b.sees(first)).view).toEqual({ keys: first, changes: [] });
    expect(b.kept()).toContain(fingerprint(vectors.witness[0]!));
    expect((await b.sees(first)).view.changes).toEqual([]);
  });

  it("grow by a set that the record lists, and warn of one that it does not", async () => {
    const b = browser();
    await b.sees(first);
    expect((await b.sees(rotated)).view.changes).toEqual([]);
    expect((await b.sees(first)).view.changes).toMatchObject([{ of: { generation: 2 }, how: "gone" }]);
    const c = browser();
    await c.sees(first);
    const unlisted = { ...rotated, notary: [first.notary[0]!, set(2, vectors.notary[1]!, null)] };
    expect((await c.sees(unlisted)).view.changes).toMatchObject([{ of: { generation: 2 }, how: "unlisted" }]);
  });

  it("warn of a set or a witness that is another, on every page, until somebody has compared them", async () => {
    const b = browser();
    await b.sees(first);
    const other: ProofKeys = { ...first, notary: [set(1, vectors.notary[1]!)], witness: { ...witness, verifiers: vectors.witness.toReversed() } };
    expect((await b.sees(other)).view.changes.map((c) => [c.of, c.how])).toEqual([[{ generation: 1 }, "changed"], ["witness", "changed"]]);
    const again = await b.sees(other);
    expect(again.view.changes).toHaveLength(2);
    expect(again.view.changes[0]?.before).toEqual(vectors.notary[0]!.map(fingerprint));
    again.accept();
    expect(again.view.changes).toEqual([]);
    expect((await b.sees(other)).view.changes).toEqual([]);
    expect((await b.sees({ ...other, witness: null })).view.changes).toMatchObject([{ of: "witness", how: "gone" }]);
  });

  it("are asked for anew for each question: an answer that was under way before it does not count", async () => {
    const asked: ((keys: ProofKeys) => void)[] = [];
    const ring = createKeyring(() => new Promise((answer) => asked.push(answer)), { read: () => null, write: () => {} });
    const one = ring.refresh();
    const two = ring.refresh();
    await Promise.resolve();
    expect(asked).toHaveLength(1);
    asked[0]?.(first);
    expect(await one).toBe(first);
    await Promise.resolve();
    asked[1]?.(rotated);
    expect(await two).toBe(rotated);
  });

  it("are seen for the first time by a browser that keeps nothing, or nonsense", async () => {
    for (const memory of [{ read: () => "nonsense", write: () => {} }, { read: () => null, write: () => { throw new Error("full"); } }]) {
      const ring = createKeyring(() => Promise.resolve(first), memory);
      await ring.refresh();
      expect(ring.view).toEqual({ keys: first, changes: [] });
    }
  });
});
