import { useState } from "react";
import type { AlertText } from "../../protocol/alert";
import { Question } from "../../ui/Question";
import { plural } from "../../ui/words";
import { FactorTab } from "./FactorTab";

/** Ends an alert for everybody. */
export function CloseDialog({ alert, onDo, onDone, onClose }: { alert: AlertText; onDo: (reason: string) => Promise<unknown>; onDone: () => void; onClose: () => void }) {
  const [factor, setFactor] = useState(false);
  const c = alert.counts;
  const waiting = c ? c.organisations - (c.states.done ?? 0) - (c.states.not_applicable ?? 0) : 0;
  return (
    <>
      <Question
        title={`Close ${alert.reference}?`}
        action="Close the alert"
        warning
        reason={{ hint: "Everyone it went to reads this.", missing: "Say why it is over." }}
        onDo={({ reason }) => onDo(reason)}
        onDone={() => {
          onDone();
          onClose();
        }}
        onRefused={(problem) => problem.fault === "step_up" && setFactor(true)}
        onClose={onClose}
      >
        <p>
          Nobody owes an answer any more, and no more answers are taken. It cannot be opened again.
          {waiting > 0 ? ` ${plural(waiting, "organisation")} ${waiting === 1 ? "has" : "have"} not finished with it.` : ""}
        </p>
      </Question>
      {factor ? <FactorTab why="Closing an alert" press="Close the alert" onClose={() => setFactor(false)} /> : null}
    </>
  );
}
