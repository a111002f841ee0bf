import { describe, expect, it } from "vitest";
import { endWords } from "../features/clocks/ClockForms";
import { reportDraft } from "../features/clocks/draft";
import type { VisibleEntry } from "../protocol/types";
import { needsOf } from "../features/needs/Needs";
import { may } from "../room/may";
import { foldObject } from "../room/object";
import { byDue, overdue, type StatutoryClock } from "../room/statutory";
import { facts, member, open } from "../room/testing";
import { isStanding, inRecord } from "../protocol/kinds";
import { afterWords, spanWords } from "../ui/statutory";

const by = { member: 1, org: "X1N", role: "representative" } as const;
const aware = "2026-05-12T15:10:00.000Z";
const due = "2026-05-15T15:10:00.000Z";
const started = (seq = 3) => open({ seq, kind: "clock.started", by, body: { aware, due, known: "a share was copied", org: "X1N", owner: 1, statute: "gdpr_33" } });
const object = (...list: ReturnType<typeof open>[]) => {
  const events = list.map((r) => r.entry as VisibleEntry);
  const o = foldObject((events[0] as VisibleEntry).root, events);
  if (!o) throw new Error("nothing");
  return o;
};
const clock = (...list: ReturnType<typeof open>[]): StatutoryClock => {
  const r = object(...list).record;
  if (r?.noun !== "clock") throw new Error("no clock");
  return r;
};

describe("a statutory clock", () => {
  it("runs to its limit, and a correction moves both times and keeps the first", () => {
    const c = clock(started(), open({ seq: 4, root: 3, kind: "clock.reminded", by: {}, body: { after: 2880, step: 1 } }), open({ seq: 5, root: 3, kind: "clock.corrected", by, body: { aware: "2026-05-11T15:10:00.000Z", due: "2026-05-14T15:10:00.000Z", reason: "earlier" } }));
    expect([c.aware, c.due, c.state, c.settled, c.reminded]).toEqual(["2026-05-11T15:10:00.000Z", "2026-05-14T15:10:00.000Z", "running", 5, null]);
    expect(c.steps.map((s) => s.what)).toEqual(["started", "reminded", "corrected"]);
    expect([overdue(c, Date.parse("2026-05-14T15:09:59Z")), overdue(c, Date.parse("2026-05-14T15:10:00Z"))]).toEqual([false, true]);
  });

  it("ends with evidence, late or in time, or by being withdrawn", () => {
    const done = clock(started(), open({ seq: 4, root: 3, kind: "clock.evidenced", by, body: { done: due, late: 2, reference: "IC-1" } }));
    expect([done.state, done.done?.late, done.done?.reference]).toEqual(["evidenced", 2, "IC-1"]);
    expect(clock(started(), open({ seq: 4, root: 3, kind: "clock.withdrawn", by, body: { reason: "no" } })).state).toBe("withdrawn");
    expect(overdue(done, Date.parse(due) + 1)).toBe(false);
  });

  it("comes as it falls due, what has no limit last", () => {
    const later = { ...clock(started()), due: "2026-05-16T15:10:00.000Z" };
    const never = { ...later, due: null };
    const over = { ...later, state: "withdrawn" as const };
    expect(byDue([never, later, over, clock(started())])).toEqual([clock(started()), later, never]);
  });

  it("is theirs who owe it, and a host’s lead’s", () => {
    const o = object(started());
    const as = (part: Parameters<typeof member>[1]) => may(facts({ you: 1, members: [member(1, part)] }), "evidence-clock", o);
    expect(as({ org: "X1N", role: "representative", host: false })).toBe(true);
    expect(as({ org: "X1N", role: "observer", host: false })).toBe(false);
    expect(as({ org: "X2E", role: "representative", host: false })).toBe(false);
    expect(as({ org: "DSC", role: "liaison", host: true })).toBe(true);
    expect(as({ org: "DSC", role: "comms", host: true })).toBe(false);
  });

  it("is the record’s, and no standing fact, unlike an exercise’s clock", () => {
    expect([isStanding("clock.started"), isStanding("clock.set"), inRecord("clock.started"), inRecord("clock.set"), inRecord("ministers.briefed")]).toEqual([false, true, true, false, true]);
  });

  it("says its times in words", () => {
    expect(endWords("gdpr_33", aware)).toBe("The 72 hours end on Friday 15 May 2026 at 16:10 BST.");
    expect(endWords("gdpr_34", aware)).toContain("without undue delay");
    expect([afterWords(3600), afterWords(30), spanWords(59 * 3_600_000 + 120_000), spanWords(60_000), spanWords(59_999)]).toEqual(["60 hours", "30 minutes", "2 days 11 hours", "1 minute", "less than a minute"]);
    const draft = reportDraft(facts(), 3, clock(started()));
    expect(draft).toContain("When you became aware: 12 May 2026, 16:10 BST");
    expect(draft).toContain("a share was copied");
  });

  it("needs its owner by real time, whatever an exercise’s clock says", () => {
    const f = facts();
    const row = (real: string) => needsOf(f, [object(started())], 0, Date.parse(real))[0];
    expect([row("2026-05-15T03:10:00Z")?.late, row("2026-05-15T03:10:00Z")?.text]).toEqual([false, "12 hours left. Evidence it, or say why it need not be told"]);
    expect([row("2026-05-15T15:10:00Z")?.late, row("2026-05-15T15:10:00Z")?.what]).toEqual([true, "Overdue. Tell the Information Commissioner of a personal data breach"]);
  });
});
