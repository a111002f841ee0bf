import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { Menu } from "./Menu";

afterEach(cleanup);

it("is worked by the keyboard alone and gives the focus back", async () => {
  const reply = vi.fn();
  const pin = vi.fn();
  render(<Menu label="Actions" trigger="…" items={[{ key: "r", label: "Reply", onSelect: reply }, { key: "p", label: "Pin", onSelect: pin }]} />);
  const button = screen.getByRole("button", { name: "Actions" });
  button.focus();
  await userEvent.keyboard("{Enter}");
  expect(document.activeElement).toBe(screen.getByRole("menuitem", { name: "Reply" }));
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
  expect(document.activeElement).toBe(screen.getByRole("menuitem", { name: "Pin" }));
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(button);
  await userEvent.keyboard("{Enter}{End}{Enter}");
  expect(pin).toHaveBeenCalledOnce();
  expect(reply).not.toHaveBeenCalled();
});
