import type { Seq } from "../../protocol/types";
import { byCalled, memberCalled } from "../../room/called";
import type { RoomObject } from "../../room/state";
import { useRoomNow } from "../../room/useRoom";
import { handoverLook } from "../../ui/cadence";
import { postName } from "../../ui/escalation";
import { Earlier } from "../../ui/Earlier";
import { Moment } from "../../ui/Moment";
import { RecordCard } from "../../ui/RecordCard";
import { Said } from "../../ui/Said";
import { StateTag } from "../../ui/StateTag";
import { list } from "../../ui/words";
import { useTimeline } from "./context";
import { LabelBar } from "./LabelBar";

/** A meeting, a situation report, an update, a request for one, or a handover. */
export function CadenceCard({ object }: { object: RoomObject }) {
  const { facts, skew } = useTimeline();
  const now = useRoomNow(facts, skew);
  const home = `/rooms/${facts.room.id}`;
  const href = (n: Seq) => `${home}/entries/${n}`;
  const r = object.record;
  const label = (text: string) => (object.marking ? <LabelBar marking={object.marking}>{text === "" ? "" : <Said text={text} entryHref={href} />}</LabelBar> : null);
  const board = (
    <a href={`${home}/meetings`}>
      All<span className="unseen"> meetings, reports and updates</span>
    </a>
  );
  switch (r?.noun) {
    case "meeting":
      return (
        <RecordCard shape="meeting" kind="Meeting" foot={<><span>{r.place} · <Moment at={r.held} now={now} />{r.members.length > 0 ? ` · ${list(r.members.map((n) => memberCalled(facts, n)))}` : ""}{r.others === "" ? "" : `; also ${r.others}`}</span>{board}</>}>
          {label(r.summary)}
          {r.cites.length > 0 ? <p className="record__ref">Came of it: {r.cites.map((n, i) => <span key={n}>{i > 0 ? ", " : ""}<a href={href(n)}>#{n}</a></span>)}</p> : null}
        </RecordCard>
      );
    case "sitrep":
      return (
        <RecordCard shape="meeting" kind="SITREP" foot={<><span>As at <Moment at={r.asAt} now={now} /></span>{board}</>}>
          {label(r.situation)}
          {([["Impact", r.impact], ["Actions", r.actions], ["Forecast", r.forecast]] as const).map(([title, text]) => (text === "" ? null : <p key={title} className="record__why">{title}: <Said text={text} entryHref={href} /></p>))}
          <Earlier wordings={r.wordings} now={now} by={(b) => byCalled(facts, b)} entryHref={href} />
        </RecordCard>
      );
    case "update":
      return (
        <RecordCard shape="meeting" kind="Update" foot={<><span>{r.entry ? <>Said in <a href={href(r.entry)}>entry {r.entry}</a></> : "Given to those whom the incident affects"}</span>{board}</>}>
          {label(r.text)}
        </RecordCard>
      );
    case "request":
      return (
        <RecordCard shape="meeting" kind="Asks for an update" foot={board}>
          {label(r.text)}
        </RecordCard>
      );
    case "handover":
      return (
        <RecordCard shape="handover" kind={<>Handover: {postName[r.post].toLowerCase()}</>} states={<StateTag look={handoverLook[r.state]} />} foot={<><span>To {memberCalled(facts, r.to)}</span><a href={`${home}/handovers/${object.root}`}>Open<span className="unseen"> handover {object.root}</span></a></>}>
          {label(r.iimarch.information)}
        </RecordCard>
      );
    default:
      return null;
  }
}
