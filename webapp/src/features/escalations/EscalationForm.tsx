import { useState } from "react";
import { conditions, type Condition, type Sbar } from "../../protocol/escalation";
import type { Facts, Seq } from "../../protocol/types";
import { isHost } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { Dialog } from "../../ui/Dialog";
import { conditionName } from "../../ui/escalation";
import { SelectField, TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { MarkingFields, markingOf, markingProblem, markingSent } from "../../ui/MarkingFields";
import { BroughtBack, useDraft } from "../../ui/useDraft";
import { useSubmit } from "../../ui/useSubmit";

const empty: Sbar = { situation: "", background: "", assessment: "", recommendation: "" };

/** Asks for a decision above one's own tier: what is asked, and the four parts that make it plain. */
export function EscalateDialog({ facts, onAsk, onDone, onClose }: { facts: Facts; onAsk: RoomStore["escalate"]; onDone: (seq: Seq) => void; onClose: () => void }) {
  const [condition, setCondition] = useState<Condition | "">("");
  const [sbar, setSbar] = useState(empty);
  const [marking, setMarking] = useState(() => markingOf(facts));
  const submit = useSubmit();
  const kept = useDraft("escalation", { condition: condition as string, sbar, marking }, (was) => {
    setCondition(conditions.find((c) => c === was.condition) ?? "");
    setSbar(was.sbar);
    setMarking(was.marking);
  });
  const set = (part: keyof Sbar) => (e: { target: { value: string } }) => setSbar({ ...sbar, [part]: e.target.value });
  const save = async () => {
    const errors = [
      condition === "" ? { name: "condition", message: "Choose what you ask for." } : null,
      sbar.situation.trim() === "" ? { name: "sbar.situation", message: "Say what is happening." } : null,
      sbar.recommendation.trim() === "" ? { name: "sbar.recommendation", message: "Say what you want decided." } : null,
      markingProblem(marking, facts.you),
    ].filter((x) => x !== null);
    if (errors.length > 0 || condition === "") {
      submit.refuse(errors);
      return;
    }
    const said = { situation: sbar.situation.trim(), background: sbar.background.trim(), assessment: sbar.assessment.trim(), recommendation: sbar.recommendation.trim() };
    let made = 0;
    const ok = await submit.run(async () => {
      made = (await onAsk({ condition, sbar: said, ...markingSent(marking, facts.you), ...submit.overriding() })).seq;
    });
    if (ok) {
      kept.sent();
      onDone(made);
    }
  };
  return (
    <Dialog title="Escalate" wide kind="sheet" onClose={onClose}>
      <p className="dialog__lead">Whoever can decide this is asked at once, then the next, until somebody answers. If in doubt, escalate.</p>
      <BroughtBack draft={kept} />
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      <SelectField id="condition" label="What do you ask for?" error={submit.errorOf("condition")} value={condition} onChange={(e) => setCondition(e.target.value as Condition | "")}>
        <option value="">Choose</option>
        {conditions.map((c) => (
          <option key={c} value={c}>
            {conditionName[c]}
          </option>
        ))}
      </SelectField>
      <TextArea id="sbar.situation" label="Situation" hint="What is happening now." rows={2} maxLength={2000} error={submit.errorOf("sbar.situation")} value={sbar.situation} onChange={set("situation")} />
      <TextArea id="sbar.background" label={<>Background <span className="optional">(can be left empty)</span></>} hint="How it came to this." rows={2} maxLength={2000} error={submit.errorOf("sbar.background")} value={sbar.background} onChange={set("background")} />
      <TextArea id="sbar.assessment" label={<>Assessment <span className="optional">(can be left empty)</span></>} hint="What it means, options and risks." rows={2} maxLength={2000} error={submit.errorOf("sbar.assessment")} value={sbar.assessment} onChange={set("assessment")} />
      <TextArea id="sbar.recommendation" label="Recommendation" hint="What you want decided. If it is accepted, these words are the decision." rows={2} maxLength={2000} error={submit.errorOf("sbar.recommendation")} value={sbar.recommendation} onChange={set("recommendation")} />
      <MarkingFields value={marking} onChange={setMarking} facts={facts} neverRed error={submit.errorOf("audience") ?? submit.errorOf("tlp")} />
      <FormButtons stuck busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Escalate
      </FormButtons>
    </Dialog>
  );
}

export type EscalationActs = Pick<RoomStore, "acceptEscalation" | "refuseEscalation" | "withdrawEscalation" | "actEscalation" | "standDownEscalation">;
export type Answer = "accept" | "refuse" | "withdraw" | "act" | "standDown";

const words: Record<Answer, { title: string; label: string; hint: string; act: string; name: string; missing: string; max: number }> = {
  accept: { title: "Accept: this is then decided", label: "Rationale", hint: "Why you decide it. It is recorded as your decision.", act: "Accept and decide", name: "rationale", missing: "Say why, in a sentence.", max: 4000 },
  refuse: { title: "Refuse this escalation", label: "Reason", hint: "Why not, and what should be done instead.", act: "Refuse it", name: "reason", missing: "Say why, so that they can go on.", max: 1000 },
  withdraw: { title: "Withdraw this escalation", label: "Reason", hint: "It stays in the record, marked as withdrawn.", act: "Withdraw it", name: "reason", missing: "Say why it is no longer asked.", max: 1000 },
  act: { title: "I acted without approval", label: "Because", hint: "Nobody answered. Say what you did, and why it could not wait.", act: "Record it", name: "because", missing: "Say why it could not wait.", max: 1000 },
  standDown: { title: "Stand this down", label: "Reason", hint: "Whoever took the authority acts at the tier they had before.", act: "Stand it down", name: "reason", missing: "Say why it has ended.", max: 1000 },
};

/** Every answer to an escalation takes a few words. */
export function AnswerDialog({ what, seq, facts, head, acts, onStepUp, onClose }: { what: Answer; seq: Seq; facts: Facts; head: Seq; acts: EscalationActs; onStepUp: () => void; onClose: () => void }) {
  const [said, setSaid] = useState("");
  const submit = useSubmit();
  const [seen] = useState(head);
  const w = words[what];
  const save = async () => {
    const text = said.trim();
    if (text === "") {
      submit.refuse([{ name: w.name, message: w.missing }]);
      return;
    }
    let stepUp = false;
    const ok = await submit.run(async () => {
      const by = submit.overriding();
      try {
        switch (what) {
          case "accept":
            return await acts.acceptEscalation(seq, text, seen, by);
          case "refuse":
            return await acts.refuseEscalation(seq, text, seen, by);
          case "withdraw":
            return await acts.withdrawEscalation(seq, text, seen, by);
          case "act":
            return await acts.actEscalation(seq, text, seen, by);
          case "standDown":
            return await acts.standDownEscalation(seq, text, seen, by);
        }
      } catch (e) {
        stepUp = e instanceof Error && "fault" in e && e.fault === "step_up";
        if (!stepUp) throw e;
        return null;
      }
    });
    if (stepUp) onStepUp();
    else if (ok) onClose();
  };
  return (
    <Dialog title={w.title} onClose={onClose}>
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      <TextArea id={w.name} label={w.label} hint={w.hint} rows={3} maxLength={w.max} error={submit.errorOf(w.name)} value={said} onChange={(e) => setSaid(e.target.value)} />
      <FormButtons kind={what === "accept" || what === "act" ? "primary" : "warning"} busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        {w.act}
      </FormButtons>
    </Dialog>
  );
}
