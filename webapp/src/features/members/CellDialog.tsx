import { useState } from "react";
import type { NewCell } from "../../protocol/rest";
import type { Facts, MemberFacts } from "../../protocol/types";
import { isLead, membersPresent } from "../../room/select";
import { Checkbox } from "../../ui/Field";
import { roleName } from "../../ui/names";
import { Question } from "../../ui/Question";
import { list } from "../../ui/words";

/** Opens a side room with a guest's organisation, and says first who will be in it. */
export function CellDialog({ facts, of, onOpen, onClose }: { facts: Facts; of: MemberFacts; onOpen: (cell: NewCell) => Promise<unknown>; onClose: () => void }) {
  const present = membersPresent(facts);
  const hosts = present.filter((m) => m.host && m.number !== facts.you);
  const theirs = present.filter((m) => m.org === of.org);
  const [chosen, setChosen] = useState<readonly number[]>(hosts.filter(isLead).map((m) => m.number));
  const name = of.orgName || of.org;
  return (
    <Question title={`Side room with ${name}`} kind="sheet" action="Open the side room" onDo={() => onOpen({ org: of.org, hosts: chosen })} onClose={onClose}>
      <p>
        A room of its own, for you, the hosts you choose and {name}. Everybody of {name} who is in this room is in it at once: {list(theirs.map((m) => m.name || `M-${m.number}`))}.
      </p>
      <p>
        <strong>Nobody else learns that it exists.</strong> It leaves no trace in this room. What {name} says there comes back here only with their consent. Whoever is removed from this room is removed from the side room.
      </p>
      <fieldset className="nhsuk-fieldset">
        <legend className="nhsuk-fieldset__legend">Hosts in it, besides you</legend>
        {hosts.length === 0 ? <p className="quiet">No other host is in this room.</p> : null}
        <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
          {hosts.map((m) => (
            <Checkbox
              key={m.number}
              label={m.name}
              hint={[m.orgName, m.role === "" ? "" : roleName[m.role]].filter(Boolean).join(" · ")}
              checked={chosen.includes(m.number)}
              onChange={(e) => setChosen(e.target.checked ? [...chosen, m.number] : chosen.filter((n) => n !== m.number))}
            />
          ))}
        </div>
      </fieldset>
    </Question>
  );
}
