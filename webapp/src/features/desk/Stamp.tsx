import { dateAndTime, hours, plainDate, utc, zoneAt } from "../../ui/time";

const seconds = (at: string): string => `${hours(at)}:${new Date(at).toISOString().slice(17, 19)}`;

/** A span of time, said once where both ends are of one day. */
export function Span({ from, to }: { from: string; to: string }) {
  if (from === to) return <Stamp at={from} />;
  if (plainDate(from) !== plainDate(to) || zoneAt(from) !== zoneAt(to)) {
    return (
      <>
        <Stamp at={from} what="Between" />
        <Stamp at={to} what="and" />
      </>
    );
  }
  return (
    <span className="stamp stamp--wraps tabular">
      <span>
        between {seconds(from)} and {seconds(to)} {zoneAt(to)}, {plainDate(to)}
      </span>
      <span className="stamp__utc">
        {utc(from).replace(" UTC", "")} to {utc(to).slice(11)}
      </span>
    </span>
  );
}

/** A moment as a record wants it: London's day and time to the second, and UTC under it. */
export function Stamp({ at, what }: { at: string; /** What the time is, where the column does not say it. */ what?: string | undefined }) {
  return (
    <time className="stamp tabular" dateTime={at} title={dateAndTime(at)}>
      {what ? <span className="stamp__what">{what}</span> : null}
      <span>
        {plainDate(at)}, {seconds(at)} {zoneAt(at)}
      </span>
      <span className="stamp__utc">{utc(at)}</span>
    </time>
  );
}
