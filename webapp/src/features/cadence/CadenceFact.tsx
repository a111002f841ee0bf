import type { Beat, Rhythm } from "../../protocol/cadence";
import { rhythms } from "../../protocol/cadence";
import type { Facts } from "../../protocol/types";
import { every, lateSince } from "../../room/cadence";
import { everyWords, rhythmTitle } from "../../ui/cadence";
import { Icon } from "../../ui/Icon";
import { dateAndTime, shortMoment } from "../../ui/time";

/** What is said of one rhythm: when the next is, and since when one is late. */
function Row({ of, beat, now }: { of: Rhythm; beat: Beat; now: number }) {
  const late = lateSince(beat, now);
  const said = (at: string) => <time dateTime={at} title={dateAndTime(at)}>{shortMoment(at, new Date(now))}</time>;
  return (
    <li className={late ? "beat beat--late" : "beat"}>
      <span className="beat__what">{late ? rhythmTitle[of] : of === "meeting" ? "Next meeting" : of === "sitrep" ? "SITREP" : "Next update"}</span>
      <span className="beat__when">
        {late ? (
          <>
            <Icon name="late" size={16} /> <strong>{beat.missed ? "Missed" : "Late"}</strong>: it was due at {said(late)}
          </>
        ) : beat.due ? (
          <strong>{said(beat.due)}</strong>
        ) : null}
        {late && beat.due && beat.due !== late ? <span className="quiet"> · next {said(beat.due)}</span> : null}
        <span className="quiet"> · {everyWords(beat.every)}</span>
        {beat.moved ? <span className="quiet"> · brought forward</span> : null}
        {beat.putOff ? <span className="quiet"> · put off</span> : null}
      </span>
    </li>
  );
}

/** When the room meets, reports and tells next. now: the server's time, in milliseconds: these run by it in exercises too. */
export function Beats({ facts, now }: { facts: Facts; now: number }) {
  if (rhythms.every((of) => facts.cadence[of].every === 0)) {
    const over = !["open", "responding", "recovering"].includes(facts.room.lifecycle);
    return <p className="quiet">{over ? "The room has been stood down: nothing is due." : "Nothing is due until somebody assesses how severe this is."}</p>;
  }
  return (
    <ul className="beats">
      {rhythms.map((of) => (facts.cadence[of].every > 0 ? <Row key={of} of={of} beat={facts.cadence[of]} now={now} /> : null))}
    </ul>
  );
}

/** The same in the room's standing facts. */
export function CadenceFact({ facts, now }: { facts: Facts; now: number }) {
  if (facts.room.cell) return null;
  return (
    <section className="fact" aria-labelledby="cadence-heading">
      <header className="fact__head">
        <h2 id="cadence-heading" className="side-heading">
          What is due
        </h2>
        <a href={`/rooms/${facts.room.id}/meetings`}>Meetings and SITREPs</a>
      </header>
      <Beats facts={facts} now={now} />
      {facts.cadence.set && rhythms.some((of) => facts.cadence.set?.[of].minutes === every(facts, of)) ? <p className="fact__source">As set by a lead, in entry <a href={`/rooms/${facts.room.id}/entries/${facts.cadence.set.seq}`}>{facts.cadence.set.seq}</a>.</p> : null}
    </section>
  );
}
