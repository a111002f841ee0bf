import { describe, expect, it } from "vitest";
import { blankLine, lineProblem, lineSent, withTimeBack, withTyped, writingOf } from "./line";

const now = Date.parse("2026-11-21T16:14:20.000Z");
const typed = (text: string) => withTyped(blankLine, text);

describe("a line as it is typed", () => {
  it("takes four figures at its beginning for the time", () => {
    expect(typed("1610 Lead asks")).toMatchObject({ time: "16:10", about: false, text: "Lead asks" });
    expect(typed("~1610 Lead asks")).toMatchObject({ time: "16:10", about: true, text: "Lead asks" });
    expect(typed("16:10 Lead asks")).toMatchObject({ time: "16:10" });
  });

  it("leaves figures that are no time, or not at the beginning, in the text", () => {
    for (const text of ["1610", "2561 beds", "1610Lead", "Lead 1610 asks", "16100 pounds"]) expect(typed(text)).toMatchObject({ time: "", text });
    expect(withTyped({ ...blankLine, time: "15:00" }, "1610 beds")).toMatchObject({ time: "15:00", text: "1610 beds" });
  });

  it("gives the time back to be changed", () => {
    expect(withTimeBack(typed("~1610 Lead"))).toMatchObject({ time: "", about: false, text: "~1610Lead" });
  });
});

describe("a line as it is sent", () => {
  it("happened at the last such time, also yesterday", () => {
    expect(lineSent(typed("1610 x"), now, 20)).toEqual({ text: "x", occurred: "2026-11-21T16:10:00.000Z" });
    expect(lineSent(typed("~2350 x"), now, 20)).toEqual({ text: "x", occurred: "2026-11-20T23:50:00.000Z", about: true });
  });

  it("happens as it is entered when nothing else is said, and about then when that is said alone", () => {
    expect(lineSent(typed("x"), now, 20)).toEqual({ text: "x" });
    expect(lineSent({ ...typed("x"), about: true }, now, 20)).toEqual({ text: "x", occurred: new Date(now).toISOString(), about: true });
  });

  it("taken back keeps its time", () => {
    expect(writingOf(lineSent(typed("~1610 x"), now, 20))).toEqual({ ...blankLine, text: "x", time: "16:10", about: true });
    expect(writingOf({ text: "x", occurred: new Date(now).toISOString() }).time).toBe("16:14");
  });

  it("refers to no entry that there is not yet", () => {
    expect(lineSent(typed("Ticket #4521, see #20 and #21"), now, 20)).toEqual({ text: "Ticket #4521, see #20 and #21", cites: [20] });
  });

  it("carries what it refers to, whose words it is and the paper it is from", () => {
    const w = { ...typed("As in #12 and (#14), see #12"), speech: true, paper: { by: "E Hughes", page: "Book 2, page 3" } };
    expect(lineSent(w, now, 20)).toEqual({ text: "As in #12 and (#14), see #12", speech: true, paper: w.paper, cites: [12, 14] });
    expect(lineProblem({ ...w, paper: { by: "", page: "3" } })).not.toBe("");
    expect([lineProblem(w), lineProblem(blankLine)]).toEqual(["", "Write something first."]);
  });
});
