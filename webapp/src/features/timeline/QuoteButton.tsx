import { useEffect, useState, type RefObject } from "react";
import { Icon } from "../../ui/Icon";

type Marked = { seq: number; words: string; top: number; left: number };

const wide = 96; // CSS pixels the button takes

/** What is marked inside one entry's text, and where to put a button for it. */
function markedIn(scroller: HTMLElement | null, may: (seq: number) => boolean): Marked | null {
  const selection = document.getSelection();
  if (!scroller || !selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const words = selection.toString().trim();
  const of = (n: Node | null) => (n instanceof Element ? n : n?.parentElement)?.closest<HTMLElement>(".entry__body")?.closest<HTMLElement>("article[data-seq]");
  const article = of(selection.anchorNode);
  if (words === "" || !article || of(selection.focusNode) !== article || !scroller.contains(article)) return null;
  const seq = Number(article.dataset["seq"]);
  if (!may(seq)) return null;
  const at = selection.getRangeAt(0).getBoundingClientRect();
  const room = scroller.getBoundingClientRect();
  return { seq, words, top: Math.min(at.bottom + 6, room.bottom - 44), left: Math.max(8, Math.min(at.left, window.innerWidth - wide - 8)) };
}

/** Beside words that are marked in an entry: quotes them. The entry's menu does the same for those who mark nothing. */
export function QuoteButton({ scroller, may, onQuote }: { scroller: RefObject<HTMLElement | null>; may: (seq: number) => boolean; onQuote: (seq: number, words: string) => void }) {
  const [marked, setMarked] = useState<Marked | null>(null);
  useEffect(() => {
    const look = () => setMarked(markedIn(scroller.current, may));
    const away = () => setMarked(null);
    document.addEventListener("selectionchange", look);
    const el = scroller.current;
    el?.addEventListener("scroll", away, { passive: true });
    return () => {
      document.removeEventListener("selectionchange", look);
      el?.removeEventListener("scroll", away);
    };
  }, [scroller, may]);
  if (!marked) return null;
  return (
    <button
      type="button"
      className="quote-button"
      style={{ top: marked.top, left: marked.left }}
      // The press must not take the marking away before it is heard.
      onPointerDown={(e) => e.preventDefault()}
      onClick={() => {
        onQuote(marked.seq, marked.words);
        document.getSelection()?.removeAllRanges();
        setMarked(null);
      }}
    >
      <Icon name="quote" size={16} /> Quote
    </button>
  );
}
