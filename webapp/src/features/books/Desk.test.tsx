import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Desk } from "./Desk";
import { blankLine, type Writing } from "./line";

afterEach(cleanup);

const on = { save: vi.fn<(w: Writing) => void>(), correct: vi.fn(), keep: vi.fn(), last: vi.fn(), cancel: vi.fn() };
beforeEach(() => Object.values(on).forEach((f) => f.mockReset()));
type Props = Parameters<typeof Desk>[0];
const now = Date.parse("2026-11-21T16:14:00.000Z");
const desk = (more: Partial<Props> = {}) => (
  <Desk kept={null} correcting={null} takenBack={null} offline={false} now={now} exercise={false} onSave={on.save} onCorrect={on.correct} onKeep={on.keep} onLast={on.last} onCancel={on.cancel} {...more} />
);
const box = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Log entry" });

describe("the loggist's desk", () => {
  it("has the keyboard at once, and keeps it from line to line", async () => {
    render(desk());
    expect(document.activeElement).toBe(box());
    await userEvent.keyboard("1610 Lead asks{Enter}");
    await userEvent.keyboard("~1612 She answers{Enter}");
    await userEvent.keyboard("Now{Enter}");
    expect(on.save.mock.calls.map(([w]) => w)).toEqual([
      { ...blankLine, time: "16:10", text: "Lead asks" }, { ...blankLine, time: "16:12", about: true, text: "She answers" }, { ...blankLine, text: "Now" },
    ]);
    expect(document.activeElement).toBe(box());
    expect(box().value).toBe("");
  });

  it("says so where the time is yesterday's", async () => {
    render(desk({ now: Date.parse("2026-11-22T04:14:00.000Z") }));
    await userEvent.keyboard("~1610 Lead asks");
    expect(screen.getByRole("status", { name: "Happened about 16:10 yesterday" }).textContent).toBe("~16:10GMTyesterday");
    cleanup();
    render(desk());
    await userEvent.keyboard("1610 Lead asks");
    expect(screen.getByRole("status", { name: "Happened at 16:10" }).textContent).toBe("16:10GMT");
  });

  it("takes a wrong time back into the text, to be typed again", async () => {
    render(desk());
    await userEvent.keyboard("1610 x{ArrowLeft}{Backspace}");
    expect(box().value).toBe("1610x");
    await userEvent.keyboard("{Backspace}5 {End}{Enter}");
    expect(on.save).toHaveBeenCalledExactlyOnceWith({ ...blankLine, time: "16:15", text: "x" });
  });

  it("marks verbatim speech and paper without the mouse, and stays on paper", async () => {
    render(desk());
    await userEvent.keyboard("{Alt>}s{/Alt}{Alt>}p{/Alt}I decide{Enter}");
    expect(on.save).not.toHaveBeenCalled();
    expect(screen.getByRole("alert").textContent).toContain("whose hand");
    await userEvent.type(screen.getByLabelText("In the hand of"), "E Hughes");
    await userEvent.type(screen.getByLabelText("Book and page"), "2, page 3");
    await userEvent.type(box(), "{Enter}");
    const paper = { by: "E Hughes", page: "2, page 3" };
    expect(on.save).toHaveBeenLastCalledWith({ ...blankLine, speech: true, paper, text: "I decide" });
    await userEvent.keyboard("The next line{Enter}");
    expect(on.save).toHaveBeenLastCalledWith({ ...blankLine, paper, text: "The next line" });
  });

  it("goes to the last line with the up arrow, from an empty box only", async () => {
    render(desk());
    await userEvent.keyboard("x{ArrowUp}");
    expect(on.last).not.toHaveBeenCalled();
    await userEvent.keyboard("{Backspace}{ArrowUp}");
    expect(on.last).toHaveBeenCalledOnce();
  });

  it("corrects to another text only, and Escape stops", async () => {
    const correcting = { seq: 9, number: 4, text: "this lien" };
    render(desk({ correcting }));
    const field = screen.getByRole("textbox", { name: "Corrected text of entry 4" });
    await userEvent.type(field, "{Enter}");
    expect(on.correct).not.toHaveBeenCalled();
    await userEvent.clear(field);
    await userEvent.type(field, "{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("Nothing is taken out");
    await userEvent.type(field, "this line{Enter}");
    expect(on.correct).toHaveBeenCalledExactlyOnceWith("this line", "");
    await userEvent.type(field, "{Escape}");
    expect(on.cancel).toHaveBeenCalledOnce();
  });

  it("keeps what is being written, and never over what is typed already", async () => {
    const { rerender } = render(desk());
    await userEvent.keyboard("half");
    expect(on.keep).toHaveBeenLastCalledWith({ ...blankLine, text: "half" });
    rerender(desk({ kept: { ...blankLine, text: "from before" } }));
    expect(box().value).toBe("half");
  });
});
