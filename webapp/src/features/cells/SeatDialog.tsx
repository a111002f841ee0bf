import { useState } from "react";
import type { Facts, MemberFacts } from "../../protocol/types";
import { membersPresent } from "../../room/select";
import { RadioGroup } from "../../ui/Field";
import { Question } from "../../ui/Question";
import { Failed, Loading } from "../../ui/State";

/** Brings somebody of the main room into this side room. main: its standing facts; null while they are not here. */
export function SeatDialog({ facts, main, failed, onSeat, onClose }: { facts: Facts; main: Facts | null; failed: string; onSeat: (m: number) => Promise<unknown>; onClose: () => void }) {
  const [chosen, setChosen] = useState("");
  const { cell } = facts.room;
  const here = (m: MemberFacts) => membersPresent(facts).some((x) => x.name === m.name && x.org === m.org);
  const others = main ? membersPresent(main).filter((m) => (m.host || m.org === cell?.org) && !here(m)) : [];
  return (
    <Question
      title="Bring somebody in"
      kind="sheet"
      action="Bring them in"
      idle={others.length === 0}
      check={() => [chosen === "" ? { name: "seat", message: "Choose who is brought in." } : null]}
      onDo={() => onSeat(Number(chosen))}
      onClose={onClose}
    >
      {failed !== "" ? (
        <Failed title="The main room could not be asked" detail={failed} onRetry={onClose} />
      ) : !main ? (
        <Loading what="the main room" />
      ) : others.length === 0 ? (
        <p>Everyone of the hosts and of this organisation who is in the main room is here already.</p>
      ) : (
        <>
          <p>They see all of this side room at once, also what was said before. Nobody else is told.</p>
          <RadioGroup id="seat" name="seat" legend="Who" small value={chosen} onChange={setChosen} choices={others.map((m) => ({ value: String(m.number), label: m.name, hint: m.orgName }))} />
        </>
      )}
    </Question>
  );
}
