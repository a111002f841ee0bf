import { memo } from "react";
import { inRecord } from "../../protocol/kinds";
import type { Row } from "../../room/row";
import { EntryTime } from "../../ui/EntryTime";
import { longDay } from "../../ui/time";
import { list } from "../../ui/words";
import { useTimeline } from "./context";
import { EntryNumber, EntryView } from "./Entry";
import { EntryMenu } from "./EntryMenu";
import type { Line } from "./lines";
import { memberCalled } from "../../room/called";
import { sentence, stubSentence } from "./sentences";

/** What can be done with a line that is no thing of its own: nothing but to prove it. */
function LineMenu({ seq }: { seq: number }) {
  return (
    <div className="entry__menu">
      <EntryMenu seq={seq} />
    </div>
  );
}

function AboutView({ row }: { row: Extract<Row, { type: "about" }> }) {
  const { facts, goTo } = useTimeline();
  const e = row.entry;
  const text = e.form === "open" && !e.unknown ? sentence(e, facts) : `Something about entry ${row.root} that ${e.erased ? "was erased" : "is sealed"}`;
  return (
    <>
      <EntryNumber seq={row.seq} />
      <div className="entry__time">
        <EntryTime recorded={e.times.recorded} exercise={e.times.exercise} />
      </div>
      <div className="entry__quiet" id={`entry-${row.seq}-head`}>
        {text}{" "}
        <button type="button" className="button-plain" onClick={() => goTo(row.root)}>
          Show<span className="unseen"> entry {row.root}</span>
        </button>
      </div>
      <LineMenu seq={row.seq} />
    </>
  );
}

function NotedView({ row }: { row: Extract<Row, { type: "noted" }> }) {
  const { facts } = useTimeline();
  const names = list(row.members.map((n) => (n === facts.you ? "you" : memberCalled(facts, n))));
  return (
    <>
      <EntryNumber seq={row.from} to={row.to} />
      <div className="entry__time" />
      <div className="entry__quiet entry__quiet--faint" id={`entry-${row.from}-head`}>
        {row.root === null ? `Noted by ${names}` : `Entry ${row.root} noted by ${names}`}
      </div>
      <LineMenu seq={row.from} />
    </>
  );
}

function StubsView({ row }: { row: Extract<Row, { type: "stubs" }> }) {
  return (
    <>
      <EntryNumber seq={row.from} to={row.to} />
      <div className="entry__time" />
      <div className="entry__quiet entry__quiet--stub" id={`entry-${row.from}-head`}>
        {stubSentence(row.from, row.to)}
      </div>
      <LineMenu seq={row.from} />
    </>
  );
}

/** What stands before a line: what is not loaded yet, a new day, where the reader left off. */
function Before({ line, onFill, filling }: { line: Line; onFill: (line: Line, end: "older" | "newer") => void; filling: boolean }) {
  return (
    <>
      {line.gap ? (
        <div className="gap">
          <button type="button" className="button-plain" onClick={() => onFill(line, "newer")} disabled={filling}>
            {filling ? "Loading entries…" : `Load entries ${line.gap.from}–${line.gap.to}`}
          </button>
        </div>
      ) : null}
      {line.day ? (
        <div className="day-line" role="separator" aria-label={longDay(line.day)}>
          <span>{longDay(line.day)}</span>
        </div>
      ) : null}
      {line.unread ? (
        <div className="unread-line" role="separator" aria-label="New since you left">
          <span>New since you left</span>
        </div>
      ) : null}
    </>
  );
}

const intelligence: ReadonlySet<string> = new Set(["item.published", "tearline.published", "sighting.marked", "release.requested"]);

const kindClass = (row: NonNullable<Line["row"]>): string => {
  if (row.type !== "entry") return "entry entry--line";
  const root = row.entry.kind;
  return root === "message.posted" || root === "inject.given" || root === "report.given" || root === "report.brought" || root === "erasure.asked" || root === "promotion.asked" || root === "entry.promoted" || intelligence.has(root) || row.object.sealed || row.object.erased || (inRecord(root) && root !== "room.host_called") ? `entry entry--full${row.mentionsMe ? " entry--me" : ""}` : "entry entry--line";
};

type Props = { line: Line; size: number; focusable: boolean; target: boolean; filling: boolean; onFill: (line: Line, end: "older" | "newer") => void };

/** One line of the log with what stands before it. */
export const LineView = memo(function LineView({ line, size, focusable, target, filling, onFill }: Props) {
  const { row } = line;
  return (
    <article
      className="line"
      data-seq={line.from}
      data-target={target || undefined}
      // A feed's articles take the focus, so that PageUp and PageDown can move between them.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={focusable ? 0 : -1}
      aria-posinset={line.from}
      aria-setsize={size}
      aria-labelledby={row ? `entry-${line.from}-head` : undefined}
    >
      <Before line={line} onFill={onFill} filling={filling} />
      {row ? <div className={kindClass(row)}>{row.type === "entry" ? <EntryView row={row} /> : row.type === "about" ? <AboutView row={row} /> : row.type === "noted" ? <NotedView row={row} /> : <StubsView row={row} />}</div> : null}
    </article>
  );
});
