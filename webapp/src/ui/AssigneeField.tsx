import type { Assignee, Facts } from "../protocol/types";
import { SelectField } from "./Field";

type Props = { facts: Facts; value: Assignee | null; onChange: (a: Assignee | null) => void; label: string; error: string | undefined };

const key = (a: Assignee | null): string => (a === null ? "" : a.member ? `m${a.member}` : `o${a.org}`);

/** Whom something is asked of: an organisation, or one person of it. */
export function AssigneeField({ facts, value, onChange, label, error }: Props) {
  const here = facts.members.filter((m) => m.state === "joined" && m.org !== "");
  const orgs = [...new Map(here.map((m) => [m.org, m.orgName || m.org])).entries()].toSorted((a, b) => a[1].localeCompare(b[1], "en-GB"));
  const all: readonly Assignee[] = orgs.flatMap(([org]) => [{ org }, ...here.filter((m) => m.org === org && m.name !== "").map((m) => ({ member: m.number, org: m.org as string }))]);
  return (
    <SelectField id="for.org" label={label} hint="An organisation answers for its own systems: only they accept it, decline it and say that it is done." error={error} value={key(value)} onChange={(e) => onChange(all.find((a) => key(a) === e.target.value) ?? null)}>
      <option value="">Choose</option>
      {orgs.map(([org, name]) => (
        <optgroup key={org} label={name}>
          <option value={`o${org}`}>{name}: anyone who speaks for it</option>
          {here
            .filter((m) => m.org === org && m.name !== "")
            .map((m) => (
              <option key={m.number} value={`m${m.number}`}>
                {m.name}
                {m.number === facts.you ? " (you)" : ""}
              </option>
            ))}
        </optgroup>
      ))}
    </SelectField>
  );
}
