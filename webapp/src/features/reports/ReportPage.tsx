import { useState, type ReactNode } from "react";
import type { Ethane, FiledReport } from "../../protocol/reports";
import { Button } from "../../ui/Button";
import { StateTag } from "../../ui/StateTag";
import { mailWord, reportLook, troubleName, troubleWord } from "../../ui/reports";
import { dateAndTime } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { AddDialog, AnswerDialog, CallDialog, CloseDialog, type RoomChoice } from "./ReportDialogs";

export interface ReportActs {
  readonly note: () => Promise<unknown>;
  readonly answer: (text: string) => Promise<unknown>;
  readonly close: (reason: string) => Promise<unknown>;
  readonly call: () => Promise<{ name: string; phone: string }>;
  readonly add: (room: string) => Promise<unknown>;
}

type Props = {
  report: FiledReport;
  /** The incident rooms that I lead in and it is not in. */
  mayAdd: readonly RoomChoice[];
  /** The rooms of mine that it is in. */
  rooms: readonly RoomChoice[];
  acts: ReportActs;
  me: string;
};

const lines: readonly (readonly [keyof Ethane, string])[] = [
  ["where", "Where"],
  ["number", "What does not work"],
  ["hazards", "What else it could hit"],
  ["access", "Other safe ways"],
  ["engaged", "Who is helping"],
];

function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} className="tabular">
      {dateAndTime(at)}
    </time>
  );
}

const stepWord: Record<string, string> = {
  "report.filed": "filed it", "report.noted": "is looking at it", "report.answered": "answered", "report.called": "was shown the number", "report.added": "brought into a room", "report.opened": "opened a room of it", "report.closed": "closed it",
};

/** One report: what was said, where it stands, and for hosts what can be done. */
export function ReportPage({ report: r, mayAdd, rooms, acts, me }: Props) {
  const t = r.triage;
  const [asking, setAsking] = useState<"answer" | "close" | "call" | "add" | null>(null);
  const submit = useSubmit();
  const open = r.state !== "closed";
  const done = () => setAsking(null);
  const row = (title: string, what: ReactNode) => (
    <div>
      <dt>{title}</dt>
      <dd>{what}</dd>
    </div>
  );
  return (
    <article className="page report-page">
      <a className="page__back" href={t ? "/reports" : "/reports/mine"}>
        ‹ {t ? "Reports" : "My reports"}
      </a>
      <p className="quiet tabular">Report {r.reference}</p>
      <h1>
        {troubleWord[r.ethane.what]}, {r.orgName}
      </h1>
      <p className="report-page__state" role="status">
        <StateTag look={reportLook[r.state]} /> since <Time at={r.moved} />
      </p>
      <ErrorSummary problems={submit.problems} />
      {r.mine ? (
        <p>
          {r.state === "received" ? "The hosts have it. You need do nothing more; they ring you on the number you gave." : r.state === "looking" ? "Somebody of the hosts is looking at it. They may ring you." : r.state === "closed" ? "The hosts have closed it. If it goes on, report it again or ring them." : "The hosts answered. Their words are below."}
        </p>
      ) : null}
      {r.answers.length > 0 ? (
        <section aria-labelledby="answers-heading">
          <h2 id="answers-heading">{r.mine ? "What the hosts told you" : "What they were told"}</h2>
          <ul className="report-page__answers">
            {r.answers.map((a) => (
              <li key={a.at} className="nhsuk-inset-text">
                <p>{a.text}</p>
                <p className="quiet">
                  <Time at={a.at} />
                </p>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {t && open ? (
        <div className="report-page__acts" role="group" aria-label="What to do about it">
          {t.opened ? null : (
            <a className="nhsuk-button" href={`/open?report=${r.id}`}>
              Open a room of it
            </a>
          )}
          <Button kind="secondary" onClick={() => setAsking("add")}>
            Add to a room
          </Button>
          {r.phone ? (
            <Button kind="secondary" onClick={() => setAsking("call")}>
              {`Call ${r.phone}`}
            </Button>
          ) : null}
          {r.via === "web" ? (
            <Button kind="secondary" onClick={() => setAsking("answer")}>
              Answer
            </Button>
          ) : null}
          {t.looking === me ? null : (
            <Button kind="secondary" busy={submit.busy} onClick={() => void submit.run(acts.note)}>
              I am looking at it
            </Button>
          )}
          <Button kind="secondary" onClick={() => setAsking("close")}>
            Close
          </Button>
        </div>
      ) : null}
      <section aria-labelledby="said-heading">
        <h2 id="said-heading">What was reported</h2>
        <dl className="sheet__facts report-page__facts">
          {row("What", troubleName[r.ethane.what])}
          {row("What is happening", r.ethane.text)}
          {row("E-mail", mailWord[r.ethane.mail])}
          {lines.map(([k, label]) => (r.ethane[k] ? <div key={k}><dt>{label}</dt><dd>{r.ethane[k]}</dd></div> : null))}
          {row("Received", <Time at={r.at} />)}
          {t ? row("Reported via", r.via === "telephone" ? `Telephone, taken by ${t.by}` : `The web, by ${t.by}`) : null}
          {t ? row("Looked at by", t.looking ?? "Nobody yet") : null}
          {t?.placed
            ? row(
                "Room",
                rooms.length > 0
                  ? rooms.map((x) => (
                      <a key={x.id} className="report-page__room" href={`/rooms/${x.id}`}>
                        {x.reference}, {x.title}
                      </a>
                    ))
                  : "In an incident room that you are not in",
              )
            : null}
          {t?.reason ? row("Why it was closed", t.reason) : null}
        </dl>
      </section>
      {t ? (
        <section aria-labelledby="steps-heading">
          <h2 id="steps-heading">What was done</h2>
          <ol className="report-page__steps">
            {t.steps.map((s, i) => (
              <li key={i}>
                <Time at={s.at} /> {s.by ? `${s.by} ` : "It was "}
                {stepWord[s.kind] ?? s.kind}
              </li>
            ))}
          </ol>
        </section>
      ) : null}
      {asking === "answer" ? <AnswerDialog org={r.orgName} onSend={acts.answer} onClose={done} /> : null}
      {asking === "close" ? <CloseDialog onSend={acts.close} onClose={done} answered={r.via === "telephone" || r.answers.length > 0} /> : null}
      {asking === "call" ? <CallDialog org={r.orgName} mail={mailWord[r.ethane.mail]} load={acts.call} onClose={done} /> : null}
      {asking === "add" ? <AddDialog rooms={mayAdd} onAdd={acts.add} onClose={done} /> : null}
    </article>
  );
}
