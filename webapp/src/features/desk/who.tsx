import type { DeskOrganisation } from "../../protocol/desk";
import type { By, Facts } from "../../protocol/types";
import { orgTypeName, roleName } from "../../ui/names";

/** What an organisation is today, if that is not what it was then; "" if it is. */
export function todayWords(was: string, code: string | undefined, organisations: readonly DeskOrganisation[]): string {
  const o = organisations.find((x) => x.code === code);
  if (!o) return "";
  if (o.successorName) return `closed since; today ${o.successorName}`;
  if (o.closed) return "closed since";
  return was !== "" && o.name !== was ? `today called ${o.name}` : "";
}

/** Who acted, with their role and organisation as they were, and what the organisation is today beside it. */
export function Who({ by, facts, organisations }: { by: By; facts: Facts | undefined; organisations: readonly DeskOrganisation[] }) {
  if (!by.member) return <span>{by.orgType ? `Veiled: ${orgTypeName[by.orgType].toLowerCase()}` : "The system"}</span>;
  const m = facts?.members.find((x) => x.number === by.member);
  const code = by.org ?? m?.org;
  const org = m?.orgName || code || "";
  const today = todayWords(m?.orgName ?? "", code, organisations);
  return (
    <span className="desk-who">
      <strong>{m?.name || `M-${by.member}`}</strong>
      <span className="quiet">
        {[by.role ? roleName[by.role] : "", org].filter(Boolean).join(", ")}
      </span>
      {today === "" ? null : <span className="desk-who__today">{today}</span>}
    </span>
  );
}
