import { useEffect, useState } from "react";
import type { Named, Redaction } from "../../protocol/exports";
import type { Received, Seq } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { shownProblem } from "../../ui/problem";
import { useSeen } from "../../ui/useSeen";
import { GroundFields, groundMissing } from "./GroundFields";
import { MarkOut, nothingMarked, redactionsOf } from "./MarkOut";

type Props = {
  head: Seq;
  from: Seq;
  to: Seq;
  /** The entry to begin with; null to ask for its number. */
  entry: Seq | null;
  grounds: readonly Named[];
  read: (seq: Seq) => Promise<Received>;
  onRedact: (redactions: readonly Redaction[], seen: Seq) => Promise<unknown>;
  onClose: () => void;
};

/** Proposes what is to be left out of one entry. */
export function RedactDialog({ head, from, to, entry, grounds, read, onRedact, onClose }: Props) {
  const [number, setNumber] = useState(entry === null ? "" : String(entry));
  const [found, setFound] = useState<Received | null>(null);
  const [failed, setFailed] = useState<string | undefined>(undefined);
  const [marked, setMarked] = useState(nothingMarked);
  const [ground, setGround] = useState("");
  const [reason, setReason] = useState("");
  const submit = useSeen(head);
  const look = async (text: string) => {
    const n = Number(text);
    setFound(null);
    setMarked(nothingMarked);
    if (!Number.isInteger(n) || n < from || n > to) {
      setFailed(`Give a number from ${from} to ${to}.`);
      return;
    }
    try {
      const got = await read(n);
      setFailed(got.fragment.form === "stub" ? "You do not see what this entry says. Its originator is asked about it." : undefined);
      setFound(got.fragment.form === "stub" ? null : got);
    } catch (e) {
      setFailed(shownProblem(e).detail);
    }
  };
  useEffect(() => {
    if (entry !== null) void look(String(entry));
    // Once, for the entry the dialog was opened with.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const save = async () => {
    if (!found) {
      submit.refuse([{ name: "entry", message: "Choose the entry first." }]);
      return;
    }
    const list = redactionsOf(found.fragment.seq, marked, ground, reason.trim());
    const wrong = [...(list.length === 0 ? [{ name: "redactions", message: "Mark what is to be left out." }] : []), ...groundMissing(ground, reason)];
    if (wrong.length > 0) submit.refuse(wrong);
    else if (await submit.send((seen) => onRedact(list, seen))) onClose();
  };
  return (
    <Dialog title="Leave something out" wide onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <form
        className="pair pair--bottom"
        onSubmit={(e) => {
          e.preventDefault();
          void look(number);
        }}
      >
        <TextField id="entry" label="Entry" inputMode="numeric" className="nhsuk-input--width-5 tabular" error={failed ?? submit.errorOf("entry")} value={number} onChange={(e) => setNumber(e.target.value)} />
        <Button kind="secondary" small type="submit">
          Show it
        </Button>
      </form>
      {found ? <MarkOut key={found.fragment.seq} entry={found} marked={marked} onMark={setMarked} error={submit.errorOf("redactions")} /> : null}
      {found ? <GroundFields grounds={grounds} ground={ground} reason={reason} onGround={setGround} onReason={setReason} errorOf={submit.errorOf} /> : null}
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose} stuck>
        Leave it out
      </FormButtons>
    </Dialog>
  );
}
