import { byCalled } from "../../room/called";
import type { Broadcast } from "../../room/broadcast";
import type { RoomObject } from "../../room/state";
import { broadcastLook, chosenWords, purposeName, reachWords } from "../../ui/broadcast";
import { RecordCard } from "../../ui/RecordCard";
import { StateTag } from "../../ui/StateTag";
import { timeOfDay } from "../../ui/time";
import { useTimeline } from "./context";
import { LabelBar } from "./LabelBar";

/** A broadcast to organisations as it stands now. */
export function BroadcastCard({ object, broadcast: b }: { object: RoomObject; broadcast: Broadcast }) {
  const { facts } = useTimeline();
  return (
    <RecordCard
      shape="broadcast"
      kind="To organisations, by text message and e-mail"
      states={<StateTag look={broadcastLook[b.state]} />}
      foot={
        <>
          <span>
            Asked by {byCalled(facts, b.by)}
            {b.state === "asked" ? ` · the other host has until ${timeOfDay(b.alone)}` : ""}
          </span>
          <a href={`/rooms/${facts.room.id}/broadcasts/${object.root}`}>
            Open<span className="unseen"> broadcast {object.root}</span>
          </a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <strong>{purposeName[b.purpose]}</strong>
        </LabelBar>
      ) : null}
      <p className="record__why">
        {chosenWords(b.chosen)}. {reachWords(b.count)}.
      </p>
    </RecordCard>
  );
}
