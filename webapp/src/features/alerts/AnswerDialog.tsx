import { useState } from "react";
import { type AlertAnswer, type AlertOrg, type AnswersFor, type Applies, type Via, vias } from "../../protocol/alert";
import { newKey } from "../../protocol/ulid";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { RadioGroup, TextArea, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { dateAndTime } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { list, plural } from "../../ui/words";
import { answersFrom, appliesWord, dayFrom, endOf, stepWord, viaChoice } from "./words";

export type Step = AlertAnswer["step"];

type Props = {
  step: Step;
  /** For whom: all have come as far as the step takes. */
  rows: readonly AlertOrg[];
  /** A host enters what it was told. */
  told: boolean;
  now: number;
  onSend: (whom: AnswersFor, answer: AlertAnswer, key: string) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
};

const doing: Record<Step, string> = { acknowledge: "Acknowledge", answer: "Save the answer", plan: "Save the plan", update: "Save the update", finish: "Report it done" };

/** One step of the ladder, for one organisation or for several at once. */
export function AnswerDialog({ step, rows, told, now, onSend, onDone, onClose }: Props) {
  const [via, setVia] = useState<Via | "">("");
  const [applies, setApplies] = useState<Applies | "">("");
  const [said, setSaid] = useState("");
  const [due, setDue] = useState("");
  const [next, setNext] = useState("");
  const [sent, setSent] = useState({ what: "", key: newKey() });
  const submit = useSubmit();
  const choices = (["yes", "no", "unsure"] as const).filter((a) => rows.every((r) => answersFrom[r.state].includes(a)));
  const answer = (): AlertAnswer | null => {
    const text = said.trim();
    const later = endOf(next);
    const and = later === null ? {} : { next: later };
    const until = endOf(due);
    const missing = [
      told && via === "" ? { name: "via", message: "Say how it came to you." } : null,
      step === "answer" && applies === "" ? { name: "applies", message: "Say whether it applies." } : null,
      step === "answer" && applies === "no" && text === "" ? { name: "note", message: "Say why it does not apply." } : null,
      step === "plan" && text === "" ? { name: "plan", message: "Say what will be done." } : null,
      step === "plan" && until === null ? { name: "due", message: "Say until which day." } : null,
      step === "update" && text === "" ? { name: "text", message: "Say how it goes." } : null,
      step === "finish" && text === "" ? { name: "evidence", message: "Say how you know." } : null,
    ].filter((x) => x !== null);
    if (missing.length > 0) {
      submit.refuse(missing);
      return null;
    }
    switch (step) {
      case "acknowledge":
        return { step };
      case "answer":
        return applies === "" ? null : { step, applies, note: text };
      case "plan":
        return until === null ? null : { step, plan: text, due: until, ...and };
      case "update":
        return { step, text, ...and };
      case "finish":
        return { step, evidence: text };
    }
  };
  const save = async () => {
    const what = answer();
    if (what === null) return;
    const [only] = rows;
    const whom: AnswersFor = { orgs: rows.map((r) => r.org), ...(via === "" ? {} : { via }), ...(rows.length === 1 && only ? { seen: only.version } : {}) };
    // The same, sent again after a failure on the way, is the same answer.
    const words = JSON.stringify([whom, what]);
    const key = words === sent.what ? sent.key : newKey();
    setSent({ what: words, key });
    if (await submit.run(() => onSend(whom, what, key))) onDone();
  };
  const nextField =
    step === "plan" || step === "update" ? (
      <TextField
        id="next"
        type="date"
        label={<>Next update by <span className="optional">(can be left empty)</span></>}
        hint="Left empty: in 3 days. At most 13 days from today."
        min={dayFrom(now, 0)}
        max={dayFrom(now, 13)}
        error={submit.errorOf("next")}
        value={next}
        onChange={(e) => setNext(e.target.value)}
      />
    ) : null;
  return (
    <Dialog title={stepWord[step]} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <Whom rows={rows} />
      {told ? <RadioGroup<Via> id="via" name="via" small legend="How did they tell you?" hint="This is their word, entered by you. Your name is recorded with it." error={submit.errorOf("via")} value={via} choices={vias.map((v) => ({ value: v, label: viaChoice[v] }))} onChange={setVia} /> : null}
      {step === "acknowledge" ? <p>{told ? "They have it, and are looking at it." : "You have it, and are looking at it."} The next word is then due by {dateAndTime(new Date(now + 3 * 86_400_000))}.</p> : null}
      {step === "answer" ? (
        <>
          <RadioGroup<Applies> id="applies" name="applies" legend={told ? "Does it apply to them?" : "Does it apply to you?"} error={submit.errorOf("applies")} value={applies} choices={choices.map((a) => ({ value: a, label: appliesWord[a] }))} onChange={setApplies} />
          <TextArea id="note" label={applies === "no" ? "Why not" : <>Note <span className="optional">(can be left empty)</span></>} hint="The hosts read it." rows={2} maxLength={1000} error={submit.errorOf("note")} value={said} onChange={(e) => setSaid(e.target.value)} />
        </>
      ) : null}
      {step === "plan" ? (
        <>
          <TextArea id="plan" label="What will be done" hint="On how many systems, by whom, and what helps until then." rows={4} maxLength={4000} error={submit.errorOf("plan")} value={said} onChange={(e) => setSaid(e.target.value)} />
          <TextField id="due" type="date" label="Put right by the end of" min={dayFrom(now, 0)} error={submit.errorOf("due")} value={due} onChange={(e) => setDue(e.target.value)} />
        </>
      ) : null}
      {step === "update" ? <TextArea id="text" label="How does it go?" rows={3} maxLength={4000} error={submit.errorOf("text")} value={said} onChange={(e) => setSaid(e.target.value)} /> : null}
      {step === "finish" ? <TextArea id="evidence" label="How do you know?" hint="What was done, and how it was checked." rows={3} maxLength={4000} error={submit.errorOf("evidence")} value={said} onChange={(e) => setSaid(e.target.value)} /> : null}
      {nextField}
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        {doing[step]}
      </FormButtons>
    </Dialog>
  );
}

function Whom({ rows }: { rows: readonly AlertOrg[] }) {
  if (rows.length <= 3)
    return (
      <p>
        For <strong>{list(rows.map((r) => r.name))}</strong>.
      </p>
    );
  return (
    <details className="nhsuk-details">
      <summary className="nhsuk-details__summary">
        <span className="nhsuk-details__summary-text">For {plural(rows.length, "organisation")}, in one answer</span>
      </summary>
      <div className="nhsuk-details__text">{list(rows.map((r) => r.name))}</div>
    </details>
  );
}
