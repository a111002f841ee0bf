import { overdue, type StatutoryClock } from "../../room/statutory";
import { Icon } from "../../ui/Icon";
import { spanWords } from "../../ui/statutory";

/** How long is left, or since when it is over; now: a real moment in milliseconds, by the server's clock. */
export function Left({ clock: c, now }: { clock: StatutoryClock; now: number }) {
  if (c.state !== "running") return null;
  if (c.due === null) return <span className="clock-left">Without undue delay: {spanWords(now - Date.parse(c.aware))} since they became aware</span>;
  const left = Date.parse(c.due) - now;
  if (overdue(c, now)) {
    return (
      <span className="clock-left clock-left--over">
        <Icon name="late" size={16} /> {c.statute === "ndg_told" ? "Due at once, for " : "Overdue by "}
        {spanWords(-left)}
      </span>
    );
  }
  return <span className="clock-left">{spanWords(left)} left</span>;
}
