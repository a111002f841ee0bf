import { useEffect, useState, type ReactNode } from "react";
import type { Facts, Marking } from "../../protocol/types";
import type { Broadcast, BroadcastStep } from "../../room/broadcast";
import { byInFull } from "../../room/called";
import { may } from "../../room/may";
import { isHost } from "../../room/select";
import type { RoomObject } from "../../room/state";
import type { RoomStore } from "../../room/store";
import { broadcastLook, chosenWords, pounds, purposeName, reachWords } from "../../ui/broadcast";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { Icon } from "../../ui/Icon";
import { Moment } from "../../ui/Moment";
import { Said } from "../../ui/Said";
import { SheetLabel } from "../../ui/SheetLabel";
import { StateTag } from "../../ui/StateTag";
import { timeOfDay } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";

type Ending = "send-alone" | "refuse" | "withdraw" | "stop";
export type BroadcastActs = Pick<RoomStore, "approveBroadcast" | "endBroadcast">;
type Props = {
  facts: Facts; head: number; now: number; skew: number; object: RoomObject; broadcast: Broadcast; acts: BroadcastActs; whom: (m: Marking) => string;
  /** Whether the second factor was given just now. */
  fresh: boolean; onStepUp: () => void;
  /** Whom it goes to, and how far each has come. */
  children: ReactNode;
};

const did: Record<BroadcastStep["what"], string> = {
  asked: "asked for it", approved: "approved it: it goes out", alone: "sent it on one person’s word", refused: "refused it", withdrawn: "withdrew it", stopped: "stopped it",
};

const didInvite: Partial<Record<BroadcastStep["what"], string>> = { approved: "approved it: they are invited", alone: "invited them on one person’s word", stopped: "revoked what was not accepted" };

const words: Record<Ending, { title: string; hint: string; act: string; missing: string }> = {
  "send-alone": { title: "Send it on your word alone", hint: "Nobody of the other host has answered in five minutes. It stands in the record as one person’s, and both hosts are told.", act: "Send it now", missing: "Say why it cannot wait for a second person." },
  refuse: { title: "Refuse this broadcast", hint: "Why not, and what should be done instead.", act: "Refuse it", missing: "Say why, so that they can go on." },
  withdraw: { title: "Withdraw this broadcast", hint: "It stays in the record, marked as withdrawn.", act: "Withdraw it", missing: "Say why it is no longer asked." },
  stop: { title: "Stop this broadcast", hint: "What has not gone out yet does not. What has cannot be called back.", act: "Stop it", missing: "Say why it is stopped." },
};

/** What is other of those that invite. */
const invitingWords: Record<Ending, { title: string; hint: string; act: string; missing: string }> = {
  "send-alone": { ...words["send-alone"], title: "Invite them on your word alone", act: "Invite them now" },
  refuse: { ...words.refuse, title: "Refuse these invitations" },
  withdraw: { ...words.withdraw, title: "Withdraw these invitations" },
  stop: { title: "Revoke all that are not accepted", hint: "Who is in the room stays. Every other code is dead within moments, and no message goes out any more.", act: "Revoke them", missing: "Say why they are taken back." },
};
const wordsOf = (b: Broadcast, what: Ending) => (b.purpose === "invite" ? invitingWords : words)[what];

/** How many seconds the other host has left, by the server's clock. */
function useLeft(b: Broadcast, skew: number): number {
  const [now, setNow] = useState(() => Date.now() + skew);
  const waits = b.state === "asked";
  useEffect(() => {
    if (!waits) return;
    const timer = window.setInterval(() => setNow(Date.now() + skew), 1000);
    return () => window.clearInterval(timer);
  }, [skew, waits]);
  return Math.max(0, Math.ceil((Date.parse(b.alone) - now) / 1000));
}

/** What the other host's time is; then that a lead may go on. */
function Wait({ b, left }: { b: Broadcast; left: number }) {
  if (left === 0) return <p>The other host has not answered. One lead may send it now, with a reason; it is then marked as one person’s.</p>;
  return (
    <p>
      <Icon name="clock" size={18} />{" "}
      <span className="countdown" role="timer" aria-live="off">
        {Math.floor(left / 60)} min {String(left % 60).padStart(2, "0")} s
      </span>{" "}
      left for the other host. From {timeOfDay(b.alone)} on one lead may send it alone, with a reason.
    </p>
  );
}

/** One broadcast: what it says and to whom, the other host's answer, and the board of recipients. */
export function BroadcastPage({ facts, head, now, skew, object, broadcast: b, acts, whom, fresh, onStepUp, children }: Props) {
  const [ending, setEnding] = useState<Ending | null>(null);
  const [approving, setApproving] = useState(false);
  const href = (n: number) => `/rooms/${facts.room.id}/entries/${n}`;
  const left = useLeft(b, skew);
  const mine = may(facts, "approve-broadcast", object);
  const alone = may(facts, "send-alone", object) && left === 0;
  const first = (then: () => void) => () => (fresh ? then() : onStepUp());
  return (
    <article className="sheet broadcast" aria-labelledby="broadcast-heading">
      <p className="sheet__kind">
        <Icon name="broadcast" size={18} /> To organisations, entry <a href={href(object.root)}>{object.root}</a>
      </p>
      <p className="sheet__states">
        <StateTag look={broadcastLook[b.state]} />
      </p>
      {object.marking ? <SheetLabel marking={object.marking} whom={whom(object.marking)} invented={false} /> : null}
      <h2 id="broadcast-heading" className="sheet__title">
        {purposeName[b.purpose]}
      </h2>
      <p>
        Asked by <strong>{byInFull(facts, b.by)}</strong>, <Moment at={b.asked} now={now} />.
      </p>
      <dl className="sheet__facts">
        <div>
          <dt>Chosen</dt>
          <dd>{chosenWords(b.chosen)}</dd>
        </div>
        <div>
          <dt>Reaches</dt>
          <dd>
            {reachWords(b.count)}
            {b.count.noNumber > 0 ? `. ${plural(b.count.noNumber, "contact has", "contacts have")} no verified mobile number` : ""}
          </dd>
        </div>
        {b.history === null ? null : (
          <div>
            <dt>They see</dt>
            <dd>{b.history === "full" ? "Earlier entries too, where those are meant for everyone" : "The room from when they join"}</dd>
          </div>
        )}
        <div>
          <dt>Costs</dt>
          <dd>
            {plural(b.count.fragments, "fragment")}
            {b.count.pence ? `, ${pounds(b.count.pence)}` : ""}
          </dd>
        </div>
      </dl>
      {b.state === "asked" ? (
        <section className={mine ? "ask-me broadcast__ask" : "broadcast__ask"} aria-labelledby="ask-me-heading">
          <h3 id="ask-me-heading">{mine ? (b.purpose === "invite" ? "Do you agree that they are invited?" : "Do you agree that it goes out?") : "Somebody of the other host must agree"}</h3>
          <Wait b={b} left={left} />
          {mine ? (
            <div className="escalation__buttons">
              <Button onClick={first(() => setApproving(true))}>Approve</Button>
              <Button kind="secondary" onClick={() => setEnding("refuse")}>
                Refuse
              </Button>
            </div>
          ) : null}
          {mine || alone ? <p className="fact__source">{fresh ? "Your second factor is confirmed: go on within five minutes." : "This takes your second factor."}</p> : null}
        </section>
      ) : null}
      <div className="sheet__acts">
        {alone && !mine ? (
          <Button small kind="warning" onClick={first(() => setEnding("send-alone"))}>
            Send it alone
          </Button>
        ) : null}
        {may(facts, "withdraw-broadcast", object) ? (
          <Button small kind="secondary" onClick={() => setEnding("withdraw")}>
            Withdraw
          </Button>
        ) : null}
        {may(facts, "stop-broadcast", object) ? (
          <Button small kind="secondary" onClick={() => setEnding("stop")}>
            {b.purpose === "invite" ? "Revoke all that are not accepted" : "Stop"}
          </Button>
        ) : null}
      </div>
      {children}
      <section className="part">
        <h3>What has happened</h3>
        <ol className="steps">
          {b.steps.map((s) => (
            <li key={s.seq}>
              <span className="tabular">
                <a href={href(s.seq)}>{s.seq}</a>
              </span>
              <div>
                <p>
                  <strong>{byInFull(facts, s.by)}</strong> {b.purpose === "invite" && s.what in didInvite ? didInvite[s.what] : did[s.what]}
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
      {approving ? <ApproveDialog b={b} seq={object.root} head={head} acts={acts} onClose={() => setApproving(false)} /> : null}
      {ending ? <EndDialog what={ending} b={b} seq={object.root} facts={facts} head={head} acts={acts} onClose={() => setEnding(null)} /> : null}
    </article>
  );
}

function ApproveDialog({ b, seq, head, acts, onClose }: { b: Broadcast; seq: number; head: number; acts: BroadcastActs; onClose: () => void }) {
  const submit = useSubmit();
  const [seen] = useState(head);
  const send = async () => {
    if (await submit.run(() => acts.approveBroadcast(seq, seen))) onClose();
  };
  return (
    <Dialog title={b.purpose === "invite" ? "Approve: they are invited at once" : "Approve: it goes out at once"} onClose={onClose}>
      <FormProblems submit={submit} host onAgain={() => void send()} />
      <p>
        <strong>{purposeName[b.purpose]}</strong>, to {reachWords(b.count)}. {b.purpose === "invite" ? "Until somebody has accepted, their invitation can be taken back." : "What has gone out cannot be called back."}
      </p>
      <FormButtons busy={submit.busy} onDo={() => void send()} onCancel={onClose}>
        {b.purpose === "invite" ? "Approve and invite" : "Approve and send"}
      </FormButtons>
    </Dialog>
  );
}

function EndDialog({ what, b, seq, facts, head, acts, onClose }: { what: Ending; b: Broadcast; seq: number; facts: Facts; head: number; acts: BroadcastActs; onClose: () => void }) {
  const [said, setSaid] = useState("");
  const submit = useSubmit();
  const [seen] = useState(head);
  const w = wordsOf(b, what);
  const save = async () => {
    const text = said.trim();
    if (text === "") {
      submit.refuse([{ name: "reason", message: w.missing }]);
      return;
    }
    if (await submit.run(() => acts.endBroadcast(seq, what, text, seen, submit.overriding()))) onClose();
  };
  return (
    <Dialog title={w.title} onClose={onClose}>
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      <TextArea id="reason" label="Reason" hint={w.hint} rows={3} maxLength={1000} error={submit.errorOf("reason")} value={said} onChange={(e) => setSaid(e.target.value)} />
      <FormButtons kind="warning" busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        {w.act}
      </FormButtons>
    </Dialog>
  );
}
