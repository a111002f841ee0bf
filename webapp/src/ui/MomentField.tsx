import type { ReactNode } from "react";
import { Button } from "./Button";
import { TextField } from "./Field";
import { dayKey, fromLondon, hours, lastAt, nextAt, parseWall, shortMoment, zoneAt } from "./time";

/** A moment as it is typed: a time of day, and a date where it is another day. */
export type MomentDraft = { time: string; day: string };
export const noMoment: MomentDraft = { time: "", day: "" };

/**
 * The moment meant: null for none given, "unclear" where it is no time. Without
 * a date it is the last such time (dir "past") or the next one ("future").
 */
export function momentGiven(m: MomentDraft, now: number, dir: "past" | "future"): { at: string; about: boolean } | null | "unclear" {
  if (m.time.trim() === "" && m.day === "") return null;
  const wall = parseWall(m.time);
  if (!wall) return "unclear";
  const at = m.day === "" ? (dir === "past" ? lastAt(wall.time, now) : nextAt(wall.time, now)) : fromLondon(m.day, wall.time);
  return at ? { at, about: wall.about } : "unclear";
}

/** What is said of one that is unclear. */
export const unclearMoment = (name: string, example = "1810") => ({ name, message: `Four figures on the 24-hour clock, for example ${example}.` });

const draftOf = (at: number): MomentDraft => {
  const d = new Date(at);
  return { time: hours(d).replace(":", ""), day: dayKey(d) };
};

type Props = {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  value: MomentDraft;
  onChange: (next: MomentDraft) => void;
  /** The room's time, in milliseconds. */
  now: number;
  dir: "past" | "future";
  error?: string | undefined;
};

/** A time as people type it at night: four figures; the date only when it is another day. */
export function MomentField({ id, label, hint, value, onChange, now, dir, error }: Props) {
  const meant = momentGiven(value, now, dir);
  const after = (h: number) => onChange(draftOf(now + h * 3_600_000));
  return (
    <fieldset className="nhsuk-fieldset nhsuk-form-group moment">
      <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{label}</legend>
      {hint ? <div className="nhsuk-hint">{hint}</div> : null}
      <div className="moment__fields">
        <TextField id={id} label="Time, 24-hour" placeholder="1610" inputMode="text" autoComplete="off" className="nhsuk-input--width-5 tabular" maxLength={6} value={value.time} error={error} onChange={(e) => onChange({ ...value, time: e.target.value })} />
        <TextField type="date" label={<>Date <span className="optional">(if another day)</span></>} value={value.day} onChange={(e) => onChange({ ...value, day: e.target.value })} />
      </div>
      {dir === "future" ? (
        <div className="moment__quick">
          {[1, 2, 4, 24].map((h) => (
            <Button key={h} small kind="secondary" onClick={() => after(h)}>
              In {h === 1 ? "1 hour" : `${h} hours`}
            </Button>
          ))}
        </div>
      ) : null}
      <output className="moment__meant" htmlFor={id}>
        {meant === null ? "" : meant === "unclear" ? "Four figures, for example 1610" : `${meant.about ? "About " : ""}${shortMoment(meant.at, new Date(now))}`}
        {meant === null && dir === "past" ? `Now: ${hours(new Date(now))} ${zoneAt(new Date(now))}` : ""}
      </output>
    </fieldset>
  );
}
