import { useState } from "react";
import type { Asked, ExportDraft, ExportRow, Exports, ReleaseDraft } from "../../protocol/exports";
import type { Facts, Received, Seq } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Moment } from "../../ui/Moment";
import { StateTag } from "../../ui/StateTag";
import { Empty } from "../../ui/State";
import { StepUp } from "../../ui/StepUp";
import { TlpTag } from "../../ui/TlpTag";
import { AnswerDialog } from "./AnswerDialog";
import { RequestDialog } from "./RequestDialog";
import { exportLook, overLook, recipientInFull, saidIn, wordsOf } from "./words";

type Props = {
  facts: Facts;
  head: Seq;
  now: number;
  list: Exports;
  asked: Asked | null;
  mayAsk: boolean;
  onAsk: (draft: ExportDraft) => Promise<unknown>;
  onAnswer: (seq: Seq, a: ReleaseDraft, seen: Seq) => Promise<unknown>;
  /** Opens what travels sealed; it is recorded. */
  open: (seq: Seq) => Promise<Received>;
};

const answered: Record<"" | "release" | "redact" | "withhold", string> = { "": "", release: "Released", redact: "Released in part", withhold: "Withheld" };

/** What is asked of my organisation, and the exports that I may see. */
export function ExportsPage({ facts, head, now, list, asked, mayAsk, onAsk, onAnswer, open }: Props) {
  const [asking, setAsking] = useState<"request" | "stepUp" | { of: Seq; entry: Received; recipient: string } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const home = `/rooms/${facts.room.id}`;
  const close = () => setAsking(null);
  const entryOf = (n: Seq) => asked?.entries.find((e) => e.fragment.seq === n);
  const answer = async (of: Seq, n: Seq, recipient: string) => {
    setFailed(null);
    try {
      const here = entryOf(n);
      const entry = here && here.fragment.form === "open" ? here : await open(n);
      setAsking({ of, entry, recipient });
    } catch (e) {
      if (e instanceof Error && "fault" in e && e.fault === "step_up") setAsking("stepUp");
      else setFailed(`Entry ${n} could not be opened. Try again.`);
    }
  };
  return (
    <section className="board" aria-labelledby="board-heading">
      <header className="board__head">
        <h2 id="board-heading">Exports for inquiry</h2>
        {mayAsk ? (
          <div className="board__acts">
            <Button small onClick={() => setAsking("request")}>
              Request an export
            </Button>
          </div>
        ) : null}
      </header>
      {failed ? (
        <p role="alert" className="alarm">
          {failed}
        </p>
      ) : null}
      {asked && asked.questions.length > 0 ? (
        <section className="board__section" aria-labelledby="asked-heading">
          <h3 id="asked-heading">Your organisation is asked</h3>
          {asked.questions.map((q) => {
            const recipient = q.role === "" ? q.organisation : `${q.organisation} (${q.role})`;
            return (
              <div key={q.export} className="ask-me">
                <p>
                  These entries came from your organisation and are restricted. May <strong>{recipient}</strong> have them? What you do not answer is left out and listed as unanswered. Answer by <Moment at={q.until} now={now} />.
                </p>
                <ul className="board__rows">
                  {q.entries.map((r) => {
                    const here = entryOf(r.entry);
                    const body = here ? saidIn(here) : null;
                    return (
                      <li key={r.entry} className="question">
                        <p>
                          <a className="tabular" href={`${home}/entries/${r.entry}`}>
                            Entry {r.entry}
                          </a>{" "}
                          <TlpTag label={r.tlp} /> {r.answer === "" ? null : <span className="tag-plain">{answered[r.answer]}</span>}
                        </p>
                        {body === null ? null : <p className="question__text">{body}</p>}
                        <Button small kind={r.answer === "" ? "primary" : "secondary"} onClick={() => void answer(q.export, r.entry, q.organisation)}>
                          {r.answer === "" ? "Answer" : "Answer anew"}
                          <span className="unseen"> for entry {r.entry}</span>
                        </Button>
                      </li>
                    );
                  })}
                </ul>
              </div>
            );
          })}
          {asked.more ? <p className="quiet">There are more: they come when these are answered.</p> : null}
        </section>
      ) : null}
      {list.exports.length === 0 ? (
        asked && asked.questions.length > 0 ? null : (
          <Empty title={mayAsk ? "Nobody has asked for an export yet" : "Nothing is asked of your organisation"}>
            <p>{mayAsk ? "An export gives a named person, such as an inquiry’s counsel, a part of this record with the proof that nothing in it was changed." : "When an export for an inquiry would give out restricted entries of your organisation, you are asked here."}</p>
          </Empty>
        )
      ) : (
        <ul className="board__rows">
          {list.exports.map((x) => (
            <Row key={x.root} x={x} home={home} now={now} basis={wordsOf(list.bases, x.basis)} />
          ))}
        </ul>
      )}
      {asking === "request" ? <RequestDialog head={head} bases={list.bases} onAsk={onAsk} onClose={close} /> : null}
      {asking === "stepUp" ? <StepUp why="Reading a TLP:RED entry" back={`${home}/exports`} onClose={close} /> : null}
      {asking !== null && typeof asking === "object" ? <AnswerDialog head={head} entry={asking.entry} grounds={asked?.grounds ?? list.grounds} recipient={asking.recipient} onAnswer={(a, seen) => onAnswer(asking.of, a, seen)} onClose={close} /> : null}
    </section>
  );
}

function Row({ x, home, now, basis }: { x: ExportRow; home: string; now: number; basis: string }) {
  return (
    <li className="board-row">
      <span className="board-row__n tabular">{x.root}</span>
      <span className="board-row__main">
        <a className="board-row__title" href={`${home}/exports/${x.root}`}>
          For {recipientInFull(x)}
        </a>
        <span className="board-row__facts quiet">
          Entries {x.from} to {x.to} · {basis} · until <Moment at={x.until} now={now} />
        </span>
      </span>
      <span className="board-row__states">
        <StateTag look={exportLook[x.state]} />
        {x.over && x.state !== "refused" && x.state !== "withdrawn" ? <StateTag look={overLook} /> : null}
      </span>
    </li>
  );
}
