import { type ReactNode, useState } from "react";
import type { Step } from "../../protocol/escalation";
import type { Facts, Marking } from "../../protocol/types";
import { byInFull, memberCalled, orgNamed } from "../../room/called";
import { askedNext, askedNow, type Escalation, type EscalationStep, waiting } from "../../room/escalation";
import { may } from "../../room/may";
import { isInvented, type RoomObject } from "../../room/state";
import { Button } from "../../ui/Button";
import { conditionName, escalationLook, wayName } from "../../ui/escalation";
import { Icon } from "../../ui/Icon";
import { Moment } from "../../ui/Moment";
import { Said } from "../../ui/Said";
import { SheetLabel } from "../../ui/SheetLabel";
import { StateTag } from "../../ui/StateTag";
import { tierName } from "../../ui/severity";
import { duration, timeOfDay } from "../../ui/time";
import { useNow } from "../../ui/useNow";
import { list, plural } from "../../ui/words";
import { Countdown } from "./Countdown";
import { AnswerDialog, type Answer, type EscalationActs } from "./EscalationForm";

type Props = {
  facts: Facts; head: number; skew: number; object: RoomObject; escalation: Escalation; acts: EscalationActs; whom: (m: Marking) => string;
  /** Whether the second factor was given just now. */
  fresh: boolean; onStepUp: () => void;
  /** What became of the messages to whoever is asked at a step, from 1. */
  messages: (step: number) => ReactNode;
};

const did: Record<EscalationStep["what"], string> = {
  requested: "escalated it", accepted: "accepted it", refused: "refused it", withdrawn: "withdrew it", advanced: "", silent: "", acted: "acted without approval", stood_down: "stood it down",
};

const called = (facts: Facts, s: Step): string => `${s.member ? memberCalled(facts, s.member) : s.name}, ${s.seat?.orgName ?? orgNamed(facts, s.org)}`;

/** What happens if nobody does anything, and when. */
function Otherwise({ facts, e, mine, skew }: { facts: Facts; e: Escalation; mine: boolean; skew: number }) {
  const now = askedNow(e);
  const next = askedNext(e);
  if (!now || e.due === null) return null;
  return (
    <p className="escalation__otherwise">
      <Icon name="clock" size={18} /> <Countdown due={e.due} skew={skew} /> left. If {mine ? "you do" : `${now.name} does`} nothing, at {timeOfDay(e.due)}{" "}
      {next ? <>it goes to <strong>{next.name}</strong>, {next.seat?.orgName ?? orgNamed(facts, next.org)}.</> : <>both hosts are alarmed, and {byInFull(facts, e.by)} may act without approval.</>}
    </p>
  );
}

/** One escalation: what is asked, by whom, why, what happens if nobody answers, and the two buttons. */
export function EscalationPage({ facts, head, skew, object, escalation: e, acts, whom, fresh, onStepUp, messages }: Props) {
  const [asking, setAsking] = useState<Answer | null>(null);
  const now = useNow(skew).getTime();
  const home = `/rooms/${facts.room.id}`;
  const href = (n: number) => `${home}/entries/${n}`;
  const { marking } = object;
  const mine = may(facts, "accept-escalation", object);
  const keyed = waiting(e) && e.keys.length > 0;
  const accept = () => (e.factor && !fresh ? onStepUp() : setAsking("accept"));
  const part = (title: string, text: string) =>
    text === "" ? null : (
      <div>
        <dt>{title}</dt>
        <dd>
          <Said text={text} entryHref={href} />
        </dd>
      </div>
    );
  return (
    <article className="sheet escalation" aria-labelledby="escalation-heading">
      <p className="sheet__kind">
        <Icon name="escalation" size={18} /> Escalation, entry <a href={href(object.root)}>{object.root}</a>
      </p>
      <p className="sheet__states">
        <StateTag look={escalationLook[e.state]} />
        {keyed ? <span className="tag-plain">One of two has accepted</span> : null}
      </p>
      {marking ? <SheetLabel marking={marking} whom={whom(marking)} invented={isInvented(object)} /> : null}
      <p className="escalation__condition">{conditionName[e.condition]}</p>
      <h2 id="escalation-heading" className="sheet__title">
        <Said text={e.sbar.recommendation} entryHref={href} />
      </h2>
      <p className="escalation__by">
        Asked by <strong>{byInFull(facts, e.by)}</strong>, <Moment at={e.raised} now={now} />. For the {tierName[e.tier].toLowerCase()} tier{e.twoKey ? "; two people must accept" : ""}.
      </p>
      <dl className="sheet__facts escalation__sbar">
        {part("Situation", e.sbar.situation)}
        {part("Background", e.sbar.background)}
        {part("Assessment", e.sbar.assessment)}
      </dl>
      {waiting(e) ? (
        <section className={mine ? "ask-me escalation__ask" : "escalation__ask"} aria-labelledby="ask-me-heading">
          <h3 id="ask-me-heading">{mine ? "It is yours to decide" : e.state === "silent" ? "Nobody has answered" : `${askedNow(e)?.name ?? "Nobody"} is asked`}</h3>
          {e.state === "silent" ? <p>Everybody who could be asked was, and nobody answered. Both hosts are told. It can still be answered.</p> : <Otherwise facts={facts} e={e} mine={mine} skew={skew} />}
          {mine ? (
            <div className="escalation__buttons">
              <Button onClick={accept}>Accept</Button>
              <Button kind="secondary" onClick={() => setAsking("refuse")}>
                Refuse
              </Button>
            </div>
          ) : null}
          {mine && e.factor ? <p className="fact__source">{fresh ? "Your second factor is confirmed: accept within five minutes." : "Accepting takes your second factor."}</p> : null}
        </section>
      ) : null}
      <div className="sheet__acts">
        {may(facts, "act-escalation", object) ? (
          <Button small kind="warning" onClick={() => setAsking("act")}>
            I acted without approval
          </Button>
        ) : null}
        {may(facts, "withdraw-escalation", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("withdraw")}>
            Withdraw
          </Button>
        ) : null}
        {may(facts, "stand-down-escalation", object) ? (
          <Button small kind="secondary" onClick={() => setAsking("standDown")}>
            Stand down
          </Button>
        ) : null}
      </div>
      {e.decision ? (
        <p className="notice">
          Recorded as <a href={`${home}/decisions/${e.decision}`}>decision {e.decision}</a>
          {e.answered ? `, ${duration(Date.parse(e.answered) - Date.parse(e.raised))} after it was asked` : ""}. {list(e.keys.map((n) => memberCalled(facts, n)))} {e.keys.length > 1 ? "act" : "acts"} at the {tierName[e.tier].toLowerCase()} tier.
        </p>
      ) : null}
      <section className="part">
        <h3>Who is asked, in order</h3>
        <ol className="escalation__chain">
          {e.chain.map((s, i) => (
            <li key={s.person} aria-current={askedNow(e) === s ? "step" : undefined} className={i < e.step ? "escalation__step escalation__step--asked" : "escalation__step"}>
              {called(facts, s)} <span className="quiet">· {tierName[s.tier].toLowerCase()}, {wayName[s.way]}</span>
              {messages(i + 1)}
            </li>
          ))}
        </ol>
        <p className="quiet">{e.chain.length === 0 ? "Nobody was on call who could be asked." : `Each has ${plural(e.minutes, "minute")}.`}</p>
      </section>
      <section className="part">
        <h3>What has happened</h3>
        <ol className="steps">
          {e.steps.map((s) => (
            <li key={s.seq}>
              <span className="tabular">
                <a href={href(s.seq)}>{s.seq}</a>
              </span>
              <div>
                <p>
                  {s.what === "advanced" ? <>No answer in time: <strong>{s.to?.name ?? "the next"}</strong> is asked</> : s.what === "silent" ? <strong>Nobody is left to ask: both hosts are alarmed</strong> : <><strong>{byInFull(facts, s.by)}</strong> {did[s.what]}</>}
                  <span className="quiet">
                    , <Moment at={s.at} now={now} />
                  </span>
                </p>
                {s.said === "" ? null : (
                  <p>
                    <Said text={s.said} entryHref={href} />
                  </p>
                )}
              </div>
            </li>
          ))}
        </ol>
      </section>
      {asking ? (
        <AnswerDialog
          what={asking}
          seq={object.root}
          facts={facts}
          head={head}
          acts={acts}
          onStepUp={() => {
            setAsking(null);
            onStepUp();
          }}
          onClose={() => setAsking(null)}
        />
      ) : null}
    </article>
  );
}
