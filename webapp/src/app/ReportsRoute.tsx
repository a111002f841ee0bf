import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ReportForm } from "../features/reports/ReportForm";
import { ReportList } from "../features/reports/ReportList";
import { ReportPage } from "../features/reports/ReportPage";
import { TelephoneForm } from "../features/reports/TelephoneForm";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { ApiError } from "../protocol/problem";
import { Button } from "../ui/Button";
import { shownProblem } from "../ui/problem";
import { Empty, Failed, Loading } from "../ui/State";
import { useNow } from "../ui/useNow";
import { useInside } from "./inside";
import { Plain, type Go } from "./pages";
import { roomsKey, useMyRooms } from "./useMyRooms";

/** Reports of incidents: the form, one's own, and for hosts the inbox. */
export function ReportsPage({ at, go }: { at: string | null; go: Go }) {
  const { session } = useInside();
  const known = session.registered && session.orgs.length > 0;
  switch (at) {
    case "new":
      return known ? <File go={go} /> : <Missing go={go} />;
    case "telephone":
      return session.host ? <Telephone go={go} /> : <Missing go={go} />;
    case "mine":
      return <Mine go={go} />;
    case "closed":
      return session.host ? <Inbox state="closed" go={go} /> : <Missing go={go} />;
    case null:
      return session.host ? <Inbox state="open" go={go} /> : <Mine go={go} />;
  }
  return <One key={at} id={at} go={go} />;
}

function Missing({ go }: { go: Go }) {
  return (
    <Plain title="Not found" go={go}>
      <NotFoundPage />
    </Plain>
  );
}

function File({ go }: { go: Go }) {
  const { session, api, signIn, queries } = useInside();
  return (
    <Plain title="Report an incident" go={go}>
      <ReportForm
        orgs={session.orgs}
        duty={signIn.duty}
        onFile={async (org, report) => {
          const filed = await api.reports.file(org, report);
          await queries.invalidateQueries({ queryKey: ["reports"] });
          go(`/reports/${filed.id}`);
        }}
      />
    </Plain>
  );
}

function Telephone({ go }: { go: Go }) {
  const { api, queries } = useInside();
  return (
    <Plain title="A report taken by telephone" go={go}>
      <TelephoneForm
        find={async (q) => (await api.organisations({ q })).filter((o) => !o.closed)}
        onFile={async (org, report) => {
          const filed = await api.reports.file(org, report);
          await queries.invalidateQueries({ queryKey: ["reports"] });
          go(`/reports/${filed.id}`);
        }}
      />
    </Plain>
  );
}

/** How often a list of reports is asked for while it is on the screen. */
const again = 10_000;

function Mine({ go }: { go: Go }) {
  const { session } = useInside();
  return (
    <Plain title="My reports" go={go}>
      <div className="page">
        <a className="page__back" href="/">
          ‹ My rooms
        </a>
        <h1>My reports</h1>
        <p className="page__lede">What you reported, and where it stands. Only you and the joint hosts see these.</p>
        {session.registered && session.orgs.length > 0 ? (
          <a className="nhsuk-button" href="/reports/new">
            Report an incident
          </a>
        ) : null}
        <Listed state="mine" label="My reports" empty="You have reported nothing yet." />
      </div>
    </Plain>
  );
}

function Inbox({ state, go }: { state: "open" | "closed"; go: Go }) {
  return (
    <Plain title="Reports" go={go}>
      <div className="page page--wide">
        <a className="page__back" href="/">
          ‹ My rooms
        </a>
        <h1>{state === "open" ? "Reports" : "Closed reports"}</h1>
        <p className="page__lede">One inbox for both hosts: what organisations report, by the web or by telephone.</p>
        <p className="reports__ways">
          <a className="nhsuk-button nhsuk-button--secondary" href="/reports/telephone">
            Enter one taken by telephone
          </a>
          {state === "open" ? <a href="/reports/closed">Closed reports</a> : <a href="/reports">Reports that are not closed</a>}
        </p>
        <Listed state={state} label={state === "open" ? "Reports" : "Closed reports"} empty={state === "open" ? "No report waits. New ones appear here by themselves." : "No report has been closed yet."} />
      </div>
    </Plain>
  );
}

function Listed({ state, label, empty }: { state: "open" | "closed" | "mine"; label: string; empty: string }) {
  const { api, skew } = useInside();
  const now = useNow(skew).toISOString();
  const query = useInfiniteQuery({
    queryKey: ["reports", state],
    queryFn: ({ pageParam }) => api.reports.list(state, pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => (last.more ? last.reports.at(-1)?.id : undefined),
    refetchInterval: again,
    gcTime: 0,
  });
  if (query.error && !query.data) return <Failed title="The reports could not be loaded" detail={shownProblem(query.error).detail} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading what="the reports" />;
  const all = query.data.pages.flatMap((p) => p.reports);
  return (
    <>
      {all.length === 0 ? <Empty title={empty} /> : <ReportList reports={all} now={now} label={label} />}
      {query.hasNextPage ? (
        <Button kind="secondary" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show earlier ones
        </Button>
      ) : null}
    </>
  );
}

function One({ id, go }: { id: string; go: Go }) {
  const { api, session, queries } = useInside();
  const { rooms } = useMyRooms();
  const query = useQuery({ queryKey: ["reports", "one", id], queryFn: () => api.reports.one(id), refetchInterval: again, gcTime: 0 });
  const missing = query.error instanceof ApiError && query.error.fault === "not_found";
  const mine = rooms?.rooms ?? [];
  const r = query.data;
  const after = async (what: Promise<unknown>) => {
    await what;
    await Promise.all([query.refetch(), queries.invalidateQueries({ queryKey: roomsKey })]);
  };
  return (
    <Plain title={missing ? "Not found" : "Report"} go={go}>
      {missing ? <NotFoundPage /> : null}
      {!r && !missing ? <div className="page">{query.error ? <Failed title="The report could not be loaded" detail={shownProblem(query.error).detail} onRetry={() => void query.refetch()} /> : <Loading what="the report" />}</div> : null}
      {r && !missing ? (
        <ReportPage
          report={r}
          me={session.person.name}
          rooms={mine.filter((x) => r.triage?.rooms.includes(x.id))}
          mayAdd={mine.filter((x) => (x.role === "lead" || x.role === "deputy") && x.mode === "incident" && x.lifecycle !== "closed" && !x.readOnly && !x.cell && !r.triage?.rooms.includes(x.id))}
          acts={{
            note: () => after(api.reports.note(id)),
            answer: (text) => after(api.reports.answer(id, text)),
            close: (reason) => after(api.reports.close(id, reason)),
            call: async () => {
              const called = await api.reports.call(id);
              void query.refetch();
              return called;
            },
            add: (room) => after(api.reports.bring(room, id)),
          }}
        />
      ) : null}
    </Plain>
  );
}
