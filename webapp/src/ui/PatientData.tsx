import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from "react";
import { Button } from "./Button";
import { nhsNumbers, redacted, type Span } from "./nhsNumber";
import { list } from "./words";

/** What of a text reads as an NHS number and has not been said to be something else. */
export type PatientData = {
  readonly found: readonly Span[];
  readonly numbers: readonly string[];
  /** The text without them. */
  readonly without: string;
  /** Somebody says that these are none. */
  readonly keep: () => void;
};

export function usePatientData(text: string): PatientData {
  const [kept, setKept] = useState<ReadonlySet<string>>(() => new Set());
  return useMemo(() => {
    const found = nhsNumbers(text).filter((s) => !kept.has(text.slice(s.from, s.to)));
    const numbers = found.map((s) => text.slice(s.from, s.to));
    return { found, numbers, without: redacted(text, found), keep: () => setKept((now) => new Set([...now, ...numbers])) };
  }, [text, kept]);
}

type WarningProps = {
  data: PatientData;
  /** Whether somebody tried to send it so. */
  urgent: boolean;
  onRemove: () => void;
  /** What the other button says. */
  keep: string;
  onKeep: () => void;
  box?: RefObject<HTMLDivElement | null>;
};

/** Says that a text holds what reads as an NHS number, before it is sent. One press takes it out. */
export function PatientWarning({ data, urgent, onRemove, keep, onKeep, box }: WarningProps) {
  const { numbers } = data;
  if (numbers.length === 0) return null;
  const one = numbers.length === 1;
  return (
    <div className="patient-data" ref={box} role={urgent ? "alert" : "status"}>
      <p>
        {urgent ? "Not sent. " : ""}
        <strong>
          {list(numbers.slice(0, 3))}
          {numbers.length > 3 ? " and more" : ""}
        </strong>{" "}
        {one ? "reads as an NHS number" : "read as NHS numbers"}. No patient data belongs here.
      </p>
      <Button small onClick={onRemove}>
        {one ? "Remove it" : "Remove them"}
      </Button>
      <Button kind="plain" onClick={onKeep}>
        {keep}
      </Button>
    </div>
  );
}

type Waiting = Map<string, () => void>; // by field: what points at its warning
const Scope = createContext<Waiting | null>(null);

/** A form: nothing of it is sent while a field's warning has had no answer. */
export function PatientDataScope({ children }: { children: ReactNode }) {
  const [waiting] = useState<Waiting>(() => new Map());
  return <Scope value={waiting}>{children}</Scope>;
}

/** Does it, or points at the first field whose warning has had no answer. */
export function usePatientDataGate(): (go: () => void) => void {
  const scope = use(Scope);
  return useCallback(
    (go) => {
      const [point] = scope?.values() ?? [];
      if (point) point();
      else go();
    },
    [scope],
  );
}

/** The warning of a field of a form. */
export function FieldPatientData({ id, text, onText }: { id: string; text: string; onText: (text: string) => void }) {
  const scope = use(Scope);
  const data = usePatientData(text);
  const box = useRef<HTMLDivElement>(null);
  const [urgent, setUrgent] = useState(false);
  const waits = data.found.length > 0;
  useEffect(() => {
    if (!waits) {
      setUrgent(false);
      return;
    }
    scope?.set(id, () => {
      setUrgent(true);
      for (let fold = box.current?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true; // nothing in a closed one takes the focus
      box.current?.querySelector("button")?.focus();
    });
    return () => void scope?.delete(id);
  }, [scope, id, waits]);
  return <PatientWarning data={data} urgent={urgent} box={box} onRemove={() => onText(data.without)} keep={data.numbers.length === 1 ? "It is not one" : "They are none"} onKeep={data.keep} />;
}

/** Puts a text into a field as typing would, so that its form hears of it. */
export function typeInto(field: HTMLTextAreaElement | HTMLInputElement, text: string): void {
  const own = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
  Object.getOwnPropertyDescriptor(own, "value")?.set?.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}
