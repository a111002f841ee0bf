import { useState } from "react";
import type { Named, Redaction, Release, ReleaseDraft } from "../../protocol/exports";
import type { Received, Seq } from "../../protocol/types";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { RadioGroup } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSeen } from "../../ui/useSeen";
import { GroundFields, groundMissing } from "./GroundFields";
import { MarkOut, nothingMarked, redactionsOf } from "./MarkOut";
import { saidIn } from "./words";

type Props = { head: Seq; entry: Received; grounds: readonly Named[]; recipient: string; onAnswer: (a: ReleaseDraft, seen: Seq) => Promise<unknown>; onClose: () => void };

/** Answers for one restricted entry of one's own organisation. */
export function AnswerDialog({ head, entry, grounds, recipient, onAnswer, onClose }: Props) {
  const [answer, setAnswer] = useState<Release | "">("");
  const [marked, setMarked] = useState(nothingMarked);
  const [ground, setGround] = useState("");
  const [reason, setReason] = useState("");
  const submit = useSeen(head);
  const { seq } = entry.fragment;
  const said = saidIn(entry);
  const save = async () => {
    const list: readonly Redaction[] = answer === "redact" ? redactionsOf(seq, marked, ground, reason.trim()) : [];
    const wrong = [
      ...(answer === "" ? [{ name: "answer", message: "Say what may be done with it." }] : []),
      ...(answer === "redact" && list.length === 0 ? [{ name: "redactions", message: "Mark what is to be left out." }] : []),
      ...(answer === "redact" || answer === "withhold" ? groundMissing(ground, reason) : []),
    ];
    if (wrong.length > 0 || answer === "") {
      submit.refuse(wrong);
      return;
    }
    const draft: ReleaseDraft = answer === "redact" ? { answer, entries: [seq], redactions: list } : answer === "withhold" ? { answer, entries: [seq], ground, reason: reason.trim() } : { answer, entries: [seq] };
    if (await submit.send((seen) => onAnswer(draft, seen))) onClose();
  };
  return (
    <Dialog title={`Entry ${seq}: may it go to ${recipient}?`} wide onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      {said === null || answer === "redact" ? null : <p className="asked-of">{said}</p>}
      <RadioGroup
        id="answer"
        name="answer"
        legend="Your organisation’s answer"
        error={submit.errorOf("answer")}
        value={answer}
        onChange={setAnswer}
        choices={[
          { value: "release", label: "Release it", hint: "It is given as it is." },
          { value: "redact", label: "Release it without some of it", hint: "You mark what is left out." },
          { value: "withhold", label: "Withhold it", hint: "The recipient is told that it is withheld, the ground and your reason, and nothing else." },
        ]}
      />
      {answer === "redact" ? <MarkOut entry={entry} marked={marked} onMark={setMarked} error={submit.errorOf("redactions")} /> : null}
      {answer === "redact" || answer === "withhold" ? <GroundFields grounds={grounds} ground={ground} reason={reason} onGround={setGround} onReason={setReason} errorOf={submit.errorOf} /> : null}
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose} stuck>
        Answer
      </FormButtons>
    </Dialog>
  );
}
