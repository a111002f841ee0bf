import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { AlertPage } from "../features/alerts/AlertPage";
import { AlertsList } from "../features/alerts/AlertsList";
import { Board, wholeBoard } from "../features/alerts/Board";
import { Confirmed } from "../features/alerts/FactorTab";
import { History } from "../features/alerts/History";
import { MessagesLine, MessagesTo } from "../features/alerts/Messages";
import { NoticeStates } from "../features/notices/NoticeStates";
import { IssueAlert } from "../features/alerts/IssueAlert";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import type { AlertOrg } from "../protocol/alert";
import { ApiError } from "../protocol/problem";
import { Dialog } from "../ui/Dialog";
import { shownProblem } from "../ui/problem";
import { Failed, Loading } from "../ui/State";
import { useNow } from "../ui/useNow";
import { useInside } from "./inside";
import { NoticesHeld } from "./NoticesHeld";
import { Plain, type Go } from "./pages";
import { useMyRooms } from "./useMyRooms";

/** Alerts by address: all, a new one, or one by its number. */
export function AlertsRoute({ which, go }: { which: string; go: Go }) {
  const { session, api } = useInside();
  const from = new URLSearchParams(location.search).get("room") ?? "";
  const { rooms, failed, retry } = useMyRooms();
  const room = rooms?.rooms.find((r) => r.id === from) ?? null;
  const issuing = which === "new" && session.host;
  const number = /^[1-9]\d{0,8}$/.test(which) ? Number(which) : 0;
  return (
    <Plain title="Alerts" go={go}>
      {session.host ? <NoticesHeld /> : null}
      {which === "" ? <All /> : null}
      {which === "confirmed" ? <Confirmed /> : null}
      {issuing && from !== "" && !rooms ? failed === undefined ? <Loading what="the room" /> : <Failed title="The room could not be loaded" detail={failed} onRetry={retry} /> : null}
      {issuing && (from === "" || room) ? <IssueAlert key={room?.id ?? ""} alerts={api.alerts} room={room && { id: room.id, reference: room.reference, title: room.title }} onIssued={(n) => go(`/alerts/${n}`)} onCancel={() => go(room ? `/rooms/${room.id}` : "/alerts")} /> : null}
      {number > 0 ? <One number={number} /> : null}
      {(which !== "" && which !== "confirmed" && !issuing && number === 0) || (issuing && rooms && from !== "" && !room) ? <NotFoundPage /> : null}
    </Plain>
  );
}

/** How often what others do is asked for, in milliseconds. */
const again = 30_000;
const problemOf = (e: unknown): string => (e ? shownProblem(e).detail : "");

function All() {
  const { api, skew } = useInside();
  const now = useNow(skew).getTime();
  const open = useQuery({ queryKey: ["alerts"], queryFn: api.alerts.list, refetchInterval: again });
  const closed = useInfiniteQuery({
    queryKey: ["alerts", "closed"],
    queryFn: ({ pageParam }) => api.alerts.closed(pageParam),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.more ? (last.alerts.at(-1)?.number ?? null) : null),
  });
  return (
    <AlertsList
      open={{ alerts: open.data?.alerts ?? null, problem: problemOf(open.error), onRetry: () => void open.refetch() }}
      closed={{
        alerts: closed.data?.pages.flatMap((p) => p.alerts) ?? (closed.error ? null : []), problem: problemOf(closed.error), onRetry: () => void closed.refetch(),
        more: closed.hasNextPage, onMore: () => void closed.fetchNextPage(),
      }}
      issues={open.data?.issues ?? false}
      now={now}
    />
  );
}

function One({ number }: { number: number }) {
  const { api, skew, queries } = useInside();
  const now = useNow(skew).getTime();
  const [row, setRow] = useState<AlertOrg | null>(null);
  const alert = useQuery({ queryKey: ["alerts", number], queryFn: () => api.alerts.one(number), refetchInterval: again });
  const changed = () => void queries.invalidateQueries({ queryKey: ["alerts"] });
  if (alert.error instanceof ApiError && alert.error.fault === "not_found") return <NotFoundPage />;
  if (!alert.data) return <div className="page">{alert.error ? <Failed title="The alert could not be loaded" detail={problemOf(alert.error)} onRetry={() => void alert.refetch()} /> : <Loading what="the alert" />}</div>;
  const of = alert.data;
  return (
    <>
      <AlertPage
        alert={of}
        now={now}
        onAnswer={(whom, answer, key) => api.alerts.answer(number, whom, answer, key)}
        onClose={(reason) => api.alerts.close(number, reason)}
        onChanged={changed}
        onOpenRow={setRow}
        board={of.issues ? (ask) => <BoardOf number={number} open={of.closed === undefined} onOpen={setRow} onStep={ask} onChanged={changed} /> : null}
        history={
          of.issues ? null : (
            <section className="page__section" aria-labelledby="said">
              <h2 id="said">What was said</h2>
              <Said number={number} org="" nameOf={(code) => of.mine.find((r) => r.org === code)?.name ?? code} several={of.mine.length > 1} />
            </section>
          )
        }
      />
      {row ? (
        <Dialog title={row.name} wide onClose={() => setRow(null)}>
          {of.issues ? <Written number={number} org={row.org} /> : null}
          {of.issues ? <h3>What was said</h3> : null}
          <Said number={number} org={row.org} nameOf={(code) => (code === row.org ? row.name : code)} several={false} />
        </Dialog>
      ) : null}
    </>
  );
}

const askMessages = 5_000; // how often it is asked how far messages have come, while somebody looks

/** How far the messages to one organisation's contacts have come. */
function Written({ number, org }: { number: number; org: string }) {
  const { api, skew } = useInside();
  const now = useNow(skew).getTime();
  const [problem, setProblem] = useState("");
  const messages = useQuery({ queryKey: ["alerts", number, "notices", org], queryFn: () => api.alerts.notices(number, org), refetchInterval: askMessages, gcTime: 0 });
  const again = (id: string) =>
    void api.alerts.sendAgain(number, id).then(
      () => setProblem(""),
      (e: unknown) => setProblem(problemOf(e)),
    ).then(() => messages.refetch());
  if (!messages.data) return messages.error ? <Failed title="The messages could not be loaded" detail={problemOf(messages.error)} onRetry={() => void messages.refetch()} /> : <Loading what="the messages" />;
  return (
    <section aria-labelledby="written">
      <h3 id="written">Messages to their contacts</h3>
      {problem === "" ? null : (
        <p className="nhsuk-error-message" role="alert">
          {problem}
        </p>
      )}
      <MessagesTo notices={messages.data.notices} now={now} states={(some) => <NoticeStates notices={some} onAgain={again} />} />
    </section>
  );
}

function Said({ number, org, nameOf, several }: { number: number; org: string; nameOf: (org: string) => string; several: boolean }) {
  const { api, skew } = useInside();
  const now = useNow(skew).getTime();
  const said = useInfiniteQuery({
    queryKey: ["alerts", number, "entries", org],
    queryFn: ({ pageParam }) => api.alerts.entries(number, org, pageParam),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.more ? (last.entries.at(-1)?.n ?? null) : null),
  });
  return (
    <History
      entries={said.data?.pages.flatMap((p) => p.entries) ?? null}
      problem={problemOf(said.error)}
      more={said.hasNextPage}
      nameOf={nameOf}
      several={several}
      now={now}
      onMore={() => void said.fetchNextPage()}
      onRetry={() => void said.refetch()}
    />
  );
}

type BoardProps = { number: number; open: boolean; onOpen: (row: AlertOrg) => void; onStep: Parameters<typeof Board>[0]["onStep"]; onChanged: () => void };

function BoardOf({ number, open, onOpen, onStep, onChanged }: BoardProps) {
  const { api, skew } = useInside();
  const now = useNow(skew).getTime();
  const [query, setQuery] = useState(wholeBoard);
  const [asked, setAsked] = useState(query);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(query), query.q === asked.q ? 0 : 250);
    return () => clearTimeout(timer);
  }, [query, asked]);
  const board = useInfiniteQuery({
    queryKey: ["alerts", number, "board", asked],
    queryFn: ({ pageParam }) => api.alerts.board(number, asked, pageParam),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const shown = pages.reduce((n, p) => n + p.rows.length, 0);
      return last.rows.length > 0 && shown < last.found ? shown : null;
    },
    placeholderData: keepPreviousData,
    refetchInterval: again,
  });
  const [first] = board.data?.pages ?? [];
  const messages = useQuery({ queryKey: ["alerts", number, "notices", ""], queryFn: () => api.alerts.notices(number), refetchInterval: again });
  return (
    <Board
      messages={messages.data ? <MessagesLine counts={messages.data.counts} /> : null}
      board={first && board.data ? { ...first, rows: board.data.pages.flatMap((p) => p.rows) } : null}
      problem={problemOf(board.error)}
      query={query}
      open={open}
      now={now}
      onQuery={setQuery}
      onRetry={() => void board.refetch()}
      onMore={board.hasNextPage ? () => void board.fetchNextPage() : null}
      onOpen={onOpen}
      onStep={onStep}
      onChase={async (orgs) => {
        const { chased } = await api.alerts.chase(number, orgs);
        onChanged();
        return chased.length;
      }}
    />
  );
}
