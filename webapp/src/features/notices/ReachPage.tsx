import { useState, type FormEvent, type ReactNode } from "react";
import type { OwnRow, Quiet, Reach, ReachKind } from "../../protocol/notices";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, TextField } from "../../ui/Field";
import { Question } from "../../ui/Question";
import { StateTag } from "../../ui/StateTag";
import { shortMoment } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";

type Acts = {
  onSet: (kind: ReachKind, value: string) => Promise<unknown>;
  onCode: (kind: ReachKind, code: string) => Promise<unknown>;
  onForget: (kind: ReachKind) => Promise<unknown>;
  onQuiet: (quiet: Quiet | null) => Promise<unknown>;
};

const words: Record<ReachKind, { title: string; label: string; hint: string; none: string; short: string }> = {
  sms: { title: "Text messages", label: "Mobile number", hint: "Of the United Kingdom, such as 07700 900123.", none: "No text message can be sent to you.", short: "number" },
  email: { title: "E-mails", label: "E-mail address", hint: "One you read away from your desk too.", none: "No e-mail can be sent to you.", short: "address" },
};

/** One's own number or address: given, then verified by the code that was sent there. */
function OwnWay({ kind, own, can, now, onSet, onCode, onForget }: { kind: ReachKind; own: OwnRow | undefined; can: boolean; now: string } & Acts) {
  const w = words[kind];
  const [changing, setChanging] = useState(false);
  const [value, setValue] = useState("");
  const [code, setCode] = useState("");
  const [forgetting, setForgetting] = useState(false);
  const submit = useSubmit();
  const set = (e: FormEvent) => {
    e.preventDefault();
    if (value.trim() === "") submit.refuse([{ name: "value", message: `Enter your ${w.short}.` }]);
    else void submit.run(() => onSet(kind, value.trim())).then((ok) => ok && (setChanging(false), setValue("")));
  };
  const verify = (e: FormEvent) => {
    e.preventDefault();
    if (code.trim() === "") submit.refuse([{ name: "code", message: "Enter the six digits that came." }]);
    else void submit.run(() => onCode(kind, code.trim())).then((ok) => ok && setCode(""));
  };
  const asks = own === undefined || changing;
  let body: ReactNode;
  if (!can && own === undefined) body = <p className="quiet">This server cannot send {kind === "sms" ? "text messages" : "e-mails"}. Ring the duty number if you must be reached another way.</p>;
  else if (asks)
    body = (
      <form onSubmit={set} noValidate>
        <TextField id={`${kind}-value`} type={kind === "sms" ? "tel" : "email"} label={w.label} hint={w.hint} autoComplete={kind === "sms" ? "tel" : "email"} className="nhsuk-input--width-20" maxLength={320} error={submit.errorOf("value")} value={value} onChange={(e) => setValue(e.target.value)} />
        <div className="actions">
          <Button type="submit" small busy={submit.busy}>
            Send a code there
          </Button>
          {changing ? (
            <Button kind="secondary" small onClick={() => setChanging(false)}>
              Cancel
            </Button>
          ) : null}
        </div>
      </form>
    );
  else
    body = (
      <>
        <p className="reach__own">
          <strong className="tabular">{own.value}</strong> <StateTag look={own.verified ? { word: "Verified", tone: "good", icon: "check" } : { word: "Not verified", tone: "open", icon: "circle" }} />
          {own.verified ? <span className="quiet"> {shortMoment(own.verified, now)}</span> : null}
        </p>
        {own.verified ? null : (
          <form onSubmit={verify} noValidate>
            <TextField id={`${kind}-code`} label="Code" hint={`Six digits were sent there. They work for 30 minutes; until you type them nothing else is sent to this ${w.short}.`} inputMode="numeric" autoComplete="one-time-code" className="nhsuk-input--width-10 tabular" maxLength={10} error={submit.errorOf("code")} value={code} onChange={(e) => setCode(e.target.value)} />
            <div className="actions">
              <Button type="submit" small busy={submit.busy}>
                Verify
              </Button>
              <Button kind="secondary" small busy={submit.busy} onClick={() => void submit.run(() => onSet(kind, own.value))}>
                Send another code
              </Button>
            </div>
          </form>
        )}
        <div className="actions">
          <Button kind="secondary" small onClick={() => setChanging(true)}>
            Change<span className="unseen"> the {w.short}</span>
          </Button>
          <Button kind="secondary" small onClick={() => setForgetting(true)}>
            Forget<span className="unseen"> the {w.short}</span>
          </Button>
        </div>
      </>
    );
  return (
    <section className="page__section reach__way" aria-labelledby={`${kind}-heading`}>
      <h2 id={`${kind}-heading`}>{w.title}</h2>
      {own === undefined && can ? <p className="quiet">{w.none}</p> : null}
      <ErrorSummary problems={submit.problems} />
      {body}
      {forgetting ? (
        <Question title={`Forget this ${w.short}?`} action="Forget it" onClose={() => setForgetting(false)} onDo={() => onForget(kind)}>
          <p>{w.none} You can give it again at any time.</p>
        </Question>
      ) : null}
    </section>
  );
}

function QuietHours({ quiet, onQuiet }: { quiet: Quiet | undefined; onQuiet: Acts["onQuiet"] }) {
  const [on, setOn] = useState(quiet !== undefined);
  const [from, setFrom] = useState(quiet?.from ?? "22:00");
  const [until, setUntil] = useState(quiet?.until ?? "07:00");
  const [saved, setSaved] = useState(false);
  const submit = useSubmit();
  const save = (e: FormEvent) => {
    e.preventDefault();
    setSaved(false);
    void submit.run(() => onQuiet(on ? { from, until } : null)).then(setSaved);
  };
  return (
    <section className="page__section" aria-labelledby="quiet-heading">
      <h2 id="quiet-heading">Quiet hours</h2>
      <p className="quiet">In these hours nothing is sent to you, except when a decision is asked of you: that has a clock running.</p>
      <form onSubmit={save} noValidate>
        <ErrorSummary problems={submit.problems} />
        <div className="nhsuk-form-group nhsuk-checkboxes nhsuk-checkboxes--small">
          <Checkbox id="quiet-on" label="Keep quiet hours" checked={on} onChange={(e) => setOn(e.target.checked)} />
        </div>
        {on ? (
          <div className="reach__hours">
            <TextField id="from" label="From" maxLength={5} className="tabular" error={submit.errorOf("from")} value={from} onChange={(e) => setFrom(e.target.value)} />
            <TextField id="until" label="Until" maxLength={5} className="tabular" error={submit.errorOf("until")} value={until} onChange={(e) => setUntil(e.target.value)} />
            <p className="quiet">London time, 24 hours</p>
          </div>
        ) : null}
        <Button type="submit" kind="secondary" small busy={submit.busy}>
          Save quiet hours
        </Button>
        <p role="status" className="field-note">{saved ? "Saved." : ""}</p>
      </form>
    </section>
  );
}

/** How I am reached when I am away: my own number and address, and when not. */
export function ReachPage({ reach, now, ...acts }: { reach: Reach; now: string } & Acts) {
  return (
    <div className="page page--narrow">
      <a className="page__back" href="/">
        ‹ My rooms
      </a>
      <h1>How you are reached</h1>
      <p className="page__lede">
        When a decision is asked of you, when somebody names you, or an action, a statutory clock or a role is yours to take, you are told here at once. If you have been away for five minutes, you are also sent a message. It says the incident’s reference and a code to acknowledge it by, and nothing of what it is about.
      </p>
      <OwnWay kind="sms" own={reach.sms} can={reach.codes.includes("sms")} now={now} {...acts} />
      <OwnWay kind="email" own={reach.email} can={reach.codes.includes("email")} now={now} {...acts} />
      <QuietHours quiet={reach.quiet} onQuiet={acts.onQuiet} />
      <p className="quiet">Nobody else sees what you give here, and it never becomes part of a log.</p>
    </div>
  );
}
