import type { Facts, Marking } from "../../protocol/types";
import { byCalled } from "../../room/called";
import { may } from "../../room/may";
import type { RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { BoardRow } from "../../ui/BoardRow";
import { broadcastLook, purposeName, reachWords } from "../../ui/broadcast";
import { Button } from "../../ui/Button";
import { StateTag } from "../../ui/StateTag";
import { timeOfDay } from "../../ui/time";

type Props = { facts: Facts; whom: (m: Marking) => string; objects: readonly RoomObject[]; board: BoardState; onBroadcast: () => void };

/** Everything that went out to organisations, or waits to: hosts only, newest first. */
export function BroadcastsBoard({ facts, whom, objects, board, onBroadcast }: Props) {
  const home = `/rooms/${facts.room.id}`;
  return (
    <BoardFrame
      {...board}
      title="Told to organisations"
      count={objects.length}
      empty={{ title: "Organisations have been told nothing yet", text: "A text message and an e-mail can say that a major incident is raised, or that there is an update; a text message can invite them into this room. The other host agrees first." }}
      acts={
        may(facts, "ask-broadcast") ? (
          <Button small onClick={onBroadcast}>
            Tell organisations
          </Button>
        ) : null
      }
    >
      <ul className="board__rows">
        {objects.map((o) => {
          const b = o.record?.noun === "broadcast" ? o.record : null;
          return (
            <BoardRow key={o.root} noun="broadcast" root={o.root} home={home} marking={o.marking} whom={whom} title={b ? purposeName[b.purpose] : null} states={b ? <StateTag look={broadcastLook[b.state]} /> : null}>
              {b ? (
                <>
                  {reachWords(b.count)} · asked by {byCalled(facts, b.by)}
                  {b.state === "asked" ? ` · the other host has until ${timeOfDay(b.alone)}` : ""}
                </>
              ) : null}
            </BoardRow>
          );
        })}
      </ul>
    </BoardFrame>
  );
}
