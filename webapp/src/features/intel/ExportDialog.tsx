import { useState } from "react";
import { exportFormats, type ExportFormat } from "../../protocol/intel";
import type { Seq } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { RadioGroup } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSubmit } from "../../ui/useSubmit";

const words: Record<ExportFormat, { label: string; hint: string }> = {
  stix: { label: "STIX 2.1", hint: "For threat intelligence platforms. Labels, sources and do not block travel with it." },
  misp: { label: "MISP event", hint: "For MISP." },
  csv: { label: "Table (CSV)", hint: "One line an indicator, defanged, with its label." },
  text: { label: "Plain text", hint: "To read and to print, with the label at the head and the foot." },
};

/** Takes what may be taken out of the room, as a file. seq: one item; null: all in force. */
export function ExportDialog({ seq, onTake, onClose }: { seq: Seq | null; onTake: (format: ExportFormat) => Promise<unknown>; onClose: () => void }) {
  const [format, setFormat] = useState<ExportFormat>("stix");
  const [taken, setTaken] = useState(false);
  const submit = useSubmit();
  if (taken) {
    return (
      <Dialog title="It is in your downloads" onClose={onClose}>
        <p>Keep it as closely as its labels say. If its originator recalls it, they see that you have it and will ask you to delete it.</p>
        <div className="actions">
          <Button onClick={onClose}>Done</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={seq === null ? "Take intelligence away in a file" : `Take entry ${seq} away in a file`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>
        Only what its label lets you take. What is TLP:RED, or whose openings are recorded, never leaves the room. <strong>That you took it is recorded, and its originator sees it.</strong>
      </p>
      <RadioGroup id="format" name="format" legend="As" small value={format} onChange={setFormat} choices={exportFormats.map((f) => ({ value: f, ...words[f] }))} />
      <FormButtons busy={submit.busy} onDo={() => void submit.run(() => onTake(format)).then((ok) => ok && setTaken(true))} onCancel={onClose}>
        Take it
      </FormButtons>
    </Dialog>
  );
}
