import { useCallback, useEffect, useMemo, useState, type ComponentType, type ReactNode } from "react";
import { ActionPage } from "../features/actions/ActionPage";
import { actionPasses, actionQuery, ActionsBoard, type ActionFilter } from "../features/actions/ActionsBoard";
import type { Raising } from "../features/actions/ActionForms";
import { BookPage } from "../features/books/BookPage";
import { BooksBoard } from "../features/books/BooksBoard";
import type { Recording } from "../features/decisions/DecisionForm";
import { EscalationPage } from "../features/escalations/EscalationPage";
import { EscalationsBoard, escalationPasses, escalationQuery, type EscalationFilter } from "../features/escalations/EscalationsBoard";
import { ClockPage } from "../features/clocks/ClockPage";
import { clockPasses, clockQuery, ClocksBoard, type ClockFilter } from "../features/clocks/ClocksBoard";
import { FactorFirst, isFresh } from "../features/keeping/Factor";
import { NoticeStates } from "../features/notices/NoticeStates";
import { ItemPage } from "../features/intel/ItemPage";
import { itemPasses, ItemsBoard, type ItemFilter } from "../features/intel/ItemsBoard";
import { DecisionPage } from "../features/decisions/DecisionPage";
import { decisionPasses, decisionQuery, DecisionsBoard, type DecisionFilter } from "../features/decisions/DecisionsBoard";
import { SeverityBoard } from "../features/severity/SeverityBoard";
import { SeverityFact } from "../features/severity/SeverityFact";
import { Attachments } from "../features/timeline/Attachments";
import { audienceWords } from "../features/timeline/audience";
import type { BoardQuery } from "../protocol/rest";
import type { Facts, Marking, Seq } from "../protocol/types";
import { reliedOf } from "../room/decision";
import { waiting } from "../room/escalation";
import { isHost, you } from "../room/select";
import { isInvented, type RoomObject } from "../room/state";
import type { RoomStore, RoomView } from "../room/store";
import { BoardFrame } from "../ui/BoardFrame";
import { Empty, Loading } from "../ui/State";
import { useNow } from "../ui/useNow";
import { Watermark } from "../ui/Watermark";
import type { Asking } from "./beginning";
import { Handovers, Meetings, OneHandover } from "./CadencePanes";
import { factorOf } from "./factor";
import { BroadcastPane } from "./BroadcastPane";
import { ExportPane } from "./ExportPane";
import type { BoardPane } from "./RoomTabs";
import { useInside } from "./inside";
import { useBoard, useObject, useObjects } from "./useBoard";
import { useNotices, Written } from "./Written";

type Props = {
  pane: BoardPane;
  seq: Seq | null;
  store: RoomStore;
  view: RoomView;
  facts: Facts;
  now: number;
  offline: boolean;
  go: (href: string) => void;
  onRecord: (r: Recording) => void;
  onRaise: (r: Raising) => void;
  onBegin: (a: Asking) => void;
  /** Tightens or widens an entry. */
  onMarking: (how: "tighten" | "widen", seq: Seq) => void;
};

const any = () => true;

/** What only named people read bears its reader's name, on paper too. */
function Marked({ object, facts, children }: { object: RoomObject; facts: Facts; children: ReactNode }) {
  const { skew } = useInside();
  const [at] = useState(() => new Date(Date.now() + skew));
  if (object.marking?.tlp !== "TLP:RED") return children;
  return (
    <Watermark name={you(facts)?.name ?? ""} organisation={you(facts)?.orgName ?? ""} at={at}>
      {children}
    </Watermark>
  );
}

/** Words for a thing that is not there for this reader. */
function Gone({ what, back, href }: { what: string; back: string; href: string }) {
  return (
    <Empty title={`There is no ${what} of this number here for you`}>
      <p>
        <a href={href}>{back}</a>
      </p>
    </Empty>
  );
}

/** What each noun with a page of its own is called, and where all of them stand. */
const named = {
  decision: { what: "decision", all: "All decisions", board: "decisions" },
  action: { what: "action", all: "All actions", board: "actions" },
  item: { what: "intelligence", all: "All intelligence", board: "intel" },
} as const;
type Noun = keyof typeof named;
type Whom = (m: Marking) => string;
type Of<N extends Noun> = Props & { seq: Seq; object: RoomObject; record: Extract<NonNullable<RoomObject["record"]>, { noun: N }>; whom: Whom };

const isOf = <N extends Noun>(noun: N, record: RoomObject["record"]): record is Of<N>["record"] => record?.noun === noun;
const useWhom = (facts: Facts): Whom => useCallback((m) => audienceWords(m.audience, facts), [facts]);

/** One thing of the record on a page of its own, or why it is not shown. */
function One<N extends Noun>({ noun, page: Page, ...p }: Props & { seq: Seq; noun: N; page: ComponentType<Of<N>> }) {
  const { seq, store, view, facts } = p;
  const object = useObject(store, view, seq);
  const whom = useWhom(facts);
  const home = `/rooms/${facts.room.id}`;
  const { what, all, board } = named[noun];
  if (object === undefined) return <Loading what={`the ${what}`} />;
  if (object !== null && isOf(noun, object.record)) {
    return (
      <Marked object={object} facts={facts}>
        <Page key={seq} {...p} object={object} record={object.record} whom={whom} />
      </Marked>
    );
  }
  if (object?.sealed) {
    return (
      <Empty title={`This ${what} is sealed`}>
        <p>
          It travels sealed. <a href={`${home}/entries/${seq}`}>Open entry {seq} in the log</a>; opening it is recorded.
        </p>
      </Empty>
    );
  }
  return <Gone what={what} back={all} href={`${home}/${board}`} />;
}

function Decisions({ store, view, facts, now, onRecord }: Props) {
  const [filter, setFilter] = useState<DecisionFilter>("all");
  const { objects, board } = useBoard(store, view, "decision", decisionQuery[filter], (o) => decisionPasses(filter, o, facts, now));
  return <DecisionsBoard facts={facts} now={now} whom={useWhom(facts)} objects={objects} board={board} filter={filter} onFilter={setFilter} onRecord={onRecord} />;
}

function Actions({ store, view, facts, now, onRaise }: Props) {
  const [filter, setFilter] = useState<ActionFilter>("all");
  const { objects, board } = useBoard(store, view, "action", actionQuery(filter, facts), (o) => actionPasses(filter, o, facts, now));
  return <ActionsBoard facts={facts} now={now} whom={useWhom(facts)} objects={objects} board={board} filter={filter} onFilter={setFilter} onRaise={() => onRaise({ decision: null, text: "", marking: null })} />;
}

function DecisionOf({ seq, store, view, facts, now, object, record, whom, onRecord, onRaise }: Of<"decision">) {
  const { objects: actions, board } = useBoard(store, view, "action", { under: seq }, (o) => o.record?.noun === "action" && o.record.decision === seq, 200);
  const { objectAt, load } = useObjects(store, view);
  return (
    <DecisionPage
      facts={facts}
      head={view.seq}
      now={now}
      object={object}
      decision={record}
      acts={store}
      actions={actions}
      older={board.more}
      objectAt={objectAt}
      load={load}
      whom={whom}
      onRecord={onRecord}
      onAction={() => onRaise({ decision: seq, text: "", marking: object.marking })}
    />
  );
}

function ActionOf({ store, view, facts, now, object, record, whom }: Of<"action">) {
  return <ActionPage facts={facts} head={view.seq} now={now} object={object} action={record} acts={store} whom={whom} />;
}

function Escalations({ store, view, facts, onBegin }: Props) {
  const [filter, setFilter] = useState<EscalationFilter>("all");
  const { objects, board } = useBoard(store, view, "escalation", escalationQuery[filter], (o) => escalationPasses(filter, o));
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  return <EscalationsBoard facts={facts} whom={whom} objects={objects} board={board} filter={filter} onFilter={setFilter} onEscalate={() => onBegin({ what: "escalation" })} />;
}

function OneEscalation({ seq, store, view, facts }: Props & { seq: Seq }) {
  const { session, skew } = useInside();
  const object = useObject(store, view, seq);
  const [factor, setFactor] = useState(false);
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  const home = `/rooms/${facts.room.id}`;
  const messages = useMessages(facts, seq, object?.record?.noun === "escalation" && (isHost(facts) || (waiting(object.record) && object.record.by.member === facts.you)));
  if (object === undefined) return <Loading what="the escalation" />;
  if (object?.record?.noun !== "escalation") return <Gone what="escalation of this number" back="All escalations" href={`${home}/escalations`} />;
  return (
    <>
      <EscalationPage key={seq} facts={facts} head={view.seq} skew={skew} object={object} escalation={object.record} acts={store} whom={whom} fresh={isFresh(factorOf(session, skew))} onStepUp={() => setFactor(true)} messages={messages} />
      {factor ? <FactorFirst why="Accepting this" back={`${home}/escalations/${seq}`} onClose={() => setFactor(false)} /> : null}
    </>
  );
}

function Clocks({ store, view, facts, onBegin }: Props) {
  const { skew } = useInside();
  const [filter, setFilter] = useState<ClockFilter>("running");
  const now = useNow(skew).getTime();
  const { objects, board } = useBoard(store, view, "clock", clockQuery[filter], (o) => clockPasses(filter, o, now));
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  return <ClocksBoard facts={facts} whom={whom} now={now} objects={objects} board={board} filter={filter} onFilter={setFilter} onStart={(statute) => onBegin({ what: "clock", statute })} onMinisters={() => onBegin({ what: "ministers" })} />;
}

function OneClock({ seq, store, view, facts }: Props & { seq: Seq }) {
  const { skew } = useInside();
  const object = useObject(store, view, seq);
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  if (object === undefined) return <Loading what="the clock" />;
  if (object?.record?.noun !== "clock") return <Gone what="clock of this number" back="All clocks" href={`/rooms/${facts.room.id}/clocks`} />;
  return <ClockPage key={seq} facts={facts} head={view.seq} skew={skew} object={object} clock={object.record} acts={store} whom={whom} messages={<Written facts={facts} seq={seq} title="Messages to its owner" />} />;
}

/** What became of the messages to whoever is asked at each step: for the hosts, and for who asked. */
function useMessages(facts: Facts, seq: Seq, may: boolean) {
  const { notices, again } = useNotices(facts, seq, may);
  return (step: number) => <NoticeStates notices={notices.filter((n) => n.instance === `step-${step}`)} onAgain={again} />;
}

function Severity({ store, view, facts, now }: Props) {
  const { objects, board } = useBoard(store, view, "severity", {}, any, 200);
  const look = useObjects(store, view);
  return (
    <BoardFrame {...board} title="Severity over time" count={1} empty={{ title: "", text: "" }}>
      <div className="only-narrow">
        <SeverityFact facts={facts} head={view.seq} now={now} acts={store} {...look} bare />
      </div>
      {board.loading && objects.length === 0 ? <Loading what="the assessments" /> : <SeverityBoard facts={facts} now={now} objects={objects} />}
    </BoardFrame>
  );
}

function OneBook({ seq, store, view, facts, now, offline, go }: Props & { seq: Seq }) {
  const { skew } = useInside();
  const book = facts.books.find((b) => b.root === seq);
  const { objects, board } = useBoard(store, view, "logentry", book ? { under: seq } : null, (o) => o.record?.noun === "logentry" && o.record.book === seq, 100);
  const opened = useObject(store, view, seq);
  const lines = useMemo(() => objects.toReversed(), [objects]);
  const home = `/rooms/${facts.room.id}`;
  // Every line first: what is printed is whole.
  const [printing, setPrinting] = useState(false);
  const { more, loading, onMore, failed } = board;
  useEffect(() => {
    if (!printing || loading) return;
    if (more && failed === null) onMore();
    else {
      setPrinting(false);
      if (!more) requestAnimationFrame(() => window.print());
    }
  }, [printing, more, loading, failed, onMore]);
  if (!book) return <Gone what="log" back="All logs" href={`${home}/books`} />;
  return (
    <BookPage
      key={seq}
      facts={facts}
      head={view.seq}
      now={now}
      skew={skew}
      book={book}
      marking={opened?.marking ?? null}
      invented={opened ? isInvented(opened) : false}
      lines={lines}
      board={board}
      pending={view.lines}
      draft={view.lineDraft}
      offline={offline}
      acts={store}
      onPrint={() => setPrinting(true)}
      go={(root) => go(`${home}/books/${root}`)}
    />
  );
}

const itemQuery: Record<ItemFilter, BoardQuery> = { live: { state: "live" }, review: { state: "live", overdue: true }, expired: { expired: true }, recalled: { state: "recalled" }, all: {} };

function Intel({ store, view, facts, now, onBegin }: Props) {
  const [filter, setFilter] = useState<ItemFilter>("live");
  const { objects, board } = useBoard(store, view, "item", itemQuery[filter], (o) => itemPasses(filter, o, now), 100);
  const sightings = useBoard(store, view, "sighting", {}, any, 200);
  return (
    <ItemsBoard
      facts={facts}
      now={now}
      whom={useWhom(facts)}
      objects={objects}
      sightings={sightings.objects}
      board={board}
      filter={filter}
      onFilter={setFilter}
      onShare={() => onBegin({ what: "item", sharing: { how: "share", from: null } })}
      onImport={() => onBegin({ what: "import" })}
      onExport={() => onBegin({ what: "export", seq: null })}
    />
  );
}

function ItemOf({ seq, store, view, facts, now, object, record, whom, onBegin, onMarking }: Of<"item">) {
  const under = { under: seq };
  const of = (o: RoomObject, noun: "sighting" | "tearline") => o.record?.noun === noun && o.record.item === seq;
  const sightings = useBoard(store, view, "sighting", under, (o) => of(o, "sighting"), 200);
  const tears = useBoard(store, view, "tearline", under, (o) => of(o, "tearline"), 20);
  const requests = useBoard(store, view, "release", under, (o) => o.record?.noun === "release" && o.record.entry === seq, 50);
  const others = useBoard(store, view, "item", { state: "live" }, any, 100);
  const decisions = useMemo(() => [...view.state.objects.entries()].map(([, o]) => o).filter((o) => o.record?.noun === "decision" && reliedOf(o.record).some((r) => r.cites === seq)), [view.state.objects, seq]);
  const opens = useCallback(() => store.opens(seq), [store, seq]);
  return (
    <ItemPage
      facts={facts}
      now={now}
      object={object}
      item={record}
      about={{ sightings: sightings.objects, tears: tears.objects, requests: requests.objects, decisions, others: others.objects }}
      acts={store}
      attached={<Attachments object={object} room={facts.room.id} scans={store.scans} filePath={store.filePath} />}
      opens={opens}
      whom={whom}
      onShare={(sharing) => onBegin({ what: "item", sharing })}
      onMarking={(how) => onMarking(how, seq)}
      onExport={() => onBegin({ what: "export", seq })}
    />
  );
}

/** The boards of the record, and each thing of it on a page of its own. */
export function RecordPane(p: Props) {
  const { pane, seq, facts, now, store, go } = p;
  switch (pane) {
    case "intel":
      return seq === null ? <Intel {...p} /> : <One {...p} seq={seq} noun="item" page={ItemOf} />;
    case "decisions":
      return seq === null ? <Decisions {...p} /> : <One {...p} seq={seq} noun="decision" page={DecisionOf} />;
    case "actions":
      return seq === null ? <Actions {...p} /> : <One {...p} seq={seq} noun="action" page={ActionOf} />;
    case "escalations":
      return seq === null ? <Escalations {...p} /> : <OneEscalation {...p} seq={seq} />;
    case "clocks":
      return seq === null ? <Clocks {...p} /> : <OneClock {...p} seq={seq} />;
    case "meetings":
      return <Meetings store={store} view={p.view} facts={facts} now={now} go={go} />;
    case "handovers":
      return seq === null ? <Handovers store={store} view={p.view} facts={facts} now={now} go={go} /> : <OneHandover key={seq} seq={seq} store={store} view={p.view} facts={facts} now={now} go={go} />;
    case "broadcasts":
      return <BroadcastPane {...p} />;
    case "severity":
      return <Severity {...p} />;
    case "exports":
      return <ExportPane seq={seq} store={store} view={p.view} facts={facts} now={now} go={go} />;
    case "books":
      return seq === null ? <BooksBoard facts={facts} now={now} acts={store} go={(root) => go(`/rooms/${facts.room.id}/books/${root}`)} /> : <OneBook {...p} seq={seq} />;
  }
}
