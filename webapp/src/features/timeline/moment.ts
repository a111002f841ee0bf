import type { Instant, Seq } from "../../protocol/types";
import type { RoomObject } from "../../room/state";

/** When an event about an object happened as the log shows it: in an exercise by the exercise's clock. */
export const momentOf = (object: RoomObject, seq: Seq, recorded: Instant): Instant => object.events.find((e) => e.seq === seq)?.times.exercise ?? recorded;
