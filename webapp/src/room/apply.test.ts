import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFragment } from "../protocol/fragment";
import type { Kind, Received, RoomFrame, Seq, VisibleEntry } from "../protocol/types";
import { apply } from "./apply";
import { canonical } from "./canonical";
import { foldFacts } from "./facts";
import { foldObject } from "./object";
import { emptyRoom, type RoomState } from "./state";
import { envelope, events, facts, instant, marking, message, open, page, room, snapshot, stub } from "./testing";

const at = (seq: Seq, ...frames: readonly Parameters<typeof apply>[1][]): RoomState =>
  frames.reduce(apply, apply(emptyRoom(room), snapshot(seq)));
const text = (state: RoomState, root: Seq) => state.objects.get(root)?.versions.map((v) => v.text);
const form = (state: RoomState, seq: Seq) => state.entries.get(seq)?.entry.form;

describe("apply", () => {
  it("opens a room only by a snapshot", () => {
    const state = emptyRoom(room);
    expect(apply(state, events(message(1)))).toBe(state);
  });

  it("passes over entries that are already here", () => {
    const once = at(5, events(message(6), message(7)));
    expect(apply(once, events(message(6), message(7)))).toBe(once);
    expect(apply(once, events(message(6), message(7), message(8))).seq).toBe(8);
  });

  it("changes nothing for a group that leaves a hole", () => {
    const state = at(5);
    expect(apply(state, events(message(7)))).toBe(state);
    expect(apply(state, events(message(6), message(8)))).toBe(state);
  });

  it("keeps every wording of a corrected message, with who and when", () => {
    const state = at(5, events(message(6, "first")), events(open({ seq: 7, root: 6, kind: "message.corrected", body: { text: "second" } })));
    expect(text(state, 6)).toEqual(["first", "second"]);
    expect(state.objects.get(6)?.versions[0]).toMatchObject({ seq: 6, at: instant(6), by: { member: 1 } });
  });

  it("takes a withdrawn root and everything about it from sight, facts and all", () => {
    const report = open({ seq: 6, kind: "report.given", marking: marking(), body: { methane: { major: true, type: "ransomware" } } });
    const pin = open({ seq: 7, root: 6, kind: "entry.pinned", body: {} });
    const before = at(5, events(report, pin));
    expect(before.facts?.report?.methane.type).toBe("ransomware");
    expect(before.facts?.pins).toEqual([{ root: 6, by: 1, at: instant(7) }]);
    const after = apply(before, { type: "withdrawn", room, root: 6 });
    expect(after.facts?.report).toBeNull();
    expect(after.facts?.pins).toEqual([]);
    expect([form(after, 6), form(after, 7)]).toEqual(["stub", "stub"]);
    expect(after.objects.get(6)).toBeUndefined();
    const again = apply(after, { type: "withdrawn", room, root: 6 });
    expect(canonical(again.facts)).toBe(canonical(after.facts));
  });

  it("brings an opened root back as it is now, once or twice", () => {
    const original = message(6, "secret");
    const corrected = open({ seq: 7, root: 6, kind: "message.corrected", body: { text: "less so" } });
    const pin = open({ seq: 8, root: 6, kind: "entry.pinned", body: {} });
    const dark = at(5, events(stub(6), stub(7), stub(8)));
    const frame = { type: "opened", room, root: 6, events: [original, corrected, pin] } as const;
    const lit = apply(dark, frame);
    expect(text(lit, 6)).toEqual(["secret", "less so"]);
    expect(lit.facts?.pins.map((p) => p.root)).toEqual([6]);
    const twice = apply(lit, frame);
    expect(canonical(twice.facts)).toBe(canonical(lit.facts));
    expect(text(twice, 6)).toEqual(["secret", "less so"]);
  });

  it("does not let a page read before a withdrawal bring it back", () => {
    const old = [message(3, "secret"), message(4)];
    const state = at(10, events(stub(11)), { type: "withdrawn", room, root: 3 }, page(old, 10));
    expect(form(state, 3)).toBe("stub");
    expect(state.objects.get(3)).toBeUndefined();
    expect(text(state, 4)).toEqual(["message 4"]);
  });

  it("does not let a page read before an opening hide it again", () => {
    const state = at(10, events(stub(11)), { type: "opened", room, root: 3, events: [message(3, "now yours")] }, page([stub(3), message(4)], 10));
    expect(text(state, 3)).toEqual(["now yours"]);
  });

  it("leaves what lies beyond the stream's position for the stream to bring", () => {
    const state = at(5, page([message(4), message(5), message(6)], 6));
    expect(state.entries.has(6)).toBe(false);
    expect(state.spans).toEqual([{ from: 4, to: 5 }]);
  });

  it("joins pages that touch and keeps apart those that do not", () => {
    const run = (from: Seq, to: Seq) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
    let state = at(20, page(run(11, 20), 20), page(run(1, 3), 20));
    expect(state.spans).toEqual([{ from: 1, to: 3 }, { from: 11, to: 20 }]);
    state = apply(state, page(run(3, 10), 20));
    expect(state.spans).toEqual([{ from: 1, to: 20 }]);
    expect(apply(state, events(message(21))).spans).toEqual([{ from: 1, to: 21 }]);
  });

  it("folds later events about a page's entries from its related ones", () => {
    const later = open({ seq: 9, root: 2, kind: "message.corrected", body: { text: "new" } });
    const state = at(10, page([message(1), message(2, "old")], 10, [later]));
    expect(text(state, 2)).toEqual(["old", "new"]);
    expect(state.spans[0]).toEqual({ from: 1, to: 2 });
  });

  it("shows a sealed entry as there, and its body once it is opened", () => {
    const red = message(6, "for your eyes", { marking: marking({ kind: "named", members: [1] }, "TLP:RED") });
    const sealed = at(5, events(envelope(red)));
    expect(sealed.objects.get(6)).toMatchObject({ sealed: true, kind: "message.posted" });
    expect(text(sealed, 6)).toEqual([null]);
    const opened = apply(sealed, { type: "unsealed", room, entries: [red] });
    expect(opened.objects.get(6)?.sealed).toBe(false);
    expect(text(opened, 6)).toEqual(["for your eyes"]);
    const paged = apply(opened, page([envelope(red)], 7));
    expect(text(paged, 6)).toEqual(["for your eyes"]);
    const taken = apply(opened, { type: "withdrawn", room, root: 6 });
    expect(apply(taken, { type: "unsealed", room, entries: [red] }).objects.get(6)).toBeUndefined();
  });

  it("keeps nothing after revocation", () => {
    const state = at(5, events(message(6)), { type: "revoked", room });
    expect(state).toMatchObject({ phase: "revoked", facts: null, spans: [] });
    expect(state.entries.has(6)).toBe(false);
    expect(apply(state, events(message(7)))).toBe(state);
  });

  it("stays caught up through a snapshot in the stream: only a cut line puts it behind", () => {
    const live = at(5, { type: "caught_up", room, seq: 5 });
    expect(apply(live, snapshot(8)).caughtUp).toBe(true);
    const back = apply(apply(live, { type: "cut", room }), snapshot(8));
    expect(back.caughtUp).toBe(false);
    expect(apply(back, { type: "caught_up", room, seq: 8 }).caughtUp).toBe(true);
    expect(at(5).caughtUp).toBe(false);
  });

  it("forgets what was loaded when a new snapshot comes", () => {
    const state = apply(at(5, events(message(6))), snapshot(8));
    expect(state).toMatchObject({ seq: 8, epoch: 2 });
    expect(state.entries.has(6)).toBe(false);
  });

  it("shows a kind it does not know, and folds nothing from it", () => {
    const strange = parseFragment({
      seq: 6, seed: "", slots: ['{"kind":"weather.changed","root":6}', '{"member":1}', `{"recorded":"${instant(6)}"}`, "", '{"rain":true}', "", "", "{}"],
    });
    const state = at(5, events(strange));
    expect(state.entries.get(6)?.entry).toMatchObject({ form: "open", kind: "weather.changed", unknown: true, body: { rain: true } });
    expect(canonical(state.facts)).toBe(canonical(at(5).facts));
  });
});

// ── a random log, as one viewer sees it ─────────────────────────────────────

type Step =
  | { readonly do: "post" | "pin" | "unpin" | "note" | "correct" | "invite" | "title" | "report" | "update"; readonly root: number }
  | { readonly do: "hide" | "show"; readonly root: number };

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom("post", "post", "pin", "unpin", "note", "correct", "invite", "title", "report", "update", "hide", "show"),
  root: fc.nat(),
});

/** A log, and which of its roots are out of the viewer's sight at its head. */
interface Log {
  readonly all: Received[];
  readonly hidden: Set<Seq>;
}

const seen = (log: Log, r: Received): Received => (r.entry.form !== "stub" && log.hidden.has(r.entry.root) ? stub(r) : r);

/** Appends what the step says and returns the frames this viewer gets for it. */
function append(log: Log, s: Step): readonly RoomFrame[] {
  const seq = log.all.length + 1;
  const roots = log.all.filter((r) => r.entry.form !== "stub" && r.entry.root === r.entry.seq && r.entry.marking).map((r) => r.entry.seq);
  const root = roots[s.root % Math.max(1, roots.length)];
  const kinds: Readonly<Record<string, Kind>> = {
    pin: "entry.pinned", unpin: "entry.unpinned", note: "entry.noted", correct: "message.corrected", update: "report.updated",
    hide: "audience.withheld", show: "audience.restored",
  };
  const kindOf = (r: Seq) => (log.all[r - 1]!.entry as VisibleEntry).kind;
  const fits =
    root !== undefined &&
    !(s.do === "correct" && kindOf(root) !== "message.posted") &&
    !(s.do === "update" && kindOf(root) !== "report.given") &&
    !(s.do === "hide" && log.hidden.has(root)) &&
    !(s.do === "show" && !log.hidden.has(root));
  const kind = kinds[s.do];
  let made: Received;
  if (kind !== undefined && fits) {
    const body = s.do === "correct" ? { text: `corrected at ${seq}` } : s.do === "update" ? { methane: { major: false, type: `update ${seq}` } } : {};
    made = open({ seq, root, kind, body: body as never, by: { member: 1 + (seq % 3), org: "DSC" }, ...(s.do === "hide" || s.do === "show" ? { marking: marking() } : {}) });
  } else if (s.do === "invite") {
    made = open({
      seq, kind: "member.invited",
      body: { invitation: "x", issuer: "y", seat: { history: "from_join", name: `N${seq}`, org: "R1H", orgName: "Barts", orgType: "acute_trust", role: "representative" } },
    });
  } else if (s.do === "title") {
    made = open({ seq, kind: "room.titled", body: { title: `title ${seq}` } });
  } else if (s.do === "report" && !log.all.some((r) => r.entry.form !== "stub" && r.entry.kind === "report.given")) {
    made = open({ seq, kind: "report.given", marking: marking(), body: { methane: { major: true, type: "first" } } });
  } else {
    made = message(seq);
  }
  log.all.push(made);
  const moves = kind === "audience.withheld" || kind === "audience.restored" ? (fits ? root : undefined) : undefined;
  if (moves !== undefined) {
    if (s.do === "hide") log.hidden.add(moves);
    else log.hidden.delete(moves);
  }
  const frames: RoomFrame[] = [events(seen(log, made))];
  if (moves !== undefined) frames.push(sight(log, moves));
  return frames;
}

/** The frame that matches the viewer's entitlement to a root now. */
function sight(log: Log, root: Seq): RoomFrame {
  if (log.hidden.has(root)) return { type: "withdrawn", room, root };
  return { type: "opened", room, root, events: log.all.filter((r) => (r.entry as VisibleEntry).root === root) };
}

const visible = (log: Log): readonly VisibleEntry[] =>
  log.all.map((r) => seen(log, r).entry).filter((e): e is VisibleEntry => e.form !== "stub");

/** What a fresh subscriber would get. */
const factsOf = (log: Log) => visible(log).reduce(foldFacts, facts({ members: [] }));

describe("a random history", () => {
  it("leads to the facts of a fresh snapshot, whatever came twice and whatever pages came between", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.tuple(step, fc.nat({ max: 5 }), fc.nat()), { maxLength: 40 }),
        (before, after) => {
          const log: Log = { all: [], hidden: new Set() };
          for (const s of before) append(log, s);
          const start = log.all.length;
          let state = apply(emptyRoom(room), snapshot(start, factsOf(log)));
          const late: { readonly from: Seq; readonly to: Seq; readonly head: Seq; readonly all: readonly Received[] }[] = [];
          const read = (n: number) => {
            const to = 1 + (n % Math.max(1, log.all.length));
            const from = Math.max(1, to - 7);
            return { from, to, head: log.all.length, all: log.all.map((r) => seen(log, r)) };
          };
          const deliver = (p: (typeof late)[number]) => {
            const entries = p.all.slice(p.from - 1, p.to);
            const inPage = new Set(entries.map((r) => r.entry.seq));
            const roots = new Set(entries.filter((r) => r.entry.form !== "stub").map((r) => (r.entry as VisibleEntry).root));
            const related = p.all.filter((r) => r.entry.form !== "stub" && !inPage.has(r.entry.seq) && r.entry.seq > p.to && roots.has(r.entry.root));
            state = apply(state, page(entries, p.head, related));
          };
          for (const [s, disturb, n] of after) {
            if (disturb === 1 && log.all.length > 0) late.push(read(n)); // asked for now, answered later
            const frames = append(log, s);
            for (const f of frames) {
              state = apply(state, f);
              if (disturb === 2) state = apply(state, f);
            }
            if (disturb === 3) for (const root of [...log.hidden]) state = apply(state, sight(log, root));
            if (disturb === 4) deliver(read(n));
            if (disturb === 5) {
              const p = late.shift();
              if (p) deliver(p);
            }
            expect(state.seq).toBe(log.all.length);
            expect(canonical(state.facts)).toBe(canonical(factsOf(log)));
          }
          for (const p of late) deliver(p);
          // Nothing that is out of sight is shown, and nothing in sight is hidden, by whatever came late.
          for (const [seq, held] of state.entries.entries()) expect(held.entry.form).toBe(seen(log, log.all[seq - 1]!).entry.form);
          // A full read at the end: every form and every object is what a fresh reader would have.
          deliver({ from: 1, to: log.all.length, head: log.all.length, all: log.all.map((r) => seen(log, r)) });
          for (const r of log.all) expect(form(state, r.entry.seq)).toBe(seen(log, r).entry.form);
          const byRoot = new Map<Seq, VisibleEntry[]>();
          for (const e of visible(log)) byRoot.set(e.root, [...(byRoot.get(e.root) ?? []), e]);
          for (const [root, list] of byRoot) expect(state.objects.get(root)).toEqual(foldObject(root, list));
          expect([...state.objects.entries()].map(([root]) => root)).toEqual([...byRoot.keys()].toSorted((a, b) => a - b));
          expect(canonical(state.facts)).toBe(canonical(factsOf(log)));
        },
      ),
      { numRuns: 300 },
    );
  });
});
