import { describe, expect, it } from "vitest";
import { asksNothing, unreadable, verify } from "./core/verify";
import { Unreadable } from "./core/bytes";
import { bundle, checkpoint, entry, parties, partial, partsOf, policyOf, room } from "./kit/writer";

const talk = ["The EPR is down on three sites.", "We have isolated the domain controllers.", "“Zoë”, <b>bold</b> & \u0000 control"];

async function verdict(b: Uint8Array<ArrayBuffer>, asked: Partial<typeof asksNothing> & { policyText?: string | null } = {}) {
  const text = asked.policyText === undefined ? policyOf(parties()) : asked.policyText;
  try {
    return (await verify(new Blob([b]), { ...asksNothing, policy: text === null ? null : new TextEncoder().encode(text), ...asked })).report;
  } catch (e) {
    if (e instanceof Unreadable) return unreadable(e.message);
    throw e;
  }
}

describe("a bundle", () => {
  it("that shows everything and is sealed to its end is VALID", async () => {
    const r = await verdict(bundle(partsOf(room(talk))));
    expect(r).toMatchObject({ verdict: "VALID", exit: 0, counts: { leaves: 7, open: 7, part: 0, withheld: 0, erased: 0, tail: 0 }, first: null, head: 6 });
    expect(r.sealed.at).toBe("2026-05-13T15:10:00Z");
    expect(r.sealed.by.map((b) => b.at)).toEqual([undefined, "2026-05-13T15:10:00Z", "2026-05-13T15:10:00Z", "2026-05-13T15:10:00Z"]);
  });
  it("without a policy file is UNTRUSTED-KEY", async () => {
    expect((await verdict(bundle(partsOf(room(talk))), { policyText: null })).verdict).toBe("UNTRUSTED-KEY");
  });
  it("signed by others is UNTRUSTED-KEY", async () => {
    expect((await verdict(bundle(partsOf(room(talk), parties("others"))))).verdict).toBe("UNTRUSTED-KEY");
  });
  it("with a changed word is TAMPERED at that entry and slot", async () => {
    const p = partsOf(room(talk));
    p.openings = p.openings.map((l) => l.replace("three sites", "seven sites"));
    expect(await verdict(bundle(p))).toMatchObject({ verdict: "TAMPERED", exit: 22, first: { seq: 4, slot: 4 } });
  });
  it("with a leaf taken out is TAMPERED from there on", async () => {
    const p = partsOf(room(talk));
    p.leaves = p.leaves.toSpliced(4, 1);
    expect(await verdict(bundle(p))).toMatchObject({ verdict: "TAMPERED", first: { seq: 4, slot: -1 } });
  });
  it("with a part redacted and listed is VALID, and not listed INCOMPLETE", async () => {
    const e = room(talk);
    const p = partsOf(e);
    p.openings = p.openings.map((l, i) => (i === 5 ? partial(5, e[5]!, [0, 1, 2, 3, 5, 6, 7]) : l));
    expect(await verdict(bundle(p))).toMatchObject({ verdict: "INCOMPLETE", first: { seq: 5, slot: 4 } });
    p.withheld = [{ first: 5, ground: "s.23", last: 5, reason: "From the security bodies", redacted: { 4: '{"text":"We have █"}' }, slots: [4], why: "redacted" }];
    expect(await verdict(bundle(p))).toMatchObject({ verdict: "VALID", counts: { open: 6, part: 1 }, withheld: [{ first: 5, last: 5, slots: [4], why: "redacted", ground: "s.23" }] });
  });
  it("with an erased part and its entry is ERASED, and without INCONSISTENT", async () => {
    const e = [...room(talk), entry(7, "entry.erased", { member: 1 }, { ask: 6, entry: 5, ground: "s.40", slots: [4] })];
    const p = partsOf(e);
    p.openings = p.openings.map((l, i) => (i === 5 ? partial(5, e[5]!, [0, 1, 2, 3, 5, 6, 7]) : l));
    p.withheld = [{ event: 7, first: 5, ground: "s.40", last: 5, slots: [4], why: "erased" }];
    expect(await verdict(bundle(p))).toMatchObject({ verdict: "ERASED", erased: [{ seq: 5, slots: [4], event: 7, ground: "s.40" }], counts: { erased: 1 } });
    p.withheld = [{ event: 6, first: 5, ground: "s.40", last: 5, slots: [4], why: "erased" }];
    expect(await verdict(bundle(p))).toMatchObject({ verdict: "INCONSISTENT", first: { seq: 5, slot: 4 } });
  });
  it("whose end is not sealed says so", async () => {
    const p = partsOf(room(talk));
    p.checkpoint = checkpoint(p.leaves, 5, parties(), 1_780_000_000);
    expect(await verdict(bundle(p))).toMatchObject({ verdict: "VALID-TAIL-UNSEALED", exit: 10, counts: { tail: 2 } });
  });
  it("older than asked is OLDER-THAN-ASKED", async () => {
    const b = bundle(partsOf(room(talk)));
    expect((await verdict(b, { minSize: 7 })).verdict).toBe("VALID");
    expect((await verdict(b, { minSize: 8 })).verdict).toBe("OLDER-THAN-ASKED");
    expect((await verdict(b, { notBefore: Date.UTC(2026, 4, 13, 15, 10) })).verdict).toBe("VALID");
    expect((await verdict(b, { notBefore: Date.UTC(2026, 4, 13, 15, 11) })).verdict).toBe("OLDER-THAN-ASKED");
  });
  it("that does not go on from a checkpoint kept from before is INCONSISTENT", async () => {
    const b = bundle(partsOf(room(talk)));
    const other = partsOf(room(["Something else was said.", ...talk]));
    const since = (p: typeof other, size: number) => new TextEncoder().encode(checkpoint(p.leaves, size, parties(), 1_780_000_000));
    expect((await verdict(b, { since: since(partsOf(room(talk)), 5) })).verdict).toBe("VALID");
    expect(await verdict(b, { since: since(other, 5) })).toMatchObject({ verdict: "INCONSISTENT", first: { seq: 0, slot: -1 } });
    expect((await verdict(b, { since: since(other, 8) })).verdict).toBe("OLDER-THAN-ASKED");
  });
  it.each([
    ["a member acts who never joined", entry(7, "message.posted", { member: 9 }, { text: "Hello" }), 1],
    ["an entry is recorded before the one above it", entry(7, "message.posted", { member: 1 }, { text: "Hello" }, { after: 2 }), 2],
    ["an entry belongs to a later one", entry(7, "message.corrected", { member: 1 }, { text: "Hello" }, { root: 9 }), 0],
  ])("in which %s is INCONSISTENT", async (_, e, slot) => {
    expect(await verdict(bundle(partsOf([...room(talk), e])))).toMatchObject({ verdict: "INCONSISTENT", first: { seq: 7, slot } });
  });
  it("in which somebody acts after leaving is INCONSISTENT", async () => {
    const left = [...room(talk), entry(7, "member.left", { member: 2 }, {}, { root: 3 }), entry(8, "message.posted", { member: 2 }, { text: "Still here" })];
    expect(await verdict(bundle(partsOf(left)))).toMatchObject({ verdict: "INCONSISTENT", first: { seq: 8, slot: 1 } });
  });
});
