import type { ReactNode } from "react";
import { Button } from "./Button";
import { cx } from "./cx";

/** What ends every form in a dialog: do it, or leave it. stuck keeps them in sight under a long form. */
export function FormButtons({ busy, onDo, onCancel, stuck = false, children }: { busy: boolean; onDo: () => void; onCancel: () => void; stuck?: boolean; children: ReactNode }) {
  return (
    <div className={cx("actions", stuck && "actions--stuck")}>
      <Button busy={busy} onClick={onDo}>
        {children}
      </Button>
      <Button kind="secondary" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
