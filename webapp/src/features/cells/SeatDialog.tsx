import { useState } from "react";
import type { Facts, MemberFacts } from "../../protocol/types";
import { membersPresent } from "../../room/select";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { RadioGroup } from "../../ui/Field";
import { Failed, Loading } from "../../ui/State";
import { useSubmit } from "../../ui/useSubmit";

/** Brings somebody of the main room into this side room. main: its standing facts; null while they are not here. */
export function SeatDialog({ facts, main, failed, onSeat, onClose }: { facts: Facts; main: Facts | null; failed: string; onSeat: (m: number) => Promise<unknown>; onClose: () => void }) {
  const [chosen, setChosen] = useState("");
  const submit = useSubmit();
  const { cell } = facts.room;
  const here = (m: MemberFacts) => membersPresent(facts).some((x) => x.name === m.name && x.org === m.org);
  const others = main ? membersPresent(main).filter((m) => (m.host || m.org === cell?.org) && !here(m)) : [];
  const seat = async () => {
    if (chosen !== "" && (await submit.run(() => onSeat(Number(chosen))))) onClose();
  };
  return (
    <Dialog title="Bring somebody in" onClose={onClose} kind="sheet">
      <ErrorSummary problems={submit.problems} />
      {failed !== "" ? (
        <Failed title="The main room could not be asked" detail={failed} onRetry={onClose} />
      ) : !main ? (
        <Loading what="the main room" />
      ) : others.length === 0 ? (
        <p>Everyone of the hosts and of this organisation who is in the main room is here already.</p>
      ) : (
        <>
          <p>They see all of this side room at once, also what was said before. Nobody else is told.</p>
          <RadioGroup name="seat" legend="Who" small value={chosen} onChange={setChosen} choices={others.map((m) => ({ value: String(m.number), label: m.name, hint: m.orgName }))} />
          <div className="actions">
            <Button busy={submit.busy} aria-disabled={chosen === "" || undefined} onClick={() => void seat()}>
              Bring them in
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
