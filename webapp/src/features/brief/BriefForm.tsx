import { useState } from "react";
import type { Overriding } from "../../protocol/rest";
import type { BriefFacts, BriefLines } from "../../protocol/types";
import { Dialog } from "../../ui/Dialog";
import { FormProblems } from "../../ui/FormProblems";
import { TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSubmit } from "../../ui/useSubmit";
import { briefLabels } from "./labels";

const empty: BriefLines = { happened: "", affects: "", doing: "", need: "", next: "" };

/** Writes a new version; the old ones stay in the log. */
export function BriefForm({ brief, onSave, onClose }: { brief: BriefFacts | null; onSave: (lines: BriefLines, by: Overriding) => Promise<unknown>; onClose: () => void }) {
  const [lines, setLines] = useState<BriefLines>(brief?.lines ?? empty);
  const [base] = useState(brief?.version ?? 0);
  const [saving, setSaving] = useState(0);
  const submit = useSubmit();
  const version = submit.busy ? saving : (brief?.version ?? 0); // one's own new version may come before the answer
  const save = async () => {
    if (Object.values(lines).every((l) => l.trim() === "")) submit.refuse([{ name: "lines.happened", message: "Write at least what has happened." }]);
    else {
      setSaving(version);
      await submit.run(async () => {
        await onSave(lines, submit.overriding());
        onClose();
      });
    }
  };
  return (
    <Dialog title={base > 0 ? "Change the situation brief" : "Write the situation brief"} wide onClose={onClose}>
      <p className="quiet">Everyone in the room sees it, whenever they joined. One or two sentences a line.</p>
      {version > base ? (
        <p className="notice" role="alert">
          Version {version} was saved while you were writing. Read it before you save over it.
        </p>
      ) : null}
      <FormProblems submit={submit} host onAgain={() => void save()} />
      {briefLabels.map(([k, label, hint]) => (
        <TextArea key={k} id={`lines.${k}`} rows={2} label={label} hint={hint} maxLength={1000} error={submit.errorOf(`lines.${k}`)} value={lines[k]} onChange={(e) => setLines({ ...lines, [k]: e.target.value })} />
      ))}
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Save as version {version + 1}
      </FormButtons>
    </Dialog>
  );
}
