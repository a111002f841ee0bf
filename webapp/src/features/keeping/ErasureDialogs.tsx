import { useState, type ReactNode } from "react";
import { type ErasureFacts, type Ground, grounds } from "../../protocol/keeping";
import { type Facts, type Seq } from "../../protocol/types";
import { byCalled, orgNamed } from "../../room/called";
import type { RoomStore } from "../../room/store";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { groundName, ofEntries, whatOf } from "../../ui/erasure";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField, TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSubmit } from "../../ui/useSubmit";
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

/** Asks for an entry, with its later wordings, to be erased. */
export function AskErasureDialog({ facts, entries, factor, back, acts, onClose }: { facts: Facts; entries: readonly Seq[]; factor: Factor; back: string; acts: ErasureActs; onClose: () => void }) {
  const [ground, setGround] = useState<Ground | "">("");
  const [reason, setReason] = useState("");
  const [fresh] = useState(() => isFresh(factor));
  const submit = useSubmit();
  if (facts.holds.length > 0)
    return (
      <Dialog title={`Erase ${ofEntries(entries).slice(3)}?`} onClose={onClose}>
        <OnHold facts={facts} />
      </Dialog>
    );
  if (!fresh || submit.problem?.fault === "step_up") return <FactorFirst why="Asking for something to be erased" back={back} onClose={onClose} />;
  const save = async () => {
    const errors = [
      ground === "" ? { name: "ground", message: "Choose the ground." } : null,
      reason.trim() === "" ? { name: "reason", message: "Say why. Two people decide by it." } : null,
    ].filter((x) => x !== null);
    if (errors.length > 0 || ground === "") submit.refuse(errors);
    else if (await submit.run(() => acts.askErasure({ entries, slots: all, ground, reason: reason.trim() }))) onClose();
  };
  return (
    <Dialog title={`Ask to erase ${ofEntries(entries).slice(3)}?`} wide onClose={onClose}>
      <p>
        What {entries.length === 1 ? "it says" : "the entry and its later wordings say"} is destroyed, for everybody and for good. That there was an entry, who wrote it and when stays in the log, with the ground and the two people who agreed.
      </p>
      <p>Nothing happens until two other people agree, one of each host. Only hosts see the question.</p>
      <ErrorSummary problems={submit.problems} />
      <SelectField id="ground" label="Ground" error={submit.errorOf("ground")} value={ground} onChange={(e) => setGround(grounds.find((g) => g === e.target.value) ?? "")}>
        <option value="">Choose a ground</option>
        {grounds.filter((g) => g !== "retention_ended").map((g) => (
          <option key={g} value={g}>
            {groundName[g]}
          </option>
        ))}
      </SelectField>
      <TextArea id="reason" label="Reason" hint="Do not repeat what is to be erased: the reason stays in the log." rows={3} maxLength={1000} error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Ask
      </FormButtons>
    </Dialog>
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
export function AgreeErasureDialog({ facts, a, factor, back, acts, onClose }: { facts: Facts; a: ErasureFacts; factor: Factor; back: string; acts: ErasureActs; onClose: () => void }) {
  const [fresh] = useState(() => isFresh(factor));
  const submit = useSubmit();
  if (facts.holds.length > 0)
    return (
      <Dialog title="Agree to the erasure?" onClose={onClose}>
        <OnHold facts={facts} />
      </Dialog>
    );
  if (!fresh || submit.problem?.fault === "step_up") return <FactorFirst why="Agreeing to an erasure" back={back} onClose={onClose} />;
  const last = a.agreed.length === 1;
  const go = async () => {
    if (await submit.run(() => acts.agreeErasure(a.root))) onClose();
  };
  return (
    <Dialog title={last ? "Agree, and erase now?" : "Agree to the erasure?"} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <Asked a={a} facts={facts} />
      <p>{last ? "Yours is the second agreement: it is erased at once, for everybody and for good. Nobody can bring it back." : "Yours is the first agreement. Nothing is erased until someone of the other host agrees too."}</p>
      <div className="actions">
        <Button kind={last ? "warning" : "primary"} busy={submit.busy} onClick={() => void go()}>
          {last ? "Agree and erase" : "Agree"}
        </Button>
        <Button kind="secondary" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}

/** A question answered with a reason, after the second factor. */
export function ReasonDialog({ title, why, action, children, factor, back, onSend, onClose }: { title: string; why: string; action: string; children?: ReactNode; factor: Factor; back: string; onSend: (reason: string) => Promise<unknown>; onClose: () => void }) {
  const [fresh] = useState(() => isFresh(factor));
  const [reason, setReason] = useState("");
  const submit = useSubmit();
  if (!fresh || submit.problem?.fault === "step_up") return <FactorFirst why={why} back={back} onClose={onClose} />;
  const save = async () => {
    if (reason.trim() === "") submit.refuse([{ name: "reason", message: "Give the reason, in a sentence or two." }]);
    else if (await submit.run(() => onSend(reason.trim()))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      {children}
      <TextArea id="reason" label="Reason" rows={3} maxLength={1000} error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        {action}
      </FormButtons>
    </Dialog>
  );
}
