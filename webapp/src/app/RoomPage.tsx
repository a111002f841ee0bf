import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { KeysDialog } from "../features/keys/KeysDialog";
import { Needs, needsOf } from "../features/needs/Needs";
import { RoomsPanel } from "../features/rooms/RoomsPanel";
import { RulesGate } from "../features/rules/RulesGate";
import { severityLines } from "../features/severity/SeverityFact";
import { NoLongerPage, NotFoundPage } from "../features/signin/NotFoundPage";
import type { Facts } from "../protocol/types";
import { may } from "../room/may";
import { mustAcceptRules, you } from "../room/select";
import type { RoomStore, RoomView } from "../room/store";
import { useRoom, useRoomNow } from "../room/useRoom";
import { useAnnounce } from "../ui/Announcer";
import { Icon } from "../ui/Icon";
import { lifecycleName } from "../ui/names";
import { timeOfDay } from "../ui/time";
import { Loading } from "../ui/State";
import { ConnectionBanner } from "./Banner";
import { Broken } from "./Broken";
import { beginning, type Asking } from "./beginning";
import { Cell } from "./Cell";
import { Colleagues } from "./Colleagues";
import { EntryDialogs } from "./EntryDialogs";
import { useInside } from "./inside";
import { JumpDialog } from "./JumpDialog";
import { part } from "./part";
import { PrintHead } from "./PrintHead";
import { NoticesHeld } from "./NoticesHeld";
import { LogKeys, RoomAlarm, RoomSeal, useUnsealed } from "./Proofs";
import { BriefPart, PeoplePart, StandingPart } from "./RoomFacts";
import { RoomLog } from "./RoomLog";
import { RoomMore } from "./RoomMore";
import { isBoard, RecordTabs, RoomTabs, type Pane } from "./RoomTabs";
import { Shell } from "./Shell";
import { useAnnouncements } from "./useAnnouncements";
import { useArrival } from "./useArrival";
import { DraftsProvider } from "../ui/useDraft";
import { useNow } from "../ui/useNow";
import { useNeeds } from "./useBoard";
import { useEntryActs } from "./useEntryActs";
import { useMyRooms } from "./useMyRooms";
import { useOnline } from "./useOnline";
import { useRoomKeys } from "./useRoomKeys";
import { useRoomTitle } from "./useRoomTitle";
import { useScreen } from "./useScreen";

type Props = { id: string; pane: Pane; seq: number | null; go: (href: string) => void };

// Boards and the forms of the record are fetched when one of them is first opened.
const RecordPane = part(async () => (await import("./RecordPanes")).RecordPane);
const RecordDialogs = part(async () => (await import("./RecordDialogs")).RecordDialogs);

const noNetwork = { name: "waiting", until: null, attempts: 0 } as const;

/** For how long a room is held after its page was left, in milliseconds: until the list of rooms says where one is now. */
const linger = 3_000;

/** Opens the room's store for as long as its page stands. */
export function RoomPage(props: Props) {
  const { rooms } = useInside();
  const mine = useMyRooms();
  const [store, setStore] = useState<RoomStore | null>(null);
  const readTo = mine.rooms?.rooms.find((r) => r.id === props.id)?.readTo;
  const known = mine.rooms !== undefined || mine.failed !== undefined;
  const first = useRef<number | undefined>(undefined);
  if (known) first.current ??= readTo ?? 0;
  useEffect(() => {
    if (!known) return;
    const opened = rooms.open(props.id, { readTo: first.current ?? 0 });
    opened.moveUnreadLine(); // it may have been held since its page was left
    setStore(opened);
    return () => {
      setStore(null);
      first.current = undefined;
      setTimeout(() => opened.release(), linger);
    };
  }, [rooms, props.id, known]);
  // Whoever goes over to a side room stays in the main room too: else its others would see them vanish from it together.
  const beside = mine.rooms?.rooms.find((r) => r.id === props.id)?.cell?.parent;
  const besideRead = mine.rooms?.rooms.find((r) => r.id === beside)?.readTo ?? 0;
  useEffect(() => {
    if (!beside) return;
    const main = rooms.open(beside, { readTo: besideRead });
    return () => void setTimeout(() => main.release(), linger);
    // Only when one comes to stand in another room: what is read meanwhile the store learns by itself.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [rooms, beside]);
  if (!store || store.room !== props.id) return <Loading what="the room" />;
  return <RoomInside key={props.id} store={store} {...props} />;
}

function RoomInside({ store, ...p }: Props & { store: RoomStore }) {
  const view = useRoom(store);
  const { facts } = view;
  const inside = useInside();
  const mine = useMyRooms();
  const muted = mine.rooms?.rooms.find((r) => r.id === p.id)?.muted ?? false;
  useScreen();
  useRoomTitle(view, muted);
  const online = useOnline();
  const offline = !online || view.connection.name === "waiting";
  const banner = useMemo(() => <ConnectionBanner state={online ? view.connection : noNetwork} behind={facts !== null && !view.caughtUp} onWake={() => inside.connection.wake()} />, [online, view.connection, view.caughtUp, facts, inside.connection]);
  const head = facts ? { reference: facts.room.reference, title: facts.room.title, mode: facts.room.mode } : null;
  const frame = (children: React.ReactNode, fills = false) => (
    <Shell
      session={inside.session}
      room={head}
      fills={fills}
      banner={
        <>
          <RoomAlarm store={store} view={view} duty={inside.signIn.duty} />
          {banner}
          {inside.session.host ? <NoticesHeld /> : null}
        </>
      }
      onSignOut={inside.signOut}
      go={p.go}
    >
      {children}
    </Shell>
  );

  if (view.phase === "missing" || view.phase === "revoked") {
    return (
      <Shell session={inside.session} room={null} banner={banner} onSignOut={inside.signOut} go={p.go}>
        {view.phase === "revoked" ? <NoLongerPage duty={inside.signIn.duty} /> : <NotFoundPage />}
      </Shell>
    );
  }
  if (!facts) return frame(<Loading what="the room" />);
  if (mustAcceptRules(facts) && facts.rules) {
    const { rules } = facts;
    return frame(<RulesGate rules={rules} accepted={you(facts)?.rules ?? 0} onAccept={async () => void (await store.accept(rules.version))} />);
  }
  return frame(<DraftsProvider value={inside.rooms.drafts(p.id)}><RoomOpen {...p} store={store} view={view} facts={facts} muted={muted} offline={offline} /></DraftsProvider>, true);
}

/** A room that is open to its reader: rooms, log or board, standing facts. */
function RoomOpen({ store, view, facts, id, pane, seq, muted, offline, go }: Props & { store: RoomStore; view: RoomView; facts: Facts; muted: boolean; offline: boolean }) {
  const inside = useInside();
  const mine = useMyRooms();
  const say = useAnnounce();
  const [target, setTarget] = useState<{ seq: number } | null>(null);
  const [asking, setAsking] = useState<"keys" | "jump" | "logKeys" | null>(null);
  const [begun, setBegun] = useState<Asking | null>(null);
  const [recordOnly, setRecordOnly] = useState(false);
  const home = `/rooms/${id}`;
  const now = useRoomNow(facts, inside.skew);
  const arrived = useArrival(store, view);
  const announcements = useAnnouncements(view.rows, view.seq);
  const waiting = useNeeds(store, view);
  const real = useNow(inside.skew).getTime();
  const needs = useMemo(() => needsOf(facts, waiting, now, real), [facts, waiting, now, real]);
  const board = isBoard(pane);

  const goTo = useCallback(
    (n: number) => {
      setRecordOnly(false); // it may be no entry of the record
      if (pane !== "log") go(`${home}/entries/${n}`);
      void store.loadAround({ seq: n }).then((found) => setTarget({ seq: found }), () => say(`Entry ${n} could not be loaded`));
    },
    [store, pane, go, home, say],
  );
  const opened = view.caughtUp;
  useEffect(() => {
    if (!board && seq !== null && opened) void store.loadAround({ seq: Math.min(seq, store.getView().seq) }).then((found) => setTarget({ seq: found }), () => undefined);
  }, [board, seq, opened, store]);

  const begin = useCallback((what: "decide" | "ask", n: number) => setBegun(beginning(what, n, store)), [store]);
  const acts = useEntryActs(store, facts, goTo, say, begin);
  const write = () => [...document.querySelectorAll<HTMLTextAreaElement>(".composer textarea")].find((el) => el.checkVisibility({ visibilityProperty: true }))?.focus();
  useRoomKeys({
    keys: () => setAsking("keys"),
    write,
    log: () => {
      if (board) go(home);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[role=feed] article[tabindex="0"]')?.focus());
    },
    newest: () => goTo(view.seq),
    unread: () => goTo(Math.min(view.readTo + 1, view.seq)),
    board: (which) => go(`${home}/${which}`),
    decide: () => {
      if (may(facts, "record-decision")) setBegun({ what: "decision", recording: { how: "record" } });
    },
  });

  // What is on the screen knows better what is unread here than a list fetched a moment ago.
  const listed = useMemo(
    () => mine.rooms && { ...mine.rooms, rooms: mine.rooms.rooms.map((r) => (r.id === id ? { ...r, unread: view.unread, mentions: view.mentions, needs: needs.length } : r)) },
    [mine.rooms, id, view.unread, view.mentions, needs.length],
  );
  const readOnly = mine.rooms?.rooms.find((r) => r.id === id)?.readOnly ?? false;
  const severity = severityLines(facts);
  const unsealed = useUnsealed(view.unsealed, inside.skew);
  const { setDialog } = acts;
  const prove = useCallback((n: number) => setDialog({ what: "proof", seq: n }), [setDialog]);
  const showSeal = () => {
    go(`${home}/more`);
    requestAnimationFrame(() => document.getElementById("seal-heading")?.focus());
  };
  const keysOfLog = useCallback(() => setAsking("logKeys"), []);
  return (
    <div className="room" data-pane={pane} data-board={board || undefined}>
      <div className="room__rooms">
        <Needs needs={needs} id="needs-column" />
        <RoomsPanel as="column" rooms={listed} failed={mine.failed} mayOpen={inside.session.host} mayReport={false} current={id} onRetry={mine.retry} onMute={mine.mute} />
      </div>
      <div className="room__views">
        <RecordTabs home={home} pane={pane} hidden={may(facts, "read-broadcast") ? [] : ["broadcasts"]} />
      </div>
      <section className="room__log" aria-label="Log">
        <div className="room__bar">
          <p className="room__state">
            <strong>{readOnly ? "Read-only" : lifecycleName[facts.room.lifecycle]}</strong>
            <span className="quiet"> · {view.seq} entries</span>
            {unsealed === null ? null : (
              <button type="button" className="button-plain room__unsealed" onClick={showSeal}>
                Unsealed since {timeOfDay(unsealed)}
              </button>
            )}
            {severity.length === 0 ? null : (
              <a className="room__severity" href={`${home}/severity`}>
                <Icon name="severity" size={16} />
                <span>
                  {severity.map((line) => (
                    <span key={line} className="room__severity-line">
                      {line}
                    </span>
                  ))}
                </span>
              </a>
            )}
          </p>
          <div className="room__tools">
            <button type="button" className="tool" aria-pressed={recordOnly} onClick={() => setRecordOnly(!recordOnly)}>
              <Icon name="record" size={16} /> <span>The record only</span>
            </button>
            <button type="button" className="tool" onClick={() => setAsking("jump")}>
              <Icon name="clock" size={16} /> <span>Jump to</span>
            </button>
            <a className="tool" href={`${home}/search?mentions=1`}>
              <Icon name="at" size={16} /> <span>Mentions</span>
              {view.mentions > 0 ? <span className="count count--mention">{view.mentions}</span> : null}
            </a>
            <a className="tool" href={`${home}/search`}>
              <Icon name="search" size={16} /> <span>Search</span>
            </a>
          </div>
        </div>
        <Cell store={store} facts={facts} main={mine.rooms?.rooms.find((r) => r.id === id)?.cell?.parent ?? null} />
        {readOnly ? <Broken store={store} facts={facts} go={go} /> : null}
        <Colleagues view={view} facts={facts} muted={muted} goTo={goTo} />
        <RoomLog readOnly={readOnly} store={store} view={view} acts={acts} target={target} arrived={arrived} offline={offline} recordOnly={recordOnly} onAll={() => setRecordOnly(false)} />
      </section>
      {board ? (
        <div className="room__board" data-scroll key={`${pane} ${seq ?? ""}`}>
          <PrintHead facts={facts} now={now} />
          {seq === null && (pane === "decisions" || pane === "actions" || pane === "escalations" || pane === "clocks" || pane === "meetings" || pane === "handovers" || pane === "broadcasts") ? (
            <div className="only-narrow">
              <Needs needs={needs} id="needs-board" />
            </div>
          ) : null}
          <RecordPane
            pane={pane}
            seq={seq}
            store={store}
            view={view}
            facts={facts}
            now={now}
            offline={offline}
            go={go}
            onRecord={(recording) => setBegun({ what: "decision", recording })}
            onRaise={(raising) => setBegun({ what: "action", raising })}
            onBegin={setBegun}
            onMarking={(how, n) => acts.act(how, n)}
          />
        </div>
      ) : null}
      <div className="room__facts">
        <div className="room__facts-part" data-part="brief">
          <BriefPart store={store} view={view} facts={facts} now={now} onBegin={setBegun} />
        </div>
        <div className="room__facts-part" data-part="people">
          <PeoplePart store={store} view={view} facts={facts} onLeft={() => go("/")} onCell={(room) => go(`/rooms/${room}`)} onInviteMany={() => setBegun({ what: "broadcast", purpose: "invite" })} />
        </div>
        <div className="room__facts-part" data-part="more">
          <StandingPart store={store} view={view} facts={facts} goTo={goTo} />
          <RoomSeal view={view} unsealed={unsealed} onKeys={keysOfLog} onCheck={() => prove(Math.max(0, view.seq))} />
          <RoomMore
            store={store}
            view={view}
            muted={muted}
            loudness={announcements.loudness}
            onLoudness={announcements.setLoudness}
            onMute={(m) => {
              const row = mine.rooms?.rooms.find((r) => r.id === id);
              if (row) mine.mute(row, m);
            }}
            onKeys={() => setAsking("keys")}
            onJump={() => setAsking("jump")}
          />
        </div>
      </div>
      <RoomTabs home={home} pane={pane} unread={view.unread} needs={needs.length} waiting={facts.members.filter((m) => (m.state === "asked" && may(facts, "vouch")) || (m.state === "proposed" && may(facts, "admit"))).length} />
      <EntryDialogs dialog={acts.dialog} store={store} view={view} facts={facts} onProof={prove} onKeys={keysOfLog} onQuote={(n, from, to) => void acts.quoteFrom(n, () => [from, to])} onStepUp={(n) => acts.setDialog({ what: "stepUp", seq: n, to: "lower" })} onClose={() => acts.setDialog(null)} />
      {begun ? <RecordDialogs asking={begun} store={store} facts={facts} head={view.seq} now={now} go={go} onBegin={setBegun} onClose={() => setBegun(null)} /> : null}
      {asking === "keys" ? <KeysDialog onClose={() => setAsking(null)} /> : null}
      {asking === "logKeys" ? <LogKeys store={store} view={view} onClose={() => setAsking(null)} /> : null}
      {asking === "jump" ? <JumpDialog store={store} view={view} onGo={goTo} onClose={() => setAsking(null)} /> : null}
    </div>
  );
}
