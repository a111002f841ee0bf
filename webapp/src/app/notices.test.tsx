import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { notify } from "./notices";

const shown: [string, NotificationOptions | undefined][] = [];
class Fake {
  static readonly permission = "granted";
  constructor(title: string, options?: NotificationOptions) {
    shown.push([title, options]);
  }
  addEventListener(): void {
    // nobody presses it here
  }
}

beforeEach(() => {
  shown.length = 0;
  vi.stubGlobal("Notification", Fake);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("tells a page in the background which room it is and what kind of thing, and nothing of it", () => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  notify("INC-2026-0001", "incident", "mention");
  notify("EX-2026-0001", "exercise", "colleague");
  notify("INC-2026-0001", "incident", "new");
  expect(shown.map(([title, o]) => [title, o?.body])).toEqual([
    ["INC-2026-0001", "You were mentioned."],
    ["EXERCISE EX-2026-0001", "Who is here for your organisation has changed."],
    ["INC-2026-0001", "There is something new."],
  ]);
});

it("keeps quiet before somebody's eyes", () => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("visible");
  notify("INC-2026-0001", "incident", "colleague");
  expect(shown).toEqual([]);
});
