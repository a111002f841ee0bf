import type { ActionState, DecisionState } from "../protocol/types";
import type { IconName } from "./Icon";

/** How a state looks: never by colour alone. */
export type Tone = "open" | "waiting" | "good" | "bad" | "over";
export type StateLook = { word: string; tone: Tone; icon: IconName };

export const decisionLook: Record<DecisionState, StateLook> = {
  proposed: { word: "Proposed, not taken", tone: "open", icon: "circle" },
  taken: { word: "Taken, awaiting confirmation", tone: "waiting", icon: "half" },
  confirmed: { word: "Confirmed", tone: "good", icon: "check" },
  disputed: { word: "Disputed by its maker", tone: "bad", icon: "late" },
  superseded: { word: "Superseded", tone: "over", icon: "hand" },
  reversed: { word: "Reversed", tone: "over", icon: "back" },
};

export const actionLook: Record<ActionState, StateLook> = {
  raised: { word: "Waiting for an answer", tone: "open", icon: "circle" },
  accepted: { word: "Accepted", tone: "waiting", icon: "half" },
  done: { word: "Done", tone: "good", icon: "check" },
  declined: { word: "Declined", tone: "bad", icon: "close" },
  withdrawn: { word: "Withdrawn", tone: "over", icon: "back" },
};

export const overdueLook: StateLook = { word: "Overdue", tone: "bad", icon: "late" };
export const reviewDueLook: StateLook = { word: "Review overdue", tone: "bad", icon: "late" };
