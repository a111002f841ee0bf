import { bytesToHex } from "@noble/hashes/utils.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../../../server/evidence/testdata/proofs.json";
import { toBase64 } from "../protocol/base64";
import { BadNote, fingerprint, openNote, parseCheckpoint, parseVerifier, splitNote } from "./note";

const { notes, originLine } = vectors;
const notary = vectors.notary[0]!.map(parseVerifier);
const second = vectors.notary[1]!.map(parseVerifier);
const witness = vectors.witness.map(parseVerifier);

const refused = (why: () => unknown, untrusted?: boolean): void => {
  try {
    why();
  } catch (e) {
    expect(e).toBeInstanceOf(BadNote);
    if (untrusted !== undefined) expect((e as BadNote).untrusted, (e as BadNote).message).toBe(untrusted);
    return;
  }
  expect.unreachable("it was taken");
};

describe("a checkpoint", () => {
  it("that the server signed and the witness cosigned is taken, with who, by which key and when", () => {
    for (const size of [3, 7, 8, 20] as const) {
      const s = openNote(notes[`cosigned ${size}`], originLine, [...notary, ...witness]);
      expect({ size: s.size, root: toBase64(s.root) }).toEqual({ size, root: vectors.roots[size] });
      expect(s.by.map((b) => b.algorithm)).toEqual(["Ed25519", "ML-DSA-44", "Ed25519 with a time", "ML-DSA-44"]);
      expect(s.by.map((b) => b.at === null)).toEqual([true, false, false, false]);
      expect(s.by[3]!.fingerprint).toBe(fingerprint(vectors.witness[1]!));
      expect(s.by[0]!.fingerprint).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
    }
    expect(openNote(notes["second generation 20"], originLine, [...second, ...witness]).size).toBe(20);
  });

  it("is not taken unless every key that must sign it has", () => {
    for (const name of ["half signed 20", "two halves 20", "stranger 20", "second generation 20"] as const) refused(() => openNote(notes[name], originLine, notary), true);
    refused(() => openNote(notes["two halves 20"], originLine, second), true);
    refused(() => openNote(notes["signed 20"], originLine, [...notary, ...witness]), true);
    refused(() => openNote(notes["half witnessed 20"], originLine, [...notary, ...witness]), true);
    refused(() => openNote(notes["signed 20"], `${originLine}x`, notary), false);
    expect(openNote(notes["half witnessed 20"], originLine, notary, witness).by).toHaveLength(3);
  });

  it("is not taken with any byte changed", () => {
    const good = notes["cosigned 8"];
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.constantFrom("A", "b", "7", "\n", " ", "—", "\u0000", "é"), (at, c) => {
        fc.pre(good[at] !== c);
        expect(() => openNote(good.slice(0, at) + c + good.slice(at + 1), originLine, [...notary, ...witness])).toThrow(BadNote);
      }),
      { numRuns: 150 },
    );
    // Its text: every place.
    const end = good.indexOf("\n\n");
    for (let at = 0; at < end; at++) expect(() => openNote(`${good.slice(0, at)}~${good.slice(at + 1)}`, originLine, notary)).toThrow(BadNote);
  });

  it("passes over keys it was not asked about, and is spoilt by a bad signature of one it was", () => {
    const lines = notes["cosigned 8"].split("\n");
    const stranger = notes["stranger 20"].split("\n").find((l) => l.startsWith("— wardroom"))!;
    const with1 = [...lines.slice(0, -1), stranger, ""].join("\n");
    expect(openNote(with1, originLine, notary, witness).by).toHaveLength(4);
    const other = notes["cosigned 7"].split("\n").find((l) => l.startsWith("— witness"))!;
    const spoilt = [...lines.slice(0, 6), other, ""].join("\n");
    refused(() => openNote(spoilt, originLine, notary, witness), true);
    expect(openNote(spoilt, originLine, notary).by).toHaveLength(2);
  });

  it("has one way of being written", () => {
    const root = vectors.roots[8]!;
    expect(parseCheckpoint(`${originLine}\n8\n${root}\n`).size).toBe(8);
    for (const text of [
      `${originLine}\n08\n${root}\n`, `${originLine}\n+8\n${root}\n`, `${originLine}\n8\n${root}\nmore\n`, `${originLine}\n8\n${root}`, `\n8\n${root}\n`,
      `${originLine}\n8\nAAAA\n`, `${originLine}\n9007199254740993\n${root}\n`, `${"x".repeat(201)}\n8\n${root}\n`, `${originLine}\n8\n${root.slice(0, -2)}9=\n`,
    ]) {
      expect(() => parseCheckpoint(text), text).toThrow(BadNote);
    }
    for (const n of ["", "\n\n", "a\n\n", "a\n\n— x\n", "a\n\n- x AAAAAAAA\n", `a\n\n— x ${toBase64(new Uint8Array(4))}\n`, `${"a".repeat(70_000)}\n\n— x AAAAAAAA\n`, "a\ud800\n\n— x AAAAAAAA\n"]) {
      expect(() => splitNote(n), n.slice(0, 40)).toThrow(BadNote);
    }
  });
});

describe("a key", () => {
  it("is what its line says, and nothing else", () => {
    for (const l of [...vectors.notary.flat(), ...vectors.witness]) {
      const v = parseVerifier(l);
      expect(l.startsWith(`${v.name}+${v.hash}+`)).toBe(true);
      expect(bytesToHex(v.key).length).toBe(v.algorithm === "ML-DSA-44" ? 2624 : 64);
      refused(() => parseVerifier(l.replace("wardroom/1", "wardroom/2")));
      refused(() => parseVerifier(`${l}A`));
      refused(() => parseVerifier(` ${l}`));
    }
    refused(() => parseVerifier(""));
    refused(() => parseVerifier("x+00000000+AAAA"));
  });
});
