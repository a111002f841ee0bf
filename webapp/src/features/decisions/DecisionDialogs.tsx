import { useState } from "react";
import type { Seq } from "../../protocol/types";
import type { PartName } from "../../room/decision";
import type { RoomStore } from "../../room/store";
import { TextArea } from "../../ui/Field";
import { MomentField, momentGiven, noMoment, unclearMoment } from "../../ui/MomentField";
import { Question } from "../../ui/Question";
import { DeliberationFields } from "./DeliberationFields";
import { deliberationSent, noDeliberation } from "./draft";

export type DecisionActs = Pick<RoomStore, "addToDecision" | "confirmDecision" | "disputeDecision" | "reviewDecision">;
type Common = { seq: Seq; head: number; host: boolean; acts: DecisionActs; onClose: () => void };

/** Adds parts of the record: each with the time at which it came. */
export function AddDialog({ seq, now, acts, open, ...rest }: Common & { now: number; open: readonly PartName[] }) {
  const [parts, setParts] = useState(noDeliberation);
  const said = deliberationSent(parts, now);
  return (
    <Question
      {...rest}
      title={`Add to the record of decision ${seq}`}
      wide
      kind="sheet"
      action="Add to the record"
      check={() => [
        said === "unclear" ? unclearMoment("deliberation.review") : null,
        said !== "unclear" && Object.keys(said).length === 0 ? { name: "deliberation.question", message: "Nothing has been written yet." } : null,
      ]}
      onDo={async ({ sent }) => said !== "unclear" && acts.addToDecision(seq, said, sent)}
    >
      {(errorOf) => (
        <>
          <p className="quiet">What you add is shown as added later, with its own time. What the decision rested on when it was taken stays what it was.</p>
          <DeliberationFields value={parts} onChange={setParts} errorOf={errorOf} now={now} open={open} />
        </>
      )}
    </Question>
  );
}

/** Its maker says that this is not what they decided. */
export function DisputeDialog({ seq, acts, ...rest }: Common) {
  return (
    <Question {...rest} title="This is not what you decided?" action="Dispute it" reason={{ label: "What is wrong with it", missing: "Say what is wrong with it." }} onDo={({ reason, seen, sent }) => acts.disputeDecision(seq, reason, seen, sent)}>
      <p>It stays in effect, marked as disputed by you, until another decision supersedes or reverses it.</p>
    </Question>
  );
}

/** It was looked at again and still stands. */
export function ReviewDialog({ seq, now, acts, ...rest }: Common & { now: number }) {
  const [finding, setFinding] = useState("");
  const [review, setReview] = useState(noMoment);
  const next = momentGiven(review, now, "future");
  return (
    <Question
      {...rest}
      title={`Review decision ${seq}`}
      wide
      action="It still stands"
      check={() => [finding.trim() === "" ? { name: "finding", message: "Say what you found." } : null, next === "unclear" ? unclearMoment("review") : null]}
      onDo={async ({ seen, sent }) => next !== "unclear" && acts.reviewDecision(seq, finding.trim(), next?.at ?? null, seen, sent)}
    >
      {(errorOf) => (
        <>
          <p className="quiet">It was looked at again and still stands. If it does not, supersede or reverse it instead.</p>
          <TextArea id="finding" label="What you found" rows={3} maxLength={4000} error={errorOf("finding")} value={finding} onChange={(e) => setFinding(e.target.value)} />
          <MomentField id="review" label={<>Look again <span className="optional">(empty: no more)</span></>} dir="future" now={now} error={errorOf("review")} value={review} onChange={setReview} />
        </>
      )}
    </Question>
  );
}
