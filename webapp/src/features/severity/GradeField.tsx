import type { NewRoom } from "../../protocol/rest";
import type { Grade, Scale } from "../../protocol/types";
import { counts, criteriaOf, grades, joint } from "../../room/severity";
import { Checkbox, RadioGroup, TextArea } from "../../ui/Field";
import { criterionName, gradeHeading, gradeName, gradeSentence, scaleName } from "../../ui/severity";

export type SeverityDraft = { scale: Scale; grade: Grade | null; criteria: readonly string[]; reason: string };
export const emptySeverity = (scale: Scale): SeverityDraft => ({ scale, grade: null, criteria: [], reason: "" });

/** What a room is opened with: nothing while no grade was chosen, and what is missing of an assessment. */
export function openingSeverity({ scale, grade, criteria, reason }: SeverityDraft): { said?: NonNullable<NewRoom["severity"]>; missing: { name: string; message: string } | null } {
  if (grade === null) return { missing: null };
  const why = reason.trim();
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

type GradeProps = {
  id?: string;
  scale: Scale;
  value: Grade | null;
  onChange: (g: Grade) => void;
  /** To leave it for later is a choice too. */
  onLater?: () => void;
  error?: string | undefined;
  legend: string;
  only?: (counts: number) => boolean;
};

/** Which grade; whoever is not sure says so, and it counts as the graver at once. */
export function GradeField({ id = "grade", scale, value, onChange, onLater, error, legend, only = () => true }: GradeProps) {
  const all = choices(scale, only);
  const shown = all.map((g) =>
    g.or === undefined
      ? { value: key(g), label: gradeHeading(scale, g.at), hint: gradeSentence(scale, g.at) }
      : { value: key(g), label: `Not sure between ${scaleName[scale]} ${Math.min(g.at, g.or)} and ${Math.max(g.at, g.or)}` },
  );
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
          else onLater?.();
        }}
        choices={onLater ? [{ value: "", label: "Not yet: set it in the room" }, ...shown] : shown}
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

type Fields = { value: SeverityDraft; onChange: (next: SeverityDraft) => void; errorOf: (name: string) => string | undefined };

/** Grade, criteria and reason of an assessment. */
export function SeverityFields({ value, onChange, errorOf }: Fields) {
  return (
    <>
      <GradeField scale={value.scale} value={value.grade} onChange={(grade) => onChange({ ...value, grade })} error={errorOf("grade") ?? errorOf("scale")} legend="How grave is it?" />
      <CriteriaField scale={value.scale} value={value.criteria} onChange={(criteria) => onChange({ ...value, criteria })} />
      <TextArea id="reason" label="Reason" hint="Why this grade and no other. It is an entry of its own, with its own label." rows={3} maxLength={1000} error={errorOf("reason")} value={value.reason} onChange={(e) => onChange({ ...value, reason: e.target.value })} />
    </>
  );
}

/** The same for a room that is being opened: it can wait, and a grave one calls the other host in. */
export function OpeningSeverityFields({ value, onChange, errorOf }: Fields) {
  const { scale, grade } = value;
  return (
    <>
      <GradeField id="severity.grade" scale={scale} value={grade} onChange={(g) => onChange({ ...value, grade: g })} onLater={() => onChange({ ...value, grade: null })} error={errorOf("severity.grade") ?? errorOf("severity.scale")} legend={scaleName[scale]} />
      {grade === null ? null : (
        <>
          {joint(scale, counts(scale, grade)) ? <p>Whoever the other host has on call is invited into the room at once.</p> : null}
          <CriteriaField scale={scale} value={value.criteria} onChange={(criteria) => onChange({ ...value, criteria })} />
          <TextArea id="severity.reason" label="Reason" hint="Why this grade and no other. Everyone you invite reads it." rows={3} maxLength={1000} error={errorOf("severity.reason")} value={value.reason} onChange={(e) => onChange({ ...value, reason: e.target.value })} />
        </>
      )}
    </>
  );
}
