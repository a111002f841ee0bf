import { Fragment, useMemo, useState } from "react";
import type { Facts, Seq } from "../../protocol/types";
import { byCalled } from "../../room/called";
import type { Line } from "../../room/book";
import type { Letter } from "../../room/letter";
import { overridesOf, type RoomObject } from "../../room/state";
import type { Pending } from "../../stream/outbox";
import { Button } from "../../ui/Button";
import { Invented } from "../../ui/Invented";
import { quoted } from "../../ui/inline";
import { citedIn } from "../../ui/numbers";
import { OverrideField } from "../../ui/Override";
import { PreflightPanel } from "../../ui/PreflightPanel";
import { Said } from "../../ui/Said";
import { shortMoment, timeOfDay, utc } from "../../ui/time";
import { type AskReceivers, usePreflight } from "../../ui/usePreflight";
import { overrideWords } from "../../ui/words";

const unsaid = "Written for the exercise. Nobody noted this.";
const sameMinute = (a: string, b: string): boolean => a.slice(0, 16) === b.slice(0, 16);

/** A line as it stands in the book: earlier wordings ruled through and legible, the newest below them. */
export function LineRow({ object, line, facts, correction }: { object: RoomObject; line: Line; facts: Facts; correction: Pending<Letter> | undefined }) {
  const href = (n: number) => `/rooms/${facts.room.id}/entries/${n}`;
  const happened = line.occurred ?? line.entered;
  const late = line.occurred !== null && (line.about || !sameMinute(line.occurred, line.entered));
  const [newest] = line.wordings.slice(-1);
  const old = line.wordings.slice(0, -1);
  const by = object.by;
  const beside = line.cites.filter((n) => !citedIn(newest?.text ?? "").includes(n)); // the others are links where they stand
  return (
    <tr className="book-line" data-line={line.number}>
      <th scope="row" className="book-line__n tabular">
        {line.number}
      </th>
      <td className="book-line__time tabular">
        <time dateTime={happened} title={utc(happened)}>
          {line.about ? "about " : ""}
          {shortMoment(happened, line.entered)}
        </time>
        {late ? (
          <span className="book-line__entered">
            entered{" "}
            <time dateTime={line.entered} title={utc(line.entered)}>
              {timeOfDay(line.entered)}
            </time>
          </span>
        ) : null}
      </td>
      <td className="book-line__text">
        {old.map((w, i) => (
          <div key={w.seq} className="book-line__old">
            <del className="ruled">{w.text}</del> {w.invented ? <Invented title={unsaid} /> : null}
            <span className="book-line__note">
              Corrected {timeOfDay(line.wordings[i + 1]?.at ?? w.at)} by {byCalled(facts, line.wordings[i + 1]?.by ?? w.by)}, entry <a href={href(line.wordings[i + 1]?.seq ?? w.seq)}>{line.wordings[i + 1]?.seq ?? w.seq}</a>
              {line.wordings[i + 1]?.reason ? `: ${line.wordings[i + 1]?.reason ?? ""}` : ""}
            </span>
          </div>
        ))}
        <span className={line.speech && !quoted(newest?.text ?? "") ? "verbatim" : undefined}>
          <Said text={newest?.text ?? ""} entryHref={href} />
        </span>{" "}
        {newest?.invented ? <Invented title={unsaid} /> : null}
        {line.speech ? <span className="book-line__note">Verbatim</span> : null}
        {overridesOf(object).map((o) => (
          <span key={o.seq} className="book-line__note">
            {overrideWords(o.reason)}
          </span>
        ))}
        {beside.length > 0 ? (
          <span className="book-line__note">
            See{" "}
            {beside.map((n, i) => (
              <Fragment key={n}>
                {i > 0 ? ", " : ""}
                <a href={href(n)}>#{n}</a>
              </Fragment>
            ))}
          </span>
        ) : null}
        {line.paper ? (
          <span className="book-line__note">
            Transcribed from paper by {by ? byCalled(facts, by) : "the loggist"}: in the hand of {line.paper.by}, {line.paper.page}
          </span>
        ) : null}
        {correction ? <span className="book-line__note book-line__note--waiting">A correction is {correction.state === "failed" ? `not saved: ${correction.problem?.sentence ?? ""}` : "on its way"}: {correction.message.what === "correction" ? correction.message.text : ""}</span> : null}
      </td>
      <td className="book-line__room tabular">
        <a href={href(object.root)} aria-label={`Entry ${object.root} of the room`}>
          #{object.root}
        </a>
      </td>
    </tr>
  );
}

const waitingWords = (p: Pending<Letter>, offline: boolean): string => {
  if (p.state === "failed") return "Not saved";
  if (p.state === "queued") return offline ? "Queued. It is saved once when you are back, with this time." : "Waiting to be saved";
  return "Saving…";
};

/** What is wrong with it, and what to do. */
const whyNot = ({ problem }: Pending<Letter>): string => {
  if (problem?.code) return problem.sentence;
  const field = problem?.fields[0];
  if (field?.name === "cites") return `${field.message} Change the line so that it does not refer to it.`;
  return field?.message ?? problem?.sentence ?? "";
};

/** Somebody came in since the loggist saw who receives the log: they are shown, and one key writes what was held back. */
type Held = { onAsk: AskReceivers; onResend: (shown: Seq) => void };

function CameIn({ book, shown, me, held, onBack }: { book: Seq; shown: Seq | undefined; me: number; held: Held; onBack: () => void }) {
  const ask = useMemo(() => ({ replyTo: book, ...(shown === undefined ? {} : { shown }) }), [book, shown]);
  const preflight = usePreflight(held.onAsk, ask);
  const [idle] = useState(() => !(document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value !== ""));
  return <PreflightPanel preflight={preflight} me={me} action="Save it" takesFocus={idle} onBack={onBack} onSend={() => preflight.shown && held.onResend(preflight.shown.head)} />;
}

type Waiting = {
  pending: Pending<Letter>;
  offline: boolean;
  facts: Facts;
  /** Of the first of those held back because somebody came in. */
  held?: Held | null;
  onRetry: () => void;
  onOverride: (reason: string) => void;
  onChange: () => void;
  onDiscard: () => void;
};

/** A line that has no number yet. */
export function WaitingRow({ pending, offline, facts, held = null, onRetry, onOverride, onChange, onDiscard }: Waiting) {
  if (pending.message.what !== "line") return null;
  const { line, book } = pending.message;
  const unshown = pending.state === "failed" && pending.problem?.code === "gained";
  const wrong = pending.problem?.fault === "invalid"; // as it is, it would be refused again
  return (
    <tr className={`book-line book-line--${pending.state}`}>
      <th scope="row" className="book-line__n" aria-label="No number yet">
        –
      </th>
      <td className="book-line__time tabular">
        {line.occurred ? `${line.about ? "about " : ""}${timeOfDay(line.occurred)}` : ""}
      </td>
      <td className="book-line__text">
        <span className={line.speech && !quoted(line.text) ? "verbatim" : undefined}>
          <Said text={line.text} entryHref={(n) => `/rooms/${facts.room.id}/entries/${n}`} />
        </span>
        <span className="book-line__note book-line__note--waiting" role="status">
          {waitingWords(pending, offline)}
          {pending.state === "failed" && !unshown ? `: ${whyNot(pending)}` : ""}
        </span>
        {pending.state === "failed" && pending.problem?.code === "protective_marking" ? <OverrideField action="Save it with this reason" onOverride={onOverride} /> : null}
        {unshown && held ? <CameIn book={book} shown={line.shown} me={facts.you} held={held} onBack={onChange} /> : null}
        {pending.state === "failed" && !unshown ? (
          <span className="fact__actions">
            {wrong ? (
              <Button small onClick={onChange}>
                Change it
              </Button>
            ) : (
              <>
                <Button small onClick={onRetry}>
                  Save again
                </Button>
                <Button kind="plain" onClick={onChange}>
                  Change it
                </Button>
              </>
            )}
            <Button kind="plain" onClick={onDiscard}>
              Discard
            </Button>
          </span>
        ) : null}
      </td>
      <td className="book-line__room">–</td>
    </tr>
  );
}
