import type { KnownEntry, Seq } from "../../protocol/types";
import { byCalled, assigneeCalled, memberCalled, orgNamed } from "../../room/called";
import { past } from "../../room/clock";
import { gapsOf, inEffect, type Decision } from "../../room/decision";
import { unfinished, type Action } from "../../room/action";
import { askedNow, type Escalation } from "../../room/escalation";
import type { Line } from "../../room/book";
import { counts } from "../../room/severity";
import type { RoomObject } from "../../room/state";
import { useRoomNow } from "../../room/useRoom";
import { RecordCard } from "../../ui/RecordCard";
import { conditionName, escalationLook } from "../../ui/escalation";
import { timeOfDay } from "../../ui/time";
import { quoted } from "../../ui/inline";
import { citedIn } from "../../ui/numbers";
import { shakenLook } from "../../ui/intel";
import { Moment } from "../../ui/Moment";
import { actionLook, decisionLook, overdueLook, reviewDueLook } from "../../ui/record";
import { Said } from "../../ui/Said";
import { criterionName, gradeHeading, gradeName, tierName, unsure } from "../../ui/severity";
import { StateTag } from "../../ui/StateTag";
import { list, plural } from "../../ui/words";
import { useTimeline } from "./context";
import { LabelBar } from "./LabelBar";

const useHref = () => {
  const { facts } = useTimeline();
  const home = `/rooms/${facts.room.id}`;
  return { entry: (n: Seq) => `${home}/entries/${n}`, decision: (n: Seq) => `${home}/decisions/${n}`, action: (n: Seq) => `${home}/actions/${n}`, book: (n: Seq) => `${home}/books/${n}`, severity: `${home}/severity` };
};

/** A decision as it stands now. */
export function DecisionCard({ object, decision: d }: { object: RoomObject; decision: Decision }) {
  const { facts, skew } = useTimeline();
  const href = useHref();
  const now = useRoomNow(facts, skew);
  const gaps = gapsOf(d).length;
  const maker = d.maker === 0 ? "" : memberCalled(facts, d.maker);
  return (
    <RecordCard
      shape="decision"
      kind={d.reverses ? "Decision to reverse" : "Decision"}
      states={
        <>
          <StateTag look={decisionLook[d.state]} />
          {inEffect(d) && past(d.review, now) ? <StateTag look={reviewDueLook} /> : null}
          {d.shaken.length > 0 ? <StateTag look={shakenLook} /> : null}
        </>
      }
      foot={
        <>
          <span>
            {d.taken ? (
              <>
                Taken by {maker}
                {d.tier ? `, ${tierName[d.tier].toLowerCase()}` : ""}, {d.taken.about ? "about " : ""}
                <Moment at={d.taken.at} now={now} />
              </>
            ) : maker ? (
              `For ${maker} to take`
            ) : (
              "Nobody has been asked to take it yet"
            )}
            {gaps > 0 ? ` · ${plural(gaps, "gap")} in its record` : ""}
          </span>
          <a href={href.decision(object.root)}>
            Open<span className="unseen"> decision {object.root}</span>
          </a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <strong>
            <Said text={d.decision} entryHref={href.entry} />
          </strong>
        </LabelBar>
      ) : null}
      {d.rationale === "" ? null : (
        <p className="record__why">
          Because: <Said text={d.rationale} entryHref={href.entry} />
        </p>
      )}
      {d.supersedes ? <p className="record__ref">In place of decision <a href={href.decision(d.supersedes)}>{d.supersedes}</a></p> : null}
      {d.reverses ? <p className="record__ref">Undoes decision <a href={href.decision(d.reverses)}>{d.reverses}</a></p> : null}
      {d.replacedBy ? <p className="record__ref">See decision <a href={href.decision(d.replacedBy)}>{d.replacedBy}</a></p> : null}
    </RecordCard>
  );
}

/** An action as it stands now. */
export function ActionCard({ object, action: a }: { object: RoomObject; action: Action }) {
  const { facts, skew } = useTimeline();
  const href = useHref();
  const now = useRoomNow(facts, skew);
  const late = unfinished(a) && past(a.due, now);
  return (
    <RecordCard
      shape="action"
      done={a.state === "done"}
      kind={<>Action for {assigneeCalled(facts, a.for)}</>}
      states={
        <>
          <StateTag look={actionLook[a.state]} />
          {late ? <StateTag look={overdueLook} /> : null}
        </>
      }
      foot={
        <>
          <span>
            {a.due ? (
              <>
                By{" "}
                <Moment at={a.due} now={now} />
              </>
            ) : (
              "No time set"
            )}
            {a.decision ? (
              <>
                {" · carries out decision "}
                <a href={href.decision(a.decision)}>{a.decision}</a>
              </>
            ) : null}
          </span>
          <a href={href.action(object.root)}>
            Open<span className="unseen"> action {object.root}</span>
          </a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <strong>
            <Said text={a.text} entryHref={href.entry} />
          </strong>
        </LabelBar>
      ) : null}
    </RecordCard>
  );
}

/** An escalation as it stands now. */
export function EscalationCard({ object, escalation: e }: { object: RoomObject; escalation: Escalation }) {
  const { facts } = useTimeline();
  const href = useHref();
  const asked = askedNow(e);
  return (
    <RecordCard
      shape="escalation"
      kind={<>Escalation: {conditionName[e.condition].toLowerCase()}</>}
      states={<StateTag look={escalationLook[e.state]} />}
      foot={
        <>
          <span>
            To the {tierName[e.tier].toLowerCase()} tier
            {asked && e.due ? ` · ${asked.name} has until ${timeOfDay(e.due)}` : ""}
            {e.decision ? <> · <a href={href.decision(e.decision)}>decision {e.decision}</a></> : null}
          </span>
          <a href={`/rooms/${facts.room.id}/escalations/${object.root}`}>
            Open<span className="unseen"> escalation {object.root}</span>
          </a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <strong>
            <Said text={e.sbar.recommendation} entryHref={href.entry} />
          </strong>
        </LabelBar>
      ) : null}
      <p className="record__why">
        <Said text={e.sbar.situation} entryHref={href.entry} />
      </p>
    </RecordCard>
  );
}

/** A line of a loggist's book, with earlier wordings ruled through. */
export function LineCard({ object, line }: { object: RoomObject; line: Line }) {
  const { facts } = useTimeline();
  const href = useHref();
  const book = facts.books.find((b) => b.root === line.book);
  const now = line.wordings.at(-1);
  const cites = line.cites.filter((n) => !citedIn(now?.text ?? "").includes(n)); // the others can be followed where they stand
  const old = line.wordings.slice(0, -1);
  return (
    <RecordCard
      shape="line"
      kind={
        <a href={href.book(line.book)}>
          {book ? `Log ${book.number}` : "A log"}, entry {line.number}
        </a>
      }
      foot={
        <span>
          {book ? `Kept for ${memberCalled(facts, book.maker)}` : ""}
          {line.speech ? `${book ? " · " : ""}Verbatim` : ""}
          {line.paper ? `${book || line.speech ? " · " : ""}Transcribed from paper: ${line.paper.by}, ${line.paper.page}` : ""}
          {cites.length > 0 ? ` · see ${list(cites.map((n) => `#${n}`))}` : ""}
        </span>
      }
    >
      {object.marking && now ? (
        <LabelBar marking={object.marking}>
          {old.map((w) => (
            <del key={w.seq} className="ruled">
              {w.text}
            </del>
          ))}
          <span className={line.speech && !quoted(now.text) ? "verbatim" : undefined}>
            <Said text={now.text} entryHref={href.entry} />
          </span>
        </LabelBar>
      ) : null}
    </RecordCard>
  );
}

/** A loggist's book was opened. */
export function BookCard({ entry }: { entry: Extract<KnownEntry, { kind: "book.opened" }> }) {
  const { facts } = useTimeline();
  const href = useHref();
  const { number, maker, signal, first } = entry.body;
  const book = facts.books.find((b) => b.root === entry.root);
  return (
    <RecordCard
      shape="book"
      kind={`Log ${number} opened`}
      foot={
        <>
          <span>{book?.agreed ? `${memberCalled(facts, maker)} confirmed how decisions are signalled` : `Not yet confirmed by ${memberCalled(facts, maker)}`}</span>
          <a href={href.book(entry.root)}>
            Open<span className="unseen"> Log {number}</span>
          </a>
        </>
      }
    >
      <p>
        {byCalled(facts, entry.by)} keeps it for <strong>{memberCalled(facts, maker)}</strong>
        {first > 1 ? `, from entry ${first}` : ""}. A decision is signalled like this: <Said text={signal} entryHref={href.entry} />
      </p>
    </RecordCard>
  );
}

/** Why something was done that everybody in the room is told of: an entry of its own, with its own label. */
export function ReasonCard({ entry, object }: { entry: Extract<KnownEntry, { kind: "severity.reasoned" | "post.reasoned" }>; object: RoomObject }) {
  const href = useHref();
  if (!object.marking) return null;
  return (
    <div className="record record--reason">
      <LabelBar marking={object.marking}>
        <span className="quiet">
          Reason for <a href={href.entry(entry.body.about)}>entry {entry.body.about}</a>:{" "}
        </span>
        <Said text={entry.body.text} entryHref={href.entry} />
      </LabelBar>
    </div>
  );
}

type SeverityEntry = Exclude<Extract<KnownEntry, { kind: `severity.${string}` }>, { kind: "severity.reasoned" }>;

/** What happened to the severity: assessed, raised, asked to be lowered, lowered or not. */
export function SeverityCard({ entry, object }: { entry: SeverityEntry; object: RoomObject }) {
  const { facts } = useTimeline();
  const href = useHref();
  const who = byCalled(facts, entry.by);
  const now = object.record?.noun === "severity" ? object.record : facts.assessments.find((a) => a.root === object.root);
  const scale = entry.kind === "severity.assessed" ? entry.body.scale : now?.scale;
  if (!scale) return <p className="quiet">{who} changed an assessment of severity</p>;
  const foot = (
    <>
      <span>
        {who}, {orgNamed(facts, entry.by.org ?? "")}
      </span>
      <a href={href.severity}>Severity over time</a>
    </>
  );
  switch (entry.kind) {
    case "severity.assessed":
    case "severity.reassessed": {
      const { grade, criteria } = entry.body;
      return (
        <RecordCard shape="severity" kind={entry.kind === "severity.assessed" ? "Severity assessed" : "Severity assessed again"} foot={foot}>
          <p className="record__grade">{gradeHeading(scale, counts(scale, grade))}</p>
          {grade.or === undefined ? null : <p>They are {unsure(scale, grade)}. It counts as the graver of the two.</p>}
          {criteria.length > 0 ? <p className="record__ref">{list(criteria.map((c) => criterionName[c] ?? c))}</p> : null}
        </RecordCard>
      );
    }
    case "severity.lowering_asked": {
      const to = entry.body.grade;
      return (
        <RecordCard shape="severity" kind="Asked to lower the severity" foot={foot}>
          <p className="record__grade">{to ? `To ${gradeName(scale, counts(scale, to))}` : "To withdraw the assessment"}</p>
          <p>Nothing changes until a second person agrees.</p>
        </RecordCard>
      );
    }
    case "severity.lowering_agreed": {
      const asked = object.events.findLast((e) => e.seq < entry.seq && e.kind === "severity.lowering_asked");
      const to = asked?.form === "open" && !asked.unknown && asked.kind === "severity.lowering_asked" ? asked.body.grade : undefined;
      return (
        <RecordCard shape="severity" kind="Severity lowered" foot={foot}>
          <p className="record__grade">{to ? gradeHeading(scale, counts(scale, to)) : "The assessment is withdrawn"}</p>
          <p>
            {who} agreed to what {asked ? byCalled(facts, asked.by) : "another"} asked.
          </p>
        </RecordCard>
      );
    }
    case "severity.lowering_refused":
      return (
        <RecordCard shape="severity" kind="Lowering refused" foot={foot}>
          <p>The severity stays where it is.</p>
        </RecordCard>
      );
    case "severity.lowering_dropped":
      return (
        <RecordCard shape="severity" kind="Question taken back" foot={foot}>
          <p>The severity stays where it is.</p>
        </RecordCard>
      );
  }
}
