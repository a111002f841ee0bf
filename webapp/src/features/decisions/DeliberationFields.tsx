import type { Option } from "../../protocol/types";
import type { PartName } from "../../room/decision";
import { Button } from "../../ui/Button";
import { TextArea, TextField } from "../../ui/Field";
import { MomentField } from "../../ui/MomentField";
import type { DeliberationDraft } from "./draft";
import { partWords, steps } from "./parts";

type Props = { value: DeliberationDraft; onChange: (next: DeliberationDraft) => void; errorOf: (name: string) => string | undefined; now: number; /** Unfolds the step with these parts. */ open?: readonly PartName[] | undefined };

const most = 10; // options that fit

function OptionsField({ value, onChange, error }: { value: readonly Option[]; onChange: (next: readonly Option[]) => void; error: string | undefined }) {
  const set = (i: number, o: Option) => onChange(value.map((x, j) => (j === i ? o : x)));
  return (
    <fieldset className="nhsuk-fieldset nhsuk-form-group options" id="deliberation.options" tabIndex={-1}>
      <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{partWords.options.title}</legend>
      <div className="nhsuk-hint">{partWords.options.hint}</div>
      {error ? <span className="nhsuk-error-message">{error}</span> : null}
      {value.map((o, i) => (
        // Options have no name of their own; they stay in their order.
        // oxlint-disable-next-line react/no-array-index-key
        <div className="options__one" key={i}>
          <TextField label={`Option ${i + 1}`} value={o.text} maxLength={4000} onChange={(e) => set(i, { ...o, text: e.target.value })} />
          <TextField label={<>Why it was not taken <span className="optional">(empty if it was)</span></>} value={o.rejected ?? ""} maxLength={4000} onChange={(e) => set(i, { ...o, rejected: e.target.value })} />
          <Button kind="plain" onClick={() => onChange(value.filter((_, j) => j !== i))}>
            Take option {i + 1} out
          </Button>
        </div>
      ))}
      {value.length < most ? (
        <Button kind="secondary" small onClick={() => onChange([...value, { text: "", rejected: "" }])}>
          Add {value.length === 0 ? "an option" : "another option"}
        </Button>
      ) : null}
    </fieldset>
  );
}

/** Everything of a decision record that may also come later, folded under the steps of the Joint Decision Model. */
export function DeliberationFields({ value, onChange, errorOf, now, open = [] }: Props) {
  const field = (name: PartName) => {
    const error = errorOf(`deliberation.${name}`);
    const { title, hint } = partWords[name];
    switch (name) {
      case "relied":
        return <TextField key={name} id="deliberation.relied" label={title} hint={hint} error={error} value={value.relied} autoComplete="off" onChange={(e) => onChange({ ...value, relied: e.target.value })} />;
      case "options":
        return <OptionsField key={name} value={value.options} onChange={(options) => onChange({ ...value, options })} error={error} />;
      case "review":
        return <MomentField key={name} id="deliberation.review" label={title} dir="future" now={now} error={error} value={value.review} onChange={(review) => onChange({ ...value, review })} />;
      default:
        return <TextArea key={name} id={`deliberation.${name}`} label={title} hint={hint === "" ? undefined : hint} rows={2} maxLength={4000} error={error} value={value[name]} onChange={(e) => onChange({ ...value, [name]: e.target.value })} />;
    }
  };
  const filled = (name: PartName): boolean => (name === "options" ? value.options.length > 0 : name === "review" ? value.review.time !== "" : value[name] !== "");
  return (
    <div className="jdm">
      {steps.map((s, i) => {
        const wrong = s.parts.some((p) => errorOf(`deliberation.${p}`));
        const n = s.parts.filter(filled).length;
        return (
          <details className="fold" key={s.title} open={wrong || s.parts.some((p) => open.includes(p)) ? true : undefined}>
            <summary>
              <span className="jdm__n" aria-hidden="true">
                {i + 1}
              </span>{" "}
              {s.title} <span className="fold__now">{n === 0 ? "" : `${n} of ${s.parts.length} written`}</span>
            </summary>
            <div className="fold__body">{s.parts.map(field)}</div>
          </details>
        );
      })}
    </div>
  );
}
