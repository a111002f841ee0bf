import { useState } from "react";
import type { Seq } from "../../protocol/types";
import type { PartName } from "../../room/decision";
import type { RoomStore } from "../../room/store";
import { Dialog } from "../../ui/Dialog";
import { TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { MomentField, momentGiven, noMoment } from "../../ui/MomentField";
import { useSeen } from "../../ui/useSeen";
import { DeliberationFields } from "./DeliberationFields";
import { deliberationSent, noDeliberation } from "./draft";

export type DecisionActs = Pick<RoomStore, "addToDecision" | "confirmDecision" | "disputeDecision" | "reviewDecision">;
type Common = { seq: Seq; head: number; host: boolean; acts: DecisionActs; onClose: () => void };

/** Adds parts of the record: each with the time at which it came. */
export function AddDialog({ seq, head, host, now, acts, open, onClose }: Common & { now: number; open: readonly PartName[] }) {
  const [rest, setRest] = useState(noDeliberation);
  const submit = useSeen(head);
  const save = async () => {
    const d = deliberationSent(rest, now);
    if (d === "unclear") submit.refuse([{ name: "deliberation.review", message: "Four figures on the 24-hour clock, for example 1810." }]);
    else if (Object.keys(d).length === 0) submit.refuse([{ name: "deliberation.question", message: "Nothing has been written yet." }]);
    else if (await submit.send(() => acts.addToDecision(seq, d, submit.overriding()))) onClose();
  };
  return (
    <Dialog title={`Add to the record of decision ${seq}`} wide kind="sheet" onClose={onClose}>
      <p className="quiet">What you add is shown as added later, with its own time. What the decision rested on when it was taken stays what it was.</p>
      <FormProblems submit={submit} host={host} onAgain={() => void save()} />
      <DeliberationFields value={rest} onChange={setRest} errorOf={submit.errorOf} now={now} open={open} />
      <FormButtons stuck busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Add to the record
      </FormButtons>
    </Dialog>
  );
}

/** Its maker says that this is not what they decided. */
export function DisputeDialog({ seq, head, host, acts, onClose }: Common) {
  const [reason, setReason] = useState("");
  const submit = useSeen(head);
  const save = async () => {
    if (reason.trim() === "") submit.refuse([{ name: "reason", message: "Say what is wrong with it." }]);
    else if (await submit.send((seen) => acts.disputeDecision(seq, reason.trim(), seen, submit.overriding()))) onClose();
  };
  return (
    <Dialog title="This is not what you decided?" onClose={onClose}>
      <FormProblems submit={submit} host={host} onAgain={() => void save()} />
      <p>It stays in effect, marked as disputed by you, until another decision supersedes or reverses it.</p>
      <TextArea id="reason" label="What is wrong with it" rows={3} maxLength={1000} error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Dispute it
      </FormButtons>
    </Dialog>
  );
}

/** It was looked at again and still stands. */
export function ReviewDialog({ seq, head, host, now, acts, onClose }: Common & { now: number }) {
  const [finding, setFinding] = useState("");
  const [review, setReview] = useState(noMoment);
  const submit = useSeen(head);
  const save = async () => {
    const next = momentGiven(review, now, "future");
    const errors = [
      finding.trim() === "" ? { name: "finding", message: "Say what you found." } : null,
      next === "unclear" ? { name: "review", message: "Four figures on the 24-hour clock, for example 1810." } : null,
    ].filter((x) => x !== null);
    if (errors.length > 0 || next === "unclear") submit.refuse(errors);
    else if (await submit.send((seen) => acts.reviewDecision(seq, finding.trim(), next?.at ?? null, seen, submit.overriding()))) onClose();
  };
  return (
    <Dialog title={`Review decision ${seq}`} wide onClose={onClose}>
      <FormProblems submit={submit} host={host} onAgain={() => void save()} />
      <p className="quiet">It was looked at again and still stands. If it does not, supersede or reverse it instead.</p>
      <TextArea id="finding" label="What you found" rows={3} maxLength={4000} error={submit.errorOf("finding")} value={finding} onChange={(e) => setFinding(e.target.value)} />
      <MomentField id="review" label={<>Look again <span className="optional">(empty: no more)</span></>} dir="future" now={now} error={submit.errorOf("review")} value={review} onChange={setReview} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        It still stands
      </FormButtons>
    </Dialog>
  );
}
