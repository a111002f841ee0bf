import { describe, expect, it } from "vitest";
import type { ItemBody } from "../protocol/intel";
import type { Facts, Received, VisibleEntry } from "../protocol/types";
import { apply } from "./apply";
import { foldDecision } from "./decision";
import { itemState, keepers, tallyOf, wordsOn } from "./item";
import { may } from "./may";
import { foldObject } from "./object";
import { quotable, quotableText, quotedIn, quoteOf } from "./select";
import { emptyRoom, type RoomObject } from "./state";
import { envelope, events, facts, instant, marking, member, message, open, page, room, snapshot, stub } from "./testing";
import { createTimeline } from "./timeline";

const body = (more: Partial<ItemBody> = {}): ItemBody => ({ title: "Worm", text: "It spreads.", indicators: [], sources: [{ reliability: "B", credibility: "2", name: "A" }], ...more });
const published = (seq: number, more: Partial<ItemBody> = {}) => open({ seq, kind: "item.published", marking: marking(), body: body(more) });
const object = (...list: readonly Received[]): RoomObject => foldObject((list[0] as Received & { entry: VisibleEntry }).entry.root, list.map((r) => r.entry as VisibleEntry)) as RoomObject;
const item = (o: RoomObject) => {
  if (o.record?.noun !== "item") throw new Error("no item");
  return o.record;
};

describe("an item", () => {
  it("stands as it was last corrected, and what it said before stays", () => {
    const now = item(object(published(5), open({ seq: 6, root: 5, kind: "item.corrected", body: body({ title: "Worm, by SMB" }) })));
    expect(now.now.title).toBe("Worm, by SMB");
    expect(now.versions.map((v) => [v.seq, v.body.title])).toEqual([[5, "Worm"], [6, "Worm, by SMB"]]);
  });

  it("keeps the sources of what was merged into it, and the other says where it goes on", () => {
    const o = object(published(5), open({ seq: 7, root: 5, kind: "item.merged", body: { other: 6, sources: [{ reliability: "C", credibility: "3", name: "B" }] } }));
    expect(item(o).sources.map((s) => s.name)).toEqual(["A", "B"]);
    expect(item(o).merged[0]).toMatchObject({ other: 6, seq: 7 });
    const other = object(published(6), open({ seq: 8, root: 6, kind: "item.absorbed", body: { into: 5 } }));
    expect([item(other).absorbed, itemState(other, 0)]).toEqual([5, "merged"]);
  });

  it("is expired, or to be looked at again, by the room's time", () => {
    const o = object(published(5, { review: instant(30), expires: instant(60) }));
    expect([0, 30, 60].map((seq) => itemState(o, Date.parse(instant(seq))))).toEqual(["live", "review", "expired"]);
  });

  it("is recalled for good, also while what was withheld waits to be restored, and is then in nobody's power to change", () => {
    const withheld = open({ seq: 6, root: 5, kind: "audience.withheld", marking: marking({ kind: "hosts" }), body: {} });
    const recalled = open({ seq: 7, root: 5, kind: "entry.recalled", marking: marking({ kind: "named", orgs: ["DSC"] }), body: { reason: "asked back" } });
    const o = object(published(5), withheld, recalled);
    expect(o).toMatchObject({ withheld: false, before: null, recalled: { seq: 7, reason: "asked back" }, marking: { audience: { orgs: ["DSC"] } } });
    expect(itemState(o, 0)).toBe("recalled");
    for (const act of ["recall", "change-item", "widen", "ask-release", "mark-sighting"] as const) expect(may(facts(), act, o), act).toBe(false);
  });

  it("is nothing while it is sealed, and says so", () => {
    const o = object(envelope(published(5)));
    expect([o.record, o.sealed]).toEqual([null, true]);
  });

  it("knows what must not be blocked", () => {
    expect(keepers([{ kind: "domain", value: "a.example", doNotBlock: true }, { kind: "domain", value: "b.example" }]).map((i) => i.value)).toEqual(["a.example"]);
  });
});

describe("who sees it", () => {
  const marked = (seq: number, org: string, verdict: "seen" | "not_seen" | "mitigated", indicator?: number) =>
    object(open({ seq, kind: "sighting.marked", marking: marking(), by: { member: 2, org }, body: { item: 5, verdict, ...(indicator === undefined ? {} : { indicator }) } }));
  it("is each organisation's latest word, on the item and on each indicator", () => {
    const words = wordsOn(5, [marked(8, "X1N", "seen"), marked(6, "X1N", "not_seen"), marked(7, "X2E", "not_seen"), marked(9, "X1N", "mitigated", 2), object(published(5))]);
    expect(words.map((w) => [w.seq, w.org, w.verdict, w.indicator])).toEqual([[9, "X1N", "mitigated", 2], [8, "X1N", "seen", null], [7, "X2E", "not_seen", null]]);
    expect(tallyOf(words)).toEqual({ seen: ["X1N"], not_seen: ["X2E"], false_positive: [], mitigated: ["X1N"] });
    expect(wordsOn(4, [marked(8, "X1N", "seen")])).toEqual([]);
  });
});

describe("what is asked of an originator", () => {
  const world: Facts = facts({ members: [member(1), member(2, { org: "X1N", orgName: "Northmoor", host: false })] });
  const asked = open({ seq: 6, kind: "release.requested", marking: marking(), by: { member: 2, org: "X1N" }, body: { entry: 5, tlp: "TLP:AMBER", why: "supplier" } });
  it("is answered by the originator's writers alone, and once", () => {
    const entry = object(published(5));
    expect(may(world, "answer-release", object(asked), { entry })).toBe(true);
    expect(may({ ...world, you: 2 }, "answer-release", object(asked), { entry })).toBe(false);
    expect(may(world, "answer-release", object(asked))).toBe(false);
    const answered = object(asked, open({ seq: 7, root: 6, kind: "release.answered", body: { granted: true } }));
    expect(answered.record).toMatchObject({ noun: "release", answered: { seq: 7, granted: true, why: "" } });
    expect(may(world, "answer-release", answered, { entry })).toBe(false);
    expect(may({ ...world, you: 2 }, "ask-release", entry)).toBe(true);
    expect(may(world, "ask-release", entry), "one's own").toBe(false);
  });
});

describe("a decision", () => {
  it("says that something it cites was recalled after it", () => {
    const taken = open({ seq: 6, kind: "decision.recorded", marking: marking(), body: { deliberation: { relied: [5] }, verdict: { decision: "Go", maker: 1, rationale: "r", tier: "tactical" } } });
    const shaken = open({ seq: 8, root: 6, kind: "decision.shaken", by: {}, body: { entry: 5 } });
    expect(foldDecision([taken, shaken].map((r) => r.entry as VisibleEntry))?.shaken).toMatchObject([{ seq: 8, entry: 5 }]);
  });
});

describe("quoted words", () => {
  const source = message(5, "Our café’s tills are down 🏥 since noon");
  const text = quotableText(source.entry) as string;
  const quote = quoteOf(5, text, text.indexOf("café"), text.indexOf(" since"));
  const say = (seq: number) => open({ seq, kind: "message.posted", marking: marking(), body: { text: "this" } });
  const quoting = (seq: number): Received => {
    const r = say(seq);
    return { ...r, entry: { ...(r.entry as VisibleEntry & { form: "open" }), refs: { quotes: [quote] } } as VisibleEntry };
  };
  const with5 = (r: Received) => apply(apply(emptyRoom(room), snapshot(4)), events(r, quoting(6)));

  it("are bytes of UTF-8 on the borders of characters", () => {
    expect(quote).toEqual({ entry: 5, from: 4, to: 4 + new TextEncoder().encode("café’s tills are down 🏥").length });
  });

  it("are read in their source, under its label, where it is in sight", () => {
    expect(quotedIn(with5(source), quote)).toMatchObject({ text: "café’s tills are down 🏥", lacks: "", tlp: "TLP:AMBER+STRICT", root: 5 });
  });

  it("are nothing where it is not: a stub, an envelope, what is not loaded, and bytes that are not there", () => {
    expect(quotedIn(with5(stub(5)), quote)).toMatchObject({ text: null, lacks: "hidden", tlp: null, author: null });
    expect(quotedIn(with5(envelope(source)), quote)).toMatchObject({ text: null, lacks: "sealed" });
    expect(quotedIn(apply(emptyRoom(room), snapshot(9)), quote)).toMatchObject({ text: null, lacks: "unloaded" });
    expect(quotedIn(with5(source), { ...quote, to: 4_000 })).toMatchObject({ text: null, lacks: "hidden" });
  });

  it("go when their source goes, and come with it", () => {
    const draw = createTimeline();
    const rowOf = (state: ReturnType<typeof with5>) => draw(state, 0, 0).rows.find((r) => r.type === "entry" && r.seq === 6);
    const open5 = apply(with5(source), page([], 6));
    expect(rowOf(open5)).toMatchObject({ quotes: [{ text: "café’s tills are down 🏥" }] });
    expect(rowOf(apply(open5, { type: "withdrawn", room, root: 5 }))).toMatchObject({ quotes: [{ text: null, lacks: "hidden" }] });
  });

  it("come from the newest wording of a message or an item, and of nothing else", () => {
    const corrected = open({ seq: 7, root: 5, kind: "message.corrected", body: { text: "Two tills" } });
    expect(quotable(object(source, corrected))).toMatchObject({ seq: 7 });
    expect(quotable(object(published(5)))).toMatchObject({ seq: 5 });
    expect(quotable(object(open({ seq: 6, kind: "release.requested", marking: marking(), body: { entry: 5, why: "x" } })))).toBeUndefined();
  });
});

describe("what only named people read", () => {
  it("is in no excerpt of an answer to it", () => {
    const red = open({ seq: 5, kind: "message.posted", marking: marking({ kind: "named", members: [1] }, "TLP:RED"), body: { text: "for one" } });
    const answer = open({ seq: 6, kind: "message.posted", marking: marking(), body: { text: "yes" }, replyTo: 5 });
    const state = apply(apply(emptyRoom(room), snapshot(4)), events(red, answer));
    expect(createTimeline()(state, 0, 0).rows.find((r) => r.type === "entry" && r.seq === 6)).toMatchObject({ reply: { seq: 5, excerpt: null } });
  });
});
