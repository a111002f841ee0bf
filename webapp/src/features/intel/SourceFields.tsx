import { credibilities, reliabilities } from "../../protocol/intel";
import { Button } from "../../ui/Button";
import { SelectField, TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { credibilityName, reliabilityName, unnamedSource } from "../../ui/intel";
import { MomentField } from "../../ui/MomentField";
import { newSource, type SourceWriting } from "./draft";

type Props = { value: readonly SourceWriting[]; onChange: (next: readonly SourceWriting[]) => void; now: number; errorOf: (name: string) => string | undefined };

function One({ value: s, onChange, now, errorOf, name, onRemove }: { value: SourceWriting; onChange: (s: SourceWriting) => void; name: string; onRemove: (() => void) | null } & Pick<Props, "now" | "errorOf">) {
  return (
    <li>
      <div className="side-by-side">
        <TextField prose id={`${name}.name`} label={<>Source <span className="optional">(empty: not named)</span></>} maxLength={200} autoComplete="off" placeholder={unnamedSource} error={errorOf(`${name}.name`)} value={s.name} onChange={(e) => onChange({ ...s, name: e.target.value })} />
        <TextField prose id={`${name}.kind`} label={<>What kind <span className="optional">(can be left empty)</span></>} maxLength={200} autoComplete="off" placeholder="partner, sensor, open source…" error={errorOf(`${name}.kind`)} value={s.kind} onChange={(e) => onChange({ ...s, kind: e.target.value })} />
      </div>
      <div className="side-by-side">
        <SelectField id={`${name}.reliability`} label="How far it can be relied on" error={errorOf(`${name}.reliability`)} value={s.reliability} onChange={(e) => onChange({ ...s, reliability: reliabilities.find((r) => r === e.target.value) ?? "F" })}>
          {reliabilities.map((r) => (
            <option key={r} value={r}>
              {reliabilityName[r]} ({r})
            </option>
          ))}
        </SelectField>
        <SelectField id={`${name}.credibility`} label="How likely this is to be true" error={errorOf(`${name}.credibility`)} value={s.credibility} onChange={(e) => onChange({ ...s, credibility: credibilities.find((c) => c === e.target.value) ?? "6" })}>
          {credibilities.map((c) => (
            <option key={c} value={c}>
              {credibilityName[c]} ({c})
            </option>
          ))}
        </SelectField>
      </div>
      <details className="fold" open={errorOf(`${name}.received`) ? true : undefined}>
        <summary>When it was received</summary>
        <div className="fold__body">
          <MomentField id={`${name}.received`} label="Received" dir="past" now={now} error={errorOf(`${name}.received`)} value={s.received} onChange={(received) => onChange({ ...s, received })} />
        </div>
      </details>
      {onRemove ? (
        <p className="list-of__acts">
          <Button kind="plain" onClick={onRemove}>
            Take this source out
          </Button>
        </p>
      ) : null}
    </li>
  );
}

/** Where it comes from, each graded by the Admiralty system, in words. */
export function SourceFields({ value, onChange, now, errorOf }: Props) {
  return (
    <>
      <ol className="list-of" id="sources" tabIndex={-1}>
        {value.map((s, i) => (
          // Sources have no identity of their own; their place is it.
          // oxlint-disable-next-line react/no-array-index-key
          <One key={i} name={`sources.${i}`} value={s} now={now} errorOf={errorOf} onChange={(next) => onChange(value.with(i, next))} onRemove={value.length > 1 ? () => onChange(value.toSpliced(i, 1)) : null} />
        ))}
      </ol>
      {errorOf("sources") ? <p className="nhsuk-error-message">{errorOf("sources")}</p> : null}
      <p>
        <Button kind="plain" onClick={() => onChange([...value, newSource])}>
          <Icon name="plus" size={16} /> Another source
        </Button>
      </p>
    </>
  );
}
