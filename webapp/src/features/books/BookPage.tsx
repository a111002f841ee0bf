import { useEffect, useMemo, useRef, useState } from "react";
import type { BookFacts, Facts, Marking, Seq } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { roomNow } from "../../room/clock";
import type { Letter } from "../../room/letter";
import { may } from "../../room/may";
import type { RoomStore } from "../../room/store";
import type { RoomObject } from "../../room/state";
import type { Pending } from "../../stream/outbox";
import type { BoardState } from "../../ui/BoardFrame";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Icon } from "../../ui/Icon";
import { Invented } from "../../ui/Invented";
import { Said } from "../../ui/Said";
import { Empty, Failed, Loading } from "../../ui/State";
import { TlpTag } from "../../ui/TlpTag";
import { dateAndTime, longDay, shortMoment, utc } from "../../ui/time";
import { usePreflight } from "../../ui/usePreflight";
import { useSeen } from "../../ui/useSeen";
import { OpenBookDialog } from "./BookForms";
import { Desk, type Correcting } from "./Desk";
import { lineSent, writingOf, type Writing } from "./line";
import { LineRow, WaitingRow } from "./LineRow";
import { Readers } from "./Readers";

export type BookActs = Pick<RoomStore, "write" | "rewrite" | "resendLine" | "unwrite" | "saveLine" | "agreeBook" | "closeBook" | "openBook" | "preflight">;

type Props = {
  facts: Facts;
  head: number;
  now: number;
  skew: number;
  book: BookFacts;
  marking: Marking | null;
  /** Opened by exercise control, for nobody. */
  invented: boolean;
  /** Its lines, oldest first. */
  lines: readonly RoomObject[];
  board: BoardState;
  pending: readonly Pending<Letter>[];
  draft: Letter | null;
  offline: boolean;
  acts: BookActs;
  /** Loads every line, then prints. */
  onPrint: () => void;
  go: (root: number) => void;
};

/** What the reader is asked about the book, or told. */
function Standing({ facts, head, book, marking, acts, go, onPrint }: Pick<Props, "facts" | "head" | "book" | "marking" | "acts" | "go" | "onPrint">) {
  const [asking, setAsking] = useState<"close" | "continue" | null>(null);
  const submit = useSeen(head);
  const mayAgree = may(facts, "agree-book", undefined, { book });
  return (
    <>
      {mayAgree ? (
        <section className="ask-me" aria-labelledby="ask-me-heading">
          <ErrorSummary problems={submit.problems} />
          <h3 id="ask-me-heading">{memberCalled(facts, book.loggist)} keeps this log for you</h3>
          <p>
            You signal a decision like this: <strong>{book.signal}</strong>
          </p>
          <div className="fact__actions">
            <Button busy={submit.busy} onClick={() => void submit.run(() => acts.agreeBook(book.root))}>
              Confirm: this is how I signal
            </Button>
          </div>
        </section>
      ) : null}
      <div className="sheet__acts book__acts">
        <Button small kind="secondary" onClick={onPrint}>
          <Icon name="print" size={16} /> Print
        </Button>
        {may(facts, "close-book", undefined, { book }) ? (
          <Button small kind="secondary" onClick={() => setAsking("close")}>
            Close the log
          </Button>
        ) : null}
        {book.closed !== null && may(facts, "open-book") ? (
          <Button small onClick={() => setAsking("continue")}>
            Go on in a new log
          </Button>
        ) : null}
      </div>
      {asking === "close" ? (
        <Question title={`Close Log ${book.number}?`} action="Close it" onDo={() => acts.closeBook(book.root, head)} onClose={() => setAsking(null)}>
          <p>Nothing more is written in it. Another log can go on from it, with the next number.</p>
        </Question>
      ) : null}
      {asking === "continue" ? (
        <OpenBookDialog
          facts={facts}
          from={book}
          marking={marking}
          acts={acts}
          onDone={(root) => {
            setAsking(null);
            go(root);
          }}
          onClose={() => setAsking(null)}
        />
      ) : null}
    </>
  );
}

/** The lines with which a new day begins, and which day that is. */
function dayBegins(lines: readonly RoomObject[]): ReadonlyMap<number, string> {
  const begins = new Map<number, string>();
  let last = "";
  for (const o of lines) {
    const day = o.record?.noun === "logentry" ? longDay(o.record.entered) : last;
    if (day !== last) begins.set(o.root, day);
    last = day;
  }
  return begins;
}

/** A loggist's book: its lines as they stand, and for who keeps it the place to write. */
export function BookPage(p: Props) {
  const { facts, now, book, lines, board, acts, draft } = p;
  const [correcting, setCorrecting] = useState<Correcting | null>(null);
  const [takenBack, setTakenBack] = useState<Writing | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const writes = may(facts, "write-log-entry", undefined, { book });
  const waiting = useMemo(() => p.pending.filter((x) => x.message.book === book.root), [p.pending, book.root]);
  const newLines = waiting.filter((x) => x.message.what === "line");
  const corrections = new Map(waiting.flatMap((x) => (x.message.what === "correction" ? [[x.message.seq, x] as const] : [])));
  const last = lines.at(-1)?.root ?? 0;
  const failed = newLines.filter((x) => x.state === "failed").length;
  const few = writes && p.marking !== null && p.marking.audience.kind !== "room";
  const ask = useMemo(() => (few ? { replyTo: book.root } : null), [few, book.root]);
  const readers = usePreflight(acts.preflight, ask);
  const [known, setKnown] = useState<Seq | null>(null); // what was shown last, while it is asked anew
  const shown = readers.shown?.head ?? known;
  const unshown = newLines.find((x) => x.state === "failed" && x.problem?.code === "gained");
  /** Writes what was held back, now that it was shown who came in. */
  const resend = (by: Seq) => {
    for (const x of newLines) if (x.state === "failed" && x.problem?.code === "gained" && x.message.what === "line") acts.resendLine(x.key, { ...x.message, line: { ...x.message.line, shown: by } });
    setKnown(by);
    readers.again();
  };

  // The newest line is what one looks at.
  const length = lines.length + newLines.length;
  useEffect(() => {
    const el = scroller.current;
    if (!el) return;
    el.scrollTop = el.scrollHeight;
    if (!writes) return; // a reader on a phone begins at its head, where something may be asked of them
    const whole = el.parentElement?.closest("[data-scroll]");
    if (whole) whole.scrollTop = whole.scrollHeight;
  }, [length, last, failed, writes, correcting]);

  const kept = draft?.what === "line" && draft.book === book.root ? writingOf(draft.line) : null;

  const save = (w: Writing) => {
    const at = roomNow(facts, Date.now() + p.skew);
    acts.write({ what: "line", book: book.root, line: { ...lineSent(w, at, p.head), ...(shown === null ? {} : { shown }) } });
  };
  /** The up arrow: the last line, taken back if it has not gone out, else corrected. */
  const lastLine = () => {
    const waits = newLines.at(-1);
    if (waits) {
      const back = acts.unwrite(waits.key);
      if (back?.what === "line") {
        setTakenBack(writingOf(back.line));
        return;
      }
    }
    const object = lines.findLast((o) => o.record?.noun === "logentry" && may(facts, "correct-log-entry", o, { book }));
    const line = object?.record;
    if (object && line?.noun === "logentry") setCorrecting({ seq: object.root, number: line.number, text: line.wordings.at(-1)?.text ?? "" });
  };

  const begins = dayBegins(lines);
  return (
    <div className="book">
      <header className="book__head">
        <p className="sheet__kind">
          <Icon name="book" size={18} /> Log, entry <a href={`/rooms/${facts.room.id}/entries/${book.root}`}>{book.root}</a>
        </p>
        <h2 id="book-heading">
          Log {book.number}: {memberCalled(facts, book.maker)} {p.invented ? <Invented title="Written for the exercise. Nobody kept this log." /> : null}
        </h2>
        <p className="book__facts">
          {p.marking ? <TlpTag label={p.marking.tlp} /> : null} Kept by {memberCalled(facts, book.loggist)}. Opened{" "}
          <time dateTime={book.opened} title={`${dateAndTime(book.opened)} (${utc(book.opened)})`}>
            {shortMoment(book.opened, new Date(now))}
          </time>
          {book.closed ? `, closed ${shortMoment(book.closed, new Date(now))}` : ""}.
        </p>
        <p className="book__facts">
          A decision is signalled like this: <Said text={book.signal} entryHref={(n) => `/rooms/${facts.room.id}/entries/${n}`} />
          <br />
          {book.agreed ? <span className="quiet">Confirmed by {memberCalled(facts, book.maker)}, {shortMoment(book.agreed, new Date(now))}.</span> : <strong>Not yet confirmed by {memberCalled(facts, book.maker)}.</strong>}
        </p>
        <Standing {...p} />
      </header>
      <div className="book__lines" ref={scroller} data-scroll>
        {board.failed !== null ? <Failed title="The lines could not be loaded" detail={board.failed} onRetry={board.onRetry} /> : null}
        {board.more ? (
          <p className="board__more">
            <Button kind="secondary" small busy={board.loading} onClick={board.onMore}>
              {board.loading ? "Loading…" : "Show earlier lines"}
            </Button>
          </p>
        ) : null}
        {length === 0 ? (
          board.waits ? (
            <Empty title="Not here yet">
              <p>You are offline. Its lines are loaded when you are back. What you write now is kept and saved then.</p>
            </Empty>
          ) : board.loading ? (
            <Loading what="the log" />
          ) : board.failed === null ? (
            <Empty title="Nothing is written in it yet">{writes ? <p>Type below. Enter saves the line and gives it number {book.first}.</p> : null}</Empty>
          ) : null
        ) : (
          <table className="book__table">
            <caption className="unseen">Log {book.number}, line by line</caption>
            <thead>
              <tr className="book__running">
                <td colSpan={4}>
                  <strong>{facts.room.mode === "exercise" ? "EXERCISE" : "INCIDENT"}</strong> {facts.room.reference}, {facts.room.title} · Log {book.number} · {memberCalled(facts, book.maker)}, kept by {memberCalled(facts, book.loggist)}
                  {p.marking ? <> · {p.marking.tlp}</> : null}
                </td>
              </tr>
              <tr>
                <th scope="col">No.</th>
                <th scope="col">Happened</th>
                <th scope="col">Entry</th>
                <th scope="col">Room</th>
              </tr>
            </thead>
            <tbody>
              {lines.flatMap((o) => {
                if (o.record?.noun !== "logentry") return [];
                const day = begins.get(o.root);
                return [
                  ...(day
                    ? [
                        <tr key={`d${o.root}`} className="book__day">
                          <td colSpan={4}>{day}</td>
                        </tr>,
                      ]
                    : []),
                  <LineRow key={o.root} object={o} line={o.record} facts={facts} correction={corrections.get(o.root)} />,
                ];
              })}
              {newLines.map((x) => (
                <WaitingRow
                  key={x.key}
                  pending={x}
                  offline={p.offline}
                  facts={facts}
                  onRetry={() => acts.rewrite(x.key)}
                  onOverride={(override) => x.message.what === "line" && acts.resendLine(x.key, { ...x.message, line: { ...x.message.line, override } })}
                  held={x === unshown ? { onAsk: acts.preflight, onResend: resend } : null}
                  onChange={() => {
                    const back = acts.unwrite(x.key);
                    if (back?.what === "line") setTakenBack(writingOf(back.line));
                  }}
                  onDiscard={() => void acts.unwrite(x.key)}
                />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {writes ? (
        <Desk
          readers={few && !correcting ? <Readers preflight={readers} me={facts.you} /> : null}
          kept={kept}
          correcting={correcting}
          takenBack={takenBack}
          offline={p.offline}
          now={now}
          exercise={facts.room.mode === "exercise"}
          onSave={save}
          onCorrect={(text, reason) => {
            if (correcting) acts.write({ what: "correction", book: book.root, seq: correcting.seq, text, reason });
            setCorrecting(null);
          }}
          onKeep={(w) => acts.saveLine(w && { what: "line", book: book.root, line: lineSent(w, now, p.head) })}
          onLast={lastLine}
          onCancel={() => setCorrecting(null)}
        />
      ) : null}
    </div>
  );
}
