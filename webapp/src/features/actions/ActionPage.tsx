import { useState } from "react";
import type { Facts, Marking } from "../../protocol/types";
import { unfinished, type Action, type ActionStep } from "../../room/action";
import { assigneeCalled, byInFull, orgNamed } from "../../room/called";
import { past } from "../../room/clock";
import { may } from "../../room/may";
import { isInvented, type RoomObject } from "../../room/state";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Icon } from "../../ui/Icon";
import { Moment } from "../../ui/Moment";
import { actionLook, overdueLook } from "../../ui/record";
import { Said } from "../../ui/Said";
import { SheetLabel } from "../../ui/SheetLabel";
import { StateTag } from "../../ui/StateTag";
import { duration } from "../../ui/time";
import { useSeen } from "../../ui/useSeen";
import { AnswerDialog, type ActionActs, type Answer } from "./ActionForms";

type Props = { facts: Facts; head: number; now: number; object: RoomObject; action: Action; acts: ActionActs; whom: (m: Marking) => string };

const did: Record<ActionStep["what"], string> = {
  raised: "raised it", accepted: "accepted it", declined: "declined it", done: "says that it is done", handed: "handed it on", chased: "chased it", withdrawn: "withdrew it",
};

/** Everything there is about one action: what, for whom, by when, and what was done about it. */
export function ActionPage({ facts, head, now, object, action: a, acts, whom }: Props) {
  const [asking, setAsking] = useState<Answer | null>(null);
  const submit = useSeen(head);
  const home = `/rooms/${facts.room.id}`;
  const href = (n: number) => `${home}/entries/${n}`;
  const late = unfinished(a) && past(a.due, now);
  const { marking } = object;
  const to = marking ? whom(marking) : "";
  const mine = may(facts, "accept-action", object) || may(facts, "finish-action", object);
  const person = a.for.member ? `, ${orgNamed(facts, a.for.org)}` : "";
  const accept = may(facts, "accept-action", object);
  const cited = (s: ActionStep) => s.cites.filter((n) => n !== a.decision); // which is named above
  return (
    <article className="sheet" aria-labelledby="action-heading">
      <p className="sheet__kind">
        <Icon name={a.state === "done" ? "actionDone" : "action"} size={18} /> Action, entry <a href={href(object.root)}>{object.root}</a>
      </p>
      <p className="sheet__states">
        <StateTag look={actionLook[a.state]} />
        {late ? <StateTag look={overdueLook} /> : null}
      </p>
      {marking ? <SheetLabel marking={marking} whom={to} invented={isInvented(object)} /> : null}
      <h2 id="action-heading" className="sheet__title">
        <Said text={a.text} entryHref={href} />
      </h2>
      <ErrorSummary problems={submit.problems} />
      {mine ? (
        <section className="ask-me" aria-labelledby="ask-me-heading">
          <h3 id="ask-me-heading">{accept ? "Will you do it?" : "You have accepted it"}</h3>
          <div className="fact__actions">
            {accept ? (
              <Button busy={submit.busy} onClick={() => void submit.send((seen) => acts.acceptAction(object.root, seen))}>
                Accept
              </Button>
            ) : (
              <Button onClick={() => setAsking("done")}>It is done</Button>
            )}
            {may(facts, "decline-action", object) ? (
              <Button kind="secondary" onClick={() => setAsking("decline")}>
                Decline
              </Button>
            ) : null}
            {may(facts, "hand-action", object) ? (
              <Button kind="secondary" onClick={() => setAsking("hand")}>
                Hand on
              </Button>
            ) : null}
          </div>
        </section>
      ) : null}
      <dl className="sheet__facts">
        <div>
          <dt>For</dt>
          <dd>
            {assigneeCalled(facts, a.for)}
            {person}
          </dd>
        </div>
        <div>
          <dt>Due</dt>
          <dd>
            {a.due ? (
              <>
                By <Moment at={a.due} now={now} />
                {late ? `, ${duration(now - Date.parse(a.due))} ago` : ""}
                {facts.room.clock ? <span className="quiet"> by the exercise’s clock</span> : null}
              </>
            ) : (
              "No time set"
            )}
          </dd>
        </div>
        {a.decision ? (
          <div>
            <dt>Carries out</dt>
            <dd>
              <a href={`${home}/decisions/${a.decision}`}>decision {a.decision}</a>
            </dd>
          </div>
        ) : null}
      </dl>
      <div className="sheet__acts">
        {!mine && may(facts, "chase-action", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("chase")}>
            Chase
          </Button>
        ) : null}
        {may(facts, "withdraw-action", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("withdraw")}>
            Withdraw
          </Button>
        ) : null}
      </div>
      <section className="part">
        <h3>What has been done about it</h3>
        <ol className="steps">
          {a.steps.map((s) => (
            <li key={s.seq}>
              <span className="tabular">
                <a href={href(s.seq)}>{s.seq}</a>
              </span>
              <div>
                <p>
                  <strong>{byInFull(facts, s.by)}</strong> {did[s.what]}
                  {s.to ? ` to ${assigneeCalled(facts, s.to)}` : ""}
                  <span className="quiet">
                    , <Moment at={s.at} now={now} />
                  </span>
                </p>
                {s.said === "" ? null : (
                  <p>
                    <Said text={s.said} entryHref={href} />
                  </p>
                )}
                {cited(s).length > 0 ? (
                  <p className="quiet">
                    See{" "}
                    {cited(s).map((n, i) => (
                      <span key={n}>
                        {i > 0 ? ", " : ""}
                        <a href={href(n)}>#{n}</a>
                      </span>
                    ))}
                  </p>
                ) : null}
              </div>
            </li>
          ))}
        </ol>
      </section>
      {asking ? <AnswerDialog what={asking} seq={object.root} facts={facts} head={head} acts={acts} onClose={() => setAsking(null)} /> : null}
    </article>
  );
}
