import { memo } from "react";
import type { Author, Row } from "../../room/row";
import { overridesOf } from "../../room/state";
import { EntryTime } from "../../ui/EntryTime";
import { Icon } from "../../ui/Icon";
import { Invented } from "../../ui/Invented";
import { orgTypeName, roleName } from "../../ui/names";
import { timeOfDay, utc } from "../../ui/time";
import { list, overrideWords } from "../../ui/words";
import { EnvelopeCard, InjectCard, ReportCard } from "./Cards";
import { useTimeline } from "./context";
import { ErasedCard, ErasureCard } from "./ErasureCards";
import { EntryMenu } from "./EntryMenu";
import { plainText } from "../../ui/inline";
import { MessageBody } from "./MessageBody";
import { happened, momentOf } from "./moment";
import { ItemCard, RecalledLine, ReleaseCard, SightingCard, TearLineCard } from "./ItemCards";
import { Marked } from "./Marked";
import { Quotes } from "./Quotes";
import { PromotedCard, PromotionCard } from "./PromotionCards";
import { ClockCard, MinistersCard } from "./ClockCards";
import { CadenceCard } from "./CadenceCards";
import { BroughtCard } from "./BroughtCard";
import { BroadcastCard } from "./BroadcastCard";
import { ActionCard, BookCard, DecisionCard, EscalationCard, LineCard, ReasonCard, SeverityCard } from "./RecordCards";
import { memberCalled } from "../../room/called";
import { sealedSentence, sentence } from "./sentences";

type EntryRow = Extract<Row, { type: "entry" }>;

/** The gutter's number: a link to the entry by its number. */
export function EntryNumber({ seq, to }: { seq: number; to?: number }) {
  const { facts } = useTimeline();
  return (
    <a className="entry__number tabular" href={`/rooms/${facts.room.id}/entries/${seq}`} aria-label={to && to !== seq ? `Entries ${seq} to ${to}` : `Entry ${seq}`}>
      {seq}
      {to && to !== seq ? <span className="entry__number-to">–{to}</span> : null}
    </a>
  );
}

function AuthorLine({ author }: { author: Author }) {
  if (author.veiled)
    return (
      <>
        <span className="entry__author">{orgTypeName[author.veiled]}</span> <span className="entry__org">Veiled: says no more of who wrote it</span>
      </>
    );
  if (author.system) return <span className="entry__author">Exercise control</span>;
  return (
    <>
      <span className="entry__author">{author.name === "" ? `M-${author.member}` : author.name}</span>{" "}
      <span className="entry__org">
        {author.orgName || author.org}
        {author.role ? ` · ${roleName[author.role]}` : ""}
      </span>
    </>
  );
}

function ReplyLine({ reply }: { reply: NonNullable<EntryRow["reply"]> }) {
  const { goTo, facts } = useTimeline();
  return (
    <a
      className="entry__reply"
      href={`/rooms/${facts.room.id}/entries/${reply.seq}`}
      onClick={(e) => {
        e.preventDefault();
        goTo(reply.seq);
      }}
    >
      <Icon name="reply" size={14} />
      <span>
        <span className="unseen">In reply to </span>
        <span className="tabular">{reply.seq}</span>
        {reply.author && !reply.author.system ? ` ${reply.author.veiled ? orgTypeName[reply.author.veiled] : reply.author.name || `M-${reply.author.member}`}` : ""}
        {reply.excerpt === null ? "" : `: ${plainText(reply.excerpt)}`}
      </span>
    </a>
  );
}

function NotedLine({ object }: { object: EntryRow["object"] }) {
  const { facts } = useTimeline();
  const { noted } = object;
  if (noted.length === 0) return null;
  const one = (n: (typeof noted)[number]) => `${n.member === facts.you ? "you" : memberCalled(facts, n.member)} ${timeOfDay(momentOf(object, n.seq, n.at))}`;
  if (noted.length <= 3) return <p className="entry__noted">Noted by {list(noted.map(one))}</p>;
  return (
    <details className="entry__noted">
      <summary>Noted by {noted.length}</summary>
      <p>{list(noted.map(one))}</p>
    </details>
  );
}

function WithheldLine({ row }: { row: EntryRow }) {
  const { facts } = useTimeline();
  if (!row.object.withheld) return null;
  const last = row.object.events.findLast((e) => e.kind === "audience.withheld");
  return (
    <p className="entry__withheld">
      <strong>Withheld from guests</strong>
      {last?.by.member ? ` by ${memberCalled(facts, last.by.member)}, ${timeOfDay(last.times.exercise ?? last.times.recorded)}` : ""}. Only hosts see it now.
    </p>
  );
}

/** Why a text that bears a protective marking stands here. */
function OverrideLines({ object }: { object: EntryRow["object"] }) {
  const { facts } = useTimeline();
  return overridesOf(object).map((o) => (
    <p key={o.seq} className="entry__override">
      {overrideWords(o.reason)} <span className="quiet">({memberCalled(facts, o.by.member ?? 0)})</span>
    </p>
  ));
}

function BriefLines({ lines }: { lines: { happened: string; affects: string; doing: string; need: string; next: string } }) {
  return (
    <details className="entry__brief">
      <summary>Read it</summary>
      <dl className="methane-list">
        {([["What has happened", lines.happened], ["What it affects", lines.affects], ["What we are doing", lines.doing], ["What we need from you", lines.need], ["Next update", lines.next]] as const).map(([k, v]) => (
          <div key={k}>
            <dt>{k}</dt>
            <dd>{v || "Not said yet"}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** A quiet line for what happened to the room or its members. */
function StandingEntry({ row, text }: { row: EntryRow; text: string }) {
  const e = row.entry;
  return (
    <>
      <EntryNumber seq={row.seq} />
      <div className="entry__time">
        <EntryTime recorded={e.times.recorded} exercise={e.times.exercise} />
      </div>
      <div className="entry__quiet" id={`entry-${row.seq}-head`}>
        {text}
        {e.form === "open" && !e.unknown && e.kind === "brief.set" ? <BriefLines lines={e.body.lines} /> : null}
        <OverrideLines object={row.object} />
      </div>
      <div className="entry__menu">
        <EntryMenu seq={row.seq} />
      </div>
    </>
  );
}

function Body({ row }: { row: EntryRow }) {
  const { entry, object } = row;
  if (object.erased) {
    // A later wording that was not erased still stands.
    return (
      <>
        <ErasedCard seq={row.seq} />
        {object.versions.at(-1)?.text ? <MessageBody object={object} /> : object.reports.at(-1)?.methane ? <ReportCard object={object} /> : null}
      </>
    );
  }
  if (entry.form === "envelope" || object.sealed) return <EnvelopeCard object={object} seq={row.seq} />;
  if (entry.unknown) return <p className="quiet">This entry is of a kind that this version of Wardroom does not know ({entry.kind}). Reload the page to get the newest version.</p>;
  switch (entry.kind) {
    case "erasure.asked":
      return <ErasureCard entry={entry} />;
    case "message.posted":
      return <MessageBody object={object} />;
    case "promotion.asked":
      return <PromotionCard entry={entry} object={object} />;
    case "entry.promoted":
      return <PromotedCard entry={entry} object={object} />;
    case "inject.given":
      return <InjectCard inject={entry.body} object={object} />;
    case "report.brought":
      return <BroughtCard entry={entry} object={object} />;
    case "report.given":
      return <ReportCard object={object} />;
    case "decision.proposed":
    case "decision.recorded":
      return object.record?.noun === "decision" ? <DecisionCard object={object} decision={object.record} /> : null;
    case "action.raised":
      return object.record?.noun === "action" ? <ActionCard object={object} action={object.record} /> : null;
    case "escalation.requested":
      return object.record?.noun === "escalation" ? <EscalationCard object={object} escalation={object.record} /> : null;
    case "clock.started":
      return object.record?.noun === "clock" ? <ClockCard object={object} clock={object.record} /> : null;
    case "ministers.briefed":
      return <MinistersCard entry={entry} object={object} />;
    case "meeting.held":
    case "sitrep.filed":
    case "update.given":
    case "update.requested":
    case "handover.signed":
      return <CadenceCard object={object} />;
    case "broadcast.asked":
      return object.record?.noun === "broadcast" ? <BroadcastCard object={object} broadcast={object.record} /> : null;
    case "logentry.written":
      return object.record?.noun === "logentry" ? <LineCard object={object} line={object.record} /> : null;
    case "item.published":
      return object.record?.noun === "item" ? <ItemCard object={object} item={object.record} /> : null;
    case "tearline.published":
      return object.record?.noun === "tearline" ? <TearLineCard object={object} tear={object.record} /> : null;
    case "sighting.marked":
      return object.record?.noun === "sighting" ? <SightingCard object={object} sighting={object.record} /> : null;
    case "release.requested":
      return object.record?.noun === "release" ? <ReleaseCard object={object} release={object.record} /> : null;
    case "book.opened":
      return <BookCard entry={entry} />;
    case "severity.assessed":
    case "severity.reassessed":
    case "severity.lowering_asked":
    case "severity.lowering_agreed":
    case "severity.lowering_refused":
    case "severity.lowering_dropped":
      return <SeverityCard entry={entry} object={object} />;
    case "severity.reasoned":
    case "post.reasoned":
      return <ReasonCard entry={entry} object={object} />;
    default:
      return null;
  }
}

/** One entry that begins a thing of its own: who, when, label, text, and what came of it. */
export const EntryView = memo(function EntryView({ row }: { row: EntryRow }) {
  const { facts, offers } = useTimeline();
  const { entry } = row;
  const quiet = entry.form === "envelope" ? sealedSentence(entry, facts) : entry.unknown ? null : sentence(entry, facts);
  if (quiet !== null) return <StandingEntry row={row} text={quiet} />;
  const { occurred, recorded, exercise } = entry.times;
  const when = happened(entry.times);
  return (
    <>
      <EntryNumber seq={row.seq} />
      <div className="entry__time">
        <EntryTime recorded={recorded} exercise={exercise} />
      </div>
      <div className="entry__head" id={`entry-${row.seq}-head`}>
        <AuthorLine author={row.author} />
        {entry.form === "open" && !entry.unknown && "invented" in entry.body && entry.body.invented === true ? (
          <Invented />
        ) : null}
        {row.object.pinned ? (
          <span className="entry__flag">
            <Icon name="pin" size={14} /> Pinned
          </span>
        ) : null}
        {row.mentionsMe ? <span className="entry__flag entry__flag--you">Mentions you</span> : null}
      </div>
      <div className="entry__menu">{offers(row.seq).length > 0 ? <EntryMenu seq={row.seq} /> : null}</div>
      <div className="entry__body">
        {row.reply ? <ReplyLine reply={row.reply} /> : null}
        {occurred && when !== null ? (
          <p className="entry__occurred" title={utc(occurred)}>
            {when}
          </p>
        ) : null}
        <WithheldLine row={row} />
        <OverrideLines object={row.object} />
        <RecalledLine object={row.object} />
        <Marked tlp={entry.form === "open" && !row.object.sealed ? row.object.marking?.tlp : null}>
          {row.quotes.length > 0 ? <Quotes quotes={row.quotes} /> : null}
          <Body row={row} />
        </Marked>
        <NotedLine object={row.object} />
      </div>
    </>
  );
});
