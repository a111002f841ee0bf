import type { Clock } from "../../protocol/types";
import { exerciseNow } from "../../room/clock";

/** How long the clock's face may stay as it is: until the next exercise minute, at most a second apart when it runs fast. */
export function nextTick(clock: Clock, now: number): number {
  const left = 60_000 - (exerciseNow(clock, now) % 60_000);
  return Math.max(250, Math.min(left / clock.factor, 30_000));
}
