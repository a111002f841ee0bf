import { describe, expect, it } from "vitest";
import type { Item } from "../protocol/intel";
import type { Received } from "../protocol/types";
import { apply } from "./apply";
import { releasesOf, tallyOf, tearlinesOf } from "./item";
import { emptyRoom, type RoomState } from "./state";
import { envelope, events, marking, open, room, snapshot } from "./testing";

const item = (title: string, more: Partial<Item> = {}): Item => ({
  title, text: "what was seen", indicators: [{ kind: "domain", value: "a.example" }], sources: [{ reliability: "B", credibility: "2", name: title }], ...more,
});
const published = (seq: number, title = `item ${seq}`): Received => open({ seq, kind: "item.published", marking: marking(), body: item(title) });
const after = (...list: readonly Received[]): RoomState => apply(apply(emptyRoom(room), snapshot(9)), events(...list));
const sighting = (seq: number, org: string, verdict: "seen" | "mitigated", indicator?: number): Received =>
  open({ seq, kind: "sighting.marked", marking: marking(), by: { member: seq, org, role: "representative" }, body: { item: 10, verdict, ...(indicator === undefined ? {} : { indicator }) } });

describe("an item", () => {
  it("is its newest wording, with the sources of what was merged into it", () => {
    const state = after(
      published(10), published(11), open({ seq: 12, kind: "item.corrected", root: 10, body: item("corrected") }),
      open({ seq: 13, kind: "item.merged", root: 10, body: { other: 11, sources: item("item 11").sources } }), open({ seq: 14, kind: "item.absorbed", root: 11, body: { into: 10 } }),
    );
    const one = state.objects.get(10)?.intel;
    const two = state.objects.get(11)?.intel;
    if (one?.noun !== "item" || two?.noun !== "item") throw new Error("no items");
    expect(one.item?.title).toBe("corrected");
    expect(one.item?.sources.map((s) => s.name)).toEqual(["corrected", "item 11"]);
    expect(one.versions.map((v) => v.item?.title)).toEqual(["item 10", "corrected"]);
    expect([one.state, two.state, two.into]).toEqual(["live", "merged", 10]);
  });

  it("that is sealed says nothing, and is read once it was opened", () => {
    const sealed = after(envelope(published(10)));
    expect(sealed.objects.get(10)).toMatchObject({ sealed: true, intel: { noun: "item", item: null, versions: [{ item: null }] } });
    const opened = apply(sealed, { type: "unsealed", room, entries: [published(10)] });
    expect(opened.objects.get(10)).toMatchObject({ sealed: false, intel: { item: { title: "item 10" } } });
  });

  it("that was recalled stays with its originator as such, and leaves everybody else", () => {
    const recalled = open({ seq: 11, kind: "entry.recalled", root: 10, marking: marking({ kind: "named", orgs: ["DSC"] }), body: { reason: "a mistake" } });
    const mine = after(published(10), recalled);
    expect(mine.objects.get(10)).toMatchObject({ intel: { state: "recalled" }, recalled: { reason: "a mistake", seq: 11 }, withheld: false, marking: { audience: { orgs: ["DSC"] } } });
    const theirs = apply(after(published(10)), { type: "withdrawn", room, root: 10 });
    expect(theirs.objects.get(10)).toBeUndefined();
    expect(theirs.entries.get(10)?.entry.form).toBe("stub");
  });

  it("counts the latest word of each organisation, of the whole and of each indicator, as far as it is here", () => {
    const state = after(published(10), sighting(11, "X1N", "seen"), sighting(12, "X2E", "seen", 0), sighting(13, "X1N", "mitigated"), sighting(14, "X1N", "seen", 0));
    expect(tallyOf(state, 10).map((s) => [s.seq, s.org, s.indicator, s.verdict])).toEqual([[12, "X2E", 0, "seen"], [13, "X1N", null, "mitigated"], [14, "X1N", 0, "seen"]]);
    expect(tallyOf(state, 11)).toEqual([]);
    expect(tallyOf(apply(state, { type: "withdrawn", room, root: 13 }), 10).map((s) => s.seq)).toEqual([11, 12, 14]);
  });

  it("has tear-lines and requests of their own", () => {
    const state = after(
      published(10), open({ seq: 11, kind: "tearline.published", marking: marking({ kind: "room" }, "TLP:GREEN"), body: { item: 10, text: "ask us" } }),
      open({ seq: 12, kind: "release.requested", marking: marking(), body: { entry: 10, why: "our supplier", tlp: "TLP:GREEN" } }),
      open({ seq: 13, kind: "release.answered", root: 12, body: { granted: false, why: "not yet" } }),
    );
    expect(tearlinesOf(state, 10).map((t) => t.text)).toEqual(["ask us"]);
    expect(releasesOf(state, 10)).toMatchObject([{ why: "our supplier", tlp: "TLP:GREEN", audience: null, answer: { granted: false, why: "not yet" } }]);
  });

  it("that a decision cites says so there when it is recalled", () => {
    const state = after(
      open({ seq: 10, kind: "decision.recorded", marking: marking(), body: { deliberation: { relied: [5] }, verdict: { decision: "d", maker: 1, rationale: "r", tier: "tactical" } } }),
      open({ seq: 11, kind: "decision.shaken", root: 10, by: {}, body: { entry: 5 } }),
    );
    expect(state.objects.get(10)?.record).toMatchObject({ noun: "decision", state: "taken", shaken: [{ entry: 5, seq: 11 }] });
  });
});
