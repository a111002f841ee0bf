import type { Instant, Seq, Times } from "../../protocol/types";
import type { RoomObject } from "../../room/state";
import { shortMoment, timeOfDay } from "../../ui/time";

/** When an event about an object happened as the log shows it: in an exercise by the exercise's clock. */
export const momentOf = (object: RoomObject, seq: Seq, recorded: Instant): Instant => object.events.find((e) => e.seq === seq)?.times.exercise ?? recorded;

const minute = (at: Instant): number => Math.floor(Date.parse(at) / 60_000);

/** "Happened about 02:14 GMT, recorded 02:31 GMT", in an exercise by its clock; null where both are of one minute and that is exact. */
export function happened({ occurred, about = false, exercise, recorded }: Times): string | null {
  const shown = exercise ?? recorded;
  if (occurred === undefined || (!about && minute(occurred) === minute(shown))) return null;
  return `Happened ${about ? "about " : ""}${shortMoment(occurred, shown)}, recorded ${timeOfDay(shown)}`;
}
