import { describe, expect, it } from "vitest";
import { type AlertOrg, alertStates } from "../../protocol/alert";
import { stepsOf } from "./Board";
import { answersFrom, dueWords, endOf, leftWords, overdue, roughly, stepsFrom } from "./words";

const now = Date.parse("2026-05-12T15:10:00.000Z");
const row = (more: Partial<AlertOrg>): AlertOrg => ({ org: "X1N", name: "Northmoor NHS Trust", type: "acute_trust", state: "sent", wants: "acknowledge", chases: 0, version: 1, ...more });

describe("what an organisation owes", () => {
  it("is said with its hour, and is overdue by the clock that is passed in", () => {
    const due = row({ dueBy: "2026-05-14T15:10:00.000Z" });
    expect(dueWords(due, now)).toBe("Acknowledge by 14 May, 16:10 BST");
    expect(overdue(due, now)).toBe(false);
    const later = now + 3 * 86_400_000;
    expect(overdue(due, later)).toBe(true);
    expect(dueWords(due, later)).toBe("Acknowledge was due 14 May, 16:10 BST");
    expect(leftWords("2026-05-14T15:10:00.000Z", later)).toBe("24 hours late");
  });
  it("is nothing once it is settled, and never overdue without an hour", () => {
    expect(dueWords(row({ state: "done", wants: "" }), now)).toBe("");
    expect(overdue(row({}), now)).toBe(false);
  });
  it("is rounded down to what people say", () => {
    expect([20_000, 60_000, 59 * 60_000, 47.9 * 3_600_000, 48 * 3_600_000].map(roughly)).toEqual(["less than a minute", "1 minute", "59 minutes", "47 hours", "2 days"]);
  });
});

describe("the ladder", () => {
  it("offers every state what the next rung takes, and several what all of them can take", () => {
    for (const s of alertStates) expect(stepsFrom[s].includes("answer")).toBe(answersFrom[s].length > 0);
    expect(stepsOf([row({ state: "applies" }), row({ state: "planned" })])).toEqual(["answer", "plan", "update", "finish"]);
    expect(stepsOf([row({}), row({ state: "done" })])).toEqual([]);
    expect(stepsOf([])).toEqual([]);
  });
});

it("takes a day for its end in London", () => {
  expect(endOf("2026-05-12")).toBe("2026-05-12T22:59:00.000Z");
  expect(endOf("")).toBeNull();
});
