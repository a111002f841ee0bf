import { useId, useState } from "react";
import { indicatorKinds, type Indicator as Value, type IndicatorKind } from "../../protocol/intel";
import { Button } from "../../ui/Button";
import { Checkbox, SelectField, TextArea, TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Indicator } from "../../ui/Indicator";
import { kindName } from "../../ui/intel";
import { nhsNumbers } from "../../ui/nhsNumber";
import { FieldPatientData } from "../../ui/PatientData";
import { shownProblem } from "../../ui/problem";
import { plural } from "../../ui/words";
import { newOf, withMore } from "./draft";

const few = 12; // as many are shown before somebody asks for all

type Props = { value: readonly Value[]; onChange: (next: readonly Value[]) => void; extract: (text: string) => Promise<readonly Value[]>; error: string | undefined };

function One({ value: i, onChange, onRemove }: { value: Value; onChange: (i: Value) => void; onRemove: () => void }) {
  const [noting, setNoting] = useState(false);
  const note = useId();
  const { note: _, ...bare } = i;
  const noted = (text: string) => onChange(text === "" ? bare : { ...i, note: text });
  return (
    <li>
      <Indicator indicator={noting ? bare : i} plain />
      {noting ? <TextField prose label="Note" maxLength={200} autoComplete="off" value={i.note ?? ""} onChange={(e) => noted(e.target.value)} /> : i.note ? <FieldPatientData id={note} text={i.note} onText={noted} /> : null}
      <div className="list-of__acts nhsuk-checkboxes nhsuk-checkboxes--small">
        <Checkbox
          label="Do not block"
          checked={i.doNotBlock ?? false}
          onChange={(e) => {
            const { doNotBlock: was, ...rest } = i;
            onChange(e.target.checked ? { ...rest, doNotBlock: true } : was ? rest : i);
          }}
        />
        {noting ? null : (
          <Button kind="plain" onClick={() => setNoting(true)}>
            {i.note ? "Change the note" : "Add a note"}
          </Button>
        )}
        <Button kind="plain" onClick={onRemove}>
          Take out<span className="unseen"> {i.value}</span>
        </Button>
      </div>
    </li>
  );
}

/** One that is typed by hand, of a kind that a text does not tell. */
function ByHand({ onAdd }: { onAdd: (i: Value) => void }) {
  const [kind, setKind] = useState<IndicatorKind>("mutex");
  const [value, setValue] = useState("");
  return (
    <details className="fold">
      <summary>Add one by hand</summary>
      <div className="fold__body">
        <div className="side-by-side">
          <SelectField label="Kind" value={kind} onChange={(e) => setKind(indicatorKinds.find((k) => k === e.target.value) ?? "other")}>
            {indicatorKinds.map((k) => (
              <option key={k} value={k}>
                {kindName[k]}
              </option>
            ))}
          </SelectField>
          <TextField label="Value" maxLength={2048} autoComplete="off" spellCheck={false} value={value} onChange={(e) => setValue(e.target.value)} />
        </div>
        <Button
          small
          kind="secondary"
          onClick={() => {
            if (value.trim() === "") return;
            onAdd({ kind, value: value.trim() });
            setValue("");
          }}
        >
          Add it
        </Button>
      </div>
    </details>
  );
}

/** The indicators of an item: pasted in any form, found by the server, and each looked at. */
export function IndicatorFields({ value, onChange, extract, error }: Props) {
  const [pasted, setPasted] = useState("");
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const [all, setAll] = useState(false);
  const find = async () => {
    if (pasted.trim() === "" || busy) return;
    setBusy(true);
    setSaid("");
    try {
      const found = await extract(pasted);
      const fresh = newOf(value, found);
      onChange(withMore(value, found));
      setSaid(found.length === 0 ? "No indicator was found in this text." : fresh.length === 0 ? "All of them are there already." : `Added ${plural(fresh.length, "indicator")}${fresh.length < found.length ? `; ${found.length - fresh.length} were there already` : ""}.`);
      if (found.length > 0) setPasted("");
    } catch (e) {
      setSaid(shownProblem(e).detail);
    }
    setBusy(false);
  };
  // One whose note must be answered for is never among those left out.
  const shown = value.map((i, n) => ({ i, n })).filter(({ i, n }) => all || n < few || (i.note !== undefined && nhsNumbers(i.note).length > 0));
  return (
    <>
      {error ? (
        <p className="nhsuk-error-message" id="indicators" tabIndex={-1}>
          {error}
        </p>
      ) : null}
      {value.length > 0 ? (
        <ul className="list-of">
          {shown.map(({ i, n }) => (
            <One key={`${i.kind} ${i.value}`} value={i} onChange={(next) => onChange(value.with(n, next))} onRemove={() => onChange(value.toSpliced(n, 1))} />
          ))}
        </ul>
      ) : null}
      {value.length > shown.length ? (
        <p>
          <Button kind="plain" onClick={() => setAll(true)}>
            Show all {value.length}
          </Button>
        </p>
      ) : null}
      <TextArea label="Paste indicators" hint="A list, a log, a whole report: addresses, hashes, file names and vulnerabilities in it are found, also where they are written hxxp and [.]." rows={3} spellCheck={false} value={pasted} onChange={(e) => setPasted(e.target.value)} />
      <div className="found">
        <Button small kind="secondary" busy={busy} onClick={() => void find()}>
          <Icon name="search" size={16} /> {busy ? "Looking…" : "Find and add them"}
        </Button>
        <span role="status" className="quiet">
          {said}
        </span>
      </div>
      <ByHand onAdd={(i) => onChange(withMore(value, [i]))} />
    </>
  );
}
