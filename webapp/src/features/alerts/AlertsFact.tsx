import type { AlertRow } from "../../protocol/alert";
import { plural } from "../../ui/words";

/** The alerts that were issued out of a room, and how far everybody has come: for the hosts in it. */
export function AlertsFact({ room, alerts, mayIssue }: { room: string; alerts: readonly AlertRow[]; mayIssue: boolean }) {
  if (alerts.length === 0 && !mayIssue) return null;
  return (
    <section className="fact" aria-labelledby="alerts-heading">
      <header className="fact__head">
        <h2 id="alerts-heading" className="side-heading">
          Alerts to organisations
        </h2>
        {mayIssue ? (
          <a className="quiet-link" href={`/alerts/new?${new URLSearchParams({ room }).toString()}`}>
            Issue one<span className="unseen"> out of this room</span>
          </a>
        ) : null}
      </header>
      {alerts.length === 0 ? <p className="quiet">None is open.</p> : null}
      <ul className="links">
        {alerts.map((a) => {
          const all = a.counts?.organisations ?? 0;
          const silent = a.counts?.states.sent ?? 0;
          const late = a.counts?.overdue ?? 0;
          return (
            <li key={a.number} className="room-alert">
              <a href={`/alerts/${a.number}`}>
                <span className="tabular">{a.reference}</span> {a.title}
              </a>
              <span className="quiet">
                {all - silent} of {plural(all, "organisation")} acknowledged{late > 0 ? `, ${late} overdue` : ""}
              </span>
            </li>
          );
        })}
      </ul>
      {alerts.length > 0 ? <p className="fact__source">Only hosts see this.</p> : null}
    </section>
  );
}
