import { useId, useMemo, useRef } from "react";
import type { Redaction, Span } from "../../protocol/exports";
import type { Received } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { SelectField } from "../../ui/Field";
import { inCodePoints, merged, pieces, slotNames, textsOf, type TextField } from "./words";

/** What is to be left out of one entry: whole slots, or spans of one text. */
export interface Marked {
  readonly slots: readonly number[];
  readonly slot: number;
  readonly field: string;
  readonly spans: readonly Span[];
}
export const nothingMarked: Marked = { slots: [], slot: 4, field: "", spans: [] };

/** The redactions that are meant. A slot that is left out whole needs no spans. */
export const redactionsOf = (entry: number, m: Marked, ground: string, reason: string): readonly Redaction[] => [
  ...m.slots.map((slot) => ({ entry, slot, ground, reason })),
  ...(m.spans.length > 0 && m.field !== "" && !m.slots.includes(m.slot) ? [{ entry, slot: m.slot, field: m.field, spans: m.spans, ground, reason }] : []),
];

/** The texts of an entry's slots, as far as they are shown; null for a slot that is not. */
function slotTexts(r: Received): readonly (readonly TextField[] | null)[] {
  return slotNames.map((_, i) => {
    const value = r.fragment.form === "open" ? r.fragment.slots[i] : r.fragment.form === "envelope" ? r.fragment.slots[i]?.[1] : undefined;
    if (value === undefined) return null;
    try {
      return value === "" ? [] : textsOf(JSON.parse(value));
    } catch {
      return [];
    }
  });
}

const fieldName = (pointer: string): string => pointer.slice(1).replaceAll("/", " › ").replaceAll("~1", "/").replaceAll("~0", "~");

/** Marks what to leave out of an entry: with the mouse or with Shift and the arrow keys, in a text field. */
export function MarkOut({ entry, marked, onMark, error }: { entry: Received; marked: Marked; onMark: (m: Marked) => void; error?: string | undefined }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const texts = useMemo(() => slotTexts(entry), [entry]);
  const fields = texts.flatMap((list, slot) => (slot === 4 || slot === 5 ? (list ?? []) : []).map((f) => ({ ...f, slot })));
  const at = fields.find((f) => f.slot === marked.slot && f.pointer === marked.field) ?? fields[0];
  const spans = at && at.pointer === marked.field && at.slot === marked.slot ? marked.spans : [];
  const leaveOut = () => {
    const el = area.current;
    if (!el || !at || el.selectionStart === el.selectionEnd) return;
    onMark({ ...marked, slot: at.slot, field: at.pointer, spans: merged([...spans, inCodePoints(at.text, el.selectionStart, el.selectionEnd)]) });
  };
  return (
    <div className="mark-out" id="redactions">
      {error ? (
        <p className="nhsuk-error-message">
          <span className="nhsuk-u-visually-hidden">Error: </span>
          {error}
        </p>
      ) : null}
      {at ? (
        <>
          {fields.length > 1 ? (
            <SelectField label="Which text" value={`${at.slot}${at.pointer}`} onChange={(e) => onMark({ ...marked, slot: Number(e.target.value[0]), field: e.target.value.slice(1), spans: [] })}>
              {fields.map((f) => (
                <option key={`${f.slot}${f.pointer}`} value={`${f.slot}${f.pointer}`}>
                  {fieldName(f.pointer)}: {f.text.length > 60 ? `${f.text.slice(0, 60)}…` : f.text}
                </option>
              ))}
            </SelectField>
          ) : null}
          <label className="nhsuk-label nhsuk-label--s" htmlFor={id}>
            Mark what is to be left out
          </label>
          <textarea ref={area} id={id} className="nhsuk-textarea mark-out__text" readOnly rows={4} value={at.text} />
          <p className="fact__actions">
            <Button small kind="secondary" onClick={leaveOut}>
              Leave out what is marked
            </Button>
            {spans.length > 0 ? (
              <Button small kind="plain" onClick={() => onMark({ ...marked, spans: [] })}>
                Start again
              </Button>
            ) : null}
          </p>
          {spans.length > 0 ? (
            <p className="mark-out__result" aria-live="polite">
              <span className="unseen">The recipient reads: </span>
              {pieces(at.text, spans).map((p, i) =>
                p.out ? (
                  <del key={i} className="left-out">
                    {p.text}
                  </del>
                ) : (
                  <span key={i}>{p.text}</span>
                ),
              )}
            </p>
          ) : null}
        </>
      ) : (
        <p className="quiet">This entry has no text of which a part could be left out.</p>
      )}
      <fieldset className="nhsuk-fieldset nhsuk-form-group">
        <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Or leave out whole</legend>
        <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
          {slotNames.map((name, slot) =>
            texts[slot] === null || (texts[slot]?.length === 0 && slot !== 2 && slot !== 3 && slot !== 1) ? null : (
              <div className="nhsuk-checkboxes__item" key={name}>
                <input
                  className="nhsuk-checkboxes__input"
                  id={`${id}-${slot}`}
                  type="checkbox"
                  checked={marked.slots.includes(slot)}
                  onChange={(e) => onMark({ ...marked, slots: e.target.checked ? [...marked.slots, slot].toSorted((a, b) => a - b) : marked.slots.filter((s) => s !== slot) })}
                />
                <label className="nhsuk-label nhsuk-checkboxes__label" htmlFor={`${id}-${slot}`}>
                  {name}
                </label>
              </div>
            ),
          )}
        </div>
      </fieldset>
      <p className="field-note">A part of a text cannot be proved without the rest: the recipient gets the wording that is left, and the proof of everything else.</p>
    </div>
  );
}
