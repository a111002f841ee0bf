import type { ReactNode } from "react";
import { Button } from "./Button";
import { cx } from "./cx";
import { usePatientDataGate } from "./PatientData";

/** What ends every form in a dialog: do it, or leave it. stuck keeps them in sight under a long form. */
export function FormButtons({ busy, onDo, onCancel, stuck = false, kind = "primary", children }: { kind?: "primary" | "warning"; busy: boolean; onDo: () => void; onCancel: () => void; stuck?: boolean; children: ReactNode }) {
  const gate = usePatientDataGate();
  return (
    <div className={cx("actions", stuck && "actions--stuck")}>
      <Button kind={kind} busy={busy} onClick={() => gate(onDo)}>
        {children}
      </Button>
      <Button kind="secondary" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
