import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { idleAfter, useIdle, warnBefore } from "./useIdle";

describe("a page that nobody uses", () => {
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });
  const tab = (since = Date.now()): { touch: ReturnType<typeof vi.fn>; lock: ReturnType<typeof vi.fn>; idle: () => string } => {
    const touch = vi.fn<() => void>();
    const lock = vi.fn<() => void>();
    const { result } = renderHook(() => useIdle(touch, lock, since));
    return { touch, lock, idle: () => result.current.idle };
  };
  const press = () => act(() => void window.dispatchEvent(new Event("keydown")));
  const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));

  it("locks the session once, whatever is pressed afterwards", () => {
    vi.useFakeTimers();
    const { touch, lock, idle } = tab();
    pass(idleAfter - warnBefore);
    expect([idle(), lock.mock.calls.length]).toEqual(["warned", 0]);
    pass(warnBefore);
    expect([idle(), lock.mock.calls.length]).toEqual(["locked", 1]);
    press();
    pass(10 * 60_000);
    expect([idle(), lock.mock.calls.length, touch.mock.calls.length]).toEqual(["locked", 1, 0]);
  });

  it("goes on where the server stood when it is loaded", () => {
    vi.useFakeTimers();
    const { touch, lock, idle } = tab(Date.now() - idleAfter + 60_000);
    pass(5_000);
    expect(idle()).toBe("warned");
    press();
    pass(60_000);
    expect([idle(), lock.mock.calls.length, touch.mock.calls.length]).toEqual(["locked", 1, 0]);
  });

  it("tells the server of use at most once a minute, and of the last of it too", () => {
    vi.useFakeTimers();
    const { touch } = tab();
    pass(50_000);
    press();
    press();
    expect(touch).toHaveBeenCalledTimes(0);
    pass(10_000);
    expect(touch).toHaveBeenCalledTimes(1);
    pass(61_000);
    expect(touch).toHaveBeenCalledTimes(1);
    press();
    expect(touch).toHaveBeenCalledTimes(2);
  });
});
