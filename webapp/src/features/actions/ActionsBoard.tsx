import type { BoardQuery } from "../../protocol/rest";
import type { Facts, Marking } from "../../protocol/types";
import { unfinished } from "../../room/action";
import { assigneeCalled } from "../../room/called";
import { past } from "../../room/clock";
import { isFor, may } from "../../room/may";
import { you } from "../../room/select";
import type { RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { BoardRow } from "../../ui/BoardRow";
import { Button } from "../../ui/Button";
import { Filters } from "../../ui/Filters";
import { Moment } from "../../ui/Moment";
import { actionLook, overdueLook } from "../../ui/record";
import { StateTag } from "../../ui/StateTag";
import { duration } from "../../ui/time";

export const actionFilters = [
  { value: "all", label: "All" },
  { value: "mine", label: "Waiting for me" },
  { value: "org", label: "My organisation’s" },
  { value: "overdue", label: "Overdue" },
  { value: "raised", label: "Not answered" },
  { value: "accepted", label: "Accepted" },
  { value: "over", label: "Finished" },
] as const;
export type ActionFilter = (typeof actionFilters)[number]["value"];

/** What a filter asks of the server. */
export const actionQuery = (filter: ActionFilter, facts: Facts): BoardQuery => {
  switch (filter) {
    case "all":
      return {};
    case "mine":
      return { mine: true };
    case "org":
      return { org: you(facts)?.org || "" };
    case "overdue":
      return { overdue: true };
    case "over":
      return { state: "done,declined,withdrawn" };
    default:
      return { state: filter };
  }
};

/** Whether an action still belongs under a filter: it may have changed since the server was asked. */
export function actionPasses(filter: ActionFilter, o: RoomObject, facts: Facts, now: number): boolean {
  const a = o.record?.noun === "action" ? o.record : null;
  if (!a) return filter === "all";
  const me = you(facts);
  switch (filter) {
    case "all":
      return true;
    case "mine":
      return unfinished(a) && me !== undefined && isFor(facts, me, a.for);
    case "org":
      return a.for.org === me?.org;
    case "overdue":
      return unfinished(a) && past(a.due, now);
    case "over":
      return !unfinished(a);
    default:
      return a.state === filter;
  }
}

type Props = { facts: Facts; now: number; /** Who receives it, in words; "" for the room. */ whom: (m: Marking) => string; objects: readonly RoomObject[]; board: BoardState; filter: ActionFilter; onFilter: (f: ActionFilter) => void; onRaise: () => void };

/** Every action the reader may see, newest first. */
export function ActionsBoard({ facts, now, whom, objects, board, filter, onFilter, onRaise }: Props) {
  const home = `/rooms/${facts.room.id}`;
  return (
    <BoardFrame
      {...board}
      title="Actions"
      count={objects.length}
      empty={filter === "all" ? { title: "No action has been raised yet", text: "An action asks an organisation or a person to do something by a time. They accept or decline it themselves." } : { title: "No action is like that now", text: "Choose All to see every action." }}
      acts={
        may(facts, "raise-action") ? (
          <Button small onClick={onRaise}>
            Raise an action
          </Button>
        ) : null
      }
      filters={<Filters label="Which actions" value={filter} choices={actionFilters} onChange={onFilter} />}
    >
      <ul className="board__rows">
        {objects.map((o) => {
          const a = o.record?.noun === "action" ? o.record : null;
          const late = a !== null && unfinished(a) && past(a.due, now);
          return (
            <BoardRow
              key={o.root}
              noun="action"
              root={o.root}
              home={home}
              marking={o.marking}
              whom={whom}
              title={a ? a.text : null}
              states={
                a ? (
                  <>
                    <StateTag look={actionLook[a.state]} />
                    {late ? <StateTag look={overdueLook} /> : null}
                  </>
                ) : null
              }
            >
              {a ? (
                <>
                  {assigneeCalled(facts, a.for)}
                  {a.due ? (
                    <>
                      {" · by "}
                      <Moment at={a.due} now={now} />
                      {late ? `, ${duration(now - Date.parse(a.due))} ago` : ""}
                    </>
                  ) : (
                    " · no time set"
                  )}
                  {a.decision ? ` · decision ${a.decision}` : ""}
                </>
              ) : null}
            </BoardRow>
          );
        })}
      </ul>
    </BoardFrame>
  );
}
