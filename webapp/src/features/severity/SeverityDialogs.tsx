import { useState } from "react";
import type { AssessmentFacts, Facts, Grade, Scale } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { seconds } from "../../room/may";
import { you } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { counts, graver } from "../../room/severity";
import { Checkbox, TextArea } from "../../ui/Field";
import { MarkingFields, type MarkingDraft, markingLook, markingOf, markingProblem, markingSent } from "../../ui/MarkingFields";
import { Question } from "../../ui/Question";
import { gradeName, scaleName } from "../../ui/severity";
import { list } from "../../ui/words";
import { CriteriaField, emptySeverity, GradeField, SeverityFields } from "./GradeField";

export type SeverityActs = Pick<RoomStore, "assess" | "askLowering" | "agreeLowering" | "refuseLowering" | "dropLowering" | "preflight">;
type Common = { facts: Facts; head: number; acts: SeverityActs; onClose: () => void };

const missing = "Say why. It is what others will ask first.";

/** A first assessment, or a graver or equal one: it takes effect at once. */
export function AssessDialog({ facts, head, acts, scale, mine, onClose }: Common & { scale: Scale; mine: AssessmentFacts | null }) {
  const [value, setValue] = useState(() => ({ ...emptySeverity(scale), criteria: mine && !mine.ended ? mine.criteria : [] }));
  const [marking, setMarking] = useState(() => markingOf(facts));
  const stands = mine && !mine.ended ? counts(scale, mine.grade) : null;
  const { grade } = value;
  const lower = stands !== null && grade !== null && graver(scale, stands, counts(scale, grade));
  return (
    <Question
      title={`${stands === null ? "Assess" : "Assess again:"} ${scaleName[scale]}`}
      wide
      action="Set it"
      head={head}
      check={() => [
        grade === null ? { name: "grade", message: "Choose a grade. If in doubt, choose “not sure”: it counts as the graver." } : null,
        lower ? { name: "grade", message: "That is lower than what stands. Close this and choose “Ask to lower”: a second person must agree." } : null,
        value.reason.trim() === "" ? { name: "reason", message: missing } : null,
        markingProblem(marking, facts.you),
      ]}
      look={() => reasonLook(marking, facts)}
      me={facts.you}
      onAsk={acts.preflight}
      onDo={async ({ seen, sent }) => grade && acts.assess({ scale, grade, criteria: value.criteria, reason: value.reason.trim(), ...markingSent(marking, facts.you), ...sent, seen })}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p className="quiet">It takes effect at once and needs nobody else. Everyone in the room sees the grade.{stands === null ? "" : ` ${gradeName(scale, stands)} stands for your organisation now.`}</p>
          <SeverityFields value={value} onChange={setValue} errorOf={errorOf} />
          <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience")} />
        </>
      )}
    </Question>
  );
}

/** Everyone sees the grade; who receives the reason may be chosen. */
const reasonLook = (marking: MarkingDraft, facts: Facts) => {
  const look = markingLook(marking, facts.you);
  return look && { ...look, what: `Everyone in the room sees the grade. The reason will be ${marking.tlp}, for these:` };
};

/** Asks a second person to agree to a lower grade, or to none. */
export function LowerDialog({ facts, head, acts, mine, onClose }: Common & { mine: AssessmentFacts }) {
  const { scale } = mine;
  const stands = counts(scale, mine.grade);
  const [grade, setGrade] = useState<Grade | null>(null);
  const [ends, setEnds] = useState(false);
  const [criteria, setCriteria] = useState<readonly string[]>(mine.criteria);
  const [reason, setReason] = useState("");
  const [marking, setMarking] = useState(() => markingOf(facts));
  const tier = you(facts)?.tier || "operational";
  const can = seconds(facts, { by: { member: facts.you, org: mine.org }, tier });
  return (
    <Question
      title="Ask to lower the severity"
      wide
      action="Ask"
      head={head}
      check={() => [
        !ends && grade === null ? { name: "grade", message: "Choose the lower grade, or withdraw the assessment." } : null,
        reason.trim() === "" ? { name: "reason", message: missing } : null,
        markingProblem(marking, facts.you),
      ]}
      look={() => reasonLook(marking, facts)}
      me={facts.you}
      onAsk={acts.preflight}
      onDo={({ seen, sent }) => acts.askLowering({ scale, ...(ends || grade === null ? {} : { grade, criteria }), reason: reason.trim(), ...markingSent(marking, facts.you), ...sent, seen })}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p className="quiet">
            {gradeName(scale, stands)} stands and goes on standing until a second person agrees: {tier === "strategic" ? "another at the strategic tier, or someone of the other host" : "one tier above you"}.{" "}
            {can.length > 0 ? `Now in the room: ${list(can.map((m) => memberCalled(facts, m.number)))}.` : "Nobody in the room can yet: a lead gives somebody the tier, under People."}
          </p>
          <div className="nhsuk-checkboxes nhsuk-checkboxes--small nhsuk-form-group">
            <Checkbox label="Withdraw our assessment altogether" hint="Another organisation’s may go on standing." checked={ends} onChange={(e) => setEnds(e.target.checked)} />
          </div>
          {ends ? null : (
            <>
              <GradeField scale={scale} value={grade} onChange={setGrade} error={errorOf("grade")} legend="Lower it to" only={(n) => graver(scale, stands, n)} />
              <CriteriaField scale={scale} value={criteria} onChange={setCriteria} />
            </>
          )}
          <TextArea id="reason" label="Reason" hint="What has changed. The second person decides by it." rows={3} maxLength={1000} error={errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
          <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience")} />
        </>
      )}
    </Question>
  );
}

/** Leaves the severity where it stands. */
export function RefuseDialog({ head, acts, a, onClose }: Omit<Common, "facts"> & { a: AssessmentFacts }) {
  return (
    <Question title="Refuse the lowering?" action="Refuse" head={head} reason={{ rows: 2 }} onDo={({ reason, seen }) => acts.refuseLowering(a.root, reason, seen)} onClose={onClose}>
      <p>{gradeName(a.scale, counts(a.scale, a.grade))} goes on standing. They may ask again.</p>
    </Question>
  );
}
