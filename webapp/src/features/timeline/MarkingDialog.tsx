import { useState } from "react";
import type { Widening } from "../../protocol/rest";
import type { Facts, Marking, TLP } from "../../protocol/types";
import { AudiencePicker, audienceProblem, audienceSent, pickerOf, type PickerAudience } from "../../ui/AudiencePicker";
import { audienceTells } from "../../room/roster";
import { isHost } from "../../room/select";
import { Checkbox, RadioGroup } from "../../ui/Field";
import { labelHint, labels, rank } from "../../ui/label";
import { Question } from "../../ui/Question";
import type { AskReceivers } from "../../ui/usePreflight";
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
  const red = tlp === "TLP:RED";
  const lowersRed = how === "widen" && marking.tlp === "TLP:RED" && !red;
  const people = facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }));
  const choices = labels.filter((l) => (how === "tighten" ? rank(l) >= rank(marking.tlp) : rank(l) <= rank(marking.tlp))).toReversed();

  const sent = audienceSent(audience, red, author);
  const had = { kind: marking.audience.kind, ...(marking.audience.members ? { members: marking.audience.members } : {}), ...(marking.audience.orgs ? { orgs: marking.audience.orgs } : {}) };
  const change: Change = { ...(tlp === marking.tlp ? {} : { tlp }), ...(JSON.stringify(sent) === JSON.stringify(had) ? {} : { audience: sent }), ...(recorded === was ? {} : { recorded }) };
  const wrong = audienceProblem(audience, red, author) ?? audienceTells(facts, sent, author);
  return (
    <Question
      title={how === "tighten" ? `Tighten entry ${seq}` : `Widen entry ${seq}`}
      wide
      action={lowersRed ? "Ask a second person" : how === "tighten" ? "Tighten" : "Widen"}
      check={() => [wrong ? { name: "audience", message: wrong } : null, Object.keys(change).length === 0 ? { name: "tlp", message: "Nothing has changed yet." } : null]}
      {...(how === "widen" ? { reason: { line: true, max: 500, missing: "Say why. The reason stays in the log." } } : {})}
      look={() =>
        how === "tighten"
          ? null
          : { what: `${lowersRed ? `A second person is asked: once they agree, it will be ${tlp}.` : `It will be ${tlp}.`} What people have read, they have read: this cannot be taken back from them.`, ask: { entry: seq, ...(change.tlp ? { tlp: change.tlp } : {}), ...(change.audience ? { audience: change.audience } : {}), ...(change.recorded === undefined ? {} : { recorded: change.recorded }) } }
      }
      me={facts.you}
      onAsk={onAsk}
      host={isHost(facts)}
      onDo={({ reason, sent: by }) => onSave({ ...change, ...(how === "widen" ? { reason, ...by } : {}) })}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>
            {how === "tighten"
              ? "It takes effect at once. Those who no longer receive it lose sight of it; what they have read, they have read."
              : `Only ${orgNamed(facts, marking.originator)}, whose item it is, may do this. The old label stays in the log.`}
          </p>
          <RadioGroup id="tlp" name="tlp" legend="Label" small value={tlp} onChange={setTlp} error={errorOf("tlp")} choices={choices.map((l) => ({ value: l, label: l, hint: labelHint(l) }))} />
          <AudiencePicker value={audience} onChange={setAudience} people={people} me={author} red={red} error={errorOf("audience")} />
          {recordable && !red && was === (how === "widen") ? (
            <div className="nhsuk-checkboxes nhsuk-checkboxes--small nhsuk-form-group">
              {how === "tighten" ? (
                <Checkbox label="Record who opens it from now on" hint="It is sealed for everyone; those who have read it, have read it." checked={recorded} onChange={(e) => setRecorded(e.target.checked)} />
              ) : (
                <Checkbox label="No longer record who opens it" hint="It is then in the open for everyone who receives it." checked={!recorded} onChange={(e) => setRecorded(!e.target.checked)} />
              )}
            </div>
          ) : null}
          {lowersRed ? <p className="notice">TLP:RED is lowered by two people, each with their second factor. Another who reads it and speaks for {orgNamed(facts, marking.originator)} is asked; where there is none, a lead who reads it. Nothing changes until they agree.</p> : null}
        </>
      )}
    </Question>
  );
}
