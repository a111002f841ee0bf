import { AlertsFact } from "../features/alerts/AlertsFact";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { Brief } from "../features/brief/Brief";
import { CadenceFact } from "../features/cadence/CadenceFact";
import { ExerciseClock } from "../features/clock/ExerciseClock";
import { ClocksFact } from "../features/clocks/ClocksFact";
import { KeepingFact } from "../features/keeping/Keeping";
import { Feeds, type FeedActs } from "../features/feeds/Feeds";
import { People, type MemberActs } from "../features/members/People";
import { PostsFact } from "../features/posts/Posts";
import { Report } from "../features/report/Report";
import { LifecycleFact } from "../features/room/Lifecycle";
import { EarlierSection } from "../features/room/Section";
import { LinksFact } from "../features/room/Links";
import { Pins } from "../features/room/Pins";
import { RulesFact } from "../features/rules/RulesFact";
import { memberCalled } from "../room/called";
import { SeverityFact } from "../features/severity/SeverityFact";
import type { By, Facts } from "../protocol/types";
import { may } from "../room/may";
import type { RoomObject } from "../room/state";
import { FactorFirst } from "../features/keeping/Factor";
import { isHost, pinned } from "../room/select";
import type { RoomStore, RoomView } from "../room/store";
import { hostRoles } from "../ui/names";
import { shownProblem } from "../ui/problem";
import { useNow } from "../ui/useNow";
import { factorOf } from "./factor";
import { useInside } from "./inside";
import type { Asking } from "./beginning";
import { useBoard, useObjects } from "./useBoard";
import { useMyRooms } from "./useMyRooms";

const called = (facts: Facts, by: By): string => (by.member ? memberCalled(facts, by.member) : "the system");

/** Clock, severity and situation brief. */
export function BriefPart({ store, view, facts, now: roomTime, onBegin }: { store: RoomStore; view: RoomView; facts: Facts; now: number; onBegin: (a: Asking) => void }) {
  const { session, skew } = useInside();
  const clock = useNow(skew);
  const now = clock.toISOString();
  const look = useObjects(store, view);
  return (
    <>
      {facts.room.clock ? <ExerciseClock clock={facts.room.clock} skew={skew} maySet={may(facts, "clock")} onSet={store.clock} /> : null}
      <SeverityFact facts={facts} head={view.seq} now={roomTime} acts={store} {...look} />
      <PostsFact facts={facts} now={roomTime} acts={store} {...(factorOf(session, skew).at === null ? { factor: (onClose: () => void) => <FactorFirst hour why="Assuming command" back={location.pathname} onClose={onClose} /> } : {})} />
      <ClocksPart store={store} view={view} facts={facts} onBegin={onBegin} />
      <CadenceFact facts={facts} now={clock.getTime()} />
      <Brief brief={facts.brief} by={facts.brief ? called(facts, facts.brief.by) : ""} mayEdit={may(facts, "brief")} now={now} onSave={store.brief} />
    </>
  );
}

const runs = (o: RoomObject) => o.record?.noun === "clock" && o.record.state === "running";

/** What runs against somebody here, what is due first before the rest. */
function ClocksPart({ store, view, facts, onBegin }: { store: RoomStore; view: RoomView; facts: Facts; onBegin: (a: Asking) => void }) {
  const { skew } = useInside();
  const now = useNow(skew).getTime();
  const { objects, board } = useBoard(store, view, "clock", { state: "running" }, runs);
  return <ClocksFact facts={facts} now={now} objects={objects} more={board.more} failed={board.failed} onStart={(statute) => onBegin({ what: "clock", statute })} onMinisters={() => onBegin({ what: "ministers" })} />;
}

/** Everything else that stands: state, pins, report, rules. */
export function StandingPart({ store, view, facts, goTo }: { store: RoomStore; view: RoomView; facts: Facts; goTo: (seq: number) => void }) {
  const { session, skew } = useInside();
  const now = useNow(skew).toISOString();
  return (
    <>
      {facts.room.earlier ? <EarlierSection facts={facts} earlier={facts.room.earlier} mayJudge={may(facts, "judge")} onJudge={store.judgeSection} /> : null}
      <Pins facts={facts} pins={pinned(view.state)} onShow={goTo} />
      <LifecycleFact room={facts.room} mayTitle={may(facts, "title")} onTitle={store.title} mayMove={may(facts, "move")} mayReopen={may(facts, "reopen")} onMove={store.lifecycle} onReopen={store.reopen} />
      <Report report={facts.report} by={facts.report ? called(facts, facts.report.by) : ""} mayEdit={may(facts, "report")} now={now} onSave={store.report} />
      <LinksPart room={store.room} facts={facts} head={view.seq} />
      <AlertsPart room={store.room} facts={facts} />
      <KeepingFact facts={facts} factor={factorOf(session, skew)} acts={store} goTo={goTo} />
      <RulesFact rules={facts.rules} maySet={may(facts, "rules")} onSet={store.rules} />
    </>
  );
}

/** The rooms this one is linked with; guests have none. */
function LinksPart({ room, facts, head }: { room: string; facts: Facts; head: number }) {
  const { api } = useInside();
  const mine = useMyRooms().rooms?.rooms ?? [];
  const host = isHost(facts);
  const links = useQuery({ queryKey: ["links", room, head], queryFn: () => api.links(room), enabled: host, placeholderData: (before) => before, gcTime: 0 });
  if (!host || !links.data) return null;
  const may1 = may(facts, "link") && facts.room.cell === null;
  return (
    <LinksFact
      links={links.data}
      titleOf={(id) => mine.find((r) => r.id === id)?.title ?? ""}
      others={may1 ? mine.filter((r) => r.id !== room && r.mode === facts.room.mode && r.lifecycle !== "closed" && !r.readOnly && !r.cell && hostRoles.includes(r.role) && !links.data.some((l) => l.room === r.id)) : null}
      onLink={(to) => api.link(room, to)}
      onUnlink={(root) => api.unlink(room, root)}
    />
  );
}

/** The alerts that were issued out of this room; guests have none. */
function AlertsPart({ room, facts }: { room: string; facts: Facts }) {
  const { api } = useInside();
  const host = isHost(facts) && facts.room.cell === null;
  const alerts = useQuery({ queryKey: ["alerts", "room", room], queryFn: () => api.alerts.ofRoom(room), enabled: host, refetchInterval: 30_000, gcTime: 0 });
  if (!host || !alerts.data) return null;
  return <AlertsFact room={room} alerts={alerts.data} mayIssue={facts.room.mode === "incident" && facts.room.lifecycle !== "closed"} />;
}

/** Who is here and who is on the way in. */
export function PeoplePart({ store, view, facts, onLeft, onCell, onInviteMany }: { store: RoomStore; view: RoomView; facts: Facts; onLeft: () => void; onCell: (room: string) => void; onInviteMany: () => void }) {
  const { api } = useInside();
  const invites = may(facts, "invite") && facts.members.some((m) => m.state === "invited");
  const { data: wanted, refetch } = useQuery({ queryKey: ["links-wanted", store.room], queryFn: () => api.linksWanted(store.room), enabled: invites, refetchInterval: 30_000 });
  const you = facts.members.find((m) => m.number === facts.you);
  const { data: byCodes } = useQuery({ queryKey: ["by-codes", store.room], queryFn: () => api.byCodes(store.room), enabled: you?.role === "lead" || you?.role === "deputy", refetchInterval: 30_000 });
  const phoneOf = useCallback((root: number) => api.phoneOf(store.room, root), [api, store.room]);
  const acts: MemberActs = {
    invite: store.invite,
    inviteMany: onInviteMany,
    propose: store.propose,
    admit: store.admit,
    decline: store.decline,
    vouch: store.vouch,
    withdraw: store.withdraw,
    remove: store.removeMember,
    role: store.role,
    tier: store.tier,
    grant: store.grant,
    openCell: async (cell) => onCell((await store.openCell(cell)).room),
    newLink: async (root) => {
      const link = await store.newLink(root);
      void refetch();
      return link;
    },
    freeze: (org) => location.assign(`/coming-in?freeze=${encodeURIComponent(org)}`),
    leave: async () => {
      await store.leave();
      onLeft();
    },
    phoneOf,
    find: (q) => api.organisations({ q }),
    peopleOf: api.peopleOf,
  };
  return (
    <>
      <People facts={facts} presence={view.presence} wanted={invites ? (wanted ?? []) : []} byCodes={byCodes ?? []} acts={acts} />
      <FeedsPart room={store.room} facts={facts} />
    </>
  );
}

/** Which machines read here: a lead issues their tokens and ends them. */
function FeedsPart({ room, facts }: { room: string; facts: Facts }) {
  const { api, session, skew } = useInside();
  const { data, error, refetch } = useQuery({ queryKey: ["feeds", room], queryFn: () => api.feeds(room), refetchInterval: 60_000 });
  const now = useNow(skew).getTime();
  const acts: FeedActs = {
    issue: async (feed) => {
      const issued = await api.openFeed(room, feed);
      void refetch();
      return issued;
    },
    end: async (root) => {
      await api.closeFeed(room, root);
      await refetch();
    },
  };
  const steppedUp = session.stepUpUntil !== null && Date.parse(session.stepUpUntil) > now;
  return <Feeds facts={facts} feeds={data ?? null} problem={error ? shownProblem(error).detail : ""} steppedUp={steppedUp} back={`/rooms/${room}/people`} now={now} acts={acts} />;
}
