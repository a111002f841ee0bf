import type { By, Instant, Seq } from "../protocol/types";
import { Said } from "./Said";
import { dateAndTime, shortMoment } from "./time";

type Wording = { readonly seq: Seq; readonly by: By; readonly at: Instant; readonly asAt: Instant; readonly situation: string; readonly impact: string; readonly actions: string; readonly forecast: string; readonly reason: string };
type Props = { wordings: readonly Wording[]; now: number; by: (by: By) => string; entryHref: (n: Seq) => string };

const parts = [["Situation", "situation"], ["Impact", "impact"], ["Actions", "actions"], ["Forecast", "forecast"]] as const;

/** That a report was corrected, by whom and why, and what it said before: only what was said otherwise, ruled through. */
export function Earlier({ wordings, now, by, entryHref }: Props) {
  if (wordings.length < 2) return null;
  const time = (at: Instant) => (
    <time dateTime={at} title={dateAndTime(at)}>
      {shortMoment(at, new Date(now))}
    </time>
  );
  return (
    <ol className="earlier" aria-label="What it said before" reversed>
      {wordings.slice(1).map((w, i) => {
        const was = wordings[i];
        if (!was) return null;
        return (
          <li key={w.seq}>
            <p className="quiet">
              Corrected {time(w.at)} by {by(w.by)}, entry <a href={entryHref(w.seq)}>{w.seq}</a>: {w.reason}
            </p>
            {was.asAt === w.asAt ? null : (
              <p>
                As at <del className="ruled">{time(was.asAt)}</del>
              </p>
            )}
            {parts.map(([title, k]) =>
              was[k] === w[k] ? null : (
                <p key={k}>
                  {title}: {was[k] === "" ? <span className="quiet">it said nothing</span> : <del className="ruled"><Said text={was[k]} entryHref={entryHref} /></del>}
                </p>
              ),
            )}
          </li>
        );
      }).toReversed()}
    </ol>
  );
}
