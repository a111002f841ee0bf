import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { AccessLog } from "../features/desk/Access";
import { ChartView } from "../features/desk/ChartView";
import { DeskFrame } from "../features/desk/DeskFrame";
import { RoomChooser, RoomsChooser, TimelineFilters } from "../features/desk/Filters";
import { Gaps } from "../features/desk/Gaps";
import { History } from "../features/desk/History";
import { KnownAnswer, KnownForm } from "../features/desk/Known";
import { Timeline, type Say } from "../features/desk/Timeline";
import { type Asked, deskHref, entryAsked, isPart, londonMoment, type Part, roomAsked, roomsAsked, timelineQuery } from "../features/desk/url";
import { partNames } from "../features/desk/words";
import { hitText } from "../features/search/hit";
import { SearchPage } from "../features/search/SearchPage";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { sentence, sealedSentence } from "../features/timeline/sentences";
import type { DeskRooms } from "../protocol/desk";
import type { Entry, Facts, Grade, KnownEntry, Received, RoomID, Scale, Seq } from "../protocol/types";
import { shownProblem } from "../ui/problem";
import { gradeWords } from "../ui/severity";
import { Empty, Failed, Loading } from "../ui/State";
import { dateAndTime, utc } from "../ui/time";
import { useNow } from "../ui/useNow";
import { useInside } from "./inside";
import { type Go, Plain } from "./pages";

/** The auditor's desk: which part, and what is asked, stand in the address. */
export function DeskPage({ part, asked, go }: { part: string; asked: Asked; go: Go }) {
  const { api } = useInside();
  const rooms = useQuery({ queryKey: ["desk", "rooms"], queryFn: api.desk.rooms });
  if (!isPart(part)) {
    return (
      <Plain title="Not found" go={go}>
        <NotFoundPage />
      </Plain>
    );
  }
  return (
    <Plain title={partNames[part]} go={go}>
      {rooms.data ? (
        rooms.data.rooms.length === 0 ? (
          <DeskFrame part={part} asked={asked} head={null}>
            <Empty title="No room to look at">The desk shows rooms in which you are an auditor, the lead or a deputy.</Empty>
          </DeskFrame>
        ) : (
          <Desk part={part} asked={asked} all={rooms.data} go={go} />
        )
      ) : rooms.error ? (
        <Failed title="The desk could not be loaded" detail={shownProblem(rooms.error).detail} onRetry={() => void rooms.refetch()} />
      ) : (
        <Loading what="the desk" />
      )}
    </Plain>
  );
}

/** What an entry says, in words: as the log has it, without the log's look. */
const say: Say = (e, facts) => {
  if (e.form === "stub") return "";
  if (e.form === "envelope") return (facts && sealedSentence(e, facts)) ?? "A sealed entry: its text is for those who open it in the room.";
  if (e.unknown || !facts) return `Entry ${e.seq} (${e.kind})`;
  const line = sentence(e, facts);
  if (e.kind === "message.corrected" || e.kind === "logentry.corrected") return `${line}: ${e.body.text}`;
  if (e.kind === "report.updated") return `${line}: ${textOf(e)}`;
  return line ?? severityWords(e, facts) ?? decisionWords(e) ?? textOf(e);
};

// hitText reads entries as they were received, and looks at what they say alone.
const textOf = (e: Entry): string => hitText([{ entry: e } as Received], e.seq).text;

function severityWords(e: KnownEntry, facts: Facts): string | null {
  const scale = facts.assessments.find((a) => a.root === e.root)?.scale;
  const named = (s: Scale | undefined, g: Grade): string => (s ? gradeWords(s, g, counted(s, g)) : `grade ${g.at}`);
  switch (e.kind) {
    case "severity.assessed":
      return `Severity assessed as ${named(e.body.scale, e.body.grade)}`;
    case "severity.reassessed":
      return `Severity set anew to ${named(scale, e.body.grade)}`;
    case "severity.lowering_asked":
      return e.body.grade ? `Asked to lower the severity to ${named(scale, e.body.grade)}` : "Asked to withdraw the assessment of severity";
    case "severity.lowering_agreed":
      return "Agreed to the lower severity that was asked for";
    case "severity.lowering_refused":
      return "Refused to lower the severity";
    case "severity.lowering_dropped":
      return "The question to lower the severity was taken back";
    default:
      return null;
  }
}

const counted = (s: Scale, g: Grade): number => (g.or === undefined ? g.at : s === "nhs_level" ? Math.max(g.at, g.or) : Math.min(g.at, g.or));

function decisionWords(e: KnownEntry): string | null {
  switch (e.kind) {
    case "decision.proposed":
      return `Proposed decision: ${e.body.decision}${e.body.rationale ? `\nReason: ${e.body.rationale}` : ""}`;
    case "decision.recorded":
      return `Decision: ${e.body.verdict.decision}\nReason: ${e.body.verdict.rationale}`;
    default:
      return null;
  }
}

type PartProps = { part: Part; asked: Asked; all: DeskRooms; go: Go };

function useFacts(rooms: readonly RoomID[]): ReadonlyMap<RoomID, Facts> {
  const { api } = useInside();
  const answers = useQueries({ queries: rooms.map((r) => ({ queryKey: ["snapshot", r], queryFn: () => api.snapshot(r) })) });
  return new Map(rooms.flatMap((r, i) => (answers[i]?.data ? [[r, answers[i].data.state] as const] : [])));
}

function Desk({ part, asked, all, go }: PartProps) {
  const ids = all.rooms.map((r) => r.room);
  const several = part === "timeline" || part === "gaps";
  const chosen = roomsAsked(asked, ids);
  const room = roomAsked(asked, ids) ?? ids[0];
  const facts = useFacts(several ? chosen : room ? [room] : []);
  const ask = (next: Asked) => go(deskHref(part, next));
  const rest = { asked, all, facts, ask };
  if (!room) return null;
  const names = (several ? chosen : [room]).map((id) => all.rooms.find((r) => r.room === id));
  const exercise = names.some((r) => r?.mode === "exercise");
  let body: ReactNode;
  switch (part) {
    case "timeline":
      body = <TimelinePart {...rest} />;
      break;
    case "gaps":
      body = <GapsPart {...rest} />;
      break;
    case "known":
      body = <KnownPart key={room} room={room} {...rest} />;
      break;
    case "access":
      body = <AccessPart room={room} {...rest} />;
      break;
    case "chart":
      body = <ChartPart room={room} {...rest} />;
      break;
    case "history":
      body = <HistoryPart room={room} {...rest} />;
      break;
    case "search":
      body = <SearchPart />;
      break;
  }
  return (
    <DeskFrame
      part={part}
      asked={asked}
      head={
        <>
          {exercise ? <p className="desk__exercise">EXERCISE{names.length > 1 ? ": some of these rooms are exercises" : ": this room is an exercise"}</p> : null}
          <PrintedHead part={part} names={names.map((r) => `${r?.mode === "exercise" ? "EXERCISE " : ""}${r?.reference ?? ""} ${r?.title ?? ""}`)} />
          {several ? <RoomsChooser asked={asked} rooms={all.rooms} onAsk={ask} /> : null}
        </>
      }
    >
      {body}
    </DeskFrame>
  );
}

function PrintedHead({ part, names }: { part: Part; names: readonly string[] }) {
  const { session, skew } = useInside();
  const now = useNow(skew);
  return (
    <p className="print-head">
      <strong>{partNames[part]}.</strong> {names.join("; ")}. Printed by {session.person.name}, {dateAndTime(now)} ({utc(now)}). Only what this person may see. Handle each entry by its own label.
    </p>
  );
}

type Rest = { asked: Asked; all: DeskRooms; facts: ReadonlyMap<RoomID, Facts>; ask: (next: Asked) => void };

/** An answer, or that it is on its way, or that it could not be had. */
function Got<T>({ query, what, children }: { query: { data: T | undefined; error: Error | null; refetch: () => unknown }; what: string; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (!query.error) return <Loading what={what} />;
  const { fault, detail } = shownProblem(query.error);
  if (fault === "not_found") return <Empty title="There is nothing here">It does not exist, or it is not yours to see.</Empty>;
  return <Failed title={`${what.charAt(0).toUpperCase()}${what.slice(1)} could not be loaded`} detail={detail} onRetry={() => void query.refetch()} />;
}

function TimelinePart({ asked, all, facts, ask }: Rest) {
  const { api } = useInside();
  const q = timelineQuery(asked, all.rooms.map((r) => r.room));
  const query = useInfiniteQuery({
    queryKey: ["desk", "timeline", q],
    queryFn: ({ pageParam }) => api.desk.timeline(q, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  return (
    <>
      <TimelineFilters key={JSON.stringify(asked)} asked={asked} rooms={all.rooms} facts={facts} organisations={all.organisations} onAsk={(next) => ask({ ...next, ...(asked.rooms ? { rooms: asked.rooms } : {}) })} />
      <Got query={{ data: query.data, error: query.error, refetch: query.refetch }} what="the timeline">
        {(data) => (
          <Timeline
            lines={data.pages.flatMap((p) => p.lines)}
            rooms={all.rooms}
            facts={facts}
            organisations={all.organisations}
            say={say}
            more={query.hasNextPage}
            busy={query.isFetchingNextPage}
            onMore={() => void query.fetchNextPage()}
          />
        )}
      </Got>
    </>
  );
}

function KnownPart({ asked, all, facts, ask, room }: Rest & { room: RoomID }) {
  const { api } = useInside();
  const member = entryAsked(asked.member);
  const entry = entryAsked(asked.entry);
  const time = secondsOf(asked.at);
  const ready = member !== null && (entry !== null || time !== null);
  const query = useInfiniteQuery({
    queryKey: ["desk", "known", room, member, entry, time],
    enabled: ready,
    queryFn: ({ pageParam }) => api.desk.known(room, member ?? 0, entry === null ? { time: time ?? "" } : { entry }, pageParam),
    initialPageParam: null as Seq | null,
    getNextPageParam: (last) => last.before,
  });
  const f = facts.get(room);
  const m = f?.members.find((x) => x.number === member);
  return (
    <>
      <KnownForm key={`${room} ${asked.member ?? ""} ${asked.at ?? ""} ${asked.entry ?? ""}`} asked={asked} room={room} rooms={all.rooms} facts={f} onAsk={ask} />
      {ready ? (
        <Got query={{ data: query.data, error: query.error, refetch: query.refetch }} what="the answer">
          {(data) => {
            const first = data.pages[0];
            return first ? (
              <KnownAnswer
                known={first}
                facts={data.pages.flatMap((p) => p.facts)}
                name={m ? `${m.name || `M-${m.number}`} (${m.orgName})` : `M-${member ?? ""}`}
                room={room}
                roomFacts={f}
                say={say}
                more={query.hasNextPage}
                busy={query.isFetchingNextPage}
                onMore={() => void query.fetchNextPage()}
              />
            ) : null;
          }}
        </Got>
      ) : (
        <Empty title="Choose a person and a moment">You are then told three things about each entry there was: whether they could see it, whether it was delivered to them, and whether they opened it.</Empty>
      )}
    </>
  );
}

// A London time with seconds, as the browser's field gives it.
function secondsOf(text: string | undefined): string | null {
  const minute = londonMoment(text);
  const s = /T\d\d:\d\d:(\d\d)/.exec(text ?? "")?.[1];
  return minute === null || text === undefined || !text.includes("T") ? null : new Date(Date.parse(minute) + Number(s ?? 0) * 1000).toISOString();
}

function AccessPart({ all, facts, ask, room }: Rest & { room: RoomID }) {
  const { api } = useInside();
  const query = useInfiniteQuery({
    queryKey: ["desk", "access", room],
    queryFn: ({ pageParam }) => api.desk.access(room, pageParam),
    initialPageParam: null as Seq | null,
    getNextPageParam: (last) => last.before,
  });
  return (
    <>
      <div className="desk-filters">
        <RoomChooser room={room} rooms={all.rooms} onRoom={(r) => ask({ room: r })} />
      </div>
      <Got query={{ data: query.data, error: query.error, refetch: query.refetch }} what="the access log">
        {(data) => (
          <AccessLog lines={data.pages.flatMap((p) => p.lines)} room={room} facts={facts.get(room)} organisations={all.organisations} more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
        )}
      </Got>
    </>
  );
}

function GapsPart({ asked, all, facts }: Rest) {
  const { api } = useInside();
  const rooms = roomsAsked(asked, all.rooms.map((r) => r.room));
  const query = useQuery({ queryKey: ["desk", "gaps", rooms], queryFn: () => api.desk.gaps(rooms) });
  return (
    <Got query={query} what="what is missing">
      {(data) => (
        <Gaps
          all={data}
          rooms={all.rooms}
          facts={facts}
          organisations={all.organisations}
          object={(g, root, f) => {
            const first = g.entries.find(({ entry: e }) => e.seq === root)?.entry;
            return first ? say(first, f) : "";
          }}
        />
      )}
    </Got>
  );
}

function ChartPart({ all, ask, room }: Rest & { room: RoomID }) {
  const { api } = useInside();
  const query = useQuery({ queryKey: ["desk", "chart", room], queryFn: () => api.desk.chart(room) });
  return (
    <>
      <div className="desk-filters">
        <RoomChooser room={room} rooms={all.rooms} onRoom={(r) => ask({ room: r })} />
      </div>
      <Got query={query} what="the chart">
        {(chart) => <ChartView chart={chart} room={all.rooms.find((r) => r.room === room)} organisations={all.organisations} />}
      </Got>
    </>
  );
}

function HistoryPart({ asked, all, facts, room }: Rest & { room: RoomID }) {
  const { api } = useInside();
  const entry = entryAsked(asked.entry);
  const query = useQuery({ queryKey: ["desk", "history", room, entry], enabled: entry !== null, queryFn: () => api.desk.history(room, entry ?? 0) });
  const reference = all.rooms.find((r) => r.room === room)?.reference ?? "";
  if (entry === null) return <Empty title="No entry is named">Choose History beside an entry of the timeline.</Empty>;
  return (
    <section aria-labelledby="history-heading">
      <h2 id="history-heading">
        Entry {entry} of {reference}, and all that became of it
      </h2>
      <Got query={query} what="the history">
        {(objects) => <History room={room} objects={objects} facts={facts.get(room)} organisations={all.organisations} say={say} />}
      </Got>
    </section>
  );
}

function SearchPart() {
  const { api } = useInside();
  return (
    <SearchPage
      title="Search what you may see"
      back={{ href: "/desk", label: "Timeline" }}
      people={null}
      nameOf={(n) => `M-${n}`}
      acrossRooms
      onSearch={(q, next) => api.searchAll(next === null ? q : { ...q, ...({ before: next } as object) })}
    />
  );
}
