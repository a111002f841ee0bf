import type { KnownEntry } from "../../protocol/types";
import type { RoomObject } from "../../room/state";
import { RecordCard } from "../../ui/RecordCard";
import { mailWord, troubleWord } from "../../ui/reports";
import { dateAndTime } from "../../ui/time";
import { LabelBar } from "./LabelBar";

/** A report that was brought into the room, as it was filed. */
export function BroughtCard({ entry, object }: { entry: Extract<KnownEntry, { kind: "report.brought" }>; object: RoomObject }) {
  const b = entry.body;
  const e = b.ethane;
  const rest: readonly (readonly [string, string | undefined])[] = [
    ["Where", e.where],
    ["What does not work", e.number],
    ["What else it could hit", e.hazards],
    ["Other safe ways", e.access],
    ["Who is helping", e.engaged],
  ];
  return (
    <RecordCard
      shape="report"
      kind={
        <>
          Report <span className="tabular">{b.reference}</span> by {b.orgName}
        </>
      }
      states={<span className="tag-plain">{mailWord[e.mail]}</span>}
      foot={
        <>
          <span>
            Received {dateAndTime(b.at)}, {b.via === "telephone" ? "by telephone" : "by the web"}
          </span>
          <a href={`/reports/${b.report}`}>
            Open<span className="unseen"> report {b.reference}</span>
          </a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <strong>{troubleWord[e.what]}:</strong> {e.text}
        </LabelBar>
      ) : null}
      {rest.map(([title, said]) =>
        said ? (
          <p key={title} className="record__why">
            <span className="quiet">{title}:</span> {said}
          </p>
        ) : null,
      )}
    </RecordCard>
  );
}
