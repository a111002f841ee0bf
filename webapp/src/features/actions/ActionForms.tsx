import { useState } from "react";
import type { Assignee, Facts, Seq } from "../../protocol/types";
import { usualAudience } from "../../room/roster";
import { isHost } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { AssigneeField } from "../../ui/AssigneeField";
import { Dialog } from "../../ui/Dialog";
import { FormProblems } from "../../ui/FormProblems";
import { TextArea, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { MarkingFields, markingFor, markingOf, markingProblem, markingSent, type Source } from "../../ui/MarkingFields";
import { MomentField, momentGiven, noMoment } from "../../ui/MomentField";
import { numbersIn } from "../../ui/numbers";
import { useSeen } from "../../ui/useSeen";

/** What the action comes from, if anything: a decision it carries out, or words to begin with. */
export type Raising = { decision: Seq | null; text: string; marking: Source | null };

export type ActionActs = Pick<RoomStore, "acceptAction" | "declineAction" | "finishAction" | "handAction" | "chaseAction" | "withdrawAction">;

/** Asks an organisation or a person to do something. */
export function RaiseDialog({ raising, facts, now, onRaise, onDone, onClose }: { raising: Raising; facts: Facts; now: number; onRaise: RoomStore["raiseAction"]; onDone: (seq: Seq) => void; onClose: () => void }) {
  const [text, setText] = useState(raising.text);
  const [to, setTo] = useState<Assignee | null>(null);
  const [due, setDue] = useState(noMoment);
  const [chosen, setMarking] = useState(() => markingOf(facts, raising.marking, raising.decision === null));
  const marking = markingFor(chosen, usualAudience(facts, raising.marking?.audience ?? null, to === null ? {} : to.member ? { members: [to.member] } : { orgs: [to.org] }));
  const submit = useSeen(0);
  const save = async () => {
    const by = momentGiven(due, now, "future");
    const errors = [
      text.trim() === "" ? { name: "text", message: "Say what is to be done." } : null,
      to === null ? { name: "for.org", message: "Choose who is asked to do it." } : null,
      by === "unclear" ? { name: "due", message: "Four figures on the 24-hour clock, for example 1810." } : null,
      markingProblem(marking, facts.you),
    ].filter((x) => x !== null);
    if (errors.length > 0 || to === null || by === "unclear") {
      submit.refuse(errors);
      return;
    }
    let made = 0;
    const ok = await submit.run(async () => {
      made = (await onRaise({ text: text.trim(), for: to, ...(by ? { due: by.at } : {}), ...(raising.decision === null ? {} : { decision: raising.decision }), ...markingSent(marking, facts.you), ...submit.overriding() })).seq;
    });
    if (ok) onDone(made);
  };
  return (
    <Dialog title={raising.decision === null ? "Raise an action" : `Raise an action from decision ${raising.decision}`} wide kind="sheet" onClose={onClose}>
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      <TextArea id="text" label="What is to be done" rows={3} maxLength={2000} error={submit.errorOf("text")} value={text} onChange={(e) => setText(e.target.value)} />
      <AssigneeField facts={facts} value={to} onChange={setTo} label="By whom" error={submit.errorOf("for.org") ?? submit.errorOf("for.member") ?? submit.errorOf("for")} />
      <MomentField id="due" label={<>Done by <span className="optional">(can be left empty)</span></>} hint={facts.room.clock ? "By the exercise’s clock." : undefined} dir="future" now={now} error={submit.errorOf("due")} value={due} onChange={setDue} />
      <MarkingFields value={marking} onChange={setMarking} facts={facts} error={submit.errorOf("audience") ?? submit.errorOf("tlp")} />
      <FormButtons stuck busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Raise it
      </FormButtons>
    </Dialog>
  );
}

export type Answer = "decline" | "done" | "hand" | "chase" | "withdraw";

const words: Record<Answer, { title: string; label: string; hint: string; act: string; name: string; missing: string; max: number }> = {
  decline: { title: "Decline this action", label: "Reason", hint: "Why not, and what you would need.", act: "Decline it", name: "reason", missing: "Say why, so that it can be asked of someone who can.", max: 1000 },
  done: { title: "It is done", label: "Evidence", hint: "How one can tell that it is done.", act: "Say that it is done", name: "evidence", missing: "Say how one can tell.", max: 4000 },
  hand: { title: "Hand this action on", label: "Reason", hint: "Whoever gets it accepts or declines it anew.", act: "Hand it on", name: "reason", missing: "Say why you hand it on.", max: 1000 },
  chase: { title: "Chase this action", label: "Reminder", hint: "It can be left empty. Only those it is for can answer it.", act: "Send the reminder", name: "text", missing: "", max: 1000 },
  withdraw: { title: "Withdraw this action", label: "Reason", hint: "It stays in the record, marked as withdrawn.", act: "Withdraw it", name: "reason", missing: "Say why it is no longer asked.", max: 1000 },
};

/** Everything that is said about an action with a few words. */
export function AnswerDialog({ what, seq, facts, head, acts, onClose }: { what: Answer; seq: Seq; facts: Facts; head: number; acts: ActionActs; onClose: () => void }) {
  const [said, setSaid] = useState("");
  const [cites, setCites] = useState("");
  const [to, setTo] = useState<Assignee | null>(null);
  const submit = useSeen(head);
  const w = words[what];
  const save = async () => {
    const text = said.trim();
    const errors = [
      what !== "chase" && text === "" ? { name: w.name, message: w.missing } : null,
      what === "hand" && to === null ? { name: "for.org", message: "Choose who gets it." } : null,
    ].filter((x) => x !== null);
    if (errors.length > 0) {
      submit.refuse(errors);
      return;
    }
    const ok = await submit.send((seen) => {
      switch (what) {
        case "decline":
          return acts.declineAction(seq, text, seen, submit.overriding());
        case "done":
          return acts.finishAction(seq, text, numbersIn(cites), seen, submit.overriding());
        case "hand":
          return acts.handAction(seq, to ?? { org: "" }, text, seen, submit.overriding());
        case "chase":
          return acts.chaseAction(seq, text, submit.overriding());
        case "withdraw":
          return acts.withdrawAction(seq, text, seen, submit.overriding());
      }
    });
    if (ok) onClose();
  };
  return (
    <Dialog title={w.title} onClose={onClose}>
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      {what === "hand" ? <AssigneeField facts={facts} value={to} onChange={setTo} label="To whom" error={submit.errorOf("for.org") ?? submit.errorOf("for.member") ?? submit.errorOf("for")} /> : null}
      <TextArea id={w.name} label={w.label} hint={w.hint} rows={3} maxLength={w.max} error={submit.errorOf(w.name)} value={said} onChange={(e) => setSaid(e.target.value)} />
      {what === "done" ? <TextField id="cites" label={<>Entries that show it <span className="optional">(can be left empty)</span></>} hint="Their numbers, for example 12, 14." error={submit.errorOf("cites")} value={cites} autoComplete="off" onChange={(e) => setCites(e.target.value)} /> : null}
      <FormButtons kind={what === "withdraw" || what === "decline" ? "warning" : "primary"} busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        {w.act}
      </FormButtons>
    </Dialog>
  );
}
