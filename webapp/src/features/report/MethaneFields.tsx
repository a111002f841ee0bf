import type { Methane } from "../../protocol/types";
import { Checkbox, TextArea, TextField } from "../../ui/Field";

export type MethaneDraft = { major: boolean; exact: string; type: string; hazards: string; access: string; number: string; emergency: string };

export const emptyMethane: MethaneDraft = { major: false, exact: "", type: "", hazards: "", access: "", number: "", emergency: "" };

export const draftOf = (m: Methane): MethaneDraft => ({ ...emptyMethane, ...m });

/** The report without its empty fields, as it is sent. */
export function methaneOf(d: MethaneDraft): Methane {
  const { major, type, ...rest } = d;
  const filled = Object.fromEntries(Object.entries(rest).filter(([, v]) => v.trim() !== ""));
  return { major, type: type.trim(), ...filled };
}

type Text = Exclude<keyof MethaneDraft, "major" | "type">;
const fields: readonly { name: Text; letter: string; label: string; hint: string }[] = [
  { name: "exact", letter: "E", label: "Exact location", hint: "Which organisations, sites and networks." },
  { name: "hazards", letter: "H", label: "Hazards", hint: "What else it could hit: clinical devices, shared networks." },
  { name: "access", letter: "A", label: "Access", hint: "Which channels are safe to use. Is e-mail?" },
  { name: "number", letter: "N", label: "Number affected", hint: "Services and how many patients are affected. No patient's details." },
  { name: "emergency", letter: "E", label: "Emergency services and partners", hint: "Who is engaged and who is needed." },
];

type Props = { value: MethaneDraft; onChange: (next: MethaneDraft) => void; errorOf: (name: string) => string | undefined };

/** A M/ETHANE report. Only the type is needed to begin. */
export function MethaneFields({ value, onChange, errorOf }: Props) {
  const set = (name: keyof MethaneDraft, v: string | boolean) => onChange({ ...value, [name]: v });
  return (
    <div className="methane">
      <Checkbox
        id="report.major"
        label={<><b className="methane__letter">M</b> A major incident has been declared</>}
        hint="Leave this empty if not, or if you do not know yet."
        checked={value.major}
        onChange={(e) => set("major", e.target.checked)}
      />
      <TextField
        id="report.type"
        label={<><b className="methane__letter">T</b> Type of incident</>}
        hint="In a few words, for example: ransomware on several trusts’ networks."
        error={errorOf("report.type")}
        value={value.type}
        onChange={(e) => set("type", e.target.value)}
        autoComplete="off"
      />
      <p className="methane__later">Everything below can wait. It can be completed at any time in the room.</p>
      {fields.map((f) => (
        <TextArea
          key={f.name}
          id={`report.${f.name}`}
          rows={2}
          label={<><b className="methane__letter">{f.letter}</b> {f.label} <span className="optional">(can be left for later)</span></>}
          hint={f.hint}
          error={errorOf(`report.${f.name}`)}
          value={value[f.name]}
          onChange={(e) => set(f.name, e.target.value)}
        />
      ))}
    </div>
  );
}
