import { useState } from "react";
import { Button } from "./Button";
import { TextField } from "./Field";

/** A host's reason to write a text though it bears a protective marking; it stays in the record. */
export function OverrideField({ action, busy = false, onOverride }: { action: string; busy?: boolean; onOverride: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const go = () => {
    if (reason.trim() === "") setMissing(true);
    else onOverride(reason.trim());
  };
  return (
    <div className="override">
      <TextField
        label="Why it may stand here all the same"
        hint="As a host you can. The reason is shown with it and stays in the record."
        error={missing && reason.trim() === "" ? "Say why. The reason stays in the record." : undefined}
        value={reason}
        maxLength={500}
        onChange={(e) => setReason(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== "Enter") return;
          e.preventDefault();
          go();
        }}
      />
      <Button small kind="warning" busy={busy} onClick={go}>
        {action}
      </Button>
    </div>
  );
}
