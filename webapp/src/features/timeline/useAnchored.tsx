import { useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { lineOf, type Line } from "./lines";

// Keeps a long log light and its reader where they are: only the lines near
// the screen are in the document, the focused one always is, lines added above
// or below never move what is being read, and a reader at the very end stays
// there while the page is in front of them.

const nearEnd = 60; // CSS pixels within which a reader counts as being at the end

export function useAnchored(all: readonly Line[], scroller: RefObject<HTMLDivElement | null>) {
  const [active, setActive] = useState<string | null>(null);
  const [atEnd, setAtEnd] = useState(true);
  const shows = useRef(0); // a newer one ends those before it
  const lines = useRef(all);
  useLayoutEffect(() => {
    lines.current = all;
  });

  const rangeExtractor = useCallback(
    (range: Range) => {
      const first = Math.max(0, range.startIndex - range.overscan);
      const last = Math.min(range.count - 1, range.endIndex + range.overscan);
      const out = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
      const kept = active === null ? -1 : all.findIndex((l) => l.key === active);
      if (kept >= 0 && kept < first) out.unshift(kept);
      if (kept > last) out.push(kept);
      return out;
    },
    [active, all],
  );

  const virtual = useVirtualizer({
    count: all.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 84,
    getItemKey: (i) => all[i]?.key ?? i,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: typeof document === "undefined" || document.visibilityState === "visible",
    scrollEndThreshold: nearEnd,
    paddingEnd: 16,
    rangeExtractor,
    useFlushSync: false,
  });

  useEffect(() => {
    const el = scroller.current;
    if (!el) return;
    const look = () => setAtEnd(el.scrollHeight - el.scrollTop - el.clientHeight <= nearEnd);
    look();
    el.addEventListener("scroll", look, { passive: true });
    return () => el.removeEventListener("scroll", look);
  }, [scroller, all.length]);

  /** Brings a line to the middle of the screen and gives it the focus. */
  const show = useCallback(
    (index: number, align: "center" | "auto" | "start" = "center", focus = true) => {
      const line = lines.current[index];
      if (!line) return;
      setActive(line.key);
      virtual.scrollToIndex(index, { align });
      const mine = ++shows.current;
      if (!focus) return;
      // The lines on the way are measured as they come: hold on until it stands
      // still, or until the reader has gone elsewhere.
      let given = false;
      let tries = 0;
      let still = 0;
      let at = Number.NaN;
      const attempt = () => {
        const el = scroller.current?.querySelector<HTMLElement>(`article[data-seq="${line.from}"]`);
        const elsewhere = given && document.activeElement !== el && document.activeElement !== document.body;
        if (mine !== shows.current || elsewhere) return;
        if (el) {
          if (align === "center") el.scrollIntoView({ block: "center" });
          const top = el.getBoundingClientRect().top;
          still = Math.abs(top - at) < 1 ? still + 1 : 0;
          at = top;
          if (document.activeElement !== el) el.focus({ preventScroll: true });
          given = true;
        }
        if (still < 3 && tries++ < 40) requestAnimationFrame(attempt);
      };
      requestAnimationFrame(attempt);
    },
    [virtual, scroller],
  );

  const showSeq = useCallback((seq: number) => show(lineOf(lines.current, seq)), [show]);
  const toEnd = useCallback(() => virtual.scrollToEnd(), [virtual]);

  return { virtual, active, setActive, atEnd, show, showSeq, toEnd };
}
