import { useId, useState } from "react";
import type { Facts, Instant, PAP } from "../../protocol/types";
import { audienceTells } from "../../room/roster";
import { AudiencePicker, audienceProblem, audienceSent, type PickerAudience } from "../../ui/AudiencePicker";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Checkbox, RadioGroup, TextField } from "../../ui/Field";
import { permitted, permittedHint } from "../../ui/label";
import { dateAndTime, dayKey, fromLondon, hours } from "../../ui/time";
import type { Writing } from "./draft";

const peopleOf = (facts: Facts) => facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }));

/** Chooses who receives what is being written. */
export function AudienceDialog({ facts, value, red, error, onChoose, onClose }: { facts: Facts; value: PickerAudience; red: boolean; error: string; onChoose: (a: PickerAudience) => void; onClose: () => void }) {
  const [a, setA] = useState(value);
  const [problem, setProblem] = useState(error);
  const told = audienceTells(facts, audienceSent(a, red, facts.you), facts.you);
  const choose = () => {
    const wrong = audienceProblem(a, red, facts.you) ?? told;
    if (wrong) setProblem(wrong);
    else onChoose(red ? { ...a, kind: "named", orgs: [] } : a);
  };
  return (
    <Dialog title="Who receives this" onClose={onClose} kind="sheet">
      <AudiencePicker value={a} onChange={(next) => { setA(next); setProblem(""); }} people={peopleOf(facts)} me={facts.you} red={red} error={problem || told || undefined} />
      <div className="actions">
        <Button onClick={choose}>Done</Button>
      </div>
    </Dialog>
  );
}

type MoreProps = {
  writing: Writing;
  /** What time it is in the room: by the exercise clock in an exercise. */
  now: () => Instant;
  exercise: boolean;
  onChange: (w: Writing) => void;
  onClose: () => void;
};

/** What is seldom needed: when it really happened, what readers may do, the caveat. */
export function MoreDialog({ writing, now, exercise, onChange, onClose }: MoreProps) {
  const [pap, setPap] = useState<PAP | "none">(writing.pap === "" ? "none" : writing.pap);
  const [sensitive, setSensitive] = useState(writing.caveat === "OFFICIAL-SENSITIVE");
  const [day, setDay] = useState(() => dayKey(writing.occurred ?? now()));
  const [time, setTime] = useState(writing.occurred ? hours(writing.occurred) : "");
  const [problem, setProblem] = useState("");
  const id = useId();
  const wrong = problem ? "nhsuk-input--error" : undefined;
  const done = () => {
    const occurred = time === "" ? null : fromLondon(day, time);
    if (time !== "" && (!occurred || Date.parse(occurred) > Date.parse(now()))) {
      setProblem(`Give a time that has passed, on the 24-hour clock. ${exercise ? "The exercise clock says" : "It is"} ${dateAndTime(now())}.`);
      return;
    }
    onChange({ ...writing, pap: pap === "none" ? "" : pap, caveat: sensitive ? "OFFICIAL-SENSITIVE" : "", occurred });
  };
  return (
    <Dialog title="More about this entry" onClose={onClose} kind="sheet">
      <fieldset className="nhsuk-fieldset nhsuk-form-group" aria-describedby={problem ? `${id}-when` : undefined}>
        <legend className="nhsuk-fieldset__legend">When did it happen, if not just now?</legend>
        <div className="nhsuk-hint">{exercise ? "By the exercise clock: London time, 24-hour." : "London time, 24-hour clock."} The time of entry is kept beside it.</div>
        {problem ? (
          <p className="nhsuk-error-message" id={`${id}-when`} role="alert">
            {problem}
          </p>
        ) : null}
        <div className="side-by-side">
          <TextField type="date" label="Date" className={wrong} value={day} onChange={(e) => setDay(e.target.value)} />
          <TextField type="time" label="Time" className={wrong} value={time} onChange={(e) => setTime(e.target.value)} />
        </div>
      </fieldset>
      <RadioGroup
        name="pap"
        legend="What readers may do with it (PAP)"
        small
        value={pap}
        onChange={setPap}
        choices={[{ value: "none" as const, label: "None said" }, ...permitted.map((p) => ({ value: p, label: p, hint: permittedHint(p) }))]}
      />
      <Checkbox label="OFFICIAL-SENSITIVE" hint="A handling caveat. Nothing above it belongs in Wardroom." checked={sensitive} onChange={(e) => setSensitive(e.target.checked)} />
      <div className="actions">
        <Button onClick={done}>Done</Button>
      </div>
    </Dialog>
  );
}
