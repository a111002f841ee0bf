// Whatever is done to a bundle, the answer is a verdict, never VALID, and comes
// soon.
import { describe, expect, it } from "vitest";
import { Unreadable } from "./core/bytes";
import { canonical } from "./core/json";
import { parseNote } from "./core/note";
import { parseOpening } from "./core/openings";
import { parsePolicy } from "./core/policy";
import { members } from "./core/tar";
import { asksNothing, unreadable, verify } from "./core/verify";
import { parseWithheld } from "./core/withheld";
import { bundle, checkpoint, parties, partial, partsOf, policyOf, room, start } from "./kit/writer";

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let s = seed;
  return (below) => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const policy = new TextEncoder().encode(policyOf(parties()));

function sample(): Uint8Array<ArrayBuffer> {
  const e = room(["One", "Two “quoted” \u0007", "Three"]);
  const p = partsOf(e);
  p.openings = p.openings.map((l, i) => (i === 5 ? partial(5, e[5]!, [0, 1, 2, 3, 5, 6, 7]) : l));
  p.withheld = [{ first: 5, ground: "s.23", last: 5, slots: [4], why: "redacted" }];
  p.earlier = [checkpoint(p.leaves, 4, parties(), Math.floor(start / 1000) + 60)];
  return bundle(p);
}

async function verdict(b: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    return (await verify(new Blob([b]), { ...asksNothing, policy })).report.verdict;
  } catch (e) {
    if (e instanceof Unreadable) return unreadable(e.message).verdict;
    throw e;
  }
}

describe("a damaged bundle", () => {
  it("is VALID before it is damaged", async () => {
    expect(await verdict(sample())).toBe("VALID");
  });

  it("is never VALID, whichever bit is turned", async () => {
    const pick = numbers(1);
    const whole = sample();
    const seen: Record<string, number> = {};
    for (let i = 0; i < 400; i++) {
      const b = whole.slice();
      const at = pick(b.length);
      b[at] = (b[at] ?? 0) ^ (1 << pick(8));
      const v = await verdict(b);
      if (v.startsWith("VALID")) throw new Error(`byte ${at} of ${b.length}: ${v}`);
      seen[v] = (seen[v] ?? 0) + 1;
    }
    expect(Object.keys(seen).toSorted()).toEqual(["TAMPERED", "UNREADABLE"]);
  }, 120_000);

  it("is never VALID when it is cut off, or goes on", async () => {
    const pick = numbers(2);
    const whole = sample();
    for (let i = 0; i < 100; i++) expect(await verdict(whole.slice(0, pick(whole.length)))).toBe("UNREADABLE");
    const longer = new Uint8Array(whole.length + 512);
    longer.set(whole);
    expect(await verdict(longer)).toBe("UNREADABLE");
  });
});

describe("bytes of no meaning", () => {
  const pick = numbers(3);
  const noise = () => Uint8Array.from({ length: pick(300) }, () => (pick(3) === 0 ? pick(256) : "{}[]\",:0123456789\\u seq slots— +\n".charCodeAt(pick(33))));
  it("are taken for nothing, and no reader fails over them", async () => {
    for (let i = 0; i < 3000; i++) {
      const b = noise();
      canonical(b);
      expect(parseNote(b)).toBeNull();
      expect(parseOpening(b)).toBeNull();
      expect(parseWithheld(b)).toBeNull();
      expect(() => parsePolicy(b, "noise")).toThrow(Unreadable);
      await expect(members(new Blob([b as Uint8Array<ArrayBuffer>]))).rejects.toThrow(Unreadable);
    }
  });
  it("that nest without end are refused", () => {
    expect(canonical(new TextEncoder().encode("[".repeat(200_000) + "]".repeat(200_000)))).toHaveProperty("why");
  });
});
