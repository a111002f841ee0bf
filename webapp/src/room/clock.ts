import type { Clock, Facts, Instant } from "../protocol/types";

/** The exercise's own time at a real moment; both in milliseconds. */
export function exerciseNow(clock: Clock, now: number): number {
  const at = Date.parse(clock.exercise);
  return clock.paused ? at : at + (now - Date.parse(clock.set)) * clock.factor;
}

/** What time it is in the room at a real moment (in milliseconds, by the server's clock): the exercise's in an exercise. */
export function roomTime(facts: Facts, now: number): Instant {
  const { clock } = facts.room;
  return new Date(clock ? exerciseNow(clock, now) : now).toISOString();
}
