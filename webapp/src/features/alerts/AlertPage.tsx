import { useState, type ReactNode } from "react";
import type { AlertAnswer, AlertOrg, AlertText, AnswersFor } from "../../protocol/alert";
import { Button } from "../../ui/Button";
import { Moment } from "../../ui/Moment";
import { TlpTag } from "../../ui/TlpTag";
import { AnswerDialog, type Step } from "./AnswerDialog";
import { Severity } from "./AlertsList";
import { Chosen } from "./Board";
import { CloseDialog } from "./CloseDialog";
import { Ladder } from "./Ladder";
import { Rows } from "./Rows";

type Props = {
  alert: AlertText;
  now: number;
  onAnswer: (whom: AnswersFor, answer: AlertAnswer, key: string) => Promise<unknown>;
  onClose: (reason: string) => Promise<unknown>;
  onChanged: () => void;
  onOpenRow: (row: AlertOrg) => void;
  /** Hosts: the board, which asks for answers that hosts were told. */
  board: ((ask: (step: Step, rows: readonly AlertOrg[], done: () => void) => void) => ReactNode) | null;
  history: ReactNode;
};

/** An alert: what it says, what one has to do about it, and for hosts how far everybody has come. */
export function AlertPage({ alert, now, onAnswer, onClose, onChanged, onOpenRow, board, history }: Props) {
  const [asking, setAsking] = useState<{ step: Step; rows: readonly AlertOrg[]; told: boolean; done: () => void } | null>(null);
  const [closing, setClosing] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [only] = alert.mine;
  const open = alert.closed === undefined;
  const own = (step: Step, rows: readonly AlertOrg[]) => setAsking({ step, rows, told: false, done: () => setSelected(new Set()) });
  const chosen = alert.mine.filter((r) => selected.has(r.org));
  return (
    <div className="page page--wide">
      <a className="page__back" href="/alerts">
        All alerts
      </a>
      <header className="alert-head">
        <p className="alerts__labels">
          <span className="tabular">{alert.reference}</span>
          <Severity of={alert} />
          <TlpTag label={alert.tlp} />
        </p>
        <div className="alerts__head">
          <h1>{alert.title}</h1>
          {alert.issues && open ? (
            <Button kind="secondary" small onClick={() => setClosing(true)}>
              Close this alert
            </Button>
          ) : null}
        </div>
        <p className="quiet">
          Issued <Moment at={alert.issued} now={now} />
          {alert.acknowledgeBy ? (
            <>
              . To be acknowledged by <Moment at={alert.acknowledgeBy} now={now} />
            </>
          ) : null}
          {alert.closed ? (
            <>
              . <strong>Closed</strong> <Moment at={alert.closed} now={now} />
            </>
          ) : null}
          .
          {alert.room ? (
            <>
              {" "}
              Issued out of <a href={`/rooms/${alert.room.id}`}>{alert.room.reference}, {alert.room.title}</a>; only the hosts in that room see this.
            </>
          ) : null}
        </p>
      </header>
      {alert.mine.length === 1 && only ? <Ladder alert={alert} row={only} now={now} onStep={(step) => own(step, [only])} /> : null}
      {alert.mine.length > 1 ? (
        <section className="page__section" aria-labelledby="mine">
          <h2 id="mine">Organisations you answer for</h2>
          <p className="quiet">Choose several to answer for all of them at once.</p>
          {open && chosen.length > 0 ? <Chosen rows={chosen} onStep={own} onNone={() => setSelected(new Set())} /> : null}
          <Rows rows={alert.mine} caption="Organisations you answer for" selected={selected} onSelect={setSelected} onOpen={onOpenRow} now={now} />
        </section>
      ) : null}
      {board ? (
        <details className="nhsuk-details alert-says">
          <summary className="nhsuk-details__summary">
            <span className="nhsuk-details__summary-text">What it says</span>
          </summary>
          <div className="nhsuk-details__text">
            <Says alert={alert} />
          </div>
        </details>
      ) : (
        <section className="page__section">
          <Says alert={alert} />
        </section>
      )}
      {board ? board((step, rows, done) => setAsking({ step, rows, told: true, done })) : null}
      {history}
      {asking ? (
        <AnswerDialog
          step={asking.step}
          rows={asking.rows}
          told={asking.told}
          now={now}
          onSend={onAnswer}
          onDone={() => {
            setAsking(null);
            asking.done();
            onChanged();
          }}
          onClose={() => setAsking(null)}
        />
      ) : null}
      {closing ? <CloseDialog alert={alert} onDo={onClose} onDone={onChanged} onClose={() => setClosing(false)} /> : null}
    </div>
  );
}

/** The words of an alert, in their parts. */
function Says({ alert }: { alert: AlertText }) {
  const parts: readonly [string, string][] = [
    ["What it is about", alert.details],
    ["How to put it right", alert.remediation],
    ["What helps until then", alert.mitigation],
  ];
  return (
    <div className="alert-words">
      {parts.map(([title, text]) =>
        text.trim() === "" ? null : (
          <section key={title}>
            <h2>{title}</h2>
            <p className="alert-text">{text}</p>
          </section>
        ),
      )}
      {alert.platforms.length > 0 ? (
        <section>
          <h2>Affected</h2>
          <ul>
            {alert.platforms.map((x) => (
              <li key={x}>{x}</li>
            ))}
          </ul>
        </section>
      ) : null}
      {alert.cves.length > 0 ? (
        <section>
          <h2>Vulnerabilities</h2>
          <p className="tabular">{alert.cves.join(", ")}</p>
        </section>
      ) : null}
    </div>
  );
}
