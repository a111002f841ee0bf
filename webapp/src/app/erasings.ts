import type { By, OpenOf } from "../protocol/types";
import { objectOf } from "../room/select";
import type { RoomState } from "../room/state";

/** What last erased from an entry, as far as it is here, and who agreed to that, as far as one may know. */
export function erasingsIn(state: RoomState, seq: number): { last: OpenOf<"entry.erased"> | null; agreed: readonly By[] } {
  const last = state.erasings.get(seq)?.at(-1) ?? null;
  const asked = last ? (state.objects.get(last.body.ask)?.events ?? []) : [];
  return { last, agreed: asked.filter((e) => e.kind === "erasure.agreed").map((e) => e.by) };
}

/** What became of a question whether to erase that waits no more. */
export function answerIn(state: RoomState, ask: number): string {
  const answer = objectOf(state, ask)?.events.findLast((e) => e.root === ask && e.seq !== ask);
  switch (answer?.kind) {
    case "erasure.refused":
      return `Refused by entry ${answer.seq}: nothing was erased.`;
    case "erasure.dropped":
      return `Taken back by entry ${answer.seq}: nothing was erased.`;
    case "erasure.agreed":
      return `Agreed by two people, and erased, by entry ${answer.seq}.`;
    default:
      return "Answered since.";
  }
}
