import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { Dialog } from "./Dialog";
import { FileField } from "./FileField";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
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

it("takes nothing while a sheet lies over it, whose own field does; nobody does where the sheet has none", () => {
  const under = vi.fn(() => "");
  const over = vi.fn(() => "");
  const sheet = (children: ReactNode) => <Dialog title="A sheet" kind="sheet" onClose={() => undefined}>{children}</Dialog>;
  const page = (children: ReactNode) => <>{children}{field(under)}</>;
  // The page's own field comes with the sheet, or after it: that makes none of it the sheet's.
  const view = render(page(sheet(null)));
  expect(dropped()).toBe(false); // nor does the browser go off to show it
  expect(fireEvent.dragOver(document.body, { dataTransfer: { types: ["Files"] } })).toBe(false);
  fireEvent.paste(document.body, { clipboardData: { files: [file] } });
  expect(under).not.toHaveBeenCalled();
  view.rerender(page(sheet(field(over))));
  expect(dropped()).toBe(false);
  expect([over.mock.calls, under.mock.calls]).toEqual([[[[file]]], []]);
  const second = render(sheet(null)); // and one more over that
  dropped();
  expect(over).toHaveBeenCalledOnce();
  second.unmount();
  dropped();
  expect([over.mock.calls.length, under.mock.calls.length]).toEqual([2, 0]);
  view.rerender(page(null));
  dropped();
  expect([over.mock.calls.length, under.mock.calls.length]).toEqual([2, 1]);
});
