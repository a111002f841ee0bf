import { useState, type ReactNode } from "react";
import { type ErasureFacts, type Ground, grounds } from "../../protocol/keeping";
import { type Facts, type Seq } from "../../protocol/types";
import { byCalled, orgNamed } from "../../room/called";
import type { RoomStore } from "../../room/store";
import { Dialog } from "../../ui/Dialog";
import { groundName, ofEntries, whatOf } from "../../ui/erasure";
import { SelectField } from "../../ui/Field";
import { Question } from "../../ui/Question";
import { type Factor, FactorFirst, isFresh } from "./Factor";

export type ErasureActs = Pick<RoomStore, "askErasure" | "agreeErasure" | "refuseErasure" | "dropErasure">;

const all = [4, 5, 6] as const;

/** What keeps the record from being erased, wherever erasing is offered. */
export function OnHold({ facts }: { facts: Facts }) {
  const [hold] = facts.holds;
  if (!hold) return null;
  return (
    <div className="nhsuk-inset-text keeping__hold">
      <p>
        <strong>The record is on hold: {hold.reference}.</strong> Nothing is erased until someone of the other host than {orgNamed(facts, hold.by.org ?? "")} lifts it (entry {hold.root}).
      </p>
    </div>
  );
}

type AfterFactorProps = Parameters<typeof Question>[0] & { factor: Factor; /** What takes the factor. */ why: string; back: string; facts?: Facts };

/** A question that takes the second factor first, and is not asked while the record is on hold. */
function AfterFactor({ factor, why, back, facts, ...question }: AfterFactorProps) {
  const [fresh, setFresh] = useState(() => isFresh(factor));
  if (facts && facts.holds.length > 0)
    return (
      <Dialog title={question.title} onClose={question.onClose}>
        <OnHold facts={facts} />
      </Dialog>
    );
  if (!fresh) return <FactorFirst why={why} back={back} onClose={question.onClose} />;
  return <Question {...question} onRefused={(problem) => problem.fault === "step_up" && setFresh(false)} />;
}

type Asking = { facts: Facts; factor: Factor; back: string; acts: ErasureActs; onClose: () => void };

/** Asks for an entry, with its later wordings, to be erased. */
export function AskErasureDialog({ entries, acts, ...rest }: Asking & { entries: readonly Seq[] }) {
  const [ground, setGround] = useState<Ground | "">("");
  return (
    <AfterFactor
      {...rest}
      why="Asking for something to be erased"
      title={`Ask to erase ${ofEntries(entries).slice(3)}?`}
      wide
      action="Ask"
      check={() => [ground === "" ? { name: "ground", message: "Choose the ground." } : null]}
      reason={{ hint: "Do not repeat what is to be erased: the reason stays in the log.", missing: "Say why. Two people decide by it." }}
      onDo={async ({ reason }) => ground && acts.askErasure({ entries, slots: all, ground, reason })}
    >
      {(errorOf) => (
        <>
          <p>
            What {entries.length === 1 ? "it says" : "the entry and its later wordings say"} is destroyed, for everybody and for good. That there was an entry, who wrote it and when stays in the log, with the ground and the two people who agreed.
          </p>
          <p>Nothing happens until two other people agree, one of each host. Only hosts see the question.</p>
          {rest.facts.room.cell ? <p>Questions whether to bring it to the main room repeat it, and are erased with it. What was said in the main room is erased there.</p> : null}
          <SelectField id="ground" label="Ground" error={errorOf("ground")} value={ground} onChange={(e) => setGround(grounds.find((g) => g === e.target.value) ?? "")}>
            <option value="">Choose a ground</option>
            {grounds.filter((g) => g !== "retention_ended").map((g) => (
              <option key={g} value={g}>
                {groundName[g]}
              </option>
            ))}
          </SelectField>
        </>
      )}
    </AfterFactor>
  );
}

/** What is asked, for whoever decides on it. */
function Asked({ a, facts }: { a: ErasureFacts; facts: Facts }) {
  return (
    <dl className="keeping__asked">
      <div>
        <dt>To be erased</dt>
        <dd>
          {whatOf(a.slots)} {ofEntries(a.entries)}
        </dd>
      </div>
      <div>
        <dt>Ground</dt>
        <dd>{groundName[a.ground]}</dd>
      </div>
      <div>
        <dt>Reason</dt>
        <dd>{a.reason}</dd>
      </div>
      <div>
        <dt>Asked by</dt>
        <dd>{byCalled(facts, a.by)}</dd>
      </div>
      <div>
        <dt>Agreed</dt>
        <dd>{a.agreed.length === 0 ? "Nobody yet: two people, one of each host" : `${a.agreed.map((x) => byCalled(facts, x.by)).join(", ")}. One more, of the other host`}</dd>
      </div>
    </dl>
  );
}

/** One of the two agreements. The second erases. */
export function AgreeErasureDialog({ a, acts, ...rest }: Asking & { a: ErasureFacts }) {
  const last = a.agreed.length === 1;
  return (
    <AfterFactor {...rest} why="Agreeing to an erasure" title={last ? "Agree, and erase now?" : "Agree to the erasure?"} action={last ? "Agree and erase" : "Agree"} warning={last} onDo={() => acts.agreeErasure(a.root)}>
      <Asked a={a} facts={rest.facts} />
      <p>{last ? "Yours is the second agreement: it is erased at once, for everybody and for good. Nobody can bring it back." : "Yours is the first agreement. Nothing is erased until someone of the other host agrees too."}</p>
    </AfterFactor>
  );
}

/** A question answered with a reason, after the second factor. */
export function ReasonDialog({ onSend, ...rest }: { title: string; why: string; action: string; children?: ReactNode; factor: Factor; back: string; onSend: (reason: string) => Promise<unknown>; onClose: () => void }) {
  return <AfterFactor {...rest} reason={{ missing: "Give the reason, in a sentence or two." }} onDo={({ reason }) => onSend(reason)} />;
}
