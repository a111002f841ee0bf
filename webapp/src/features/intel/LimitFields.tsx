import type { Facts } from "../../protocol/types";
import { AudiencePicker } from "../../ui/AudiencePicker";
import { Checkbox, SelectField } from "../../ui/Field";
import { labelHint, labels, permitted, permittedHint } from "../../ui/label";
import type { Limits } from "./draft";

type Props = { value: Limits; onChange: (next: Limits) => void; facts: Facts; errorOf: (name: string) => string | undefined };

const peopleOf = (facts: Facts) => facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }));

/** How far it may go: label, who receives it, what they may do with it, and whether opening it is recorded. */
export function LimitFields({ value, onChange, facts, errorOf }: Props) {
  const red = value.tlp === "TLP:RED";
  return (
    <>
      <SelectField id="tlp" label="Label" hint={labelHint(value.tlp)} error={errorOf("tlp")} value={value.tlp} onChange={(e) => onChange({ ...value, tlp: labels.find((l) => l === e.target.value) ?? value.tlp })}>
        {labels.toReversed().map((l) => (
          <option key={l} value={l}>
            {l}
          </option>
        ))}
      </SelectField>
      <div id="audience" tabIndex={-1}>
        <AudiencePicker value={value.audience} onChange={(audience) => onChange({ ...value, audience })} people={peopleOf(facts)} me={facts.you} red={red} error={errorOf("audience")} />
      </div>
      {!red && value.audience.kind === "named" ? <p className="field-note">Your own organisation always receives it, so that whoever is on duty can answer for it.</p> : null}
      <SelectField id="pap" label="What readers may do with it (PAP)" hint={value.pap === "" ? "None said: readers use their judgement." : permittedHint(value.pap)} error={errorOf("pap")} value={value.pap} onChange={(e) => onChange({ ...value, pap: permitted.find((p) => p === e.target.value) ?? "" })}>
        <option value="">None said</option>
        {permitted.map((p) => (
          <option key={p} value={p}>
            {p}
          </option>
        ))}
      </SelectField>
      <div className="nhsuk-checkboxes nhsuk-checkboxes--small nhsuk-form-group">
        {red ? null : <Checkbox id="recorded" label="Record who opens it" hint="Readers see that it is there and are told that opening it is recorded. You see who has opened it." checked={value.recorded} onChange={(e) => onChange({ ...value, recorded: e.target.checked })} />}
        <Checkbox label="OFFICIAL-SENSITIVE" hint="A handling caveat. Nothing above it belongs in Wardroom." checked={value.caveat === "OFFICIAL-SENSITIVE"} onChange={(e) => onChange({ ...value, caveat: e.target.checked ? "OFFICIAL-SENSITIVE" : "" })} />
      </div>
    </>
  );
}
