import { useId, useRef, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";
import { cx } from "./cx";
import { FieldPatientData, typeInto } from "./PatientData";

type Framing = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  /** The id error summaries link to; one is made up when none is given. */
  id?: string | undefined;
};

function useIds(id: string | undefined, hint: ReactNode, error: string | undefined) {
  const made = useId();
  const own = id ?? made;
  const described = cx(hint ? `${own}-hint` : false, error ? `${own}-error` : false);
  return { own, described: described === "" ? undefined : described };
}

function Frame({ own, label, hint, error, children }: { own: string; label: ReactNode; hint?: ReactNode; error?: string | undefined; children: ReactNode }) {
  return (
    <div className={cx("nhsuk-form-group", error && "nhsuk-form-group--error")}>
      <label className="nhsuk-label nhsuk-label--s" htmlFor={own}>
        {label}
      </label>
      {hint ? (
        <div className="nhsuk-hint" id={`${own}-hint`}>
          {hint}
        </div>
      ) : null}
      <FieldError id={`${own}-error`} message={error} />
      {children}
    </div>
  );
}

function FieldError({ id, message }: { id: string; message: string | undefined }) {
  if (!message) return null;
  return (
    <span className="nhsuk-error-message" id={id}>
      <span className="nhsuk-u-visually-hidden">Error: </span>
      {message}
    </span>
  );
}

/** One line of text. prose: what is written for the record; what reads as an NHS number in it is warned about. */
export function TextField({ label, hint, error, id, className, prose = false, ...rest }: Framing & { prose?: boolean } & Omit<InputHTMLAttributes<HTMLInputElement>, "id">) {
  const field = useRef<HTMLInputElement>(null);
  const { own, described } = useIds(id, hint, error);
  return (
    <Frame own={own} label={label} hint={hint} error={error}>
      <input type="text" {...rest} ref={field} id={own} aria-describedby={described} aria-invalid={error ? true : undefined} className={cx("nhsuk-input", error && "nhsuk-input--error", className)} />
      {prose && typeof rest.value === "string" ? <FieldPatientData id={own} text={rest.value} onText={(text) => field.current && typeInto(field.current, text)} /> : null}
    </Frame>
  );
}

/** Several lines of text. What reads as an NHS number in it is warned about. */
export function TextArea({ label, hint, error, id, className, ...rest }: Framing & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "id">) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { own, described } = useIds(id, hint, error);
  return (
    <Frame own={own} label={label} hint={hint} error={error}>
      <textarea rows={3} {...rest} ref={field} id={own} aria-describedby={described} aria-invalid={error ? true : undefined} className={cx("nhsuk-textarea", error && "nhsuk-textarea--error", className)} />
      {typeof rest.value === "string" ? <FieldPatientData id={own} text={rest.value} onText={(text) => field.current && typeInto(field.current, text)} /> : null}
    </Frame>
  );
}

/** A choice from a short list. */
export function SelectField({ label, hint, error, id, className, children, ...rest }: Framing & Omit<SelectHTMLAttributes<HTMLSelectElement>, "id">) {
  const { own, described } = useIds(id, hint, error);
  return (
    <Frame own={own} label={label} hint={hint} error={error}>
      <select {...rest} id={own} aria-describedby={described} aria-invalid={error ? true : undefined} className={cx("nhsuk-select", error && "nhsuk-select--error", className)}>
        {children}
      </select>
    </Frame>
  );
}

export type Choice<V extends string> = { value: V; label: ReactNode; hint?: ReactNode; disabled?: boolean };

/** One of several, all in sight. */
export function RadioGroup<V extends string>(props: {
  legend: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  id?: string | undefined;
  name: string;
  value: V | "";
  choices: readonly Choice<V>[];
  onChange: (value: V) => void;
  small?: boolean;
}) {
  const { own, described } = useIds(props.id, props.hint, props.error);
  return (
    <div className={cx("nhsuk-form-group", props.error && "nhsuk-form-group--error")}>
      <fieldset className="nhsuk-fieldset" aria-describedby={described}>
        <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{props.legend}</legend>
        {props.hint ? (
          <div className="nhsuk-hint" id={`${own}-hint`}>
            {props.hint}
          </div>
        ) : null}
        <FieldError id={`${own}-error`} message={props.error} />
        <div className={cx("nhsuk-radios", props.small && "nhsuk-radios--small")}>
          {props.choices.map((c, i) => {
            const id = i === 0 ? own : `${own}-${c.value}`;
            return (
              <div className="nhsuk-radios__item" key={c.value}>
                <input
                  className="nhsuk-radios__input"
                  id={id}
                  name={props.name}
                  type="radio"
                  value={c.value}
                  checked={props.value === c.value}
                  disabled={c.disabled}
                  onChange={() => props.onChange(c.value)}
                  aria-describedby={c.hint ? `${id}-item-hint` : undefined}
                />
                <label className="nhsuk-label nhsuk-radios__label" htmlFor={id}>
                  {c.label}
                </label>
                {c.hint ? (
                  <div className="nhsuk-hint nhsuk-radios__hint" id={`${id}-item-hint`}>
                    {c.hint}
                  </div>
                ) : null}
              </div>
            );
          })}
        </div>
      </fieldset>
    </div>
  );
}

/** Yes or no, alone or in a list of such. */
export function Checkbox({ label, hint, id, ...rest }: { label: ReactNode; hint?: ReactNode; id?: string } & Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "type">) {
  const { own, described } = useIds(id, hint, undefined);
  return (
    <div className="nhsuk-checkboxes__item">
      <input {...rest} type="checkbox" className="nhsuk-checkboxes__input" id={own} aria-describedby={described} />
      <label className="nhsuk-label nhsuk-checkboxes__label" htmlFor={own}>
        {label}
      </label>
      {hint ? (
        <div className="nhsuk-hint nhsuk-checkboxes__hint" id={`${own}-hint`}>
          {hint}
        </div>
      ) : null}
    </div>
  );
}
