import { dateAndTime, shortMoment, utc } from "./time";

/** A moment as short as it can be said on a screen that is looked at now; on paper, which is read years later, with its date. */
export function Moment({ at, now }: { at: string; /** The room's time, in milliseconds. */ now: number }) {
  return (
    <time dateTime={at} title={`${dateAndTime(at)} (${utc(at)})`}>
      <span className="only-screen">{shortMoment(at, new Date(now))}</span>
      <span className="only-paper">{dateAndTime(at)}</span>
    </time>
  );
}
