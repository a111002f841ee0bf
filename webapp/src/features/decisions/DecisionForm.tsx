import { useState } from "react";
import type { Facts, Seq, Tier } from "../../protocol/types";
import { tiers } from "../../protocol/types";
import type { Decision } from "../../room/decision";
import { usualAudience } from "../../room/roster";
import { tierRank } from "../../room/severity";
import { isHost } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { SelectField, TextArea } from "../../ui/Field";
import { MarkingFields, markingFor, markingLook, markingOf, markingProblem, markingSent, type Source } from "../../ui/MarkingFields";
import { MomentField, momentGiven, noMoment, unclearMoment } from "../../ui/MomentField";
import { type Answered, Question } from "../../ui/Question";
import { tierName } from "../../ui/severity";
import { DeliberationFields } from "./DeliberationFields";
import { deliberationSent, likelyMaker, makers, noDeliberation } from "./draft";

/** What the form is for. */
export type Recording =
  | { how: "record" | "propose" }
  /** Made of a message: its words, label and audience. */
  | { how: "from"; seq: Seq; text: string; marking: Source | null }
  | { how: "take"; seq: Seq; decision: Decision }
  | { how: "supersede" | "reverse"; seq: Seq; decision: Decision; marking: Source | null };

export type DecisionFormActs = Pick<RoomStore, "recordDecision" | "proposeDecision" | "takeDecision" | "preflight">;
type Props = { recording: Recording; facts: Facts; head: number; now: number; acts: DecisionFormActs; onDone: (seq: Seq) => void; onClose: () => void };

const titles: Record<Recording["how"], (r: Recording) => string> = {
  record: () => "Record a decision",
  propose: () => "Propose a decision",
  from: (r) => `Make a decision of entry ${"seq" in r ? r.seq : ""}`,
  take: (r) => `Take the decision of entry ${"seq" in r ? r.seq : ""}`,
  supersede: (r) => `Put another decision in place of ${"seq" in r ? r.seq : ""}`,
  reverse: (r) => `Reverse decision ${"seq" in r ? r.seq : ""}`,
};

/** The quick half of a decision record, and the rest folded: nothing of the rest is needed now. */
export function DecisionForm({ recording, facts, head, now, acts, onDone, onClose }: Props) {
  const proposing = recording.how === "propose";
  const old = "decision" in recording ? recording.decision : null;
  const taking = recording.how === "take" ? recording.decision : null;
  const [decision, setDecision] = useState(recording.how === "from" ? recording.text : (taking?.decision ?? ""));
  const [rationale, setRationale] = useState(taking?.rationale ?? "");
  const [maker, setMaker] = useState(() => (taking && taking.maker !== 0 ? taking.maker : proposing ? 0 : likelyMaker(facts)));
  const [tier, setTier] = useState<Tier | "">("");
  const [taken, setTaken] = useState(noMoment);
  const [rest, setRest] = useState(noDeliberation);
  const source = "marking" in recording ? recording.marking : null;
  const [chosen, setMarking] = useState(() => markingOf(facts, source));
  const marking = markingFor(chosen, usualAudience(facts, source?.audience ?? null, maker === 0 ? {} : { members: [maker] }));
  const all = makers(facts);
  const of = all.find((m) => m.number === maker);
  const choosable = tiers.filter((t) => tierRank(t) <= tierRank(of?.tier ?? ""));
  const when = momentGiven(taken, now, "past");
  const deliberation = deliberationSent(rest, now);

  const save = async ({ seen, sent }: Answered) => {
    if (when === "unclear" || deliberation === "unclear") return 0;
    const said = { decision: decision.trim(), deliberation, ...sent };
    if (proposing) {
      const why = rationale.trim();
      return (await acts.proposeDecision({ ...said, ...(why === "" ? {} : { rationale: why }), ...(maker === 0 ? {} : { maker }), ...markingSent(marking, facts.you) })).seq;
    }
    const verdict = { ...said, rationale: rationale.trim(), maker, ...(tier === "" ? {} : { tier }), ...(when ? { taken: when.at, ...(when.about ? { about: true } : {}) } : {}), seen };
    if (recording.how === "take") {
      await acts.takeDecision(recording.seq, verdict);
      return recording.seq;
    }
    const link = recording.how === "from" ? { from: recording.seq } : recording.how === "supersede" ? { supersedes: recording.seq } : recording.how === "reverse" ? { reverses: recording.seq } : {};
    return (await acts.recordDecision({ ...verdict, ...link, ...markingSent(marking, facts.you) })).seq;
  };

  return (
    <Question
      title={titles[recording.how](recording)}
      wide
      kind="sheet"
      action={proposing ? "Propose it" : recording.how === "take" ? "Take it" : "Record it"}
      head={head}
      host={isHost(facts)}
      check={() => [
        decision.trim() === "" ? { name: "decision", message: proposing ? "Say what should be decided." : "Say what was decided." } : null,
        !proposing && rationale.trim() === "" ? { name: "rationale", message: "Say why, in a sentence. The rest can follow." } : null,
        !proposing && maker === 0 ? { name: "maker", message: "Choose who decided." } : null,
        when === "unclear" ? unclearMoment("taken", "1610") : null,
        deliberation === "unclear" ? unclearMoment("deliberation.review") : null,
        taking ? null : markingProblem(marking, facts.you),
      ]}
      look={() => (taking ? null : markingLook(marking, facts.you, source && "seq" in recording ? recording.seq : null))}
      me={facts.you}
      onAsk={acts.preflight}
      onDo={save}
      onDone={onDone}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          {old && !taking ? (
            <p className="notice" id={recording.how === "reverse" ? "reverses" : "supersedes"} tabIndex={-1}>
              {recording.how === "reverse" ? "It undoes: " : "It stands in place of: "}“{old.decision}”. The old one stays in the record.
            </p>
          ) : null}
          {proposing ? <p className="quiet">Nobody has taken it yet, and nothing is in effect until somebody does.</p> : null}
          <TextArea id="decision" label={proposing ? "What should be decided" : "Decision"} hint={proposing ? undefined : "What was decided, so that someone who was not there understands it."} rows={3} maxLength={2000} error={errorOf("decision")} value={decision} onChange={(e) => setDecision(e.target.value)} />
          <TextArea id="rationale" label={proposing ? <>Reason <span className="optional">(can be left empty)</span></> : "Rationale"} hint={proposing ? undefined : "Why, on what was known at the time."} rows={3} maxLength={4000} error={errorOf("rationale")} value={rationale} onChange={(e) => setRationale(e.target.value)} />
          <div className="side-by-side">
            <SelectField id="maker" label={proposing ? "Whose decision it is" : "Decision-maker"} error={errorOf("maker")} value={maker} onChange={(e) => { setMaker(Number(e.target.value)); setTier(""); }}>
              <option value={0}>{proposing ? "Left open" : "Choose"}</option>
              {all.map((m) => (
                <option key={m.number} value={m.number}>
                  {m.name}
                  {m.number === facts.you ? " (you)" : ""}, {m.orgName}
                  {m.tier === "" ? "" : `, ${tierName[m.tier].toLowerCase()}`}
                </option>
              ))}
            </SelectField>
            {!proposing && choosable.length > 1 ? (
              <SelectField id="tier" label="Taken at" error={errorOf("tier")} value={tier === "" ? (of?.tier ?? "") : tier} onChange={(e) => setTier(tiers.find((t) => t === e.target.value) ?? "")}>
                {choosable.toReversed().map((t) => (
                  <option key={t} value={t}>
                    {tierName[t]} tier
                  </option>
                ))}
              </SelectField>
            ) : null}
          </div>
          {proposing ? null : <MomentField id="taken" label="Time taken" hint="Left empty, it is now. ~1610 means about 16:10." dir="past" now={now} error={errorOf("taken")} value={taken} onChange={setTaken} />}
          <h3 className="fold-heading">The rest of the record</h3>
          <p className="field-note">None of it is needed now. What is missing is listed, and can be added with its own time.</p>
          {errorOf("deliberation") ? <p className="nhsuk-error-message">{errorOf("deliberation")}</p> : null}
          <DeliberationFields value={rest} onChange={setRest} errorOf={errorOf} now={now} />
          {taking ? null : <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience") ?? errorOf("tlp")} />}
        </>
      )}
    </Question>
  );
}
