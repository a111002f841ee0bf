// For how long the record is kept, what stops its end, and what is asked to be
// erased before.
import type { By, Instant, Seq } from "./types";

export const grounds = ["patient_data", "uk_gdpr_17", "unlawful", "court_order", "retention_ended"] as const;
/** Why something is erased. */
export type Ground = (typeof grounds)[number];

/** How long the record is kept after the room is closed; seq 0: as by default. */
export interface RetentionFacts {
  readonly years: number;
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant | null;
}
/** A hold that stands: nothing is erased until someone of the other host lifts it. */
export interface HoldFacts {
  readonly root: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly reason: string;
  readonly reference: string;
}
export interface ApprovalFacts {
  readonly by: By;
  readonly at: Instant;
}
/** A question whether to erase, waiting for two approvals. Hosts alone know of it. */
export interface ErasureFacts {
  readonly root: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly entries: readonly Seq[];
  readonly ground: Ground;
  readonly reason: string;
  readonly slots: readonly number[];
  readonly agreed: readonly ApprovalFacts[];
}
