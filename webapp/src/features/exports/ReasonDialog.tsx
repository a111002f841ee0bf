import { useState } from "react";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSeen } from "../../ui/useSeen";

/** Ends an export, with a reason. */
export function ReasonDialog({ title, text, action, head, onDo, onClose }: { title: string; text: string; action: string; head: number; onDo: (reason: string, seen: number) => Promise<unknown>; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const submit = useSeen(head);
  const save = async () => {
    if (reason.trim() === "") submit.refuse([{ name: "reason", message: "Say why." }]);
    else if (await submit.send((seen) => onDo(reason.trim(), seen))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>{text}</p>
      <TextArea id="reason" label="Why" maxLength={1000} rows={3} error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        {action}
      </FormButtons>
    </Dialog>
  );
}
