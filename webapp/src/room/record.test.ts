import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bodies, BookFacts, Facts, Grade, Received, Scale, Seq, Tier, VisibleEntry } from "../protocol/types";
import { apply } from "./apply";
import { past, roomNow } from "./clock";
import { gapsOf, inEffect, optionsOf, reliedOf } from "./decision";
import { foldFacts, withoutRoot, withRoot } from "./facts";
import { isLetter } from "./letter";
import { may, type RecordAct } from "./may";
import { foldObject } from "./object";
import { asItStood, wordsOf } from "./select";
import { severityHistory } from "./severityHistory";
import { counts, grades, graver, operating, standing } from "./severity";
import { emptyRoom, type RecordObject } from "./state";
import { envelope, events, facts, instant, marking, member, message, open, room, snapshot } from "./testing";
import { recordRows } from "./timeline";

const entry = (r: Received) => r.entry as VisibleEntry;
const fold = (list: readonly Received[], from: Facts = facts()) => list.map(entry).reduce(foldFacts, from);
const dsc = { member: 1, org: "DSC", role: "lead" } as const;
const ncsc = { member: 2, org: "NCSC", role: "liaison" } as const;
const assessed = (seq: Seq, grade: Grade, by: { member: number; org: string; role: "lead" | "liaison" } = dsc, scale: Scale = "nhs_level") =>
  open({ seq, kind: "severity.assessed", by, body: { criteria: ["spreading"], grade, scale } });
const reassessed = (seq: Seq, root: Seq, grade: Grade) => open({ seq, root, kind: "severity.reassessed", by: dsc, body: { criteria: [], grade } });
const asked = (seq: Seq, root: Seq, grade?: Grade) =>
  open({ seq, root, kind: "severity.lowering_asked", by: dsc, body: { tier: "tactical", ...(grade ? { grade, criteria: ["spreading"] } : {}) } });
const settled = (seq: Seq, root: Seq, how: "agreed" | "refused" | "dropped") => open({ seq, root, kind: `severity.lowering_${how}`, by: ncsc, body: {} });
const record = <N extends RecordObject["noun"]>(noun: N, ...list: readonly Received[]): Extract<RecordObject, { noun: N }> => {
  const now = foldObject(entry(list[0] as Received).root, list.map(entry))?.record;
  if (now?.noun !== noun) throw new Error(`no ${noun}`);
  return now as Extract<RecordObject, { noun: N }>;
};

describe("severity", () => {
  it("counts the graver of two neighbours, on each scale its own way", () => {
    expect([counts("nhs_level", { at: 3, or: 4 }), counts("nhs_level", { at: 4, or: 3 }), counts("nhs_level", { at: 2 })]).toEqual([4, 4, 2]);
    expect([counts("ncsc_category", { at: 3, or: 2 }), counts("ncsc_category", { at: 1, or: 2 })]).toEqual([2, 1]);
  });

  it("operates by the gravest that stands, and by the oldest of equal ones", () => {
    const f = fold([assessed(3, { at: 3, or: 4 }), assessed(4, { at: 4 }, ncsc), assessed(5, { at: 2 }, ncsc, "ncsc_category")]);
    expect(operating(f, "nhs_level")?.root).toBe(3);
    expect(standing(f, "nhs_level").map((a) => a.root)).toEqual([3, 4]);
    expect(operating(f, "ncsc_category")?.root).toBe(5);
    expect(operating(facts(), "nhs_level")).toBeNull();
  });

  it("is never lower than any assessment that stands", () => {
    const grade = (scale: Scale) => fc.constantFrom(...grades[scale]).map((at) => ({ at }));
    fc.assert(
      fc.property(fc.array(fc.tuple(grade("nhs_level"), fc.boolean()), { minLength: 1, maxLength: 6 }), (list) => {
        let f = facts();
        list.forEach(([g, ends], i) => {
          f = fold([assessed(10 * i + 1, g, { ...dsc, org: `O${i}` })], f);
          if (ends) f = fold([asked(10 * i + 2, 10 * i + 1), settled(10 * i + 3, 10 * i + 1, "agreed")], f);
        });
        const top = operating(f, "nhs_level");
        const stand = list.filter(([, ends]) => !ends).map(([g]) => g.at);
        expect(top === null ? 0 : counts("nhs_level", top.grade)).toBe(Math.max(0, ...stand));
        expect(f.assessments.filter((a) => !a.ended).some((a) => top && graver("nhs_level", counts("nhs_level", a.grade), counts("nhs_level", top.grade)))).toBe(false);
      }),
    );
  });

  it("falls only once a second person agrees, and says since when and whose assessment it is", () => {
    const question = fold([assessed(3, { at: 4 }), asked(7, 3, { at: 2 })]);
    expect(question.assessments[0]).toMatchObject({ grade: { at: 4 }, since: instant(3), lowering: { seq: 7, by: dsc, at: instant(7), tier: "tactical", grade: { at: 2 }, criteria: ["spreading"] } });
    expect(fold([settled(9, 3, "agreed")], question).assessments[0]).toEqual({
      root: 3, scale: "nhs_level", org: "DSC", by: dsc, seq: 9, since: instant(9), grade: { at: 2 }, criteria: ["spreading"], ended: false, lowering: null,
    });
    for (const how of ["refused", "dropped"] as const) {
      expect(fold([settled(9, 3, how)], question).assessments[0]).toMatchObject({ grade: { at: 4 }, seq: 3, since: instant(3), lowering: null });
    }
    expect(fold([assessed(3, { at: 4 }), asked(7, 3), settled(9, 3, "agreed")]).assessments[0]).toMatchObject({ ended: true, grade: { at: 4 } });
  });

  it("keeps since when it stands while only its reasons change", () => {
    expect(fold([assessed(3, { at: 3, or: 4 }), reassessed(9, 3, { at: 4 })]).assessments[0]).toMatchObject({ since: instant(3), seq: 9, grade: { at: 4 }, criteria: [] });
    expect(fold([assessed(3, { at: 3 }), reassessed(9, 3, { at: 4 })]).assessments[0]).toMatchObject({ since: instant(9), seq: 9 });
  });

  it("is an object of the log too, with every step of its history", () => {
    expect(record("severity", assessed(3, { at: 3 }), reassessed(9, 3, { at: 4 }))).toMatchObject({ root: 3, grade: { at: 4 }, seq: 9 });
  });

  it("names the hosts it called in, once each", () => {
    const called = (seq: Seq) => open({ seq, root: 1, kind: "room.host_called", by: {}, body: { because: 3, org: "NCSC" } });
    expect(fold([called(4), called(5)]).room.called).toEqual(["NCSC"]);
  });
});

const verdict = { decision: "Disconnect", maker: 2, rationale: "It spreads", tier: "tactical" } as const;
const recorded = (seq: Seq, more: Partial<Bodies["decision.recorded"]> = {}) =>
  open({ seq, kind: "decision.recorded", marking: marking(), body: { deliberation: {}, verdict, ...more } });

describe("a decision", () => {
  it("is taken when recorded, with the gaps of its record named", () => {
    const d = record("decision", recorded(6, { deliberation: { question: "Stay connected?", relied: [4] } }));
    expect(d).toMatchObject({ state: "taken", settled: 6, decision: "Disconnect", maker: 2, taken: { seq: 6, at: instant(6), about: false } });
    expect(inEffect(d)).toBe(true);
    expect(gapsOf(d)).toEqual(["risks", "powers", "options", "consulted", "dissent", "expected", "review", "outcome"]);
  });

  it("was taken when its entry says that it was", () => {
    const r = recorded(6);
    if (r.entry.form !== "open") throw new Error("open");
    const late = { ...r.entry, times: { recorded: instant(6), occurred: instant(0), about: true } } as VisibleEntry;
    expect(foldObject(6, [late])?.record).toMatchObject({ taken: { at: instant(0), about: true, recorded: instant(6) } });
  });

  it("keeps what was relied on when taken apart from what was added later", () => {
    const d = record("decision", recorded(6, { deliberation: { relied: [4] } }), open({ seq: 9, root: 6, kind: "decision.added", body: { deliberation: { relied: [8], review: instant(30), options: [{ text: "Wait", rejected: "Too slow" }] } } }));
    expect(reliedOf(d)).toEqual([{ cites: 4, at: 6, later: false }, { cites: 8, at: 9, later: true }]);
    expect(d.review).toBe(instant(30));
    expect(optionsOf(d)).toMatchObject([{ text: "Wait", rejected: "Too slow", part: { seq: 9, later: true } }]);
  });

  it("goes through its named transitions", () => {
    const then = (kind: "decision.confirmed" | "decision.disputed" | "decision.superseded" | "decision.reversed", body: object) =>
      record("decision", recorded(6), open({ seq: 9, root: 6, kind, by: { member: 2 }, body: body as never }));
    expect(then("decision.confirmed", {})).toMatchObject({ state: "confirmed", settled: 9, confirmed: { seq: 9, by: { member: 2 } } });
    expect(then("decision.disputed", { reason: "I did not" })).toMatchObject({ state: "disputed", disputed: { reason: "I did not" } });
    expect(then("decision.superseded", { by: 8 })).toMatchObject({ state: "superseded", replacedBy: 8 });
    const over = then("decision.reversed", { by: 8 });
    expect(inEffect(over)).toBe(false);
    expect(gapsOf(over)).not.toContain("review"); // nobody looks at it again
  });

  it("that was proposed is whoever's, until it is taken", () => {
    const proposed = open({ seq: 6, kind: "decision.proposed", marking: marking(), body: { decision: "Disconnect?", deliberation: { relied: [3] } } });
    expect(record("decision", proposed)).toMatchObject({ state: "proposed", maker: 0, taken: null, rationale: "" });
    const taken = open({ seq: 9, root: 6, kind: "decision.taken", body: { deliberation: { relied: [8] }, verdict } });
    const d = record("decision", proposed, taken);
    expect(d).toMatchObject({ state: "taken", decision: "Disconnect", maker: 2, taken: { seq: 9 } });
    expect(reliedOf(d).map((r) => r.later)).toEqual([false, false]);
  });

  it("reviewed needs no more review, or a later one", () => {
    const reviewed = (review?: string) => open({ seq: 9, root: 6, kind: "decision.reviewed", body: { finding: "Stands", ...(review ? { review } : {}) } });
    const before = recorded(6, { deliberation: { review: instant(12) } });
    expect(record("decision", before, reviewed()).review).toBeNull();
    expect(record("decision", before, reviewed(instant(60)))).toMatchObject({ review: instant(60), reviews: [{ finding: "Stands" }] });
  });

  it("that is sealed shows nothing but that it is there, and its transitions once it is opened", () => {
    expect(foldObject(6, [entry(envelope(recorded(6)))])).toMatchObject({ record: null, sealed: true });
    const confirmed = open({ seq: 9, root: 6, kind: "decision.confirmed", by: { member: 2 }, body: {} });
    expect(record("decision", recorded(6), envelope(confirmed))).toMatchObject({ state: "confirmed" });
    expect(foldObject(6, [entry(recorded(6)), entry(envelope(confirmed))])?.sealed).toBe(false);
  });
});

const raised = (seq: Seq, to: { member?: number; org: string } = { org: "R1H" }) =>
  open({ seq, kind: "action.raised", marking: marking(), body: { for: to, text: "Block it", due: instant(30), decision: 4 } });

describe("an action", () => {
  it("waits, is accepted, and is done with evidence", () => {
    const done = open({ seq: 12, root: 6, kind: "action.done", body: { evidence: "Blocked at 16:40" } });
    const a = record("action", raised(6), open({ seq: 9, root: 6, kind: "action.accepted", body: {} }), done);
    expect(a).toMatchObject({ state: "done", settled: 12, due: instant(30), decision: 4, for: { org: "R1H" } });
    expect(a.steps.map((s) => [s.what, s.said])).toEqual([["raised", ""], ["accepted", ""], ["done", "Blocked at 16:40"]]);
  });

  it("handed on waits for whoever got it, and a reminder changes nothing", () => {
    const handed = open({ seq: 9, root: 6, kind: "action.handed", body: { for: { org: "X1N" }, reason: "Their network" } });
    const chased = open({ seq: 10, root: 6, kind: "action.chased", body: {} });
    expect(record("action", raised(6), handed, chased)).toMatchObject({ state: "raised", settled: 9, for: { org: "X1N" } });
  });
});

describe("a deadline", () => {
  it("has passed by the room's clock, in an exercise by the exercise's", () => {
    const now = Date.parse(instant(300));
    expect([past(instant(30), roomNow(facts(), now)), past(instant(600), roomNow(facts(), now)), past(null, now)]).toEqual([true, false, false]);
    const clock = { exercise: instant(0), factor: 60, paused: true, set: instant(0), seq: 2 };
    expect(past(instant(30), roomNow(facts({ room: { ...facts().room, clock } }), now))).toBe(false);
  });
});

const opened = (seq: Seq, number = 1) =>
  open({ seq, kind: "book.opened", marking: marking(), by: { member: 1, org: "DSC", role: "loggist" }, body: { first: 1, maker: 2, number, signal: "I decide" } });
const line = (seq: Seq, number: number, text: string) =>
  open({ seq, kind: "logentry.written", marking: marking(), by: { member: 1 }, body: { book: 6, number, speech: true, paper: { by: "E H", page: "3" }, text } });

describe("a loggist's book", () => {
  it("stands with who keeps it for whom, once both agreed and until it is closed", () => {
    const f = fold([opened(6), open({ seq: 9, root: 6, kind: "book.agreed", body: {} })]);
    expect(f.books).toEqual([{ root: 6, number: 1, maker: 2, loggist: 1, signal: "I decide", opened: instant(6), agreed: instant(9), closed: null, first: 1 }]);
    expect(fold([open({ seq: 12, root: 6, kind: "book.closed", body: { last: 4 } })], f).books[0]?.closed).toBe(instant(12));
  });

  it("goes from sight and comes back in its place", () => {
    const f = fold([opened(6), opened(8, 2)]);
    const without = withoutRoot(f, 6);
    expect(without.books.map((b) => b.root)).toEqual([8]);
    expect(withRoot(without, 6, [entry(opened(6))]).books.map((b) => b.root)).toEqual([6, 8]);
    expect(withRoot(without, 6, [entry(envelope(opened(6)))]).books.map((b) => b.root)).toEqual([8]);
  });

  it("has lines with every wording, the newest last", () => {
    const corrected = open({ seq: 12, root: 9, kind: "logentry.corrected", by: { member: 1 }, body: { text: "At 16:10", reason: "Misheard" } });
    expect(record("logentry", line(9, 17, "At 16:00"), corrected)).toMatchObject({
      book: 6, number: 17, speech: true, paper: { by: "E H", page: "3" }, entered: instant(9), occurred: null,
      wordings: [{ seq: 9, text: "At 16:00" }, { seq: 12, text: "At 16:10", reason: "Misheard" }],
    });
  });

  it("says of each wording whether it was written for an exercise", () => {
    const invented = open({ seq: 9, kind: "logentry.written", marking: marking(), by: { member: 1 }, body: { book: 6, invented: true, number: 17, text: "At 16:00" } });
    const fixed = open({ seq: 12, root: 9, kind: "logentry.corrected", by: { member: 1 }, body: { text: "At 16:10" } });
    expect(record("logentry", invented, fixed)).toMatchObject({ wordings: [{ invented: true }, { invented: false }] });
  });

  it("takes a kept line for a line, and nothing else", () => {
    expect(isLetter({ what: "line", book: 6, line: { text: "x" } })).toBe(true);
    expect(isLetter({ what: "correction", book: 6, seq: 9, text: "x", reason: "" })).toBe(true);
    for (const v of [null, {}, { text: "a message" }, { what: "line", book: 6 }, { what: "correction", book: 6, text: "x" }]) expect(isLetter(v)).toBe(false);
  });
});

describe("who may do what with the record", () => {
  const assessors = [{ org: "DSC", scale: "nhs_level" }, { org: "NCSC", scale: "ncsc_category" }, { org: "NCA", scale: "ncsc_category" }] as const;
  const world = facts({
    room: { ...facts().room, assessors },
    members: [
      member(1, { tier: "tactical" }),
      member(2, { role: "liaison", org: "NCSC", tier: "operational" }),
      member(3, { role: "representative", host: false, org: "R1H", orgType: "acute_trust" }),
      member(4, { role: "loggist" }),
      member(5, { role: "deputy", tier: "strategic" }),
      member(6, { role: "representative", host: false, org: "NCA", orgType: "law_enforcement" }),
      member(7, { role: "observer", host: false, org: "R1H", orgType: "acute_trust" }),
    ],
  });
  const who = (act: RecordAct, object?: Received | readonly Received[], about: Parameters<typeof may>[3] = {}) => {
    const list = object === undefined ? [] : Array.isArray(object) ? (object as readonly Received[]) : [object as Received];
    const o = list[0] ? foldObject(entry(list[0]).root, list.map(entry)) : undefined;
    return world.members.filter((m) => may({ ...world, you: m.number }, act, o, about)).map((m) => m.number);
  };
  const question = (tier: Tier, by = { member: 1, org: "DSC" }) => ({ seq: 9, by, at: instant(9), tier });

  it("follows the table for severity", () => {
    expect(who("assess", undefined, { scale: "nhs_level" })).toEqual([1, 5]);
    expect(who("lower", undefined, { scale: "ncsc_category" })).toEqual([2, 6]);
    expect(who("agree-lowering", undefined, { asked: question("tactical") })).toEqual([5]);
    expect(who("agree-lowering", undefined, { asked: question("operational", { member: 2, org: "NCSC" }) })).toEqual([1, 5]);
    expect(who("agree-lowering", undefined, { asked: question("strategic", { member: 5, org: "DSC" }) })).toEqual([2]);
    expect(who("tier")).toEqual([1, 5]);
  });

  it("follows the table for decisions", () => {
    const d = recorded(6, { verdict: { ...verdict, maker: 3 } });
    expect(who("record-decision")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(who("add-to-decision", d)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(who("confirm-decision", d)).toEqual([3]);
    expect(who("dispute-decision", d)).toEqual([3]);
    expect(who("review-decision", d)).toEqual([1, 3, 5]);
    expect(who("take-decision", d)).toEqual([]);
    expect(who("replace-decision", d)).toEqual([1, 2, 3, 4, 5]); // a representative only what their own organisation decided
    expect(who("replace-decision", recorded(6, { verdict: { ...verdict, maker: 1 } }))).toEqual([1, 2, 4, 5]);
    const put = (maker?: number) => open({ seq: 6, kind: "decision.proposed", marking: marking(), body: { decision: "Disconnect", deliberation: {}, ...(maker ? { maker } : {}) } });
    expect(who("take-decision", put())).toEqual([1, 2, 3, 4, 5, 6]);
    expect(who("take-decision", put(3))).toEqual([1, 2, 3, 4, 5]);
    expect(who("take-decision", put(1))).toEqual([1, 2, 4, 5]);
    expect(who("confirm-decision", [d, open({ seq: 9, root: 6, kind: "decision.confirmed", body: {} })])).toEqual([]);
  });

  it("follows the table for actions: a host may chase, not accept or finish for them", () => {
    const accepted = [raised(6), open({ seq: 9, root: 6, kind: "action.accepted", body: {} })];
    expect(who("accept-action", raised(6))).toEqual([3]);
    expect(who("accept-action", raised(6, { member: 7, org: "R1H" }))).toEqual([7]);
    expect(who("finish-action", accepted)).toEqual([3]);
    expect(who("hand-action", accepted)).toEqual([3]);
    expect(who("chase-action", raised(6))).toEqual([1, 2, 4, 5]);
    expect(who("withdraw-action", raised(6))).toEqual([1, 5]);
    expect(who("accept-action", accepted)).toEqual([]);
  });

  it("follows the table for books", () => {
    const book: BookFacts = { root: 6, number: 1, maker: 3, loggist: 4, signal: "s", opened: instant(6), agreed: null, closed: null, first: 1 };
    expect(who("open-book")).toEqual([1, 4, 5]);
    expect(who("write-log-entry", undefined, { book })).toEqual([4]);
    expect(who("agree-book", undefined, { book })).toEqual([3]);
    expect(who("close-book", undefined, { book })).toEqual([1, 4, 5]);
    expect(who("write-log-entry", undefined, { book: { ...book, closed: instant(9) } })).toEqual([]);
    expect(who("correct-log-entry", line(9, 1, "x"), { book })).toEqual([1]);
  });
});

describe("the record alone", () => {
  it("shows what pages brought and what came since, and offers what is older", () => {
    const rows = recordRows();
    const at = apply(apply(emptyRoom(room), snapshot(20)), events(message(21), recorded(22), message(23)));
    const older = apply(at, { type: "page", room, entries: [], related: [raised(8)], head: 20 });
    const keys = (r: ReturnType<typeof rows>) => r.filter((x) => x.type !== "day").map((x) => x.key);
    expect(keys(rows({ state: older, readTo: 0 }, [8], 8))).toEqual(["record-gap", "e8", "e22"]);
    expect(keys(rows({ state: older, readTo: 0 }, [8], 1))).toEqual(["e8", "e22"]);
    expect(keys(rows({ state: older, readTo: 0 }, [], null))).toEqual(["record-gap"]);
    const same = rows({ state: older, readTo: 0 }, [8], 1);
    expect(same.length).toBeGreaterThan(0);
  });

  it("does not put what a board brought into the log's own order", () => {
    const older = apply(apply(emptyRoom(room), snapshot(20)), { type: "page", room, entries: [], related: [raised(8)], head: 20 });
    expect(older.spans).toEqual([{ from: 21, to: 20 }]);
    expect(older.objects.get(8)?.record?.noun).toBe("action");
  });
});

describe("the severity's history", () => {
  it("says at each step what operates from there, and why", () => {
    const first = foldObject(3, [assessed(3, { at: 3 }), asked(12, 3, { at: 1 }), settled(15, 3, "agreed")].map(entry));
    const second = foldObject(6, [assessed(6, { at: 4 }, ncsc), open({ seq: 9, root: 6, kind: "severity.lowering_asked", by: ncsc, body: { tier: "operational" } }), settled(10, 6, "agreed")].map(entry));
    const reason = foldObject(7, [entry(open({ seq: 7, kind: "severity.reasoned", marking: marking(), body: { about: 6, text: "Worse" } }))]);
    const steps = severityHistory([first, second, reason].filter((o) => o !== undefined));
    expect(steps.map((s) => [s.seq, s.operates])).toEqual([[3, 3], [6, 4], [9, 4], [10, 3], [12, 3], [15, 1]]);
    expect(steps.find((s) => s.seq === 6)?.reason).toEqual({ seq: 7, text: "Worse" });
    expect(steps.find((s) => s.seq === 15)?.asked?.grade).toEqual({ at: 1 });
  });
});

describe("what was relied on", () => {
  it("is read as it stood, and says that it was corrected since", () => {
    const object = foldObject(6, [message(6, "first"), open({ seq: 9, root: 6, kind: "message.corrected", body: { text: "second" } })].map(entry));
    if (!object) throw new Error("no object");
    expect([asItStood(object, 8), asItStood(object, 9), wordsOf(object)]).toEqual([{ text: "first", corrected: true }, { text: "second", corrected: false }, "second"]);
    const sealed = foldObject(6, [entry(envelope(message(6, "secret")))]);
    expect(sealed && asItStood(sealed, 9)).toBeNull();
  });
});
