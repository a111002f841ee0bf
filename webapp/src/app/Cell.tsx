import { useEffect, useState } from "react";
import { CellHead } from "../features/cells/CellHead";
import { SeatDialog } from "../features/cells/SeatDialog";
import type { Facts, RoomID } from "../protocol/types";
import { may } from "../room/may";
import type { RoomStore } from "../room/store";
import { Button } from "../ui/Button";
import { shownProblem } from "../ui/problem";
import { useInside } from "./inside";

/** The heading of a side room, and the way into it for others of the main room. */
export function Cell({ store, facts, main }: { store: RoomStore; facts: Facts; main: RoomID | null }) {
  const { api } = useInside();
  const [seating, setSeating] = useState(false);
  const [there, setThere] = useState<Facts | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    if (!seating || !main) return;
    let gone = false;
    setFailed("");
    api.snapshot(main).then(
      (s) => {
        if (!gone) setThere(s.state);
      },
      (e: unknown) => {
        if (!gone) setFailed(shownProblem(e).detail);
      },
    );
    return () => {
      gone = true;
    };
  }, [seating, main, api]);
  if (!facts.room.cell) return null;
  return (
    <CellHead facts={facts} main={main ? `/rooms/${main}` : null}>
      {main && may(facts, "seat") ? (
        <Button kind="secondary" small onClick={() => setSeating(true)}>
          Bring somebody in
        </Button>
      ) : null}
      {seating ? <SeatDialog facts={facts} main={there} failed={failed} onSeat={(m) => store.seat(m)} onClose={() => setSeating(false)} /> : null}
    </CellHead>
  );
}
