// The fold of one escalation: what is asked, of whom, by when, and what came
// of it.
import type { Condition, EscalationState, Sbar, Step } from "../protocol/escalation";
import type { By, Instant, MemberNo, Seq, Tier, VisibleEntry } from "../protocol/types";

/** Something that happened to it. */
export interface EscalationStep {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly what: "requested" | "accepted" | "refused" | "withdrawn" | "advanced" | "silent" | "acted" | "stood_down";
  /** The rationale or reason; "" for none. */
  readonly said: string;
  /** Who is asked from then on. */
  readonly to: Step | null;
}
export interface Escalation {
  readonly noun: "escalation";
  readonly state: EscalationState;
  readonly settled: Seq;
  readonly by: By;
  readonly condition: Condition;
  readonly sbar: Sbar;
  readonly tier: Tier;
  readonly minutes: number;
  readonly twoKey: boolean;
  readonly factor: boolean;
  readonly chain: readonly Step[];
  /** Who is asked, from 1; 0 for nobody. */
  readonly step: number;
  /** By the server's clock. */
  readonly asked: Instant;
  /** When the present step's time is over; null when no time runs. */
  readonly due: Instant | null;
  /** Who accepted so far. */
  readonly keys: readonly MemberNo[];
  readonly decision: Seq | null;
  readonly raised: Instant;
  /** When it was answered for good. */
  readonly answered: Instant | null;
  readonly steps: readonly EscalationStep[];
}

/** Whether it can still be answered. */
export const waiting = (e: Escalation): boolean => e.state === "requested" || e.state === "silent";

/** Folds an escalation's events, its root first; null while its root is not readable here. */
export function foldEscalation(events: readonly VisibleEntry[]): Escalation | null {
  let e: Escalation | null = null;
  for (const entry of events) e = next(e, entry);
  return e && { ...e, due: e.state === "requested" && e.step > 0 ? new Date(Date.parse(e.asked) + e.minutes * 60_000).toISOString() : null };
}

function next(e: Escalation | null, entry: VisibleEntry): Escalation | null {
  const known = entry.form === "open" && !entry.unknown ? entry : null;
  const at = entry.times.recorded; // deadlines run by the server's clock, in exercises too
  const did = (what: EscalationStep["what"], said = "", to: Step | null = null): EscalationStep => ({ seq: entry.seq, by: entry.by, at, what, said, to });
  if (known?.kind === "escalation.requested") {
    const { chain, condition, factor, minutes, sbar, tier, twoKey } = known.body;
    return {
      noun: "escalation", state: "requested", settled: entry.seq, by: entry.by, condition, sbar, tier, minutes, twoKey: twoKey ?? false, factor: factor ?? false, chain,
      step: Math.min(1, chain.length), asked: at, due: null, keys: [], decision: null, raised: at, answered: null, steps: [did("requested", "", chain[0] ?? null)],
    };
  }
  if (!e) return null;
  const move = (state: EscalationState, s: EscalationStep, over: boolean): Escalation => ({ ...e, state, settled: entry.seq, answered: over ? at : e.answered, steps: [...e.steps, s] });
  switch (entry.kind) {
    case "escalation.accepted": {
      const body = known?.kind === "escalation.accepted" ? known.body : null;
      const keys = [...e.keys, entry.by.member ?? 0];
      const done = body?.decision !== undefined || body?.before !== undefined;
      return { ...move(done ? "accepted" : e.state, did("accepted", body?.rationale ?? ""), done), keys, decision: body?.decision ?? null };
    }
    case "escalation.refused":
      return move("refused", did("refused", known?.kind === "escalation.refused" ? known.body.reason : ""), true);
    case "escalation.withdrawn":
      return move("withdrawn", did("withdrawn", known?.kind === "escalation.withdrawn" ? known.body.reason : ""), true);
    case "escalation.advanced": {
      const step = known?.kind === "escalation.advanced" ? known.body.step : e.step;
      return { ...e, step, asked: at, steps: [...e.steps, did("advanced", "", e.chain[step - 1] ?? null)] };
    }
    case "escalation.silent":
      return move("silent", did("silent"), false);
    case "escalation.acted":
      return move("acted", did("acted", known?.kind === "escalation.acted" ? known.body.because : ""), true);
    case "escalation.stood_down":
      return move("stood_down", did("stood_down", known?.kind === "escalation.stood_down" ? known.body.reason : ""), false);
    default:
      return e;
  }
}

/** Who is asked now; null when nobody's time runs. */
export const askedNow = (e: Escalation): Step | null => (e.state === "requested" ? (e.chain[e.step - 1] ?? null) : null);

/** Who is asked if they do not answer; null: nobody is left. */
export const askedNext = (e: Escalation): Step | null => e.chain[e.step] ?? null;

/** When a deadline is so close that it is said aloud; in milliseconds, the last first. */
const thresholds = [0, 30_000, 60_000, 120_000, 300_000] as const;

/** The threshold a countdown stands below: it changes only where something is to be said. */
export const threshold = (left: number): number => thresholds.find((t) => left <= t) ?? Number.POSITIVE_INFINITY;
