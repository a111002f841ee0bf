import { dateAndTime, timeOfDay, utc } from "./time";

/**
 * When an entry was made. In an exercise the exercise's own time is shown and
 * the real time of recording stands in the title.
 */
export function EntryTime({ recorded, exercise, withDate = false }: { recorded: string; exercise?: string | undefined; withDate?: boolean }) {
  const shown = exercise ?? recorded;
  const title = exercise ? `Exercise time ${dateAndTime(exercise)} (${utc(exercise)}). Recorded ${dateAndTime(recorded)} (${utc(recorded)}).` : `Recorded ${dateAndTime(recorded)} (${utc(recorded)})`;
  return (
    <time className="tabular" dateTime={shown} title={title}>
      {withDate ? dateAndTime(shown) : timeOfDay(shown)}
    </time>
  );
}
