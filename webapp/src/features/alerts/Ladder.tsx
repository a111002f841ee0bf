import type { AlertOrg, AlertText } from "../../protocol/alert";
import { Button } from "../../ui/Button";
import { cx } from "../../ui/cx";
import { Icon } from "../../ui/Icon";
import { Moment } from "../../ui/Moment";
import type { Step } from "./AnswerDialog";
import { dueWords, leftWords, overdue, viaWord } from "./words";

type Props = { alert: AlertText; row: AlertOrg; now: number; onStep: (step: Step) => void };

type Rung = { key: string; title: string; state: "done" | "now" | "later"; text: string };

/** The rungs of the ladder, as far as one organisation has come. */
function rungs(r: AlertOrg): Rung[] {
  const past = (...states: readonly AlertOrg["state"][]) => states.includes(r.state);
  const known = past("applies", "planned", "done", "not_applicable");
  const none = r.state === "not_applicable";
  const list: Rung[] = [
    { key: "acknowledge", title: "Acknowledge it", state: past("sent") ? "now" : "done", text: past("sent") ? "Say that you have it and are looking at it." : "" },
    {
      key: "answer", title: "Say whether it applies to you", state: past("sent") ? "later" : known ? "done" : "now",
      text: none ? "It does not apply." : known ? "It applies." : past("unsure") ? "You said that you are not sure yet." : past("sent") ? "" : "Look for the systems it is about.",
    },
  ];
  if (none) return list;
  list.push(
    { key: "plan", title: "Say what you will do, and by when", state: past("planned", "done") ? "done" : past("applies") ? "now" : "later", text: past("applies") ? "A plan with a day by which it is put right." : "" },
    { key: "finish", title: "Put it right, and report it done", state: past("done") ? "done" : past("planned") ? "now" : "later", text: past("planned") ? "Until then, say every few days how it goes." : "" },
  );
  return list;
}

const stateWord = { done: "done", now: "to do now", later: "later" };

/** What one organisation has to do about an alert: plain steps, and what is due when. */
export function Ladder({ alert, row, now, onStep }: Props) {
  const open = alert.closed === undefined;
  const late = overdue(row, now);
  const all = rungs(row);
  return (
    <section className="ladder" aria-label={`What ${row.name} has to do`}>
      <h2>{row.name}</h2>
      {open && row.wants !== "" ? (
        <p className={cx("ladder__due", late && "ladder__due--late")}>
          <Icon name={late ? "late" : "clock"} size={18} />
          <span>
            <strong>{dueWords(row, now)}</strong>
            {row.dueBy ? <span className="quiet"> ({leftWords(row.dueBy, now)})</span> : null}
          </span>
        </p>
      ) : null}
      {open && row.wants === "" ? <p className="ladder__due">Nothing more is asked of you. Thank you.</p> : null}
      {!open ? <p className="ladder__due">The hosts closed this alert. Nothing more is asked of you.</p> : null}
      <ol className="ladder__rungs">
        {all.map((g) => (
          <li key={g.key} className={`ladder__rung ladder__rung--${g.state}`} aria-current={open && g.state === "now" ? "step" : undefined}>
            <span className="ladder__mark">{g.state === "done" ? <Icon name="check" size={16} /> : null}</span>
            <div>
              <h3>
                {g.title}
                <span className="unseen">, {stateWord[g.state]}</span>
              </h3>
              {g.text === "" ? null : <p>{g.text}</p>}
              {g.key === "acknowledge" && row.acknowledged ? (
                <p className="quiet">
                  <Moment at={row.acknowledged} now={now} />
                </p>
              ) : null}
              {g.key === "plan" && row.remediation ? (
                <p className="quiet">
                  By <Moment at={row.remediation} now={now} />
                </p>
              ) : null}
              {open ? <Acts rung={g.key} row={row} onStep={onStep} /> : null}
            </div>
          </li>
        ))}
      </ol>
      {row.changed ? (
        <p className="quiet">
          Last answer <Moment at={row.changed} now={now} />
          {row.by ? `, ${row.by}` : row.via ? ", entered by a host" : ""}
          {row.via ? ` ${viaWord[row.via]}` : ""}.
        </p>
      ) : null}
    </section>
  );
}

/** What can be done at a rung. */
function Acts({ rung, row, onStep }: { rung: string; row: AlertOrg; onStep: (step: Step) => void }) {
  const act = (step: Step, label: string, kind: "primary" | "secondary" | "plain" = "primary") => (
    <Button key={step + label} kind={kind} small={kind === "secondary"} onClick={() => onStep(step)}>
      {label}
    </Button>
  );
  const list = {
    acknowledge: { sent: [act("acknowledge", "Acknowledge")] },
    answer: {
      acknowledged: [act("answer", "Answer"), act("update", "Give an update", "secondary")],
      unsure: [act("answer", "Answer"), act("update", "Give an update", "secondary")],
      applies: [act("answer", "Correct this", "plain")],
      planned: [act("answer", "Correct this", "plain")],
      done: [act("answer", "Correct this", "plain")],
      not_applicable: [act("answer", "Correct this", "plain")],
    },
    plan: { applies: [act("plan", "Give a plan")], planned: [act("plan", "Plan anew", "plain")] },
    finish: { applies: [act("finish", "It is done already", "plain")], planned: [act("finish", "Report it done"), act("update", "Give an update", "secondary")] },
  }[rung] as Partial<Record<AlertOrg["state"], React.ReactNode[]>> | undefined;
  const acts = list?.[row.state];
  return acts ? <div className="ladder__acts">{acts}</div> : null;
}
