import { useEffect, useRef } from "react";
import type { Seq } from "../../protocol/types";
import { Dialog } from "../../ui/Dialog";
import { FormButtons } from "../../ui/FormButtons";

/** Chooses which words of an entry to quote: marked with the mouse, or with Shift and the arrow keys. */
export function QuoteDialog({ seq, text, onQuote, onClose }: { seq: Seq; text: string; onQuote: (start: number, end: number) => void; onClose: () => void }) {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    area.current?.focus();
    area.current?.select();
  }, []);
  const quote = () => {
    const el = area.current;
    const marked = el && el.selectionStart !== el.selectionEnd;
    onQuote(marked ? el.selectionStart : 0, marked ? el.selectionEnd : text.length);
  };
  return (
    <Dialog title={`Quote entry ${seq}`} onClose={onClose}>
      <p>Whoever may not see entry {seq} sees only that something is quoted from it.</p>
      <label className="nhsuk-label nhsuk-label--s" htmlFor="quote-text">
        Mark what you want to quote
      </label>
      <textarea ref={area} id="quote-text" className="nhsuk-textarea mark-out__text" readOnly rows={6} value={text} />
      <FormButtons busy={false} onDo={quote} onCancel={onClose}>
        Quote it
      </FormButtons>
    </Dialog>
  );
}
