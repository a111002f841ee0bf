import { createRootRoute, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { JoinRoute } from "./JoinRoute";
import { HomePage, MissingPage } from "./pages";
import { part } from "./part";
import { RoomPage } from "./RoomPage";
import { type Asked as DeskAsked, fields as deskFields } from "../features/desk/url";
import type { Pane } from "./RoomTabs";

// Every address of the app. Sign-in stands outside: without a session nothing
// of this is shown (App.tsx).

const AlertsRoute = part(async () => (await import("./AlertsRoute")).AlertsRoute);
const AdminPage = part(async () => (await import("./rarePages")).AdminPage);
const ComingInPage = part(async () => (await import("./FallbackPages")).ComingInPage);
const StepUpPage = part(async () => (await import("./FallbackPages")).StepUpPage);
const DeskPage = part(async () => (await import("./DeskRoute")).DeskPage);
const DirectoryPage = part(async () => (await import("./DirectoryRoute")).DirectoryPage);
const LogPage = part(async () => (await import("./LogPage")).LogPage);
const MatrixRoute = part(async () => (await import("./MatrixRoute")).MatrixRoute);
const AckRoute = part(async () => (await import("./rarePages")).AckRoute);
const MyReachPage = part(async () => (await import("./rarePages")).MyReachPage);
const MySessionsPage = part(async () => (await import("./rarePages")).MySessionsPage);
const OpenPage = part(async () => (await import("./rarePages")).OpenPage);
const RoomSearchPage = part(async () => (await import("./rarePages")).RoomSearchPage);
const SearchAllPage = part(async () => (await import("./rarePages")).SearchAllPage);
const ReportsPage = part(async () => (await import("./ReportsRoute")).ReportsPage);
const SetupRoute = part(async () => (await import("./SetupRoute")).SetupRoute);

/** Moves within the app. */
export const go = (href: string): void => router.history.push(href);

const root = createRootRoute({ component: Outlet, notFoundComponent: () => <MissingPage go={go} /> });
const at = <P extends string>(path: P) => ({ getParentRoute: () => root, path });

const home = createRoute({ ...at("/"), component: () => <HomePage go={go} /> });
const signIn = createRoute({
  ...at("/sign-in"),
  beforeLoad: () => {
    throw redirect({ to: "/" });
  },
});

const search = createRoute({ ...at("/search"), component: () => <SearchAllPage go={go} /> });
const sessions = createRoute({ ...at("/sessions"), component: () => <MySessionsPage go={go} /> });
const reach = createRoute({ ...at("/reach"), component: () => <MyReachPage go={go} /> });
const ack = createRoute({ ...at("/ack"), component: () => <AckRoute go={go} /> });
const matrix = createRoute({ ...at("/who-decides"), component: () => <MatrixRoute go={go} /> });
const comingIn = createRoute({ ...at("/coming-in"), component: () => <ComingInPage go={go} /> });
const stepUp = createRoute({
  ...at("/step-up"),
  validateSearch: (s: Record<string, unknown>) => ({ return: text(s["return"]) }),
  component: function StepUp() {
    return <StepUpPage back={stepUp.useSearch().return} go={go} />;
  },
});
const setup = createRoute({ ...at("/setup"), component: () => <SetupRoute go={go} /> });

const text = (v: unknown): string => (typeof v === "string" ? v : typeof v === "number" ? String(v) : "");
const join = createRoute({
  ...at("/join"),
  validateSearch: (s: Record<string, unknown>) => (s["invitation"] ? { invitation: text(s["invitation"]) } : {}) as { invitation?: string },
  component: function Join() {
    const { invitation } = join.useSearch();
    return <JoinRoute key={invitation ?? ""} invitation={invitation ?? null} go={go} />;
  },
});
const open = createRoute({
  ...at("/open"),
  validateSearch: (s: Record<string, unknown>) => (s["report"] ? { report: text(s["report"]) } : {}) as { report?: string },
  component: function Open() {
    const { report } = open.useSearch();
    return <OpenPage key={report ?? ""} report={report ?? null} go={go} />;
  },
});
const reports = createRoute({
  ...at("/reports/{-$at}"),
  component: function Reports() {
    return <ReportsPage at={reports.useParams().at ?? null} go={go} />;
  },
});
const admin = createRoute({
  ...at("/admin/$part"),
  component: function Admin() {
    return <AdminPage part={admin.useParams().part} go={go} />;
  },
});

const alerts = createRoute({
  ...at("/alerts/{-$which}"),
  component: function Alerts() {
    const which = alerts.useParams().which ?? "";
    return <AlertsRoute key={which} which={which} go={go} />;
  },
});

const directory = createRoute({
  ...at("/directory/{-$org}"),
  component: function Directory() {
    return <DirectoryPage org={directory.useParams().org ?? null} go={go} />;
  },
});

// What is asked of the desk stands in its address, as plain text.
const desk = createRoute({
  ...at("/desk/{-$part}"),
  validateSearch: (s: Record<string, unknown>) => Object.fromEntries(deskFields.map((f) => [f, text(s[f])]).filter(([, v]) => v !== "")) as DeskAsked,
  component: function Desk() {
    return <DeskPage part={desk.useParams().part ?? "timeline"} asked={desk.useSearch()} go={go} />;
  },
});

// The room's panes and entries share one page, so that moving between them
// keeps the log, the reading position and what is being written.
const panes: Record<string, Pane> = { brief: "brief", people: "people", more: "more", intel: "intel", decisions: "decisions", actions: "actions", escalations: "escalations", clocks: "clocks", severity: "severity", books: "books", exports: "exports", meetings: "meetings", handovers: "handovers", broadcasts: "broadcasts" };
const room = createRoute({
  ...at("/rooms/$id/{-$pane}/{-$seq}"),
  component: function Room() {
    const { id, pane, seq } = room.useParams();
    if (pane !== undefined && pane !== "entries" && !panes[pane]) return <MissingPage go={go} />;
    const n = Number(seq ?? Number.NaN);
    return <RoomPage id={id} pane={panes[pane ?? ""] ?? "log"} seq={Number.isInteger(n) && n > 0 ? n : null} go={go} />;
  },
});
const log = createRoute({
  ...at("/rooms/$id/log"),
  validateSearch: (s: Record<string, unknown>) => ({ page: Math.max(1, Math.floor(Number(s["page"]) || 1)) }),
  component: function Log() {
    return <LogPage id={log.useParams().id} page={log.useSearch().page} go={go} />;
  },
});
const roomSearch = createRoute({
  ...at("/rooms/$id/search"),
  validateSearch: (s: Record<string, unknown>) => (s["mentions"] ? { mentions: 1 } : {}) as { mentions?: number },
  component: function RoomSearch() {
    return <RoomSearchPage id={roomSearch.useParams().id} mentions={roomSearch.useSearch().mentions === 1} go={go} />;
  },
});

export const router = createRouter({
  routeTree: root.addChildren([home, signIn, open, search, sessions, setup, matrix, join, admin, directory, alerts, desk, log, roomSearch, room, reports, reach, ack, comingIn, stepUp]),
  defaultPreload: false,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
