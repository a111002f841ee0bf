import { useState, type FormEvent } from "react";
import type { Freezes, Frozen as Row, PersonOf } from "../../protocol/fallback";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { Question } from "../../ui/Question";
import { Loading } from "../../ui/State";
import { dateAndTime } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";

type Props = {
  freezes: Freezes;
  /** An organisation to begin with, from a link. */
  named: string;
  /** What freezing one would do. */
  onLook: (code: string) => Promise<Freezes>;
  onFreeze: (code: string, reason: string) => Promise<unknown>;
  onReadmit: (code: string, person: string, how: string) => Promise<unknown>;
  onUnfreeze: (code: string, reason: string) => Promise<unknown>;
};

type Asking = { what: "freeze"; code: string; would: Freezes | null } | { what: "readmit"; row: Row; person: PersonOf } | { what: "unfreeze"; row: Row };

/** Organisations whose people are shut out, for who may shut out and let in again. */
export function Frozen({ freezes, named, onLook, onFreeze, onReadmit, onUnfreeze }: Props) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [code, setCode] = useState(named);
  const submit = useSubmit();
  const close = () => setAsking(null);
  const look = (e: FormEvent) => {
    e.preventDefault();
    const of = code.trim().toUpperCase();
    if (of === "") {
      submit.refuse([{ name: "freeze-code", message: "Give the organisation’s code" }]);
      return;
    }
    void submit.run(async () => setAsking({ what: "freeze", code: of, would: await onLook(of) }));
  };
  return (
    <section className="page__section comingin" aria-labelledby="frozen-heading">
      <h2 id="frozen-heading">Shut out</h2>
      {freezes.frozen.length === 0 ? <p className="quiet">No organisation is frozen.</p> : null}
      {freezes.frozen.map((f) => (
        <article key={f.code} className="comingin__frozen" aria-labelledby={`frozen-${f.code}`}>
          <h3 id={`frozen-${f.code}`}>
            {f.name} <span className="quiet tabular">{f.code}</span>
          </h3>
          <p>
            Frozen by {f.by}, {dateAndTime(f.at)}: {f.reason}
          </p>
          {f.asked ? (
            <p>
              <strong>{f.asked.mine ? "You ask" : `${f.asked.by} asks`} that all be let in again:</strong> {f.asked.reason} A second person of the hosts must agree.
            </p>
          ) : null}
          {f.out.length === 0 ? (
            <p className="quiet">Nobody of theirs is known here, or all were let in again.</p>
          ) : (
            <ul className="rows" aria-label={`People of ${f.name} who are shut out`}>
              {f.out.map((p) => (
                <li key={p.id} className="row">
                  <div className="row__main">
                    <strong>{p.name}</strong>
                  </div>
                  {freezes.may ? (
                    <Button kind="secondary" small onClick={() => setAsking({ what: "readmit", row: f, person: p })}>
                      Let in again<span className="unseen">: {p.name}</span>
                    </Button>
                  ) : null}
                </li>
              ))}
            </ul>
          )}
          {f.in.length > 0 ? <p className="quiet">Let in again: {f.in.map((p) => p.name).join(", ")}.</p> : null}
          {freezes.may && !f.asked?.mine ? (
            <Button kind="secondary" onClick={() => setAsking({ what: "unfreeze", row: f })}>
              {f.alone ? "Let all in again" : "Ask that all be let in again"}
            </Button>
          ) : null}
        </article>
      ))}
      {freezes.may ? (
        <form className="page__form" onSubmit={look} noValidate>
          <h3>Freeze an organisation</h3>
          <p className="quiet">If its sign-in service may be in somebody else’s hands. Nothing happens before you have seen what it would do.</p>
          <ErrorSummary problems={submit.problems} />
          <TextField id="freeze-code" label="The organisation’s code" hint="Its ODS code, such as R1H." autoComplete="off" className="nhsuk-input--width-10" maxLength={12} error={submit.errorOf("freeze-code")} value={code} onChange={(e) => setCode(e.target.value)} />
          <Button type="submit" kind="secondary" busy={submit.busy}>
            See what it would do
          </Button>
        </form>
      ) : null}
      {asking?.what === "freeze" ? (
        <Question title={`Freeze ${asking.code}?`} action="Freeze it now" warning reason={{ label: "Why", hint: "The hosts’ people read it, and so does the record.", missing: "Say why", max: 1000 }} onClose={close} onDo={({ reason }) => onFreeze(asking.code, reason)}>
          {asking.would === null ? (
            <Loading what="what it would do" />
          ) : (
            <ul className="nhsuk-list nhsuk-list--bullet">
              <li>
                {plural(asking.would.people, "person", "people")} who {asking.would.people === 1 ? "acts" : "act"} for it and {asking.would.people === 1 ? "signs" : "sign"} in through its service {asking.would.people === 1 ? "is" : "are"} shut out, and {plural(asking.would.sessions, "session")} end
                {asking.would.sessions === 1 ? "s" : ""} within a second.
              </li>
              <li>Nobody comes in that way, by passkey or by codes. Its machines are given nothing, and its people are sent nothing.</li>
              <li>What they said stays, and so do their places in rooms. You let them in again one by one, after ringing each.</li>
            </ul>
          )}
        </Question>
      ) : null}
      {asking?.what === "readmit" ? (
        <Question
          title={`Let ${asking.person.name} in again?`}
          action="Let them in again"
          reason={{ name: "how", label: "How did you make sure of them?", hint: "By a way that does not go through their sign-in: “rang her on the number in the directory”.", missing: "Say how you made sure of them", max: 300, line: true }}
          onClose={close}
          onDo={({ reason }) => onReadmit(asking.row.code, asking.person.id, reason)}
        >
          <p>They can sign in again, and are where they were. The others of {asking.row.name} stay shut out.</p>
        </Question>
      ) : null}
      {asking?.what === "unfreeze" ? (
        <Question
          title={asking.row.alone ? `Let all of ${asking.row.name} in again?` : `Ask that all of ${asking.row.name} be let in again?`}
          action={asking.row.alone ? "Let all in again" : "Ask"}
          warning={asking.row.alone}
          reason={asking.row.asked ? { label: "Anything to add (optional)", max: 1000 } : { label: "Why", missing: "Say why", max: 1000 }}
          onClose={close}
          onDo={({ reason }) => onUnfreeze(asking.row.code, reason)}
        >
          <p>{asking.row.alone ? "Everyone can sign in again through their own service. Be sure that it is theirs again." : "You act for the host that froze it, so a second person of the hosts agrees."}</p>
        </Question>
      ) : null}
    </section>
  );
}
