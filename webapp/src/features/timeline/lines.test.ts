import { describe, expect, it } from "vitest";
import type { EntryRow, Row } from "../../room/row";
import { lineOf, lines, newAfter } from "./lines";

const entry = (seq: number, recorded: string, more: { exercise?: string; mine?: boolean } = {}): EntryRow =>
  ({ type: "entry", key: `e${seq}`, seq, entry: { times: { recorded, ...(more.exercise ? { exercise: more.exercise } : {}) } }, mine: more.mine ?? false }) as unknown as EntryRow;
const day = (at: string): Row => ({ type: "day", key: `d${at}`, at });

describe("the lines of the log", () => {
  it("carry their separators, so that what is loaded above cannot move them", () => {
    const rows: Row[] = [
      { type: "gap", key: "g1", from: 1, to: 9 },
      day("x"),
      entry(10, "2026-11-21T10:00:00.000Z"),
      { type: "unread", key: "unread" },
      entry(11, "2026-11-21T10:01:00.000Z"),
    ];
    const all = lines(rows);
    expect(all.map((l) => l.key)).toEqual(["e10", "e11"]);
    expect(all[0]).toMatchObject({ gap: { from: 1, to: 9 }, day: "2026-11-21T10:00:00.000Z", unread: false });
    expect(all[1]).toMatchObject({ gap: null, day: null, unread: true });
  });

  it("begin a day when London does, and in an exercise when the exercise does", () => {
    const real = lines([entry(1, "2026-07-01T22:30:00.000Z"), entry(2, "2026-07-01T23:30:00.000Z")]);
    expect(real.map((l) => l.day !== null)).toEqual([true, true]);
    const played = lines([entry(1, "2026-11-21T10:00:00.000Z", { exercise: "2017-05-12T15:00:00.000Z" }), entry(2, "2026-11-22T10:00:00.000Z", { exercise: "2017-05-12T15:10:00.000Z" })]);
    expect(played.map((l) => l.day)).toEqual(["2017-05-12T15:00:00.000Z", null]);
  });

  it("have no unread line before what came while the reader was there", () => {
    const rows: Row[] = [entry(1, "2026-11-21T10:00:00.000Z"), { type: "unread", key: "unread" }, entry(2, "2026-11-21T10:00:00.000Z")];
    expect(lines(rows, [], 2).map((l) => l.unread)).toEqual([false, true]);
    expect(lines(rows, [], 1).map((l) => l.unread)).toEqual([false, false]);
  });

  it("keep a run's key while it grows upwards", () => {
    const key = (from: number) => lines([{ type: "stubs", key: `s${from}`, from, to: 20 }])[0]?.key;
    expect(key(14)).toBe(key(18));
  });

  it("are found by any number they cover", () => {
    const all = lines([entry(1, "2026-11-21T10:00:00.000Z"), { type: "stubs", key: "s2", from: 2, to: 5 }, entry(6, "2026-11-21T10:00:00.000Z")]);
    expect([1, 2, 5, 6, 7].map((n) => lineOf(all, n))).toEqual([0, 1, 1, 2, -1]);
  });

  it("count as new when somebody else wrote them", () => {
    const all = lines([entry(1, "2026-11-21T10:00:00.000Z"), entry(2, "2026-11-21T10:00:00.000Z"), entry(3, "2026-11-21T10:00:00.000Z", { mine: true })]);
    expect(newAfter(all, 1)).toBe(1);
  });
});
