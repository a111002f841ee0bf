import { useId, useState } from "react";
import type { Audience } from "../protocol/types";
import { Checkbox, RadioGroup } from "./Field";

export type PickerAudience = { kind: "room" | "hosts" | "named"; members: readonly number[]; orgs: readonly string[] };
export type PickerPerson = { number: number; name: string; org: string; orgName: string };

type Props = {
  value: PickerAudience;
  onChange: (next: PickerAudience) => void;
  people: readonly PickerPerson[];
  /** The reader, who always receives what they write. */
  me: number;
  /** TLP:RED: named people only. */
  red: boolean;
  /** There is nothing else to be chosen here. */
  only?: "named";
  error?: string | undefined;
};

const toggle = <T,>(list: readonly T[], x: T, on: boolean): T[] => (on ? [...list.filter((y) => y !== x), x] : list.filter((y) => y !== x));

/** Who receives an entry: the room, the hosts, or named people and organisations. */
export function AudiencePicker({ value, onChange, people, me, red, only, error }: Props) {
  const [filter, setFilter] = useState("");
  const id = useId();
  const needle = filter.trim().toLowerCase();
  const hit = (p: PickerPerson) => needle === "" || `${p.name} ${p.orgName}`.toLowerCase().includes(needle);
  const others = people.filter((p) => p.number !== me && hit(p));
  const orgs = [...new Map(people.filter(hit).map((p) => [p.org, p.orgName || p.org])).entries()];
  const kind = red || only ? "named" : value.kind;
  return (
    <div className="audience">
      {only ? null : red ? (
        <p className="audience__red">
          <strong>TLP:RED goes to named people only.</strong> They see that it is there; opening it takes their second factor and is recorded.
        </p>
      ) : (
        <RadioGroup
          id={`${id}-kind`}
          name={`${id}-kind`}
          legend={<span className="unseen">Who receives this</span>}
          small
          value={kind}
          onChange={(k) => onChange({ ...value, kind: k })}
          choices={[
            { value: "room", label: "Everyone in the room" },
            { value: "hosts", label: "Hosts only" },
            { value: "named", label: "Named people and organisations" },
          ]}
        />
      )}
      {kind === "named" ? (
        <div className="audience__named">
          {error ? <p className="nhsuk-error-message">{error}</p> : null}
          {people.length > 8 ? (
            <label className="audience__filter">
              <span className="unseen">Filter people</span>
              <input type="search" className="nhsuk-input" placeholder="Filter by name or organisation" value={filter} onChange={(e) => setFilter(e.target.value)} />
            </label>
          ) : null}
          <fieldset className="nhsuk-fieldset audience__list">
            <legend className="nhsuk-fieldset__legend">People</legend>
            {others.length === 0 ? <p className="quiet">Nobody else whose name you can see.</p> : null}
            <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
            {others.map((p) => (
              <Checkbox key={p.number} label={p.name || `M-${p.number}`} hint={p.orgName || p.org} checked={value.members.includes(p.number)} onChange={(e) => onChange({ ...value, kind: "named", members: toggle(value.members, p.number, e.target.checked) })} />
            ))}
            </div>
          </fieldset>
          {red ? null : (
            <fieldset className="nhsuk-fieldset audience__list">
              <legend className="nhsuk-fieldset__legend">Whole organisations, with whoever joins for them later</legend>
              <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
              {orgs.map(([code, name]) => (
                <Checkbox key={code} label={name} checked={value.orgs.includes(code)} onChange={(e) => onChange({ ...value, kind: "named", orgs: toggle(value.orgs, code, e.target.checked) })} />
              ))}
              </div>
            </fieldset>
          )}
        </div>
      ) : null}
    </div>
  );
}

/** What is wrong with a choice, or null: RED and "named" need somebody. */
export function audienceProblem(value: PickerAudience, red: boolean, me: number): string | null {
  const named = value.members.filter((m) => m !== me);
  if (red && named.length === 0) return "Choose at least one person. TLP:RED goes to named people.";
  if (!red && value.kind === "named" && named.length === 0 && value.orgs.length === 0) return "Choose at least one person or organisation.";
  return null;
}

/** An audience as the picker has it. */
export const pickerOf = (a: Audience): PickerAudience => ({ kind: a.kind === "leads" ? "hosts" : a.kind, members: a.members ?? [], orgs: a.orgs ?? [] });

/** The choice as it is sent: the writer is always among the named. */
export function audienceSent(value: PickerAudience, red: boolean, me: number): { kind: "room" | "hosts" | "named"; members?: number[]; orgs?: string[] } {
  const kind = red ? "named" : value.kind;
  if (kind !== "named") return { kind };
  const members = [...new Set([...value.members, me])].toSorted((a, b) => a - b);
  const orgs = red ? [] : [...new Set(value.orgs)].toSorted();
  return { kind, members, ...(orgs.length > 0 ? { orgs } : {}) };
}
