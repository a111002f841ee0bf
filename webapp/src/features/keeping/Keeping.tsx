import { useState } from "react";
import type { HoldFacts } from "../../protocol/keeping";
import type { Facts } from "../../protocol/types";
import { byCalled } from "../../room/called";
import { may } from "../../room/may";
import type { RoomStore } from "../../room/store";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ofEntries } from "../../ui/erasure";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextArea, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { longDay } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { ReasonDialog } from "./ErasureDialogs";
import { type Factor, FactorFirst, isFresh } from "./Factor";

export type KeepingActs = Pick<RoomStore, "setRetention" | "placeHold" | "liftHold">;
type Props = { facts: Facts; factor: Factor; acts: KeepingActs; goTo: (seq: number) => void };

function until(facts: Facts): string | null {
  if (facts.room.ended === null) return null;
  const t = new Date(facts.room.ended);
  t.setUTCFullYear(t.getUTCFullYear() + facts.retention.years);
  return t.toISOString();
}

/** How long the record is kept, what holds it, and what is asked to be erased from it. */
export function KeepingFact({ facts, factor, acts, goTo }: Props) {
  const [doing, setDoing] = useState<"longer" | "hold" | HoldFacts | null>(null);
  const { retention, holds, erasures } = facts;
  const end = until(facts);
  const close = () => setDoing(null);
  const back = `/rooms/${facts.room.id}`;
  return (
    <section className="fact keeping" aria-labelledby="keeping-heading">
      <h2 id="keeping-heading" className="side-heading">
        Keeping the record
      </h2>
      <p>
        Kept for <strong>{retention.years} years</strong> after the room is closed{end === null ? "" : `: until ${longDay(end)}`}.{" "}
        {retention.seq === 0 ? <span className="quiet">That is the usual time.</span> : <span className="quiet">Set by {byCalled(facts, retention.by)}, entry {retention.seq}.</span>}
      </p>
      {holds.map((h) => (
        <div key={h.root} className="nhsuk-inset-text keeping__hold">
          <p>
            <strong>On hold: {h.reference}.</strong> {h.reason}
          </p>
          <p className="quiet">
            Placed by {byCalled(facts, h.by)}, entry {h.root}. Nothing is erased until someone of the other host lifts it.
          </p>
          {may(facts, "lift-hold", undefined, { hold: h }) ? (
            <Button kind="secondary" small onClick={() => setDoing(h)}>
              Lift the hold<span className="unseen"> {h.reference}</span>
            </Button>
          ) : null}
        </div>
      ))}
      {erasures.map((a) => (
        <p key={a.root}>
          {byCalled(facts, a.by)} asks to erase something {ofEntries(a.entries)}; {a.agreed.length} of 2 have agreed.{" "}
          <button type="button" className="button-plain" onClick={() => goTo(a.root)}>
            Show<span className="unseen"> entry {a.root}</span>
          </button>
        </p>
      ))}
      <div className="fact__actions">
        {may(facts, "place-hold") ? (
          <Button kind="secondary" small onClick={() => setDoing("hold")}>
            Put on hold
          </Button>
        ) : null}
        {may(facts, "set-retention") ? (
          <Button kind="secondary" small onClick={() => setDoing("longer")}>
            Keep it longer
          </Button>
        ) : null}
      </div>
      {doing === "hold" ? <HoldDialog acts={acts} onClose={close} /> : null}
      {doing === "longer" ? <LongerDialog years={retention.years} factor={factor} back={back} acts={acts} onClose={close} /> : null}
      {doing !== null && typeof doing === "object" ? (
        <ReasonDialog title={`Lift the hold ${doing.reference}?`} why="Lifting a hold" action="Lift it" factor={factor} back={back} onSend={(reason) => acts.liftHold(doing.root, reason)} onClose={close}>
          <p>Once no hold stands, two people of the hosts can have entries erased again. Everyone in the room sees that you lifted it, and why.</p>
        </ReasonDialog>
      ) : null}
    </section>
  );
}

function HoldDialog({ acts, onClose }: { acts: KeepingActs; onClose: () => void }) {
  const [reference, setReference] = useState("");
  const [reason, setReason] = useState("");
  const submit = useSubmit();
  const save = async () => {
    const errors = [
      reference.trim() === "" ? { name: "reference", message: "Give the reference of the inquiry, claim or order." } : null,
      reason.trim() === "" ? { name: "reason", message: "Give the reason, in a sentence or two." } : null,
    ].filter((x) => x !== null);
    if (errors.length > 0) submit.refuse(errors);
    else if (await submit.run(() => acts.placeHold(reference.trim(), reason.trim()))) onClose();
  };
  return (
    <Dialog title="Put the record on hold?" onClose={onClose}>
      <p>From then on nothing is erased from this room, whatever was agreed to before. Only someone of the other host can lift it. Everyone in the room sees the reference and the reason.</p>
      <ErrorSummary problems={submit.problems} />
      <TextField id="reference" label="Reference" hint="Of the inquiry, the claim or the order" maxLength={100} error={submit.errorOf("reference")} value={reference} onChange={(e) => setReference(e.target.value)} />
      <TextArea id="reason" label="Reason" rows={3} maxLength={1000} error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Put on hold
      </FormButtons>
    </Dialog>
  );
}

function LongerDialog({ years, factor, back, acts, onClose }: { years: number; factor: Factor; back: string; acts: KeepingActs; onClose: () => void }) {
  const [fresh] = useState(() => isFresh(factor));
  const [value, setValue] = useState("");
  const submit = useSubmit();
  if (!fresh || submit.problem?.fault === "step_up") return <FactorFirst why="Changing how long the record is kept" back={back} onClose={onClose} />;
  const save = async () => {
    const n = Number(value);
    if (!Number.isInteger(n) || n <= years || n > 100) submit.refuse([{ name: "years", message: `Give a whole number from ${years + 1} to 100.` }]);
    else if (await submit.run(() => acts.setRetention(n))) onClose();
  };
  return (
    <Dialog title="Keep the record longer" onClose={onClose}>
      <p>It is kept for {years} years after the room is closed. It can be made longer, and is never made shorter.</p>
      <ErrorSummary problems={submit.problems} />
      <TextField id="years" label="Years" inputMode="numeric" maxLength={3} error={submit.errorOf("years")} value={value} onChange={(e) => setValue(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Keep it longer
      </FormButtons>
    </Dialog>
  );
}
