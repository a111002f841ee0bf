import type { Clock } from "../../protocol/types";

/** The exercise's own time at a real moment; both in milliseconds. */
export function exerciseNow(clock: Clock, now: number): number {
  const at = Date.parse(clock.exercise);
  return clock.paused ? at : at + (now - Date.parse(clock.set)) * clock.factor;
}

/** How long the clock's face may stay as it is: until the next exercise minute, at most a second apart when it runs fast. */
export function nextTick(clock: Clock, now: number): number {
  const left = 60_000 - (exerciseNow(clock, now) % 60_000);
  return Math.max(250, Math.min(left / clock.factor, 30_000));
}
