import { useMemo, useState } from "react";
import type { Widening } from "../../protocol/rest";
import type { Facts, Marking, TLP } from "../../protocol/types";
import { AudiencePicker, audienceProblem, audienceSent, pickerOf, type PickerAudience } from "../../ui/AudiencePicker";
import { audienceTells } from "../../room/roster";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, RadioGroup, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { labelHint, labels, rank } from "../../ui/label";
import { PreflightPanel } from "../../ui/PreflightPanel";
import { type AskReceivers, usePreflight } from "../../ui/usePreflight";
import { useSubmit } from "../../ui/useSubmit";
import { orgNamed } from "../../room/called";

type Change = Omit<Widening, "reason"> & { reason?: string };
type Props = {
  how: "tighten" | "widen";
  seq: number;
  marking: Marking;
  author: number;
  /** Opening entries of this kind may be recorded. */
  recordable: boolean;
  facts: Facts;
  onSave: (change: Change) => Promise<unknown>;
  /** Who would receive it. */
  onAsk: AskReceivers;
  onClose: () => void;
};

/** Raises or lowers an entry's label, narrows or widens who receives it. Only what changes is sent. */
export function MarkingDialog({ how, seq, marking, author, recordable, facts, onSave, onAsk, onClose }: Props) {
  const [tlp, setTlp] = useState<TLP>(marking.tlp);
  const [audience, setAudience] = useState<PickerAudience>(pickerOf(marking.audience));
  const was = marking.recorded ?? false;
  const [recorded, setRecorded] = useState(was);
  const [reason, setReason] = useState("");
  const submit = useSubmit();
  const [checking, setChecking] = useState<Change | null>(null); // waits for a look at who will receive it
  const ask = useMemo(() => (checking ? { entry: seq, ...(checking.tlp ? { tlp: checking.tlp } : {}), ...(checking.audience ? { audience: checking.audience } : {}), ...(checking.recorded === undefined ? {} : { recorded: checking.recorded }) } : null), [checking, seq]);
  const preflight = usePreflight(onAsk, ask);
  const red = tlp === "TLP:RED";
  const lowersRed = how === "widen" && marking.tlp === "TLP:RED" && !red;
  const people = facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }));
  const choices = labels.filter((l) => (how === "tighten" ? rank(l) >= rank(marking.tlp) : rank(l) <= rank(marking.tlp))).toReversed();

  const save = async () => {
    const sent = audienceSent(audience, red, author);
    const changed = JSON.stringify(sent) !== JSON.stringify({ kind: marking.audience.kind, ...(marking.audience.members ? { members: marking.audience.members } : {}), ...(marking.audience.orgs ? { orgs: marking.audience.orgs } : {}) });
    const wrong = audienceProblem(audience, red, author) ?? audienceTells(facts, sent, author);
    const errors = [
      wrong ? { name: "audience", message: wrong } : null,
      how === "widen" && reason.trim() === "" ? { name: "reason", message: "Say why. The reason stays in the log." } : null,
      !changed && tlp === marking.tlp && recorded === was ? { name: "tlp", message: "Nothing has changed yet." } : null,
    ].filter((x) => x !== null);
    const change: Change = { ...(tlp === marking.tlp ? {} : { tlp }), ...(changed ? { audience: sent } : {}), ...(recorded === was ? {} : { recorded }), ...(how === "widen" ? { reason: reason.trim() } : {}) };
    if (errors.length > 0) submit.refuse(errors);
    else if (how === "widen") {
      submit.clear();
      setChecking(change);
    } else if (await submit.run(() => onSave(change))) onClose();
  };
  if (checking) {
    return (
      <Dialog title={`Widen entry ${seq}`} onClose={onClose} wide>
        <p>
          {lowersRed ? `A second person is asked: once they agree, it will be ${tlp}.` : `It will be ${tlp}.`} What people have read, they have read: this cannot be taken back from them.
        </p>
        <PreflightPanel
          preflight={preflight}
          me={facts.you}
          action={lowersRed ? "Ask them" : "Widen"}
          onBack={() => setChecking(null)}
          onSend={() => void preflight.send((shown) => onSave({ ...checking, shown })).then((done) => done && onClose())}
        />
      </Dialog>
    );
  }

  return (
    <Dialog title={how === "tighten" ? `Tighten entry ${seq}` : `Widen entry ${seq}`} onClose={onClose} wide>
      <p>
        {how === "tighten"
          ? "It takes effect at once. Those who no longer receive it lose sight of it; what they have read, they have read."
          : `Only ${orgNamed(facts, marking.originator)}, whose item it is, may do this. The old label stays in the log.`}
      </p>
      <ErrorSummary problems={submit.problems} />
      <RadioGroup id="tlp" name="tlp" legend="Label" small value={tlp} onChange={setTlp} error={submit.errorOf("tlp")} choices={choices.map((l) => ({ value: l, label: l, hint: labelHint(l) }))} />
      <AudiencePicker value={audience} onChange={setAudience} people={people} me={author} red={red} error={submit.errorOf("audience")} />
      {recordable && !red && was === (how === "widen") ? (
        <div className="nhsuk-checkboxes nhsuk-checkboxes--small nhsuk-form-group">
          {how === "tighten" ? (
            <Checkbox label="Record who opens it from now on" hint="It is sealed for everyone; those who have read it, have read it." checked={recorded} onChange={(e) => setRecorded(e.target.checked)} />
          ) : (
            <Checkbox label="No longer record who opens it" hint="It is then in the open for everyone who receives it." checked={!recorded} onChange={(e) => setRecorded(!e.target.checked)} />
          )}
        </div>
      ) : null}
      {how === "widen" ? <TextField id="reason" prose label="Reason" error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} maxLength={500} /> : null}
      {lowersRed ? <p className="notice">TLP:RED is lowered by two people, each with their second factor. Another who reads it and speaks for {orgNamed(facts, marking.originator)} is asked; where there is none, a lead who reads it. Nothing changes until they agree.</p> : null}
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        {lowersRed ? "Ask a second person" : how === "tighten" ? "Tighten" : "Widen"}
      </FormButtons>
    </Dialog>
  );
}
