import type { Statute } from "../../protocol/statutory";
import type { Facts } from "../../protocol/types";
import { assigneeCalled, orgNamed } from "../../room/called";
import { may } from "../../room/may";
import { isHost } from "../../room/select";
import { byDue, overdue } from "../../room/statutory";
import type { RoomObject } from "../../room/state";
import { Button } from "../../ui/Button";
import { Moment } from "../../ui/Moment";
import { statuteName } from "../../ui/statutory";
import { Left } from "./Left";

type Props = { facts: Facts; now: number; objects: readonly RoomObject[]; more: boolean; failed: string | null; onStart: (s: Statute | null) => void; onMinisters: () => void };

/** The clocks that run, what is due first before the rest. now: a real moment, by the server's clock. */
export function ClocksFact({ facts, now, objects, more, failed, onStart, onMinisters }: Props) {
  const home = `/rooms/${facts.room.id}`;
  const roots = new Map(objects.flatMap((o) => (o.record?.noun === "clock" ? [[o.record, o.root] as const] : [])));
  const list = byDue([...roots.keys()]);
  const starts = may(facts, "start-clock");
  if (list.length === 0 && !starts && failed === null) return null;
  return (
    <section className="fact clocks" aria-labelledby="clocks-heading">
      <h2 id="clocks-heading" className="side-heading">
        Statutory clocks
      </h2>
      {failed ? <p role="alert">{failed}</p> : null}
      {list.length === 0 ? <p className="quiet">None runs that you can see.</p> : null}
      <ul className="clocks__list">
        {list.map((c) => {
          const root = roots.get(c) ?? 0;
          return (
            <li key={root} className={overdue(c, now) ? "clocks__one clocks__one--over" : "clocks__one"}>
              <a href={`${home}/clocks/${root}`}>{statuteName[c.statute]}</a>
              <p>
                <Left clock={c} now={now} />
              </p>
              <p className="quiet">
                {c.due === null ? null : <>Due <Moment at={c.due} now={now} /> · </>}
                {assigneeCalled(facts, { org: c.org, ...(c.owner ? { member: c.owner } : {}) })}
                {c.owner ? `, ${orgNamed(facts, c.org)}` : ""}
              </p>
            </li>
          );
        })}
      </ul>
      {more ? <a href={`${home}/clocks`}>All that run</a> : null}
      {starts ? (
        <div className="clocks__acts">
          <Button small kind={isHost(facts) ? "secondary" : "primary"} onClick={() => onStart("gdpr_33")}>
            Personal data breach suspected
          </Button>
          <Button kind="plain" onClick={() => onStart(null)}>
            Start another clock
          </Button>
          {may(facts, "brief-ministers") && !facts.room.cell ? (
            <Button kind="plain" onClick={onMinisters}>
              Ministers were told
            </Button>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}
