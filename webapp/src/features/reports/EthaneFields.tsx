import type { Ethane, MailSafe, Trouble } from "../../protocol/reports";
import { troubles } from "../../protocol/reports";
import { RadioGroup, SelectField, TextArea } from "../../ui/Field";
import { troubleName } from "../../ui/reports";

export type EthaneDraft = { what: Trouble | ""; text: string; mail: MailSafe | ""; where: string; hazards: string; access: string; number: string; engaged: string };

export const emptyEthane: EthaneDraft = { what: "", text: "", mail: "", where: "", hazards: "", access: "", number: "", engaged: "" };

/** The report without its empty fields, as it is sent; what is still missing, if anything is. */
export function ethaneOf(d: EthaneDraft): { ethane: Ethane | null; missing: { name: string; message: string }[] } {
  const missing = [
    d.what === "" ? { name: "ethane.what", message: "Choose what it is." } : null,
    d.text.trim() === "" ? { name: "ethane.text", message: "Say what is happening, in a sentence or two." } : null,
    d.mail === "" ? { name: "ethane.mail", message: "Say whether e-mail is safe. If you do not know, choose not sure." } : null,
  ].filter((x) => x !== null);
  const { what, mail, text, ...rest } = d;
  if (what === "" || mail === "" || missing.length > 0) return { ethane: null, missing };
  const filled = Object.fromEntries(Object.entries(rest).filter(([, v]) => v.trim() !== ""));
  return { ethane: { what, mail, text: text.trim(), ...filled }, missing };
}

type Later = "hazards" | "access" | "number" | "engaged";
const later: readonly { name: Later; label: string; hint: string }[] = [
  { name: "number", label: "What does not work?", hint: "Services that are affected, and roughly how many patients. No patient’s details." },
  { name: "hazards", label: "What else could it hit?", hint: "Clinical devices, shared networks, other organisations." },
  { name: "access", label: "How else can we reach you safely?", hint: "If e-mail or your telephones may be affected." },
  { name: "engaged", label: "Who is helping already?", hint: "Suppliers, police, neighbouring trusts." },
];

type Props = { value: EthaneDraft; onChange: (next: EthaneDraft) => void; errorOf: (name: string) => string | undefined };

/** ETHANE in plain questions: three are needed, the rest can follow. */
export function EthaneFields({ value, onChange, errorOf }: Props) {
  const set = <K extends keyof EthaneDraft>(name: K, v: EthaneDraft[K]) => onChange({ ...value, [name]: v });
  return (
    <>
      <SelectField id="ethane.what" label="What is it?" error={errorOf("ethane.what")} value={value.what} onChange={(e) => set("what", e.target.value as Trouble | "")}>
        <option value="">Choose</option>
        {troubles.map((t) => (
          <option key={t} value={t}>
            {troubleName[t]}
          </option>
        ))}
      </SelectField>
      <TextArea id="ethane.text" label="What is happening?" hint="A sentence or two. No patient’s details." rows={3} maxLength={600} error={errorOf("ethane.text")} value={value.text} onChange={(e) => set("text", e.target.value)} />
      <TextArea id="ethane.where" label={<>Where? <span className="optional">(can be left empty)</span></>} hint="Sites, networks, systems." rows={2} maxLength={1000} error={errorOf("ethane.where")} value={value.where} onChange={(e) => set("where", e.target.value)} />
      <RadioGroup
        id="ethane.mail"
        name="ethane.mail"
        legend="Is your e-mail safe to use?"
        hint="If whoever did this may read it, the answer is no."
        error={errorOf("ethane.mail")}
        value={value.mail}
        onChange={(v) => set("mail", v)}
        choices={[
          { value: "yes", label: "Yes" },
          { value: "no", label: "No" },
          { value: "unsure", label: "Not sure" },
        ]}
      />
      <details className="nhsuk-details" open={later.some((f) => errorOf(`ethane.${f.name}`))}>
        <summary className="nhsuk-details__summary">
          <span className="nhsuk-details__summary-text">Say more, if you can</span>
        </summary>
        <div className="nhsuk-details__text">
          {later.map((f) => (
            <TextArea key={f.name} id={`ethane.${f.name}`} rows={2} maxLength={1000} label={f.label} hint={f.hint} error={errorOf(`ethane.${f.name}`)} value={value[f.name]} onChange={(e) => set(f.name, e.target.value)} />
          ))}
        </div>
      </details>
    </>
  );
}
