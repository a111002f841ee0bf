import { useState } from "react";
import type { ContactChannel, OrgContact } from "../../protocol/directory";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { useSubmit } from "../../ui/useSubmit";

/** Verifies a number or address by six digits that were sent to it. */
export function CodeDialog({ contact, channel, onSend, onCode, onClose }: { contact: OrgContact; channel: ContactChannel; onSend: () => Promise<unknown>; onCode: (code: string) => Promise<unknown>; onClose: () => void }) {
  const [sent, setSent] = useState(false);
  const [code, setCode] = useState("");
  const submit = useSubmit();
  const send = async () => {
    if (await submit.run(onSend)) setSent(true);
  };
  const check = async () => {
    if (await submit.run(() => onCode(code.trim()))) onClose();
  };
  return (
    <Dialog title={`Verify ${contact.name}`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>
        {sent ? "Six digits are on their way to" : "Six digits will be sent to"} <span className="tabular">{channel.masked}</span>. Ask {contact.name} for them; they hold for 30 minutes.
      </p>
      {sent ? <TextField id="code" label="Code" inputMode="numeric" autoComplete="one-time-code" maxLength={6} className="nhsuk-input--width-5 tabular" error={submit.errorOf("code")} value={code} onChange={(e) => setCode(e.target.value)} /> : null}
      <div className="actions">
        {sent ? (
          <Button busy={submit.busy} onClick={() => void check()}>
            Verify
          </Button>
        ) : null}
        <Button kind={sent ? "secondary" : "primary"} busy={submit.busy} onClick={() => void send()}>
          {sent ? "Send another" : "Send the code"}
        </Button>
      </div>
    </Dialog>
  );
}
