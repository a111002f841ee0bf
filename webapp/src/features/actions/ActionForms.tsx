import { useState } from "react";
import type { Assignee, Facts, Seq } from "../../protocol/types";
import { usualAudience } from "../../room/roster";
import { isHost } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { AssigneeField } from "../../ui/AssigneeField";
import { TextArea, TextField } from "../../ui/Field";
import { MarkingFields, markingFor, markingLook, markingOf, markingProblem, markingSent, type Source } from "../../ui/MarkingFields";
import { MomentField, momentGiven, noMoment, unclearMoment } from "../../ui/MomentField";
import { numbersIn } from "../../ui/numbers";
import { type Answered, Question } from "../../ui/Question";

/** What the action comes from, if anything: a decision it carries out, or words to begin with. */
export type Raising = { decision: Seq | null; text: string; marking: Source | null };

export type ActionActs = Pick<RoomStore, "acceptAction" | "declineAction" | "finishAction" | "handAction" | "chaseAction" | "withdrawAction">;

/** Asks an organisation or a person to do something. */
export function RaiseDialog({ raising, facts, now, acts, onDone, onClose }: { raising: Raising; facts: Facts; now: number; acts: Pick<RoomStore, "raiseAction" | "preflight">; onDone: (seq: Seq) => void; onClose: () => void }) {
  const [text, setText] = useState(raising.text);
  const [to, setTo] = useState<Assignee | null>(null);
  const [due, setDue] = useState(noMoment);
  const [chosen, setMarking] = useState(() => markingOf(facts, raising.marking, raising.decision === null));
  const marking = markingFor(chosen, usualAudience(facts, raising.marking?.audience ?? null, to === null ? {} : to.member ? { members: [to.member] } : { orgs: [to.org] }));
  const by = momentGiven(due, now, "future");
  return (
    <Question
      title={raising.decision === null ? "Raise an action" : `Raise an action from decision ${raising.decision}`}
      wide
      kind="sheet"
      action="Raise it"
      host={isHost(facts)}
      check={() => [
        text.trim() === "" ? { name: "text", message: "Say what is to be done." } : null,
        to === null ? { name: "for.org", message: "Choose who is asked to do it." } : null,
        by === "unclear" ? unclearMoment("due") : null,
        markingProblem(marking, facts.you),
      ]}
      look={() => markingLook(marking, facts.you, raising.decision)}
      me={facts.you}
      onAsk={acts.preflight}
      onDo={async ({ sent }) => {
        if (to === null || by === "unclear") return 0;
        return (await acts.raiseAction({ text: text.trim(), for: to, ...(by ? { due: by.at } : {}), ...(raising.decision === null ? {} : { decision: raising.decision }), ...markingSent(marking, facts.you), ...sent })).seq;
      }}
      onDone={onDone}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <TextArea id="text" label="What is to be done" rows={3} maxLength={2000} error={errorOf("text")} value={text} onChange={(e) => setText(e.target.value)} />
          <AssigneeField facts={facts} value={to} onChange={setTo} label="By whom" error={errorOf("for.org") ?? errorOf("for.member") ?? errorOf("for")} />
          <MomentField id="due" label={<>Done by <span className="optional">(can be left empty)</span></>} hint={facts.room.clock ? "By the exercise’s clock." : undefined} dir="future" now={now} error={errorOf("due")} value={due} onChange={setDue} />
          <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience") ?? errorOf("tlp")} />
        </>
      )}
    </Question>
  );
}

export type Answer = "decline" | "done" | "hand" | "chase" | "withdraw";

const words: Record<Answer, { title: string; act: string; warning?: true; name?: string; label: string; hint: string; missing?: string; max?: number }> = {
  decline: { title: "Decline this action", label: "Reason", hint: "Why not, and what you would need.", act: "Decline it", warning: true, missing: "Say why, so that it can be asked of someone who can." },
  done: { title: "It is done", label: "Evidence", hint: "How one can tell that it is done.", act: "Say that it is done", name: "evidence", missing: "Say how one can tell.", max: 4000 },
  hand: { title: "Hand this action on", label: "Reason", hint: "Whoever gets it accepts or declines it anew.", act: "Hand it on", missing: "Say why you hand it on." },
  chase: { title: "Chase this action", label: "Reminder", hint: "Only those it is for can answer it.", act: "Send the reminder", name: "text" },
  withdraw: { title: "Withdraw this action", label: "Reason", hint: "It stays in the record, marked as withdrawn.", act: "Withdraw it", warning: true, missing: "Say why it is no longer asked." },
};

/** Everything that is said about an action with a few words. */
export function AnswerDialog({ what, seq, facts, head, acts, onClose }: { what: Answer; seq: Seq; facts: Facts; head: number; acts: ActionActs; onClose: () => void }) {
  const [cites, setCites] = useState("");
  const [to, setTo] = useState<Assignee | null>(null);
  const { title, act, warning, ...reason } = words[what];
  const answer = ({ reason: text, seen, sent }: Answered) => {
    switch (what) {
      case "decline":
        return acts.declineAction(seq, text, seen, sent);
      case "done":
        return acts.finishAction(seq, text, numbersIn(cites), seen, sent);
      case "hand":
        return acts.handAction(seq, to ?? { org: "" }, text, seen, sent);
      case "chase":
        return acts.chaseAction(seq, text, sent);
      case "withdraw":
        return acts.withdrawAction(seq, text, seen, sent);
    }
  };
  return (
    <Question
      title={title}
      action={act}
      warning={warning ?? false}
      head={head}
      host={isHost(facts)}
      reason={reason}
      after={(errorOf) => (what === "done" ? <TextField id="cites" label={<>Entries that show it <span className="optional">(can be left empty)</span></>} hint="Their numbers, for example 12, 14." error={errorOf("cites")} value={cites} autoComplete="off" onChange={(e) => setCites(e.target.value)} /> : null)}
      check={() => [what === "hand" && to === null ? { name: "for.org", message: "Choose who gets it." } : null]}
      onDo={answer}
      onClose={onClose}
    >
      {(errorOf) => (what === "hand" ? <AssigneeField facts={facts} value={to} onChange={setTo} label="To whom" error={errorOf("for.org") ?? errorOf("for.member") ?? errorOf("for")} /> : null)}
    </Question>
  );
}
