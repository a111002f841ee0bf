import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { FileField } from "./FileField";

afterEach(cleanup);

const file = new File(["x"], "a.txt");
const field = (add: (files: readonly File[]) => string, on = true) => <FileField id="attachments" hint="" files={[]} uploads={{ add, pick: () => "", remove: () => undefined }} on={on} error={undefined} />;
const dropped = () => fireEvent.drop(document.body, { dataTransfer: { types: ["Files"], files: [file] } });

it("takes what is dropped before what lies under it, and gives it back when it goes", () => {
  const under = vi.fn(() => "");
  const over = vi.fn(() => "Too many.");
  render(field(under));
  const sheet = render(field(over));
  dropped();
  fireEvent.paste(document.body, { clipboardData: { files: [file] } });
  expect([over.mock.calls, under.mock.calls]).toEqual([[[[file]], [[file]]], []]);
  expect(screen.getByRole("alert").textContent).toBe("Too many.");
  sheet.rerender(field(over, false)); // it takes nothing now: nor does anything under it
  dropped();
  expect([over.mock.calls.length, under.mock.calls.length]).toEqual([2, 0]);
  sheet.unmount();
  dropped();
  expect(under.mock.calls).toEqual([[[file]]]);
});

it("leaves what is pasted as text alone", () => {
  const add = vi.fn(() => "");
  render(field(add));
  expect(fireEvent.paste(document.body, { clipboardData: { files: [] } })).toBe(true);
  expect(add).not.toHaveBeenCalled();
});
