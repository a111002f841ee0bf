// The fold of one action: for whom, where it stands, and everything done
// about it.
import type { ActionState, Assignee, By, Instant, Seq, VisibleEntry } from "../protocol/types";
import { shown } from "./members";

/** Something done about the action. */
export interface ActionStep {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly what: "raised" | "accepted" | "declined" | "done" | "handed" | "chased" | "withdrawn";
  /** The reason, the evidence or the words of a reminder; "" for none. */
  readonly said: string;
  /** Handed on: to whom. */
  readonly to: Assignee | null;
  /** Entries cited as evidence. */
  readonly cites: readonly Seq[];
}
export interface Action {
  readonly noun: "action";
  readonly state: ActionState;
  /** The entry that last changed the state or for whom it is. */
  readonly settled: Seq;
  readonly text: string;
  readonly for: Assignee;
  readonly due: Instant | null;
  /** The decision it carries out. */
  readonly decision: Seq | null;
  readonly steps: readonly ActionStep[];
}

/** Folds an action's events, its root first; null while its root is not readable here. */
export function foldAction(events: readonly VisibleEntry[]): Action | null {
  let a: Action | null = null;
  for (const e of events) a = step(a, e);
  return a;
}

function step(a: Action | null, e: VisibleEntry): Action | null {
  const known = e.form === "open" && !e.unknown ? e : null;
  const did = (what: ActionStep["what"], said = "", to: Assignee | null = null): ActionStep => ({
    seq: e.seq, by: e.by, at: shown(e.times), what, said, to, cites: known?.refs.cites ?? [],
  });
  if (known?.kind === "action.raised") {
    const { text, due, decision } = known.body;
    return { noun: "action", state: "raised", settled: e.seq, text, for: known.body.for, due: due ?? null, decision: decision ?? null, steps: [did("raised")] };
  }
  if (!a) return null;
  const settle = (state: ActionState, s: ActionStep): Action => ({ ...a, state, settled: e.seq, steps: [...a.steps, s] });
  switch (e.kind) {
    case "action.accepted":
      return settle("accepted", did("accepted"));
    case "action.declined":
      return settle("declined", did("declined", known?.kind === "action.declined" ? known.body.reason : ""));
    case "action.done":
      return settle("done", did("done", known?.kind === "action.done" ? known.body.evidence : ""));
    case "action.handed": {
      const body = known?.kind === "action.handed" ? known.body : null;
      return { ...settle("raised", did("handed", body?.reason ?? "", body?.for ?? null)), for: body?.for ?? a.for };
    }
    case "action.chased":
      return { ...a, steps: [...a.steps, did("chased", (known?.kind === "action.chased" ? known.body.text : undefined) ?? "")] };
    case "action.withdrawn":
      return settle("withdrawn", did("withdrawn", known?.kind === "action.withdrawn" ? known.body.reason : ""));
    default:
      return a;
  }
}

/** Whether something is still to be done about it. */
export function unfinished(a: Action): boolean {
  return a.state === "raised" || a.state === "accepted";
}
