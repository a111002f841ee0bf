import type { BoardQuery } from "../../protocol/rest";
import type { Facts, Marking } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { past } from "../../room/clock";
import { gapsOf, inEffect } from "../../room/decision";
import { may } from "../../room/may";
import type { RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { BoardRow } from "../../ui/BoardRow";
import { Button } from "../../ui/Button";
import { Filters } from "../../ui/Filters";
import { Moment } from "../../ui/Moment";
import { decisionLook, reviewDueLook } from "../../ui/record";
import { StateTag } from "../../ui/StateTag";
import { plural } from "../../ui/words";
import type { Recording } from "./DecisionForm";

export const decisionFilters = [
  { value: "all", label: "All" },
  { value: "mine", label: "Waiting for me" },
  { value: "taken", label: "To be confirmed" },
  { value: "proposed", label: "Proposed" },
  { value: "disputed", label: "Disputed" },
  { value: "overdue", label: "Review overdue" },
  { value: "over", label: "Replaced" },
] as const;
export type DecisionFilter = (typeof decisionFilters)[number]["value"];

/** What a filter asks of the server. */
export const decisionQuery: Record<DecisionFilter, BoardQuery> = {
  all: {}, mine: { mine: true }, taken: { state: "taken" }, proposed: { state: "proposed" }, disputed: { state: "disputed" }, overdue: { overdue: true },
  over: { state: "superseded,reversed" },
};

/** Whether a decision still belongs under a filter: it may have changed since the server was asked. */
export function decisionPasses(filter: DecisionFilter, o: RoomObject, facts: Facts, now: number): boolean {
  const d = o.record?.noun === "decision" ? o.record : null;
  if (!d) return filter === "all"; // sealed: it is there, and that is all one knows
  switch (filter) {
    case "all":
      return true;
    case "mine":
      return (d.state === "taken" && may(facts, "confirm-decision", o)) || (d.state === "proposed" && d.maker === facts.you);
    case "overdue":
      return inEffect(d) && past(d.review, now);
    case "over":
      return d.state === "superseded" || d.state === "reversed";
    default:
      return d.state === filter;
  }
}

type Props = { facts: Facts; now: number; /** Who receives it, in words; "" for the room. */ whom: (m: Marking) => string; objects: readonly RoomObject[]; board: BoardState; filter: DecisionFilter; onFilter: (f: DecisionFilter) => void; onRecord: (r: Recording) => void };

/** Every decision the reader may see, newest first. */
export function DecisionsBoard({ facts, now, whom, objects, board, filter, onFilter, onRecord }: Props) {
  const home = `/rooms/${facts.room.id}`;
  return (
    <BoardFrame
      {...board}
      title="Decisions"
      count={objects.length}
      empty={filter === "all" ? { title: "No decision has been recorded yet", text: "A decision needs four things: what, why, who, and when. Everything else can follow." } : { title: "No decision is like that now", text: "Choose All to see every decision." }}
      acts={
        <>
          {may(facts, "record-decision") ? (
            <Button small onClick={() => onRecord({ how: "record" })}>
              Record a decision
            </Button>
          ) : null}
          {may(facts, "propose-decision") ? (
            <Button small kind="secondary" onClick={() => onRecord({ how: "propose" })}>
              Propose one
            </Button>
          ) : null}
        </>
      }
      filters={<Filters label="Which decisions" value={filter} choices={decisionFilters} onChange={onFilter} />}
    >
      <ul className="board__rows">
        {objects.map((o) => {
          const d = o.record?.noun === "decision" ? o.record : null;
          const gaps = d ? gapsOf(d).length : 0;
          return (
            <BoardRow
              key={o.root}
              noun="decision"
              root={o.root}
              home={home}
              marking={o.marking}
              whom={whom}
              title={d ? d.decision : null}
              states={
                d ? (
                  <>
                    <StateTag look={decisionLook[d.state]} />
                    {inEffect(d) && past(d.review, now) ? <StateTag look={reviewDueLook} /> : null}
                  </>
                ) : null
              }
            >
              {d ? (
                <>
                  {d.state === "proposed" ? `For ${d.maker === 0 ? "anyone" : memberCalled(facts, d.maker)} to take` : memberCalled(facts, d.maker)}
                  {d.taken ? (
                    <>
                      {" · taken "}
                      {d.taken.about ? "about " : ""}
                      <Moment at={d.taken.at} now={now} />
                    </>
                  ) : null}
                  {d.review ? (
                    <>
                      {" · look again by "}
                      <Moment at={d.review} now={now} />
                    </>
                  ) : null}
                  {gaps > 0 ? ` · ${plural(gaps, "gap")}` : ""}
                </>
              ) : null}
            </BoardRow>
          );
        })}
      </ul>
    </BoardFrame>
  );
}
