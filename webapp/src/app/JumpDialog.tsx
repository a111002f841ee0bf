import { useState } from "react";
import { roomTime } from "../room/clock";
import type { RoomStore, RoomView } from "../room/store";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ErrorSummary } from "../ui/ErrorSummary";
import { TextField } from "../ui/Field";
import { dayKey, fromLondon } from "../ui/time";
import { useSubmit } from "../ui/useSubmit";
import { useInside } from "./inside";

/** To an entry's number, a time, the first unread or either end. */
export function JumpDialog({ store, view, onGo, onClose }: { store: RoomStore; view: RoomView; onGo: (seq: number) => void; onClose: () => void }) {
  const { skew } = useInside();
  const [number, setNumber] = useState("");
  const [day, setDay] = useState(() => dayKey(view.facts ? roomTime(view.facts, Date.now() + skew) : new Date()));
  const [time, setTime] = useState("");
  const submit = useSubmit();
  const exercise = (view.facts?.room.clock ?? null) !== null;
  const go = (seq: number) => {
    onGo(seq);
    onClose();
  };
  const toNumber = () => {
    const n = Number(number);
    if (!Number.isInteger(n) || n < 1 || n > view.seq) submit.refuse([{ name: "number", message: `Enter a number from 1 to ${view.seq}.` }]);
    else go(n);
  };
  const toTime = () => {
    const at = fromLondon(day, time === "" ? "00:00" : time);
    if (!at) submit.refuse([{ name: "day", message: "Enter a date." }]);
    else void submit.run(async () => go(await store.loadAround({ time: at })));
  };
  return (
    <Dialog title="Jump to" onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <div className="jump__quick">
        <Button kind="secondary" small onClick={() => go(Math.min(view.readTo + 1, view.seq))}>
          First unread
        </Button>
        <Button kind="secondary" small onClick={() => go(1)}>
          Entry 1
        </Button>
        <Button kind="secondary" small onClick={() => go(view.seq)}>
          Newest
        </Button>
      </div>
      <form
        className="jump__line"
        onSubmit={(e) => {
          e.preventDefault();
          toNumber();
        }}
      >
        <TextField id="number" label="Entry number" inputMode="numeric" className="nhsuk-input--width-5 tabular" value={number} error={submit.errorOf("number")} onChange={(e) => setNumber(e.target.value)} />
        <Button type="submit" small>
          Go<span className="unseen"> to the number</span>
        </Button>
      </form>
      <form
        className="jump__line"
        onSubmit={(e) => {
          e.preventDefault();
          toTime();
        }}
      >
        <TextField id="day" type="date" label={exercise ? "Exercise date" : "Recorded on"} value={day} error={submit.errorOf("day")} onChange={(e) => setDay(e.target.value)} />
        <TextField type="time" label="at" value={time} onChange={(e) => setTime(e.target.value)} />
        <Button type="submit" small busy={submit.busy}>
          Go<span className="unseen"> to the time</span>
        </Button>
      </form>
      <p className="field-note">London time{exercise ? ", by the exercise clock" : ""}. The first entry recorded then or later is shown.</p>
    </Dialog>
  );
}
