import type { ReactNode } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { ErrorSummary } from "./ErrorSummary";
import { useSubmit } from "./useSubmit";

/** Asks before something that is hard to take back; stays open and says why when it fails. */
export function Confirm(props: { title: string; children?: ReactNode; action: string; warning?: boolean; onConfirm: () => Promise<unknown>; onClose: () => void }) {
  const submit = useSubmit();
  const go = async () => {
    if (await submit.run(props.onConfirm)) props.onClose();
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <ErrorSummary problems={submit.problems} />
      {props.children}
      <div className="actions">
        <Button kind={props.warning ? "warning" : "primary"} busy={submit.busy} onClick={() => void go()}>
          {props.action}
        </Button>
        <Button kind="secondary" onClick={props.onClose}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}
