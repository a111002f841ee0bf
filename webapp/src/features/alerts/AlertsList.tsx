import type { AlertRow } from "../../protocol/alert";
import { Button } from "../../ui/Button";
import { Moment } from "../../ui/Moment";
import { Empty, Failed, Loading } from "../../ui/State";
import { StateTag } from "../../ui/StateTag";
import { TlpTag } from "../../ui/TlpTag";
import { plural } from "../../ui/words";
import { alertLook, dueWords, overdue, overdueNow, severityWord } from "./words";

type Part = { alerts: readonly AlertRow[] | null; problem: string; onRetry: () => void };
type Props = { open: Part; closed: Part & { more: boolean; onMore: () => void }; issues: boolean; now: number };

/** Alerts: all of them for hosts, for others those that went to an organisation of theirs. */
export function AlertsList({ open, closed, issues, now }: Props) {
  return (
    <div className="page page--wide">
      <div className="alerts__head">
        <h1>Alerts</h1>
        {issues ? (
          <a className="nhsuk-button" href="/alerts/new">
            Issue an alert
          </a>
        ) : null}
      </div>
      <p className="page__lede">{issues ? "What organisations were told to look at, and how far each has come." : "What the hosts ask your organisation to look at. Acknowledge it, say whether it applies to you, and put it right."}</p>
      <Listed part={open} what="the alerts" now={now} none={issues ? "No alert is open" : "No alert is waiting for you"} />
      {closed.problem !== "" || (closed.alerts?.length ?? 0) > 0 ? (
        <section className="page__section" aria-labelledby="closed-alerts">
          <h2 id="closed-alerts">Closed</h2>
          <Listed part={closed} what="closed alerts" now={now} none="" under />
          {closed.more ? (
            <Button kind="secondary" small onClick={closed.onMore}>
              Show older ones
            </Button>
          ) : null}
        </section>
      ) : null}
    </div>
  );
}

function Listed({ part, what, now, none, under = false }: { part: Part; what: string; now: number; none: string; /** It stands under a heading of its own. */ under?: boolean }) {
  if (part.alerts === null) return part.problem === "" ? <Loading what={what} /> : <Failed title={`${what[0]?.toUpperCase()}${what.slice(1)} could not be loaded`} detail={part.problem} onRetry={part.onRetry} />;
  if (part.alerts.length === 0) return none === "" ? null : <Empty title={none} />;
  const Title = under ? "h3" : "h2";
  return (
    <ul className="alerts">
      {part.alerts.map((a) => (
        <li key={a.number} className="alerts__one">
          <div className="alerts__what">
            <p className="alerts__labels">
              <span className="tabular">{a.reference}</span>
              <Severity of={a} />
              <TlpTag label={a.tlp} />
            </p>
            <Title className="alerts__title">
              <a href={`/alerts/${a.number}`}>{a.title}</a>
            </Title>
            <p className="quiet">
              Issued <Moment at={a.issued} now={now} />
              {a.closed ? (
                <>
                  . Closed <Moment at={a.closed} now={now} />
                </>
              ) : null}
            </p>
          </div>
          {a.counts ? <Counted alert={a} /> : <Own alert={a} now={now} />}
        </li>
      ))}
    </ul>
  );
}

export function Severity({ of }: { of: AlertRow }) {
  return <strong className={`alert-severity alert-severity--${of.severity}`}>{severityWord[of.severity]}</strong>;
}

function Counted({ alert }: { alert: AlertRow }) {
  const c = alert.counts;
  if (!c) return null;
  const settled = (c.states.done ?? 0) + (c.states.not_applicable ?? 0);
  return (
    <dl className="alerts__counts">
      <div>
        <dt>Settled</dt>
        <dd className="tabular">
          {settled} of {c.organisations}
        </dd>
      </div>
      <div>
        <dt>Not acknowledged</dt>
        <dd className="tabular">{c.states.sent ?? 0}</dd>
      </div>
      <div className={c.overdue > 0 ? "alerts__late" : undefined}>
        <dt>Overdue</dt>
        <dd className="tabular">{c.overdue}</dd>
      </div>
    </dl>
  );
}

function Own({ alert, now }: { alert: AlertRow; now: number }) {
  const late = alert.mine.filter((r) => overdue(r, now)).length;
  const [only] = alert.mine;
  if (alert.mine.length === 1 && only) {
    return (
      <div className="alerts__own">
        {late > 0 ? <StateTag look={overdueNow} /> : <StateTag look={alertLook[only.state]} />}
        {alert.closed ? null : <p>{dueWords(only, now)}</p>}
      </div>
    );
  }
  const waiting = alert.mine.filter((r) => r.wants !== "").length;
  return (
    <div className="alerts__own">
      {late > 0 ? <StateTag look={overdueNow} /> : null}
      <p>
        {waiting === 0 ? "All" : `${waiting} of`} {plural(alert.mine.length, "organisation")} {waiting === 0 ? "settled" : "to answer for"}
        {late > 0 ? `, ${late} overdue` : ""}
      </p>
    </div>
  );
}
