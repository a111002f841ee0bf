import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { ActionPage } from "../features/actions/ActionPage";
import { actionPasses, actionQuery, ActionsBoard, type ActionFilter } from "../features/actions/ActionsBoard";
import type { Raising } from "../features/actions/ActionForms";
import { BookPage } from "../features/books/BookPage";
import { BooksBoard } from "../features/books/BooksBoard";
import type { Recording } from "../features/decisions/DecisionForm";
import { ItemPage } from "../features/intel/ItemPage";
import { itemPasses, ItemsBoard, type ItemFilter } from "../features/intel/ItemsBoard";
import { DecisionPage } from "../features/decisions/DecisionPage";
import { decisionPasses, decisionQuery, DecisionsBoard, type DecisionFilter } from "../features/decisions/DecisionsBoard";
import { SeverityBoard } from "../features/severity/SeverityBoard";
import { SeverityFact } from "../features/severity/SeverityFact";
import { audienceWords } from "../features/timeline/audience";
import type { BoardQuery } from "../protocol/rest";
import type { Facts, Marking, Seq } from "../protocol/types";
import { reliedOf } from "../room/decision";
import { you } from "../room/select";
import { isInvented, type RoomObject } from "../room/state";
import type { RoomStore, RoomView } from "../room/store";
import { BoardFrame } from "../ui/BoardFrame";
import { Empty, Loading } from "../ui/State";
import { Watermark } from "../ui/Watermark";
import type { Asking } from "./beginning";
import { ExportPane } from "./ExportPane";
import type { BoardPane } from "./RoomTabs";
import { useInside } from "./inside";
import { useBoard, useObject, useObjects } from "./useBoard";

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
    <Empty title={`There is no ${what} here for you`}>
      <p>
        <a href={href}>{back}</a>
      </p>
    </Empty>
  );
}

function Decisions({ store, view, facts, now, onRecord }: Props) {
  const [filter, setFilter] = useState<DecisionFilter>("all");
  const { objects, board } = useBoard(store, view, "decision", decisionQuery[filter], (o) => decisionPasses(filter, o, facts, now));
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  return <DecisionsBoard facts={facts} now={now} whom={whom} objects={objects} board={board} filter={filter} onFilter={setFilter} onRecord={onRecord} />;
}

function Actions({ store, view, facts, now, onRaise }: Props) {
  const [filter, setFilter] = useState<ActionFilter>("all");
  const { objects, board } = useBoard(store, view, "action", actionQuery(filter, facts), (o) => actionPasses(filter, o, facts, now));
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  return <ActionsBoard facts={facts} now={now} whom={whom} objects={objects} board={board} filter={filter} onFilter={setFilter} onRaise={() => onRaise({ decision: null, text: "", marking: null })} />;
}

function OneDecision({ seq, store, view, facts, now, onRecord, onRaise }: Props & { seq: Seq }) {
  const object = useObject(store, view, seq);
  const d = object?.record?.noun === "decision" ? object.record : null;
  const { objects: actions, board } = useBoard(store, view, "action", d ? { under: seq } : null, (o) => o.record?.noun === "action" && o.record.decision === seq, 200);
  const { objectAt, load } = useObjects(store, view);
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  const home = `/rooms/${facts.room.id}`;
  if (object === undefined) return <Loading what="the decision" />;
  if (object === null || !d) {
    if (object?.sealed) return <Sealed what="decision" seq={seq} home={home} />;
    return <Gone what="decision of this number" back="All decisions" href={`${home}/decisions`} />;
  }
  return (
    <Marked object={object} facts={facts}>
      <DecisionPage
        key={seq}
        facts={facts}
        head={view.seq}
        now={now}
        object={object}
        decision={d}
        acts={store}
        actions={actions}
        older={board.more}
        objectAt={objectAt}
        load={load}
        whom={whom}
        onRecord={onRecord}
        onAction={() => onRaise({ decision: seq, text: "", marking: object.marking })}
      />
    </Marked>
  );
}

function Sealed({ what, seq, home }: { what: string; seq: Seq; home: string }) {
  return (
    <Empty title={`This ${what} is sealed`}>
      <p>
        It travels sealed. <a href={`${home}/entries/${seq}`}>Open entry {seq} in the log</a>; opening it is recorded.
      </p>
    </Empty>
  );
}

function OneAction({ seq, store, view, facts, now }: Props & { seq: Seq }) {
  const object = useObject(store, view, seq);
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  const home = `/rooms/${facts.room.id}`;
  if (object === undefined) return <Loading what="the action" />;
  if (object?.record?.noun !== "action") {
    if (object?.sealed) return <Sealed what="action" seq={seq} home={home} />;
    return <Gone what="action of this number" back="All actions" href={`${home}/actions`} />;
  }
  return (
    <Marked object={object} facts={facts}>
      <ActionPage key={seq} facts={facts} head={view.seq} now={now} object={object} action={object.record} acts={store} whom={whom} />
    </Marked>
  );
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
  if (!book) return <Gone what="log of this number" back="All logs" href={`${home}/books`} />;
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
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  return (
    <ItemsBoard
      facts={facts}
      now={now}
      whom={whom}
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

function OneItem({ seq, store, view, facts, now, onBegin, onMarking }: Props & { seq: Seq }) {
  const object = useObject(store, view, seq);
  const item = object?.record?.noun === "item" ? object.record : null;
  const under = item ? { under: seq } : null;
  const of = (o: RoomObject, noun: "sighting" | "tearline") => o.record?.noun === noun && o.record.item === seq;
  const sightings = useBoard(store, view, "sighting", under, (o) => of(o, "sighting"), 200);
  const tears = useBoard(store, view, "tearline", under, (o) => of(o, "tearline"), 20);
  const requests = useBoard(store, view, "release", under, (o) => o.record?.noun === "release" && o.record.entry === seq, 50);
  const others = useBoard(store, view, "item", item ? { state: "live" } : null, any, 100);
  const decisions = useMemo(() => [...view.state.objects.entries()].map(([, o]) => o).filter((o) => o.record?.noun === "decision" && reliedOf(o.record).some((r) => r.cites === seq)), [view.state.objects, seq]);
  const opens = useCallback(() => store.opens(seq), [store, seq]);
  const whom = useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);
  const home = `/rooms/${facts.room.id}`;
  if (object === undefined) return <Loading what="the intelligence" />;
  if (object === null || !item) {
    if (object?.sealed) return <Sealed what="intelligence" seq={seq} home={home} />;
    return <Gone what="intelligence of this number" back="All intelligence" href={`${home}/intel`} />;
  }
  const page = (
    <ItemPage
      key={seq}
      facts={facts}
      now={now}
      object={object}
      item={item}
      about={{ sightings: sightings.objects, tears: tears.objects, requests: requests.objects, decisions, others: others.objects }}
      acts={store}
      opens={opens}
      whom={whom}
      onShare={(sharing) => onBegin({ what: "item", sharing })}
      onMarking={(how) => onMarking(how, seq)}
      onExport={() => onBegin({ what: "export", seq })}
    />
  );
  return <Marked object={object} facts={facts}>{page}</Marked>;
}

/** The boards of the record, and each thing of it on a page of its own. */
export function RecordPane(p: Props) {
  const { pane, seq, facts, now, store, go } = p;
  switch (pane) {
    case "intel":
      return seq === null ? <Intel {...p} /> : <OneItem {...p} seq={seq} />;
    case "decisions":
      return seq === null ? <Decisions {...p} /> : <OneDecision {...p} seq={seq} />;
    case "actions":
      return seq === null ? <Actions {...p} /> : <OneAction {...p} seq={seq} />;
    case "severity":
      return <Severity {...p} />;
    case "exports":
      return <ExportPane seq={seq} store={store} view={p.view} facts={facts} now={now} go={go} />;
    case "books":
      return seq === null ? <BooksBoard facts={facts} now={now} acts={store} go={(root) => go(`/rooms/${facts.room.id}/books/${root}`)} /> : <OneBook {...p} seq={seq} />;
  }
}
