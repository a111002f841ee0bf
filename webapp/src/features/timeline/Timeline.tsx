import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { GapRow, Row } from "../../room/row";
import { cx } from "../../ui/cx";
import { Icon } from "../../ui/Icon";
import { plural } from "../../ui/words";
import { TimelineProvider, type EntryAct, type TimelineContext } from "./context";
import { lineOf, lines, newAfter, type Extra, type Line } from "./lines";
import { LineView } from "./Line";
import { QuoteButton } from "./QuoteButton";
import { useAnchored } from "./useAnchored";

type Props = {
  context: TimelineContext;
  rows: readonly Row[];
  /** The reader's messages that are not in the log yet, drawn after the last line. */
  extras: readonly Extra[];
  /** The log's newest number. */
  head: number;
  /** The newest number when the reader came, or came back to the page. */
  arrived: number;
  loading: boolean;
  /** An entry to show; a new object shows it again. */
  target: { seq: number } | null;
  onFill: (gap: GapRow, end: "older" | "newer") => Promise<unknown>;
  onRead: (seq: number) => void;
};

const letters: Record<string, EntryAct> = { r: "reply", e: "correct", n: "note", p: "pin", q: "quote", v: "proof" };

/** The room's log, as a feed: numbered like the pages of a bound book. */
export function Timeline({ context, rows, extras, head, arrived, loading, target, onFill, onRead }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const all = useMemo(() => lines(rows, extras, arrived), [rows, extras, arrived]);
  const { virtual, active, setActive, atEnd, show, showSeq, toEnd } = useAnchored(all, scroller);
  const [seenEnd, setSeenEnd] = useState(0);
  const [filling, setFilling] = useState<number | null>(null);
  const placed = useRef(false);

  // The first time there is something to read: where the reader left off, else the end.
  useLayoutEffect(() => {
    if (placed.current || !all.some((l) => l.row)) return;
    placed.current = true;
    if (target) return;
    const unread = all.findIndex((l) => l.unread);
    if (unread >= 0) virtual.scrollToIndex(unread, { align: "start" });
    else toEnd();
  }, [all, target, virtual, toEnd]);

  const shown = useRef<{ seq: number } | null>(null);
  useEffect(() => {
    if (!target || shown.current === target || lineOf(all, target.seq) < 0) return;
    shown.current = target;
    showSeq(target.seq);
  }, [target, all, showSeq]);

  // My own message: I want to see it.
  const extraCount = useRef(extras.length);
  useEffect(() => {
    if (extras.length > extraCount.current) toEnd();
    extraCount.current = extras.length;
  }, [extras.length, toEnd]);

  useEffect(() => {
    if (atEnd) setSeenEnd(head);
  }, [atEnd, head]);

  const items = virtual.getVirtualItems();
  const lastShown = all[items.at(-1)?.index ?? -1];
  const bottom = useLastRead(scroller, all, items.at(-1)?.index ?? -1, lastShown);
  useEffect(() => {
    if (bottom > 0 && document.visibilityState === "visible") onRead(bottom);
  }, [bottom, onRead]);

  const fill = useCallback(
    (line: Line, end: "older" | "newer") => {
      if (!line.gap) return;
      setFilling(line.gap.from);
      onFill(line.gap, end).then(
        () => setFilling(null),
        () => window.setTimeout(() => setFilling(null), 3_000), // offline: not at once again
      );
    },
    [onFill],
  );

  // What is not loaded is fetched when it comes near the screen, from the end
  // the reader comes from.
  const gapAt = items.find((i) => all[i.index]?.gap)?.index ?? -1;
  const gapLine = all[gapAt];
  const fromAbove = gapAt > 0 && (virtual.range?.startIndex ?? 0) < gapAt;
  useEffect(() => {
    if (gapLine && gapLine.row && filling === null && placed.current) fill(gapLine, fromAbove ? "older" : "newer");
  }, [gapLine, fromAbove, filling, fill]);

  const fresh = atEnd ? 0 : newAfter(all, seenEnd);

  const onKey = (e: KeyboardEvent<HTMLDivElement>) => {
    if (!(e.target instanceof HTMLElement) || e.target.tagName !== "ARTICLE" || e.ctrlKey || e.metaKey || e.altKey) return;
    const i = all.findIndex((l) => l.key === active);
    const seq = Number(e.target.dataset["seq"]);
    if (e.key === "PageDown" || e.key === "ArrowDown" || e.key === "j") show(Math.min(all.length - 1, i + 1), "auto");
    else if (e.key === "PageUp" || e.key === "ArrowUp" || e.key === "k") show(Math.max(0, i - 1), "auto");
    else if (e.key in letters) {
      const act = letters[e.key];
      const offers = context.offers(seq);
      const which = act === "pin" && offers.includes("unpin") ? "unpin" : act;
      if (which && offers.includes(which)) context.act(which, seq);
    } else return;
    e.preventDefault();
  };

  const { offers } = context;
  const mayQuote = useCallback((seq: number) => offers(seq).includes("quote"), [offers]);

  const tabStop = active !== null && all.some((l) => l.key === active) ? active : lastShown?.key;

  return (
    <TimelineProvider value={context}>
      <div className="timeline" data-at-end={atEnd || undefined}>
        <div className="timeline__scroller" ref={scroller} data-scroll>
          {/* A feed's keys are its articles' keys, heard here once. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <div
            role="feed"
            aria-label={`Log of ${context.facts.room.reference}`}
            aria-busy={loading}
            className="timeline__feed"
            style={{ height: virtual.getTotalSize() }}
            onKeyDown={onKey}
            onFocus={(e) => {
              const article = e.target.closest<HTMLElement>("article[data-seq]");
              const line = article ? all[lineOf(all, Number(article.dataset["seq"]))] : undefined;
              if (line) setActive(line.key);
            }}
          >
            {items.map((item) => {
              const line = all[item.index];
              if (!line) return null;
              return (
                <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={cx("timeline__line", line.extra !== null && "timeline__line--extra")} style={{ top: item.start }}>
                  {line.extra ?? <LineView line={line} size={head} focusable={line.key === tabStop} target={target?.seq === line.from} filling={filling !== null && line.gap?.from === filling} onFill={fill} />}
                </div>
              );
            })}
          </div>
        </div>
        <QuoteButton scroller={scroller} may={mayQuote} onQuote={context.quote} />
        {atEnd ? null : (
          <button type="button" className={cx("timeline__newest", fresh > 0 && "timeline__newest--fresh")} onClick={toEnd}>
            <Icon name="down" size={16} /> {fresh > 0 ? `${plural(fresh, "new entry", "new entries")}` : "Newest"}
          </button>
        )}
      </div>
    </TimelineProvider>
  );
}

// The highest entry whose end is on the screen, measured when the window of
// lines or the scroll position changes.
function useLastRead(scroller: React.RefObject<HTMLDivElement | null>, all: readonly Line[], lastIndex: number, last: Line | undefined): number {
  const [read, setRead] = useState(0);
  useEffect(() => {
    const el = scroller.current;
    if (!el) return;
    const look = () => {
      const edge = el.getBoundingClientRect().bottom + 2;
      let best = 0;
      for (const node of el.querySelectorAll<HTMLElement>("[data-index]")) {
        if (node.getBoundingClientRect().bottom <= edge) best = Math.max(best, all[Number(node.dataset["index"])]?.to ?? 0);
      }
      if (best > 0) setRead((r) => Math.max(r, best));
    };
    look();
    let waiting = 0;
    const soon = () => {
      if (waiting === 0) waiting = window.setTimeout(() => ((waiting = 0), look()), 200);
    };
    el.addEventListener("scroll", soon, { passive: true });
    return () => {
      window.clearTimeout(waiting);
      el.removeEventListener("scroll", soon);
    };
  }, [scroller, all, lastIndex, last]);
  return read;
}
