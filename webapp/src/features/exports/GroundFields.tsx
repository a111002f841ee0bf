import type { Named } from "../../protocol/exports";
import { SelectField, TextField } from "../../ui/Field";

/** Why something is left out: a ground of the list, and a reason that goes to the recipient. */
export function GroundFields({ grounds, ground, reason, onGround, onReason, errorOf }: {
  grounds: readonly Named[];
  ground: string;
  reason: string;
  onGround: (g: string) => void;
  onReason: (r: string) => void;
  errorOf: (name: string) => string | undefined;
}) {
  return (
    <>
      <SelectField id="ground" label="Ground" error={errorOf("ground")} value={ground} onChange={(e) => onGround(e.target.value)}>
        <option value="">Choose</option>
        {grounds.map((g) => (
          <option key={g.code} value={g.code}>
            {g.words}
          </option>
        ))}
      </SelectField>
      <TextField id="reason" label="Reason" hint="It goes to the recipient: it must not say what is left out." maxLength={500} error={errorOf("reason")} value={reason} onChange={(e) => onReason(e.target.value)} />
    </>
  );
}

/** What is missing of a ground. */
export const groundMissing = (ground: string, reason: string): { name: string; message: string }[] => [
  ...(ground === "" ? [{ name: "ground", message: "Choose a ground." }] : []),
  ...(reason.trim() === "" ? [{ name: "reason", message: "Give a reason in one line." }] : []),
];
