import type { FiledReport } from "../../protocol/reports";
import { StateTag } from "../../ui/StateTag";
import { reportLook, troubleWord } from "../../ui/reports";
import { dateAndTime, shortMoment } from "../../ui/time";

/** Reports, newest first, each leading to its page. */
export function ReportList({ reports, now, label }: { reports: readonly FiledReport[]; now: string; label: string }) {
  return (
    <ul className="reports" aria-label={label}>
      {reports.map((r) => (
        <li key={r.id} className="reports__row">
          <a href={`/reports/${r.id}`} className="reports__link">
            <span className="reports__what">
              {troubleWord[r.ethane.what]}, {r.orgName}
            </span>
            <span className="reports__text">{r.ethane.text}</span>
          </a>
          <span className="reports__facts">
            <StateTag look={reportLook[r.state]} />
            <span className="tabular">{r.reference}</span>
            <time dateTime={r.at} title={dateAndTime(r.at)}>
              {shortMoment(r.at, now)}
            </time>
            {r.via === "telephone" ? <span>By telephone</span> : null}
            {r.triage?.looking ? <span>{r.triage.looking}</span> : null}
            {r.triage?.placed ? <span>In a room</span> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
