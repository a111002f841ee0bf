import type { Statute } from "../../protocol/statutory";
import type { Facts, Marking } from "../../protocol/types";
import { assigneeCalled, orgNamed } from "../../room/called";
import { may } from "../../room/may";
import { overdue } from "../../room/statutory";
import type { RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { BoardRow } from "../../ui/BoardRow";
import { Button } from "../../ui/Button";
import { Filters } from "../../ui/Filters";
import { overdueLook } from "../../ui/record";
import { StateTag } from "../../ui/StateTag";
import { clockLook, doneLateLook, nowLook, statuteLaw, statuteName } from "../../ui/statutory";
import { shortMoment } from "../../ui/time";
import { Left } from "./Left";

export const clockFilters = [
  { value: "running", label: "Running" },
  { value: "overdue", label: "Overdue" },
  { value: "mine", label: "Mine" },
  { value: "all", label: "All" },
] as const;
export type ClockFilter = (typeof clockFilters)[number]["value"];
export const clockQuery: Record<ClockFilter, { state?: string; overdue?: boolean; mine?: boolean }> = { running: { state: "running" }, overdue: { overdue: true }, mine: { mine: true }, all: {} };

/** Whether it still belongs under a filter at a real moment; whose it is the server says. */
export function clockPasses(filter: ClockFilter, o: RoomObject, now: number): boolean {
  const c = o.record?.noun === "clock" ? o.record : null;
  if (o.kind !== "clock.started") return false;
  if (filter === "all" || !c) return filter === "all";
  return filter === "overdue" ? overdue(c, now) : c.state === "running";
}

type Props = { facts: Facts; whom: (m: Marking) => string; now: number; objects: readonly RoomObject[]; board: BoardState; filter: ClockFilter; onFilter: (f: ClockFilter) => void; onStart: (s: Statute | null) => void; onMinisters: () => void };

/** Every statutory clock the reader may see: those that run as they fall due, the others newest first. */
export function ClocksBoard({ facts, whom, now, objects, board, filter, onFilter, onStart, onMinisters }: Props) {
  const home = `/rooms/${facts.room.id}`;
  const key = (o: RoomObject) => (o.record?.noun === "clock" && o.record.state === "running" ? (o.record.due === null ? Number.MAX_SAFE_INTEGER - 1 : Date.parse(o.record.due)) : Number.MAX_SAFE_INTEGER);
  const list = objects.toSorted((a, b) => key(a) - key(b) || b.root - a.root);
  return (
    <BoardFrame
      {...board}
      title="Clocks"
      count={objects.length}
      empty={
        filter === "all"
          ? { title: "No clock has been started yet", text: "A clock says what the law wants told, to whom, and by when. It is seen by the organisation that owes it, and by the hosts." }
          : { title: filter === "overdue" ? "Nothing is overdue" : filter === "mine" ? "None waits for you" : "No clock runs", text: "Choose All to see every one." }
      }
      acts={
        may(facts, "start-clock") ? (
          <>
            <Button small onClick={() => onStart("gdpr_33")}>
              Personal data breach suspected
            </Button>
            <Button small kind="secondary" onClick={() => onStart(null)}>
              Start another clock
            </Button>
            {may(facts, "brief-ministers") && !facts.room.cell ? (
              <Button small kind="secondary" onClick={onMinisters}>
                Ministers were told
              </Button>
            ) : null}
          </>
        ) : null
      }
      filters={<Filters label="Which clocks" value={filter} choices={clockFilters} onChange={onFilter} />}
    >
      <ul className="board__rows">
        {list.map((o) => {
          const c = o.record?.noun === "clock" ? o.record : null;
          const late = c !== null && overdue(c, now);
          return (
            <BoardRow
              key={o.root}
              noun="clock"
              root={o.root}
              home={home}
              marking={o.marking}
              whom={whom}
              title={c ? statuteName[c.statute] : null}
              states={c ? <StateTag look={late ? (c.statute === "ndg_told" ? nowLook : overdueLook) : c.done && c.done.late > 0 ? doneLateLook : clockLook[c.state]} /> : null}
            >
              {c ? (
                <>
                  <strong>{orgNamed(facts, c.org)}</strong>
                  {c.owner ? `, ${assigneeCalled(facts, { org: c.org, member: c.owner })}` : ", whoever speaks for it"} · {statuteLaw[c.statute]}
                  {c.due === null ? "" : ` · due ${shortMoment(c.due, new Date(now))}`}
                  {c.start ? (
                    <>
                      {" · began with "}
                      <a href={`${home}/entries/${c.start}`}>entry {c.start}</a>
                    </>
                  ) : null}
                  {c.done?.reference ? ` · reference ${c.done.reference}` : ""}
                  {c.state === "running" ? (
                    <>
                      {" · "}
                      <Left clock={c} now={now} />
                    </>
                  ) : null}
                </>
              ) : null}
            </BoardRow>
          );
        })}
      </ul>
    </BoardFrame>
  );
}
