// Replays what a listener received and compares the facts it leads to with a
// fresh snapshot: apply(snapshot at S, frames S+1 … T) = snapshot at T.
import { parseSnapshot, readFrame } from "../protocol/frame";
import { isRecord, Malformed } from "../protocol/guard";
import { apply } from "./apply";
import { canonical, type Difference, differences } from "./canonical";
import { emptyRoom } from "./state";

export interface Verdict {
  readonly equal: boolean;
  readonly differences: readonly Difference[];
}

/**
 * One history: {snapshot, frames, expected}. snapshot is a snapshot frame,
 * frames are frames of that room in order, expected is the snapshot frame a
 * fresh subscriber would get (or only its state).
 */
export function replay(history: unknown): Verdict {
  if (!isRecord(history) || !Array.isArray(history["frames"])) throw new Malformed("history");
  const first = parseSnapshot(history["snapshot"]);
  let state = apply(emptyRoom(first.room), first);
  for (const raw of history["frames"] as readonly unknown[]) {
    const frame = readFrame(raw);
    if (frame === null) throw new Malformed("frame: unknown type");
    if ("room" in frame && frame.type !== "error" && frame.room === first.room) state = apply(state, frame);
  }
  const { expected } = history;
  const whole = isRecord(expected) && "state" in expected ? expected : { state: expected };
  const got = { state: state.facts, ...("seq" in whole ? { seq: state.seq } : {}) };
  const want = { state: whole["state"], ...("seq" in whole ? { seq: whole["seq"] } : {}) };
  // Compared by bytes; the paths only explain.
  return { equal: canonical(got) === canonical(want), differences: differences(want, got) };
}
