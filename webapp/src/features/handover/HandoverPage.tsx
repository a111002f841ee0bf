import { useState, type ReactNode } from "react";
import { iimarchParts } from "../../protocol/cadence";
import type { Facts, Marking } from "../../protocol/types";
import { byInFull, memberCalled } from "../../room/called";
import type { Handover } from "../../room/handover";
import { may } from "../../room/may";
import { holderOf } from "../../room/post";
import { isHost } from "../../room/select";
import { isInvented, type RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { BoardRow } from "../../ui/BoardRow";
import { Button } from "../../ui/Button";
import { handoverLook, iimarchWords } from "../../ui/cadence";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { postName } from "../../ui/escalation";
import { Icon } from "../../ui/Icon";
import { Moment } from "../../ui/Moment";
import { Question } from "../../ui/Question";
import { Said } from "../../ui/Said";
import { SheetLabel } from "../../ui/SheetLabel";
import { StateTag } from "../../ui/StateTag";
import { shownProblem } from "../../ui/problem";
import { useSeen } from "../../ui/useSeen";
import type { HandoverActs } from "./HandoverForm";

type Props = { facts: Facts; head: number; /** The server's time. */ now: number; object: RoomObject; handover: Handover; acts: HandoverActs; whom: (m: Marking) => string; fresh: boolean; onStepUp: () => void; /** What became of the messages to whoever is to take over. */ messages: ReactNode };

const ended: Record<string, string> = { accepted: "accepted it", declined: "declined it", withdrawn: "took it back" };

/** One handover: the seven sections, and, for whoever it is handed to, the two buttons. */
export function HandoverPage({ facts, head, now, object, handover: h, acts, whom, fresh, onStepUp, messages }: Props) {
  const [asking, setAsking] = useState<"decline" | "withdraw" | null>(null);
  const submit = useSeen(head);
  const home = `/rooms/${facts.room.id}`;
  const href = (n: number) => `${home}/entries/${n}`;
  const { marking } = object;
  const mine = may(facts, "accept-handover", object);
  const waits = h.state === "signed";
  const holder = holderOf(facts, h.post);
  const accept = async () => {
    if (!fresh) {
      onStepUp();
      return;
    }
    let stepUp = false;
    await submit.send((seen) =>
      acts.acceptHandover(object.root, seen).catch((e: unknown) => {
        stepUp = shownProblem(e).fault === "step_up";
        throw e;
      }),
    );
    if (stepUp) onStepUp();
  };
  return (
    <article className="sheet handover" aria-labelledby="handover-heading">
      <p className="sheet__kind">
        <Icon name="handover" size={18} /> Handover, entry <a href={href(object.root)}>{object.root}</a>
      </p>
      <p className="sheet__states">
        <StateTag look={handoverLook[h.state]} />
      </p>
      {marking ? <SheetLabel marking={marking} whom={whom(marking)} invented={isInvented(object)} /> : null}
      <h2 id="handover-heading" className="sheet__title">
        {postName[h.post]}: {byInFull(facts, h.by)} to {memberCalled(facts, h.to)}
      </h2>
      <p>
        Signed <Moment at={h.signed} now={now} />
        {h.since > 1 ? <>; covers what happened since <a href={href(h.since)}>entry {h.since}</a></> : ""}.
      </p>
      <ErrorSummary problems={submit.problems} />
      {waits ? (
        <section className={mine ? "ask-me handover__ask" : "handover__ask"} aria-labelledby="ask-me-heading">
          <h3 id="ask-me-heading">{mine ? "It is yours to accept" : `${memberCalled(facts, h.to)} has not accepted yet`}</h3>
          <p>
            {(holder?.member ?? h.by.member) === facts.you ? "You stay" : `${holder ? memberCalled(facts, holder.member) : byInFull(facts, h.by)} stays`} {postName[h.post].toLowerCase()} until {mine ? "you accept" : "then"}.
          </p>
          {mine ? (
            <div className="escalation__buttons">
              <Button busy={submit.busy} onClick={() => void accept()}>
                Accept
              </Button>
              <Button kind="secondary" onClick={() => setAsking("decline")}>
                Decline
              </Button>
            </div>
          ) : null}
          {mine ? <p className="fact__source">{fresh ? "Your second factor is confirmed: accept within five minutes." : "Accepting takes your second factor."}</p> : null}
          {may(facts, "withdraw-handover", object) ? (
            <Button small kind="secondary" onClick={() => setAsking("withdraw")}>
              Take it back
            </Button>
          ) : null}
        </section>
      ) : null}
      {messages}
      {h.ended ? (
        <p className="notice">
          {byInFull(facts, h.ended.by)} {ended[h.state]}, <Moment at={h.ended.at} now={now} /> (<a href={href(h.ended.seq)}>entry {h.ended.seq}</a>){h.ended.reason === "" ? "." : `: ${h.ended.reason}`}
        </p>
      ) : null}
      <dl className="sheet__facts">
        {iimarchParts.map((p) => (
          <div key={p}>
            <dt>{iimarchWords[p].title}</dt>
            <dd className="beat-row__text">{h.iimarch[p] === "" ? <span className="quiet">Nothing was said.</span> : <Said text={h.iimarch[p]} entryHref={href} />}</dd>
          </div>
        ))}
      </dl>
      {asking ? (
        <Question
          title={asking === "decline" ? "Decline this handover" : "Take this handover back"}
          action={asking === "decline" ? "Decline it" : "Take it back"}
          warning
          host={isHost(facts)}
          head={head}
          reason={{ label: "Reason", hint: "The post stays where it is.", missing: asking === "decline" ? "Say why, and what you would need to accept it." : "Say why." }}
          onDo={({ reason, seen, sent }) => (asking === "decline" ? acts.declineHandover(object.root, reason, seen, sent) : acts.withdrawHandover(object.root, reason, seen, sent))}
          onClose={() => setAsking(null)}
        />
      ) : null}
    </article>
  );
}

/** Every handover the reader may see, newest first. */
export function HandoversBoard({ facts, now, whom, objects, board, mayHandOver, onBegin }: { facts: Facts; now: number; whom: (m: Marking) => string; objects: readonly RoomObject[]; board: BoardState; mayHandOver: boolean; onBegin: () => void }) {
  const home = `/rooms/${facts.room.id}`;
  return (
    <BoardFrame
      {...board}
      title="Handover"
      count={objects.length}
      empty={{ title: "Nothing has been handed over yet", text: "At the end of a shift, whoever holds a post hands it over in seven sections. It passes when the other accepts." }}
      acts={
        mayHandOver ? (
          <Button small onClick={onBegin}>
            Hand over
          </Button>
        ) : null
      }
    >
      <ul className="board__rows">
        {objects.map((o) => {
          const h = o.record?.noun === "handover" ? o.record : null;
          return (
            <BoardRow key={o.root} noun="handover" root={o.root} home={home} marking={o.marking} whom={whom} title={h ? `${postName[h.post]}: to ${memberCalled(facts, h.to)}` : null} states={h ? <StateTag look={handoverLook[h.state]} /> : null}>
              {h ? (
                <>
                  signed by {byInFull(facts, h.by)}, <Moment at={h.signed} now={now} />
                </>
              ) : null}
            </BoardRow>
          );
        })}
      </ul>
    </BoardFrame>
  );
}
