// The fold of one decision, and what is still missing from its record. After
// it is taken only its named transitions change it; parts come with times of
// their own, and what it relied on when taken never changes.
import type { By, DecisionState, Deliberation, Instant, MemberNo, Option, Seq, Tier, VisibleEntry } from "../protocol/types";
import { shown } from "./members";

/** An entry of the decision's own history. */
export interface Step {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
}
/** What one entry brought to the record. */
export interface Part extends Step {
  /** It came after the decision was taken. */
  readonly later: boolean;
  readonly deliberation: Deliberation;
}
export interface Decision {
  readonly noun: "decision";
  readonly state: DecisionState;
  /** The entry that last changed the state. */
  readonly settled: Seq;
  readonly decision: string;
  readonly rationale: string;
  /** 0 while open. */
  readonly maker: MemberNo;
  readonly tier: Tier | "";
  /** When it was taken, and whether that is exact; null while proposed. */
  readonly taken: { readonly seq: Seq; readonly at: Instant; readonly about: boolean; readonly by: By; readonly recorded: Instant } | null;
  readonly parts: readonly Part[];
  readonly review: Instant | null;
  readonly reviews: readonly (Step & { readonly finding: string; readonly next: Instant | null })[];
  readonly confirmed: Step | null;
  readonly disputed: (Step & { readonly reason: string }) | null;
  /** The message it was made of. */
  readonly from: Seq | null;
  readonly supersedes: Seq | null;
  readonly reverses: Seq | null;
  /** Entries it cites that were recalled after it. */
  readonly shaken: readonly (Step & { readonly entry: Seq })[];
  /** The decision that stands in its place or undid it. */
  readonly replacedBy: Seq | null;
}

/** Parts of the record that may be missing, in the order of the Joint Decision Model. */
export const parts = ["question", "relied", "risks", "powers", "options", "consulted", "dissent", "expected", "review", "outcome"] as const;
export type PartName = (typeof parts)[number];

/** Folds a decision's events, its root first; null while its root is not readable here. */
export function foldDecision(events: readonly VisibleEntry[]): Decision | null {
  let d: Decision | null = null;
  for (const e of events) d = step(d, e);
  return d;
}

const blank: Omit<Decision, "state" | "settled" | "decision" | "rationale" | "maker" | "tier" | "taken" | "parts" | "review"> = {
  noun: "decision", reviews: [], confirmed: null, disputed: null, shaken: [], from: null, supersedes: null, reverses: null, replacedBy: null,
};

function step(d: Decision | null, e: VisibleEntry): Decision | null {
  const at: Step = { seq: e.seq, by: e.by, at: shown(e.times) };
  const known = e.form === "open" && !e.unknown ? e : null;
  const taken = { seq: e.seq, at: e.times.occurred ?? at.at, about: e.times.about ?? false, by: e.by, recorded: at.at };
  if (known?.kind === "decision.proposed") {
    const { decision, rationale, maker, deliberation } = known.body;
    return {
      ...blank, state: "proposed", settled: e.seq, decision, rationale: rationale ?? "", maker: maker ?? 0, tier: "", taken: null,
      parts: [{ ...at, later: false, deliberation }], review: deliberation.review ?? null,
    };
  }
  if (known?.kind === "decision.recorded") {
    const { verdict, deliberation, from, supersedes, reverses } = known.body;
    return {
      ...blank, ...verdict, state: "taken", settled: e.seq, taken, parts: [{ ...at, later: false, deliberation }],
      review: deliberation.review ?? null, from: from ?? null, supersedes: supersedes ?? null, reverses: reverses ?? null,
    };
  }
  if (!d) return null;
  // What a sealed transition did is told by its kind; what it said is not.
  switch (e.kind) {
    case "decision.taken":
      if (known?.kind !== "decision.taken") return { ...d, state: "taken", settled: e.seq, taken };
      return {
        ...d, ...known.body.verdict, state: "taken", settled: e.seq, taken, review: known.body.deliberation.review ?? d.review,
        parts: [...d.parts, { ...at, later: false, deliberation: known.body.deliberation }],
      };
    case "decision.added":
      if (known?.kind !== "decision.added") return d;
      return {
        ...d, review: known.body.deliberation.review ?? d.review,
        parts: [...d.parts, { ...at, later: d.taken !== null, deliberation: known.body.deliberation }],
      };
    case "decision.reviewed": {
      const body = known?.kind === "decision.reviewed" ? known.body : null;
      return { ...d, review: body?.review ?? null, reviews: [...d.reviews, { ...at, finding: body?.finding ?? "", next: body?.review ?? null }] };
    }
    case "decision.confirmed":
      return { ...d, state: "confirmed", settled: e.seq, confirmed: at };
    case "decision.disputed":
      return { ...d, state: "disputed", settled: e.seq, disputed: { ...at, reason: known?.kind === "decision.disputed" ? known.body.reason : "" } };
    case "decision.superseded":
    case "decision.reversed":
      return {
        ...d, state: e.kind === "decision.superseded" ? "superseded" : "reversed", settled: e.seq,
        replacedBy: known?.kind === "decision.superseded" || known?.kind === "decision.reversed" ? known.body.by : null,
      };
    case "decision.shaken":
      return known?.kind === "decision.shaken" ? { ...d, shaken: [...d.shaken, { ...at, entry: known.body.entry }] } : d;
    default:
      return d;
  }
}

/** Whether it is in effect. */
export function inEffect(d: Decision): boolean {
  return d.state === "taken" || d.state === "confirmed" || d.state === "disputed";
}

/** What of one part there is, each with the entry that brought it. */
export function partsOf(d: Decision, name: PartName): readonly Part[] {
  return d.parts.filter(({ deliberation }) => {
    const said = deliberation[name];
    return Array.isArray(said) ? said.length > 0 : said !== undefined && said !== "";
  });
}

/** What is still missing. It blocks nothing. What stands no more is not looked at again. */
export function gapsOf(d: Decision): readonly PartName[] {
  const open = inEffect(d) || d.state === "proposed";
  return parts.filter((name) => partsOf(d, name).length === 0 && (open || name !== "review"));
}

/** Entries it relied on: when taken, and added since. Each cites its source as it stood at seq. */
export function reliedOf(d: Decision): readonly { readonly cites: Seq; readonly at: Seq; readonly later: boolean }[] {
  return d.parts.flatMap((p) => (p.deliberation.relied ?? []).map((cites) => ({ cites, at: p.seq, later: p.later })));
}

/** Options considered, in the order they were named. */
export function optionsOf(d: Decision): readonly (Option & { readonly part: Part })[] {
  return d.parts.flatMap((part) => (part.deliberation.options ?? []).map((o) => ({ ...o, part })));
}
