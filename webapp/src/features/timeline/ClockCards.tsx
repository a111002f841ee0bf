import type { KnownEntry } from "../../protocol/types";
import { assigneeCalled, byCalled, orgNamed } from "../../room/called";
import { overdue, type StatutoryClock } from "../../room/statutory";
import type { RoomObject } from "../../room/state";
import { Moment } from "../../ui/Moment";
import { overdueLook } from "../../ui/record";
import { RecordCard } from "../../ui/RecordCard";
import { Said } from "../../ui/Said";
import { StateTag } from "../../ui/StateTag";
import { clockLook, doneLateLook, nowLook, statuteLaw, statuteName } from "../../ui/statutory";
import { useNow } from "../../ui/useNow";
import { useTimeline } from "./context";
import { LabelBar } from "./LabelBar";

/** A statutory clock as it stands now. */
export function ClockCard({ object, clock: c }: { object: RoomObject; clock: StatutoryClock }) {
  const { facts, skew } = useTimeline();
  const now = useNow(skew).getTime();
  const home = `/rooms/${facts.room.id}`;
  const late = overdue(c, now);
  return (
    <RecordCard
      shape="clock"
      kind={<>Clock: {statuteLaw[c.statute]}</>}
      done={c.state !== "running"}
      states={late ? <StateTag look={c.statute === "ndg_told" ? nowLook : overdueLook} /> : <StateTag look={c.done && c.done.late > 0 ? doneLateLook : clockLook[c.state]} />}
      foot={
        <>
          <span>
            {c.due === null ? "Without undue delay" : <>Due <Moment at={c.due} now={now} /></>} · {assigneeCalled(facts, { org: c.org, ...(c.owner ? { member: c.owner } : {}) })}
            {c.owner ? `, ${orgNamed(facts, c.org)}` : ""}
          </span>
          <a href={`${home}/clocks/${object.root}`}>
            Open<span className="unseen"> clock {object.root}</span>
          </a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <strong>{statuteName[c.statute]}</strong>
        </LabelBar>
      ) : null}
      <p>
        Aware since <Moment at={c.aware} now={now} />.
      </p>
      {c.known === "" ? null : (
        <p className="record__why">
          <Said text={c.known} entryHref={(n) => `${home}/entries/${n}`} />
        </p>
      )}
    </RecordCard>
  );
}

/** That ministers were told: then the National Data Guardian is, too. */
export function MinistersCard({ entry, object }: { entry: Extract<KnownEntry, { kind: "ministers.briefed" }>; object: RoomObject }) {
  const { facts, skew } = useTimeline();
  const now = useNow(skew).getTime();
  const home = `/rooms/${facts.room.id}`;
  return (
    <RecordCard
      shape="clock"
      kind="Ministers told"
      foot={
        <>
          <span>
            {byCalled(facts, entry.by)}, <Moment at={entry.body.at} now={now} />
          </span>
          <a href={`${home}/clocks`}>Clocks</a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <Said text={entry.body.text} entryHref={(n) => `${home}/entries/${n}`} />
        </LabelBar>
      ) : null}
      <p>The National Data Guardian is told at the same time.</p>
    </RecordCard>
  );
}
