import type { Audience, Facts, TLP } from "../protocol/types";
import { AudiencePicker, audienceProblem, audienceSent, type PickerAudience } from "./AudiencePicker";
import { SelectField } from "./Field";
import { labelHint, labels } from "./label";

/** touched: chosen here; otherwise the server gives it what is usual, or what its source has. */
export type MarkingDraft = { tlp: TLP; audience: PickerAudience; touched: boolean };

const everyone: PickerAudience = { kind: "room", members: [], orgs: [] };

/** The room's label, to the room; or as something it comes from is marked. */
export const markingOf = (facts: Facts, from?: { tlp: TLP; audience: Audience } | null): MarkingDraft => ({
  tlp: from?.tlp ?? facts.room.tlp,
  audience: from ? { kind: from.audience.kind, members: from.audience.members ?? [], orgs: from.audience.orgs ?? [] } : everyone,
  touched: false,
});

export const markingSent = (m: MarkingDraft, me: number): { tlp?: TLP; audience?: Audience } =>
  m.touched ? { tlp: m.tlp, audience: audienceSent(m.audience, m.tlp === "TLP:RED", me) } : {};

export const markingProblem = (m: MarkingDraft, me: number): { name: string; message: string } | null => {
  if (!m.touched) return null;
  const message = audienceProblem(m.audience, m.tlp === "TLP:RED", me);
  return message ? { name: "audience", message } : null;
};

const whom = (m: MarkingDraft): string => (m.tlp === "TLP:RED" || m.audience.kind === "named" ? "named people" : m.audience.kind === "hosts" ? "hosts only" : "everyone in the room");

type Props = { value: MarkingDraft; onChange: (next: MarkingDraft) => void; facts: Facts; error: string | undefined; /** TLP:RED cannot be chosen. */ neverRed?: boolean };

/** The label and who receives it, folded until somebody wants another than usual. */
export function MarkingFields({ value, onChange, facts, error, neverRed = false }: Props) {
  const people = facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }));
  return (
    <details className="fold" open={error ? true : undefined}>
      <summary>
        Label and audience <span className="fold__now">{value.tlp}, {whom(value)}</span>
      </summary>
      <div className="fold__body">
        <SelectField id="tlp" label="Label" hint={labelHint(value.tlp)} value={value.tlp} onChange={(e) => onChange({ ...value, touched: true, tlp: labels.find((l) => l === e.target.value) ?? value.tlp })}>
          {labels
            .toReversed()
            .filter((l) => !neverRed || l !== "TLP:RED")
            .map((l) => (
              <option key={l} value={l}>
                {l}
              </option>
            ))}
        </SelectField>
        <AudiencePicker value={value.audience} onChange={(audience) => onChange({ ...value, touched: true, audience })} people={people} me={facts.you} red={value.tlp === "TLP:RED"} error={error} />
      </div>
    </details>
  );
}
