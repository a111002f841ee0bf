// The room's own time: in an exercise the exercise clock's, else the real one.
// Deadlines follow it. Nothing here reads a clock; the moment is passed in.
import type { Clock, Facts, Instant } from "../protocol/types";

/** The exercise's own time at a real moment; both in milliseconds. */
export function exerciseNow(clock: Clock, now: number): number {
  const at = Date.parse(clock.exercise);
  return clock.paused ? at : at + (now - Date.parse(clock.set)) * clock.factor;
}

/** The room's time at a real moment, in milliseconds. */
export function roomNow(facts: Facts, now: number): number {
  return facts.room.clock ? exerciseNow(facts.room.clock, now) : now;
}

/** Whether a deadline has passed at the room's time; false where there is none. */
export function past(due: Instant | null, roomTime: number): boolean {
  return due !== null && Date.parse(due) < roomTime;
}

/** What time it is in the room at a real moment (in milliseconds, by the server's clock): the exercise's in an exercise. */
export function roomTime(facts: Facts, now: number): Instant {
  return new Date(roomNow(facts, now)).toISOString();
}
