// Severity: what a grade counts as, and which assessment operates. The twin of
// the server's incident/severity.go. Scales are never compared.
import type { AssessmentFacts, Facts, Grade, KnownEntry, LoweringFacts, Scale, Tier } from "../protocol/types";
import { shown } from "./members";

/** The grades of each scale, gravest first. */
export const grades: Readonly<Record<Scale, readonly number[]>> = { nhs_level: [4, 3, 2, 1], ncsc_category: [1, 2, 3, 4, 5, 6] };

/** The ids of what an assessment may rest on, in the order they are asked. */
export const criteriaOf: Readonly<Record<Scale, readonly string[]>> = {
  nhs_level: [
    "patient_safety", "service_loss", "several_organisations", "beyond_icb", "beyond_region", "national_coordination", "spreading", "mutual_aid",
    "data_loss", "public_concern",
  ],
  ncsc_category: [
    "essential_services", "national_security", "loss_of_life", "central_government", "population", "large_organisation", "local_government",
    "medium_organisation", "small_organisation", "individual", "economic",
  ],
};

/** Whether a is graver than b: 4 is the worst NHS level, 1 the worst NCSC category. */
export function graver(scale: Scale, a: number, b: number): boolean {
  return scale === "ncsc_category" ? a < b : a > b;
}

/** Whether both hosts belong in the room at this severity: NHS level 3 or 4, NCSC category 1 to 3. */
export function joint(scale: Scale, n: number): boolean {
  return scale === "ncsc_category" ? n <= 3 : n >= 3;
}

/** The number a grade counts as: of two neighbours, the graver. */
export function counts(scale: Scale, grade: Grade): number {
  return grade.or !== undefined && graver(scale, grade.or, grade.at) ? grade.or : grade.at;
}

/** The assessments that stand on a scale, gravest first, of equal ones the oldest first: the first one operates. */
export function standing(facts: Facts, scale: Scale): readonly AssessmentFacts[] {
  return facts.assessments
    .filter((a) => a.scale === scale && !a.ended)
    .toSorted((a, b) => {
      const [x, y] = [counts(scale, a.grade), counts(scale, b.grade)];
      return x === y ? a.root - b.root : graver(scale, x, y) ? -1 : 1;
    });
}

/** The assessment that operates on a scale; null if none stands. */
export function operating(facts: Facts, scale: Scale): AssessmentFacts | null {
  return standing(facts, scale)[0] ?? null;
}

/** The assessments after an event of one. */
export function foldAssessments(all: readonly AssessmentFacts[], e: KnownEntry): readonly AssessmentFacts[] {
  if (e.kind === "severity.assessed") {
    if (all.some((a) => a.root === e.root)) return all;
    return [
      ...all,
      {
        root: e.root, scale: e.body.scale, org: e.by.org ?? "", by: e.by, seq: e.seq, since: shown(e.times), grade: e.body.grade,
        criteria: e.body.criteria, ended: false, lowering: null,
      },
    ];
  }
  return all.some((a) => a.root === e.root) ? all.map((a) => (a.root === e.root ? nextAssessment(a, e) : a)) : all;
}

/** One assessment after a later event of its own. */
export function nextAssessment(a: AssessmentFacts, e: KnownEntry): AssessmentFacts {
  switch (e.kind) {
    case "severity.reassessed": {
      const moved = counts(a.scale, e.body.grade) !== counts(a.scale, a.grade) || a.ended;
      return { ...a, by: e.by, seq: e.seq, since: moved ? shown(e.times) : a.since, grade: e.body.grade, criteria: e.body.criteria, ended: false };
    }
    case "severity.lowering_asked": {
      const { grade, criteria, tier } = e.body;
      const lowering: LoweringFacts = {
        seq: e.seq, by: e.by, at: shown(e.times), tier, ...(grade ? { grade } : {}), ...(criteria && criteria.length > 0 ? { criteria } : {}),
      };
      return { ...a, lowering };
    }
    case "severity.lowering_agreed": {
      const l = a.lowering;
      if (!l) return { ...a, lowering: null };
      const to = l.grade ? { grade: l.grade, criteria: l.criteria ?? [] } : { ended: true };
      return { ...a, ...to, by: l.by, seq: e.seq, since: shown(e.times), lowering: null };
    }
    case "severity.lowering_refused":
    case "severity.lowering_dropped":
      return { ...a, lowering: null };
    default:
      return a;
  }
}


const order: readonly Tier[] = ["operational", "tactical", "strategic"];
/** Operational 0 to strategic 2; −1 is no tier. */
export const tierRank = (t: Tier | ""): number => (t === "" ? -1 : order.indexOf(t));
