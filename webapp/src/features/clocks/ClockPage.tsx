import { useState, type ReactNode } from "react";
import type { Facts, Marking } from "../../protocol/types";
import { byInFull, memberCalled, orgNamed } from "../../room/called";
import { may } from "../../room/may";
import { type ClockStep, hasRegulator, overdue, type StatutoryClock } from "../../room/statutory";
import type { RoomObject } from "../../room/state";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Icon } from "../../ui/Icon";
import { Moment } from "../../ui/Moment";
import { overdueLook } from "../../ui/record";
import { Said } from "../../ui/Said";
import { SheetLabel } from "../../ui/SheetLabel";
import { StateTag } from "../../ui/StateTag";
import { afterWords, clockLook, doneLateLook, nowLook, spanWords, statuteLaw, statuteLimit, statuteName, viaName } from "../../ui/statutory";
import { dateAndTime, longDay, timeOfDay } from "../../ui/time";
import { useNow } from "../../ui/useNow";
import { ClockDialog, type ClockActs, type ClockAnswer } from "./ClockForms";
import { reportDraft } from "./draft";
import { Left } from "./Left";

type Props = { facts: Facts; head: number; skew: number; object: RoomObject; clock: StatutoryClock; acts: ClockActs; whom: (m: Marking) => string; /** What became of the messages to its owner. */ messages: ReactNode };

function StepLine({ facts, s }: { facts: Facts; s: ClockStep }) {
  const who = <strong>{byInFull(facts, s.by)}</strong>;
  switch (s.what) {
    case "started":
      return <>{who} started it</>;
    case "handed":
      return <>{who} gave it to <strong>{s.owner ? memberCalled(facts, s.owner) : "whoever speaks for the organisation"}</strong></>;
    case "corrected":
      return <>{who} corrected it: aware since {s.aware ? dateAndTime(s.aware) : "another time"}</>;
    case "evidenced":
      return <>{who} said that it is done</>;
    case "withdrawn":
      return <>{who} said that it need not be told</>;
    case "reminded":
      return s.overdue ? <strong>It is overdue: {afterWords(s.after)} after they became aware</strong> : <>Reminder: {afterWords(s.after)} after they became aware</>;
    case "chased":
      return <>{who} chased it</>;
  }
}

/** What runs, by when in words, and the buttons of whoever it waits for. */
function Deadline({ c, now, mine, onAsk, keeps }: { c: StatutoryClock; now: number; mine: boolean; keeps: boolean; onAsk: (a: ClockAnswer) => void }) {
  return (
    <section className={keeps ? "ask-me clock-sheet__due" : "clock-sheet__due"} aria-labelledby="due-heading">
      <h3 id="due-heading">{c.due === null ? "Due without undue delay" : `Due on ${longDay(c.due)} at ${timeOfDay(c.due)}`}</h3>
      <p>
        <Left clock={c} now={now} />
      </p>
      {mine ? <p>It is yours to see to.</p> : null}
      {keeps ? (
        <div className="clock-sheet__buttons">
          <Button onClick={() => onAsk("evidence")}>It is done</Button>
          <Button kind="secondary" onClick={() => onAsk("withdraw")}>
            It need not be told
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** One statutory clock: what is owed, by whom, by when, and what has come of it. */
export function ClockPage({ facts, head, skew, object, clock: c, acts, whom, messages }: Props) {
  const [asking, setAsking] = useState<ClockAnswer | null>(null);
  const now = useNow(skew).getTime();
  const home = `/rooms/${facts.room.id}`;
  const href = (n: number) => `${home}/entries/${n}`;
  const { marking } = object;
  const late = overdue(c, now);
  const keeps = may(facts, "evidence-clock", object);
  const draft = reportDraft(facts, object.root, c);
  return (
    <article className="sheet clock-sheet" aria-labelledby="clock-heading">
      <p className="sheet__kind">
        <Icon name="clock" size={18} /> Statutory clock, entry <a href={href(object.root)}>{object.root}</a>
      </p>
      <p className="sheet__states">
        <StateTag look={late ? (c.statute === "ndg_told" ? nowLook : overdueLook) : c.done && c.done.late > 0 ? doneLateLook : clockLook[c.state]} />
      </p>
      {marking ? <SheetLabel marking={marking} whom={whom(marking)} invented={false} /> : null}
      <h2 id="clock-heading" className="sheet__title">
        {statuteName[c.statute]}
      </h2>
      <p className="quiet">
        {statuteLaw[c.statute]}. {statuteLimit[c.statute]}
      </p>
      {c.state === "running" ? <Deadline c={c} now={now} mine={c.owner === facts.you} keeps={keeps} onAsk={setAsking} /> : null}
      {c.done ? (
        <p className="notice">
          Done <Moment at={c.done.at} now={now} />
          {c.done.late > 0 ? <strong>, {spanWords(c.done.late * 60_000)} late</strong> : c.due === null ? "" : ", in time"}
          {c.done.reference === "" ? "" : `. Reference ${c.done.reference}`}.
        </p>
      ) : null}
      <dl className="sheet__facts">
        <div>
          <dt>Owed by</dt>
          <dd>{orgNamed(facts, c.org)}</dd>
        </div>
        <div>
          <dt>Seen to by</dt>
          <dd>{c.owner ? memberCalled(facts, c.owner) : "Whoever speaks for it"}</dd>
        </div>
        <div>
          <dt>Aware since</dt>
          <dd>{dateAndTime(c.aware)}</dd>
        </div>
        {c.due === null ? null : (
          <div>
            <dt>Due</dt>
            <dd>{dateAndTime(c.due)}</dd>
          </div>
        )}
        {c.start ? (
          <div>
            <dt>Began with</dt>
            <dd>
              <a href={href(c.start)}>Entry {c.start}</a>
            </dd>
          </div>
        ) : null}
        {c.before ? (
          <div>
            <dt>Carried on from</dt>
            <dd>Entry {c.before} of the section before, where the rest of it stands</dd>
          </div>
        ) : null}
        {c.known === "" ? null : (
          <div>
            <dt>What is known</dt>
            <dd>
              <Said text={c.known} entryHref={href} />
            </dd>
          </div>
        )}
      </dl>
      {messages}
      <div className="sheet__acts">
        {may(facts, "correct-clock", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("correct")}>
            Correct the time
          </Button>
        ) : null}
        {may(facts, "hand-clock", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("hand")}>
            Hand it on
          </Button>
        ) : null}
        {may(facts, "chase-clock", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("chase")}>
            Chase it
          </Button>
        ) : null}
      </div>
      {c.state === "running" && keeps && hasRegulator(c.statute) ? (
        <details className="nhsuk-details clock-draft">
          <summary className="nhsuk-details__summary">
            <span className="nhsuk-details__summary-text">A draft to copy into the report</span>
          </summary>
          <div className="nhsuk-details__text">
            <p>Made of what the log says, in the order of the toolkit’s form. Nothing is sent from here: copy it, complete it, and report it yourself.</p>
            <pre className="clock-draft__text">
              {draft}
            </pre>
            <CopyButton text={draft} label="Copy the draft" />
          </div>
        </details>
      ) : null}
      <section className="part">
        <h3>What has happened</h3>
        <ol className="steps">
          {c.steps.map((s) => (
            <li key={s.seq}>
              <span className="tabular">
                <a href={href(s.seq)}>{s.seq}</a>
              </span>
              <div>
                <p>
                  <StepLine facts={facts} s={s} />
                  {s.via ? `, told ${viaName[s.via]}` : ""}
                  <span className="quiet">
                    , <Moment at={s.at} now={now} />
                  </span>
                </p>
                {s.said === "" || s.what === "started" ? null : (
                  <p>
                    <Said text={s.said} entryHref={href} />
                  </p>
                )}
                {s.cites.length > 0 && s.what === "evidenced" ? (
                  <p>
                    See{" "}
                    {s.cites.map((n, i) => (
                      <span key={n}>
                        {i > 0 ? ", " : ""}
                        <a href={href(n)}>entry {n}</a>
                      </span>
                    ))}
                  </p>
                ) : null}
              </div>
            </li>
          ))}
        </ol>
      </section>
      {asking ? <ClockDialog what={asking} seq={object.root} clock={c} facts={facts} head={head} skew={skew} acts={acts} onClose={() => setAsking(null)} /> : null}
    </article>
  );
}
