import type { NewRoom } from "../../protocol/rest";
import type { Grade, Scale } from "../../protocol/types";
import { counts, criteriaOf, grades } from "../../room/severity";
import { Checkbox, RadioGroup, TextArea } from "../../ui/Field";
import { criterionName, gradeHeading, gradeName, gradeSentence, scaleName } from "../../ui/severity";

export type SeverityDraft = { scale: Scale; grade: Grade | null; criteria: readonly string[]; reason: string };
export const emptySeverity = (scale: Scale): SeverityDraft => ({ scale, grade: null, criteria: [], reason: "" });

/** What a room is opened with: nothing while nothing was said, and what is missing of an assessment begun. */
export function openingSeverity({ scale, grade, criteria, reason }: SeverityDraft): { said?: NonNullable<NewRoom["severity"]>; missing: { name: string; message: string } | null } {
  const why = reason.trim();
  if (grade === null) {
    const begun = why !== "" || criteria.length > 0;
    return { missing: begun ? { name: "severity.grade", message: "Choose a grade as well, or clear the reason and the ticks to leave the severity for later. If in doubt, choose “not sure”." } : null };
  }
  return why === "" ? { missing: { name: "severity.reason", message: "Say why you hold it to be so grave. A sentence is enough." } } : { said: { scale, grade, criteria, reason: why }, missing: null };
}

const key = (g: Grade | null): string => (g === null ? "" : g.or === undefined ? `${g.at}` : `${g.at}|${g.or}`);

/** Every grade, gravest first, and between two the choice of one who is not sure. */
function choices(scale: Scale, only: (n: number) => boolean): readonly Grade[] {
  return grades[scale].flatMap((n, i, all) => {
    if (!only(n)) return [];
    const next = all[i + 1];
    return [{ at: n }, ...(next === undefined ? [] : [{ at: next, or: n }])];
  });
}

/** Which grade; whoever is not sure says so, and it counts as the graver at once. */
export function GradeField({ id = "grade", scale, value, onChange, error, legend, only = () => true }: { id?: string; scale: Scale; value: Grade | null; onChange: (g: Grade) => void; error?: string | undefined; legend: string; only?: (counts: number) => boolean }) {
  const all = choices(scale, only);
  const n = value ? counts(scale, value) : null;
  return (
    <>
      <RadioGroup
        id={id}
        name={`grade-${scale}`}
        legend={legend}
        hint={scale === "nhs_level" ? "4 is the gravest." : "1 is the gravest."}
        small
        error={error}
        value={key(value)}
        onChange={(k) => {
          const found = all.find((g) => key(g) === k);
          if (found) onChange(found);
        }}
        choices={all.map((g) =>
          g.or === undefined
            ? { value: key(g), label: gradeHeading(scale, g.at), hint: gradeSentence(scale, g.at) }
            : { value: key(g), label: `Not sure between ${scaleName[scale]} ${Math.min(g.at, g.or)} and ${Math.max(g.at, g.or)}` },
        )}
      />
      <output className="counts-as" htmlFor={id}>
        {value && n !== null ? (
          <>
            <strong>It counts as {gradeName(scale, n)}.</strong>
            {value.or === undefined ? "" : " You are not sure between two: the graver counts, so that help comes too soon rather than too late. It can be lowered later."}
          </>
        ) : null}
      </output>
    </>
  );
}

/** What the assessment rests on, in plain words. */
export function CriteriaField({ scale, value, onChange }: { scale: Scale; value: readonly string[]; onChange: (next: readonly string[]) => void }) {
  return (
    <fieldset className="nhsuk-fieldset nhsuk-form-group">
      <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">What is true now?</legend>
      <div className="nhsuk-hint">Tick all that you know of. None is needed.</div>
      <div className="nhsuk-checkboxes nhsuk-checkboxes--small criteria">
        {criteriaOf[scale].map((c) => (
          <Checkbox key={c} label={criterionName[c] ?? c} checked={value.includes(c)} onChange={(e) => onChange(e.target.checked ? criteriaOf[scale].filter((x) => x === c || value.includes(x)) : value.filter((x) => x !== c))} />
        ))}
      </div>
    </fieldset>
  );
}

/** Grade, criteria and reason together: an assessment, or the first one of a room that is being opened. */
export function SeverityFields({ value, onChange, errorOf, legend, within = "" }: { /** What the server's names of these fields begin with. */ within?: "" | "severity."; value: SeverityDraft; onChange: (next: SeverityDraft) => void; errorOf: (name: string) => string | undefined; legend: string }) {
  return (
    <>
      <GradeField id={`${within}grade`} scale={value.scale} value={value.grade} onChange={(grade) => onChange({ ...value, grade })} error={errorOf(`${within}grade`) ?? errorOf(`${within}scale`)} legend={legend} />
      <CriteriaField scale={value.scale} value={value.criteria} onChange={(criteria) => onChange({ ...value, criteria })} />
      <TextArea id={`${within}reason`} label="Reason" hint={within === "" ? "Why this grade and no other. It is an entry of its own, with its own label." : "Why this grade and no other. Everyone you invite reads it."} rows={3} maxLength={1000} error={errorOf(`${within}reason`)} value={value.reason} onChange={(e) => onChange({ ...value, reason: e.target.value })} />
    </>
  );
}
