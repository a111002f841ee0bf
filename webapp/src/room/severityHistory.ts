// How the severity went: every step of every assessment, and which grade
// operated on each scale after it.
import type { AssessmentFacts, By, Instant, KnownEntry, Scale, Seq } from "../protocol/types";
import { shown } from "./members";
import { counts, foldAssessments, graver } from "./severity";
import type { RoomObject } from "./state";

export interface SeverityStep {
  readonly seq: Seq;
  readonly at: Instant;
  readonly by: By;
  readonly scale: Scale;
  readonly kind: KnownEntry["kind"];
  /** The assessment after this step. */
  readonly after: AssessmentFacts;
  /** What was asked for or decided by it; null for a withdrawal. */
  readonly asked: AssessmentFacts["lowering"];
  /** What operates on the scale from here on; null for nothing. */
  readonly operates: number | null;
  readonly reason: { readonly seq: Seq; readonly text: string } | null;
}

/** The reason that the object is of an entry; null if it is none of it, or not to be read. */
export function reasonIn(object: RoomObject, about: Seq): string | null {
  for (const e of object.events) {
    if (e.form === "open" && !e.unknown && e.kind === "severity.reasoned" && e.body.about === about) return e.body.text;
  }
  return null;
}

/** The steps of these objects (assessments and reasons for them), oldest first. */
export function severityHistory(objects: readonly RoomObject[]): readonly SeverityStep[] {
  const reasons = new Map<Seq, { seq: Seq; text: string }>();
  const events: KnownEntry[] = [];
  for (const o of objects) {
    for (const e of o.events) {
      if (e.form !== "open" || e.unknown) continue;
      if (e.kind === "severity.reasoned") reasons.set(e.body.about, { seq: e.seq, text: e.body.text });
      else if (e.kind.startsWith("severity.")) events.push(e);
    }
  }
  let all: readonly AssessmentFacts[] = [];
  const steps: SeverityStep[] = [];
  for (const e of events.toSorted((a, b) => a.seq - b.seq)) {
    const before = all.find((a) => a.root === e.root);
    all = foldAssessments(all, e);
    const after = all.find((a) => a.root === e.root);
    if (!after) continue;
    const { scale } = after;
    const grades = all.filter((a) => a.scale === scale && !a.ended).map((a) => counts(scale, a.grade));
    steps.push({
      seq: e.seq, at: shown(e.times), by: e.by, scale, kind: e.kind, after, asked: after.lowering ?? before?.lowering ?? null,
      operates: grades.length === 0 ? null : grades.reduce((a, b) => (graver(scale, b, a) ? b : a)), reason: reasons.get(e.seq) ?? null,
    });
  }
  return steps;
}
