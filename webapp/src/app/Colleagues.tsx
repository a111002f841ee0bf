import { useEffect, useRef, useState } from "react";
import { sentence } from "../features/timeline/sentences";
import type { Facts } from "../protocol/types";
import { colleagueChanges } from "../room/colleagues";
import type { RoomView } from "../room/store";
import { timeOfDay } from "../ui/time";
import { plural } from "../ui/words";
import { notify } from "./notices";

const most = 3; // told one by one; more than that as a number

/** Who of the reader's own organisation came, left or was removed since they last read: told above the log until they have taken note. */
export function Colleagues({ view, facts, muted, goTo }: { view: RoomView; facts: Facts; muted: boolean; goTo: (seq: number) => void }) {
  const [after, setAfter] = useState(view.readTo); // what was read before this page was opened was told before
  const changes = colleagueChanges(facts, view.rows, after);
  const newest = changes.at(-1)?.seq ?? 0;
  const told = useRef(-1);
  const { reference, mode } = facts.room;
  useEffect(() => {
    if (!view.caughtUp) return;
    const fresh = told.current >= 0 && newest > told.current;
    told.current = Math.max(told.current, newest);
    if (fresh && !muted) notify(reference, mode, "colleague");
  }, [newest, view.caughtUp, muted, reference, mode]);
  return (
    <div role="status">
      {changes.length > 0 ? (
        <div className="colleagues">
          <ul>
            {changes.slice(-most).map(({ entry, seq }) => (
              <li key={seq}>
                <strong>{entry.form === "open" && !entry.unknown ? sentence(entry, facts) : "Somebody of your organisation came or left"}</strong>{" "}
                <span className="tabular">{timeOfDay(entry.times.exercise ?? entry.times.recorded)}</span>{" "}
                <button type="button" className="button-plain" onClick={() => goTo(seq)}>
                  Show<span className="unseen"> entry {seq}</span>
                </button>
              </li>
            ))}
          </ul>
          {changes.length > most ? <p>and {plural(changes.length - most, "change")} more among the people of your organisation</p> : null}
          <button type="button" className="colleagues__done" onClick={() => setAfter(newest)}>
            Hide<span className="unseen"> this notice</span>
          </button>
        </div>
      ) : null}
    </div>
  );
}
