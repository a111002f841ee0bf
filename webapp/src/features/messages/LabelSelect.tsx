import type { Audience, Facts, TLP } from "../../protocol/types";
import { labelHint, labels, labelTone } from "../../ui/label";
import { count } from "../../ui/words";

/** The label of what is being written. The browser's own list, so that it works with every keyboard and on every phone. */
export function LabelSelect({ value, onChange }: { value: TLP; onChange: (tlp: TLP) => void }) {
  return (
    <label className="label-select">
      <span className="unseen">Label</span>
      <select className={`tlp tlp--${labelTone(value)}`} value={value} title={labelHint(value)} onChange={(e) => onChange(labels.find((l) => l === e.target.value) ?? value)}>
        {labels.toReversed().map((l) => (
          <option key={l} value={l}>
            {l}
          </option>
        ))}
      </select>
    </label>
  );
}

/** An audience in a few words, for the button that changes it. */
export function audienceName(a: Audience, facts: Facts): string {
  if (a.kind === "room") return "everyone";
  if (a.kind === "hosts") return "hosts only";
  if (a.kind === "leads") return "leads and auditors";
  const people = (a.members ?? []).filter((n) => n !== facts.you);
  const orgs = a.orgs ?? [];
  if (people.length === 0 && orgs.length === 0) return "nobody yet";
  const only = facts.members.find((m) => m.number === people[0])?.name;
  if (people.length === 1 && orgs.length === 0 && only) return only;
  const parts = [people.length > 0 ? `${count(people.length)} ${people.length === 1 ? "person" : "people"}` : "", orgs.length > 0 ? `${count(orgs.length)} organisation${orgs.length === 1 ? "" : "s"}` : ""];
  return parts.filter(Boolean).join(", ");
}
