import { useEffect, useState } from "react";
import type { Clock } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { timeOfDay, plainDate } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { exerciseNow } from "../../room/clock";
import { nextTick } from "./now";

type Props = {
  clock: Clock;
  /** The server's time less this device's, in milliseconds. */
  skew: number;
  maySet: boolean;
  onSet: (clock: { paused: boolean; factor: number }) => Promise<unknown>;
};

/** The exercise's own clock: what time it is in the story, and for leads a way to let it run or stand still. */
export function ExerciseClock({ clock, skew, maySet, onSet }: Props) {
  const [now, setNow] = useState(() => Date.now() + skew);
  const submit = useSubmit();
  useEffect(() => {
    if (clock.paused) {
      setNow(Date.now() + skew);
      return;
    }
    let timer = 0;
    const tick = () => {
      const t = Date.now() + skew;
      setNow(t);
      timer = window.setTimeout(tick, nextTick(clock, t));
    };
    tick();
    return () => window.clearTimeout(timer);
  }, [clock, skew]);
  const at = new Date(exerciseNow(clock, now));
  return (
    <section className="clock" aria-label="Exercise clock">
      <p className="clock__face">
        <span className="clock__time tabular">{timeOfDay(at)}</span>
        <span className="clock__date">{plainDate(at)}</span>
      </p>
      <p className="clock__state">
        Exercise clock. {clock.paused ? <strong>Stopped</strong> : clock.factor === 1 ? "Running" : <>Running {clock.factor} times as fast</>}
      </p>
      {maySet ? (
        <div className="clock__controls">
          {clock.paused ? (
            <>
              <Button small busy={submit.busy} onClick={() => void submit.run(() => onSet({ paused: false, factor: 60 }))}>
                Continue ×60
              </Button>
              <Button small kind="secondary" busy={submit.busy} onClick={() => void submit.run(() => onSet({ paused: false, factor: 1 }))}>
                ×1
              </Button>
            </>
          ) : (
            <Button small kind="secondary" busy={submit.busy} onClick={() => void submit.run(() => onSet({ paused: true, factor: clock.factor }))}>
              Stop the clock
            </Button>
          )}
        </div>
      ) : null}
      {submit.problem ? <p role="alert">{submit.problem.detail}</p> : null}
    </section>
  );
}
