import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { facts, instant } from "../../room/testing";
import type { Line } from "../../room/book";
import type { RoomObject } from "../../room/state";
import type { Refusal } from "../../stream/outbox";
import { LineRow, WaitingRow } from "./LineRow";

afterEach(cleanup);

const wording = { seq: 9, by: { member: 1 }, at: instant(9), text: "Beds are full, see #4", reason: "", invented: false };
const object = { root: 9, by: { member: 1 }, events: [] as RoomObject["events"] } as RoomObject;
const row = (part: Partial<Line>) => {
  const line: Line = { noun: "logentry", book: 6, number: 3, occurred: null, about: false, entered: "2026-11-21T16:14:00.000Z", speech: false, paper: null, cites: [], wordings: [wording], ...part };
  render(
    <table>
      <tbody>
        <LineRow object={object} line={line} facts={facts()} correction={undefined} />
      </tbody>
    </table>,
  );
  return screen.getByRole("row").textContent;
};

describe("a line of a log", () => {
  it("says when it happened and when it was entered, with the zone", () => {
    expect(row({ occurred: "2026-11-21T16:10:00.000Z", about: true })).toContain("about 16:10 GMTentered 16:14 GMT");
    cleanup();
    expect(row({ occurred: "2026-07-21T15:10:00.000Z", entered: "2026-07-21T15:10:40.000Z" })).toContain("16:10 BST");
    expect(screen.queryByText(/entered/)).toBeNull();
    cleanup();
    expect(row({ occurred: "2026-11-20T23:50:00.000Z" })).toContain("20 Nov, 23:50 GMTentered 16:14 GMT");
  });

  it("quotes verbatim speech once, and says that it is", () => {
    expect(row({ speech: true })).toContain("Verbatim");
    expect(document.querySelector(".verbatim")?.textContent).toBe(wording.text);
    cleanup();
    expect(row({ speech: true, wordings: [{ ...wording, text: "Alan, on the bridge: “We are on paper.”" }] })).toContain("Verbatim");
    expect(document.querySelector(".verbatim")).toBeNull();
    cleanup();
    expect(row({})).not.toContain("Verbatim");
  });

  it("refers to what its text does not name", () => {
    row({ cites: [4, 41] });
    expect(screen.getAllByRole("link").map((a) => a.textContent)).toEqual(["#4", "#41", "#9"]);
  });

  it("is marked where it was written for an exercise, wording by wording", () => {
    row({});
    expect(screen.queryByText("Invented")).toBeNull();
    cleanup();
    row({ wordings: [{ ...wording, invented: true }, { ...wording, seq: 12, text: "Beds are free" }] });
    expect(screen.getByText("Invented").previousElementSibling?.textContent).toBe(wording.text);
  });

  it("that was refused says what to do", () => {
    const refused = (problem: Refusal) => {
      const pending = { key: "k", room: "r", at: 0, state: "failed" as const, problem, message: { what: "line" as const, book: 6, line: { text: "x #4" } } };
      render(
        <table>
          <tbody>
            <WaitingRow pending={pending} offline={false} facts={facts()} onRetry={() => undefined} onOverride={() => undefined} onChange={() => undefined} onDiscard={() => undefined} />
          </tbody>
        </table>,
      );
      return screen.getAllByRole("button").map((b) => b.textContent);
    };
    expect(refused({ fault: "invalid", sentence: "Some of this needs changing.", fields: [{ name: "cites", message: "Entry 4 is not there for you." }] })).toEqual(["Change it", "Discard"]);
    expect(screen.getByRole("status").textContent).toBe("Not saved: Entry 4 is not there for you. Change the line so that it does not refer to it.");
    cleanup();
    expect(refused({ fault: "forbidden", sentence: "Log 1 is kept by another now.", fields: [] })).toEqual(["Save again", "Change it", "Discard"]);
    expect(screen.getByRole("status").textContent).toBe("Not saved: Log 1 is kept by another now.");
  });
});
