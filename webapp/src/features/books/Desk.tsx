import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { PatientWarning, usePatientData } from "../../ui/PatientData";
import { dayKey, hours, lastAt, zoneAt } from "../../ui/time";
import { blankLine, lineProblem, withTimeBack, withTyped, type Writing } from "./line";

/** The line that is being corrected. */
export type Correcting = { seq: number; number: number; text: string };

type Props = {
  /** Who receives what is written here, where that is not the whole room. */
  readers?: ReactNode;
  /** What was being written when the page was left, once it is known. */
  kept: Writing | null;
  correcting: Correcting | null;
  /** A line taken back to be changed; a new object puts it in. */
  takenBack: Writing | null;
  offline: boolean;
  now: number;
  exercise: boolean;
  onSave: (w: Writing) => void;
  onCorrect: (text: string, reason: string) => void;
  onKeep: (w: Writing | null) => void;
  onLast: () => void;
  onCancel: () => void;
};

/** Where the loggist writes: with the keyboard alone, one line after the other. */
export function Desk(p: Props) {
  const { correcting, takenBack, kept } = p;
  const [w, setW] = useState<Writing>(kept ?? blankLine);
  const [correction, setCorrection] = useState({ text: "", reason: "" });
  const [problem, setProblem] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const touched = useRef(kept !== null);

  const change = (next: Writing) => {
    touched.current = true;
    setW(next);
    setProblem("");
    p.onKeep(next.text.trim() === "" ? null : next);
  };

  // What was kept arrives after the first paint; it never overwrites what is being typed.
  useEffect(() => {
    if (kept && !touched.current) {
      touched.current = true;
      setW(kept);
    }
  }, [kept]);
  // Before anything is painted, and so before the next key: the field never stands there without its text.
  const [given, setGiven] = useState<{ correcting: Correcting | null; takenBack: Writing | null }>({ correcting: null, takenBack: null });
  if (given.correcting !== correcting || given.takenBack !== takenBack) {
    setGiven({ correcting, takenBack });
    if (correcting && given.correcting !== correcting) setCorrection({ text: correcting.text, reason: "" });
    if (takenBack && given.takenBack !== takenBack) setW(takenBack);
  }
  useLayoutEffect(() => {
    const el = field.current;
    el?.focus();
    if (correcting) el?.setSelectionRange(correcting.text.length, correcting.text.length);
  }, [correcting, takenBack]);

  const text = correcting ? correction.text : w.text;
  const caret = useRef<number | null>(null); // where it goes with the next text
  useLayoutEffect(() => {
    const el = field.current;
    if (!el) return;
    if (caret.current !== null) el.setSelectionRange(caret.current, caret.current);
    caret.current = null;
    el.style.height = "auto";
    el.style.height = `${Math.min(el.scrollHeight + 2, window.innerHeight / 3)}px`;
  }, [text]);

  const patient = usePatientData(text);
  const [warned, setWarned] = useState<string | null>(null); // the text that somebody tried to save with what reads as an NHS number
  const warning = useRef<HTMLDivElement>(null);

  const save = (asItIs = false) => {
    if (patient.found.length > 0 && !asItIs) {
      setWarned(text);
      warning.current?.querySelector("button")?.focus();
      return;
    }
    if (correcting) {
      const next = correction.text.trim();
      if (next === "" || next === correcting.text.trim()) setProblem(next === "" ? "Write what it should say. Nothing is taken out of a log." : "This is the text as it stands.");
      else p.onCorrect(next, correction.reason.trim());
      return;
    }
    const missing = lineProblem(w);
    if (missing !== "") {
      setProblem(missing);
      return;
    }
    p.onSave(w);
    p.onKeep(null);
    setW({ ...blankLine, paper: w.paper });
    setProblem("");
    field.current?.focus();
  };

  const toggle = (what: "about" | "speech" | "paper") => {
    if (what === "paper") change({ ...w, paper: w.paper ? null : { by: "", page: "" } });
    else change({ ...w, [what]: !w[what] });
  };

  const onKeyDown = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    if (e.nativeEvent.isComposing) return;
    const alt = e.altKey && !e.ctrlKey && !e.metaKey ? ({ KeyA: "about", KeyS: "speech", KeyP: "paper" } as const)[e.code] : undefined;
    const el = e.currentTarget;
    if (alt && !correcting) toggle(alt);
    else if (e.key === "Enter" && !e.shiftKey && !e.altKey) save();
    else if (e.key === "ArrowUp" && text === "" && !correcting) p.onLast();
    else if (e.key === "Escape" && correcting) p.onCancel();
    else if (e.key === "Backspace" && !correcting && w.time !== "" && el.selectionStart === 0 && el.selectionEnd === 0) {
      const back = withTimeBack(w);
      caret.current = back.text.length - w.text.length;
      change(back);
    } else return;
    e.preventDefault();
  };

  const stamp = w.time === "" ? hours(new Date(p.now)) : w.time;
  // In the small hours 1610 is yesterday's.
  const at = w.time === "" ? null : lastAt(w.time, p.now);
  const yesterday = at !== null && dayKey(at) !== dayKey(new Date(p.now));
  return (
    <form
      className={cx("composer desk", p.exercise && "composer--exercise")}
      aria-label={correcting ? `Correct entry ${correcting.number}` : "Write in the log"}
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      {correcting ? (
        <div className="composer__banner">
          <p>
            <strong>Correcting entry {correcting.number}.</strong> The old text stays, ruled through.
          </p>
          <Button kind="plain" onClick={p.onCancel}>
            Stop
          </Button>
        </div>
      ) : null}
      {p.readers}
      {problem === "" ? null : (
        <p className="composer__problem" role="alert">
          {problem}
        </p>
      )}
      <PatientWarning
        data={patient}
        urgent={warned === text}
        box={warning}
        onRemove={() => {
          if (correcting) setCorrection({ ...correction, text: patient.without });
          else change({ ...w, text: patient.without });
          field.current?.focus();
        }}
        keep="It is not one: save as it is"
        onKeep={() => {
          patient.keep();
          save(true);
        }}
      />
      {w.paper && !correcting ? (
        <div className="desk__paper">
          <label>
            In the hand of
            <input className="nhsuk-input" value={w.paper.by} maxLength={200} onChange={(e) => change({ ...w, paper: { by: e.target.value, page: w.paper?.page ?? "" } })} />
          </label>
          <label>
            Book and page
            <input className="nhsuk-input" value={w.paper.page} maxLength={100} onChange={(e) => change({ ...w, paper: { by: w.paper?.by ?? "", page: e.target.value } })} />
          </label>
        </div>
      ) : null}
      <div className="desk__row">
        {correcting ? null : (
          <span className={cx("desk__time tabular", w.time !== "" && "desk__time--set")} role="status" aria-label={w.time === "" ? "Happens now" : `Happened ${w.about ? "about " : "at "}${w.time}${yesterday ? " yesterday" : ""}`}>
            {w.about ? "~" : ""}
            {stamp}
            <span className="desk__zone">{zoneAt(at ?? new Date(p.now))}</span>
            {yesterday ? <span className="desk__day">yesterday</span> : null}
          </span>
        )}
        <textarea
          ref={field}
          rows={1}
          aria-label={correcting ? `Corrected text of entry ${correcting.number}` : "Log entry"}
          aria-describedby="desk-keys"
          placeholder={correcting ? "" : "Facts, in the order they come. 1610 sets the time."}
          value={text}
          maxLength={4000}
          onChange={(e) => {
            if (correcting) setCorrection({ ...correction, text: e.target.value });
            else change(withTyped(w, e.target.value));
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {correcting ? (
        <label className="desk__reason">
          Why <span className="optional">(can be left empty)</span>
          <input
            className="nhsuk-input"
            value={correction.reason}
            maxLength={1000}
            onChange={(e) => setCorrection({ ...correction, reason: e.target.value })}
            onKeyDown={(e) => {
              if (e.key === "Escape") p.onCancel();
            }}
          />
        </label>
      ) : null}
      <div className="composer__row">
        {correcting ? null : (
          <>
            {(
              [
                ["about", "About", w.about, "A"],
                ["speech", "Verbatim", w.speech, "S"],
                ["paper", "From paper", w.paper !== null, "P"],
              ] as const
            ).map(([what, label, on, key]) => (
              <button key={what} type="button" className="desk__toggle" aria-pressed={on} onClick={() => (toggle(what), field.current?.focus())} title={`Alt+${key}`}>
                {label}
              </button>
            ))}
          </>
        )}
        <span className="composer__hint composer__hint--keys" id="desk-keys">
          {correcting ? "Enter saves, Esc stops" : "Enter saves, ↑ corrects the last, #12 refers to an entry"}
        </span>
        <Button type="submit" small className="composer__send">
          {correcting ? "Save correction" : p.offline ? "Queue" : "Save"}
        </Button>
      </div>
    </form>
  );
}
