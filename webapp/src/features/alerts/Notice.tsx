import type { AlertRow } from "../../protocol/alert";
import { plural } from "../../ui/words";
import { overdue } from "./words";

/** Says that alerts wait for an answer of one's own; nothing where none does. */
export function AlertsNotice({ alerts, now }: { alerts: readonly AlertRow[]; now: number }) {
  const waiting = alerts.filter((a) => a.mine.some((r) => r.wants !== ""));
  if (waiting.length === 0) return null;
  const late = waiting.filter((a) => a.mine.some((r) => overdue(r, now))).length;
  const [only] = waiting;
  return (
    <aside className={late > 0 ? "alerts-notice alerts-notice--late" : "alerts-notice"} aria-label="Alerts">
      <p>
        <strong>
          {plural(waiting.length, "alert")} {waiting.length === 1 ? "waits" : "wait"} for your organisation{late > 0 ? `, ${late === waiting.length ? "overdue" : `${late} overdue`}` : ""}.
        </strong>{" "}
        <a href={waiting.length === 1 && only ? `/alerts/${only.number}` : "/alerts"}>{waiting.length === 1 && only ? only.title : "See the alerts"}</a>
      </p>
    </aside>
  );
}
