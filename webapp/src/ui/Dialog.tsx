import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { cx } from "./cx";
import { Icon } from "./Icon";
import { PatientDataScope } from "./PatientData";
import { SheetScope, useSheet } from "./useFileDrop";

/**
 * A modal question on the browser's own dialog element: it traps focus, gives
 * it back, and Escape closes it. Files dropped meanwhile do not reach what it
 * hides. Rendered only while it is open.
 */
export function Dialog({ title, onClose, children, wide = false, kind }: { title: ReactNode; onClose: () => void; children: ReactNode; wide?: boolean; kind?: "sheet" | undefined }) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const sheet = useSheet();
  // Before it leaves the document: one that is gone gives no focus back.
  useLayoutEffect(() => {
    const d = ref.current;
    if (d && !d.open) {
      if (typeof d.showModal === "function") d.showModal();
      else d.setAttribute("open", "");
    }
    return () => d?.close?.();
  }, []);
  return (
    <dialog
      ref={ref}
      className={cx("dialog", wide && "dialog--wide", kind === "sheet" && "dialog--sheet")}
      aria-labelledby={heading}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
    >
      <div className="dialog__body">
        <header className="dialog__head">
          <h2 id={heading}>{title}</h2>
          <button type="button" className="icon-button" onClick={onClose} aria-label="Close">
            <Icon name="close" />
          </button>
        </header>
        <SheetScope value={sheet}>
          <PatientDataScope>{children}</PatientDataScope>
        </SheetScope>
      </div>
    </dialog>
  );
}
