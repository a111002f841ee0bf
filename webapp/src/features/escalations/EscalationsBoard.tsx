import type { Facts, Marking } from "../../protocol/types";
import { byCalled } from "../../room/called";
import { askedNow } from "../../room/escalation";
import { may } from "../../room/may";
import type { RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { BoardRow } from "../../ui/BoardRow";
import { Button } from "../../ui/Button";
import { conditionName, escalationLook } from "../../ui/escalation";
import { Filters } from "../../ui/Filters";
import { StateTag } from "../../ui/StateTag";
import { timeOfDay } from "../../ui/time";

export const escalationFilters = [
  { value: "all", label: "All" },
  { value: "open", label: "Waiting for an answer" },
  { value: "accepted", label: "In force" },
] as const;
export type EscalationFilter = (typeof escalationFilters)[number]["value"];
export const escalationQuery: Record<EscalationFilter, { state?: string }> = { all: {}, open: { state: "requested,silent" }, accepted: { state: "accepted" } };

/** Whether it still belongs under a filter. */
export function escalationPasses(filter: EscalationFilter, o: RoomObject): boolean {
  const e = o.record?.noun === "escalation" ? o.record : null;
  if (filter === "all" || !e) return filter === "all";
  return filter === "open" ? e.state === "requested" || e.state === "silent" : e.state === "accepted";
}

type Props = { facts: Facts; whom: (m: Marking) => string; objects: readonly RoomObject[]; board: BoardState; filter: EscalationFilter; onFilter: (f: EscalationFilter) => void; onEscalate: () => void };

/** Every escalation the reader may see, newest first. */
export function EscalationsBoard({ facts, whom, objects, board, filter, onFilter, onEscalate }: Props) {
  const home = `/rooms/${facts.room.id}`;
  return (
    <BoardFrame
      {...board}
      title="Escalations"
      count={objects.length}
      empty={filter === "all" ? { title: "Nothing has been escalated yet", text: "An escalation asks whoever has the authority to decide. If nobody answers in time, the next is asked." } : { title: "No escalation is like that now", text: "Choose All to see every one." }}
      acts={
        may(facts, "request-escalation") ? (
          <Button small onClick={onEscalate}>
            Escalate
          </Button>
        ) : null
      }
      filters={<Filters label="Which escalations" value={filter} choices={escalationFilters} onChange={onFilter} />}
    >
      <ul className="board__rows">
        {objects.map((o) => {
          const e = o.record?.noun === "escalation" ? o.record : null;
          const asked = e ? askedNow(e) : null;
          return (
            <BoardRow key={o.root} noun="escalation" root={o.root} home={home} marking={o.marking} whom={whom} title={e ? e.sbar.recommendation : null} states={e ? <StateTag look={escalationLook[e.state]} /> : null}>
              {e ? (
                <>
                  {conditionName[e.condition]} · asked by {byCalled(facts, e.by)}
                  {asked && e.due ? ` · ${asked.name} has until ${timeOfDay(e.due)}` : ""}
                </>
              ) : null}
            </BoardRow>
          );
        })}
      </ul>
    </BoardFrame>
  );
}
