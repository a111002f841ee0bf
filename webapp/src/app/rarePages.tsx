import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { AdminFrame, isAdminPart } from "../features/admin/AdminNav";
import { DeploymentForm } from "../features/admin/DeploymentForm";
import { Issuers } from "../features/admin/Issuers";
import { Organisations } from "../features/admin/Organisations";
import { AdminPeople } from "../features/admin/People";
import { AdminSessions, SystemLog } from "../features/admin/SessionsAndLog";
import { Tokens } from "../features/admin/Tokens";
import { ImportOrganisations } from "../features/directory/ImportOrganisations";
import { emptyMethane, MethaneFields, methaneOf, type MethaneDraft } from "../features/report/MethaneFields";
import { AlikeRooms } from "../features/reports/Alike";
import { AckPage } from "../features/notices/AckPage";
import { ReachPage } from "../features/notices/ReachPage";
import { OpenRoomPage } from "../features/rooms/OpenRoomPage";
import { emptySeverity, openingSeverity, OpeningSeverityFields, type SeverityDraft } from "../features/severity/GradeField";
import { SearchPage } from "../features/search/SearchPage";
import { OwnPhone } from "../features/sessions/OwnPhone";
import { Passkeys } from "../features/sessions/Passkeys";
import { SessionsPage } from "../features/sessions/SessionsPage";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import type { FiledReport } from "../protocol/reports";
import { makePasskey, passkeysWork } from "../protocol/fallback";
import { shownProblem } from "../ui/problem";
import { mailWord, troubleWord } from "../ui/reports";
import { Empty, Failed, Loading } from "../ui/State";
import { useNow } from "../ui/useNow";
import { useInside } from "./inside";
import { NoticesHeld } from "./NoticesHeld";
import { Shell } from "./Shell";
import { pageTitle } from "./title";
import { roomsKey } from "./useMyRooms";
import { Plain, type Go } from "./pages";
import { useSettled } from "./useSettled";

// Pages that few people see, and nobody first: a part of their own, so that a
// guest on a phone does not load them on the way in.

/** Opens a room; of a report, once that is there. */
export function OpenPage({ report, go }: { report: string | null; go: Go }) {
  const { api, session } = useInside();
  const filed = useQuery({ queryKey: ["reports", "one", report], queryFn: () => api.reports.one(report ?? ""), enabled: report !== null && session.host, gcTime: 0, staleTime: Infinity });
  if (report === null || !session.host) return <OpenForm filed={null} go={go} />;
  if (filed.data?.triage && filed.data.state !== "closed" && !filed.data.triage.opened) return <OpenForm filed={filed.data} go={go} />;
  return (
    <Plain title="Open an incident room" go={go}>
      {filed.data ? <Empty title="No room is opened of this report any more"><p>It was closed, or a room was opened of it already. <a href={`/reports/${report}`}>Look at the report</a></p></Empty> : filed.error ? <Failed title="The report could not be loaded" detail={shownProblem(filed.error).detail} onRetry={() => void filed.refetch()} /> : <Loading what="the report" />}
    </Plain>
  );
}

/** What a report says, as far as it answers what M/ETHANE asks. */
function methaneOfReport(r: FiledReport): MethaneDraft {
  const e = r.ethane;
  return {
    ...emptyMethane,
    type: troubleWord[e.what],
    exact: [`${r.orgName} (${r.org})`, e.where ?? ""].filter((x) => x !== "").join("\n"),
    hazards: e.hazards ?? "",
    access: [`${mailWord[e.mail]}.`, e.access ?? ""].filter((x) => x !== "").join("\n"),
    number: e.number ?? "",
    emergency: e.engaged ?? "",
  };
}

function OpenForm({ filed, go }: { filed: FiledReport | null; go: Go }) {
  const { session, api, queries } = useInside();
  const [methane, setMethane] = useState(() => (filed ? methaneOfReport(filed) : emptyMethane));
  const exact = useSettled(methane.exact.trim(), 600);
  const alike = useQuery({
    queryKey: ["alike", filed?.id ?? "", exact],
    queryFn: () => api.reports.alike({ ...(filed ? { report: filed.id } : {}), ...(exact === "" ? {} : { exact }) }),
    enabled: session.host && (filed !== null || exact !== ""),
    placeholderData: (before) => before,
    gcTime: 0,
  });
  const hosts = session.orgs.filter((o) => o.host);
  const [code, setCode] = useState(hosts[0]?.code ?? "");
  const host = hosts.find((o) => o.code === code);
  const [typed, setTyped] = useState<SeverityDraft | null>(null);
  // The scale is the one that this host is configured to set; what was typed on another does not carry over.
  const severity = host?.assesses === undefined ? null : typed?.scale === host.assesses ? typed : emptySeverity(host.assesses);
  const opening = severity && openingSeverity(severity);
  return (
    <Plain title="Open an incident room" go={go}>
      {session.host ? (
        <OpenRoomPage
          hosts={hosts}
          filed={filed ?? undefined}
          alike={<AlikeRooms rooms={alike.data ?? []} report={filed?.id} />}
          org={code}
          onOrg={setCode}
          report={methaneOf(methane)}
          reportFields={(errorOf) => <MethaneFields value={methane} onChange={setMethane} errorOf={errorOf} />}
          severity={opening?.said}
          severityMissing={opening?.missing ?? null}
          severityFields={(errorOf) =>
            severity ? (
              <OpeningSeverityFields value={severity} onChange={setTyped} errorOf={errorOf} />
            ) : (
              <p>{host?.name ?? "This organisation"} does not set the severity. Whoever does sets it once the room is open.</p>
            )
          }
          onOpen={async (room) => {
            const made = await api.openNewRoom(room);
            await queries.invalidateQueries({ queryKey: roomsKey });
            go(`/rooms/${made.room}`);
          }}
        />
      ) : (
        <NotFoundPage />
      )}
    </Plain>
  );
}

export function SearchAllPage({ go }: { go: Go }) {
  const { api } = useInside();
  return (
    <Plain title="Search" go={go}>
      <SearchPage
        title="Search my rooms"
        back={{ href: "/", label: "My rooms" }}
        people={null}
        nameOf={(n) => `M-${n}`}
        acrossRooms
        onSearch={(q, next) => api.searchAll(next === null ? q : { ...q, ...({ before: next } as object) })}
      />
    </Plain>
  );
}

export function RoomSearchPage({ id, mentions, go }: { id: string; mentions: boolean; go: Go }) {
  const inside = useInside();
  const { data, error } = useQuery({ queryKey: ["snapshot", id], queryFn: () => inside.api.snapshot(id), gcTime: 0 });
  const facts = data?.state ?? null;
  useEffect(() => {
    document.title = pageTitle("Search", 0, facts?.room ?? null);
  }, [facts]);
  return (
    <Shell session={inside.session} room={facts ? { reference: facts.room.reference, title: facts.room.title, mode: facts.room.mode } : null} onSignOut={inside.signOut} go={go}>
      <div>
        {error ? <NotFoundPage /> : null}
        {!facts && !error ? <Loading what="the room" /> : null}
        {facts ? (
          <SearchPage
            key={String(mentions)}
            title={mentions ? "Where I am mentioned" : "Search this room"}
            back={{ href: `/rooms/${id}`, label: "Back to the room" }}
            people={facts.members}
            mentionsOnly={mentions}
            exercise={facts.room.clock !== null}
            nameOf={(n) => facts.members.find((m) => m.number === n)?.name || `M-${n}`}
            acrossRooms={false}
            onSearch={async (q, next) => {
              const found = await inside.api.search(id, { ...q, ...(typeof next === "number" ? { before: next } : {}) });
              return { next: found.next, hits: found.hits.map((h) => ({ ...h, room: id, reference: facts.room.reference, title: facts.room.title })) };
            }}
          />
        ) : null}
      </div>
    </Shell>
  );
}

export function MySessionsPage({ go }: { go: Go }) {
  const { api, session, skew, signOut, signIn } = useInside();
  const now = useNow(skew);
  const query = useQuery({ queryKey: ["sessions"], queryFn: api.sessions });
  const contact = useQuery({ queryKey: ["contact"], queryFn: api.ownContact, gcTime: 0 });
  const keys = useQuery({ queryKey: ["passkeys"], queryFn: api.passkeys, gcTime: 0 });
  return (
    <Plain title="My sessions" go={go}>
      {query.data ? (
        <SessionsPage
          sessions={query.data.map((s) => ({ ...s, issuer: signIn.issuers.find((i) => i.key === s.issuer)?.name ?? s.issuer }))}
          now={now.toISOString()}
          onSignOut={signOut}
          onEnd={async (id) => {
            await api.endSession(id);
            await query.refetch();
          }}
        >
          {keys.data && session.registered ? (
            <Passkeys
              passkeys={keys.data}
              unable={!passkeysWork()}
              codes={session.way === "code"}
              onAdd={async (name) => {
                const begun = await api.beginPasskey();
                await api.enrolPasskey(begun.state, await makePasskey(begun.options), name);
                await keys.refetch();
              }}
              onRemove={async (n) => {
                await api.removePasskey(n);
                await keys.refetch();
              }}
            />
          ) : null}
          {contact.data && contact.data.rooms > 0 ? <OwnPhone contact={contact.data} onSave={api.setOwnContact} /> : null}
        </SessionsPage>
      ) : query.error ? (
        <Failed title="Your sessions could not be loaded" detail={shownProblem(query.error).detail} onRetry={() => void query.refetch()} />
      ) : (
        <Loading what="your sessions" />
      )}
    </Plain>
  );
}

export function MyReachPage({ go }: { go: Go }) {
  const { api, skew } = useInside();
  const now = useNow(skew);
  const query = useQuery({ queryKey: ["reach"], queryFn: api.reach, gcTime: 0 });
  const then = <A extends readonly unknown[]>(act: (...args: A) => Promise<unknown>) => async (...args: A) => {
    await act(...args);
    await query.refetch();
  };
  return (
    <Plain title="How you are reached" go={go}>
      {query.data ? (
        <ReachPage reach={query.data} now={now.toISOString()} onSet={then(api.setReach)} onCode={then(api.verifyReach)} onForget={then(api.forgetReach)} onQuiet={then(api.setQuiet)} />
      ) : query.error ? (
        <Failed title="How you are reached could not be loaded" detail={shownProblem(query.error).detail} onRetry={() => void query.refetch()} />
      ) : (
        <Loading what="how you are reached" />
      )}
    </Plain>
  );
}

export function AckRoute({ go }: { go: Go }) {
  const { api } = useInside();
  return (
    <Plain title="Acknowledge a message" go={go}>
      <AckPage onAck={api.acknowledge} />
    </Plain>
  );
}

export function AdminPage({ part, go }: { part: string; go: Go }) {
  const { session, api } = useInside();
  if (!session.admin || !isAdminPart(part)) {
    return (
      <Plain title="Not found" go={go}>
        <NotFoundPage />
      </Plain>
    );
  }
  const parts: Record<typeof part, ReactNode> = {
    organisations: <Organisations admin={api.admin} />,
    import: <ImportOrganisations admin={api.admin} />,
    people: <AdminPeople admin={api.admin} />,
    issuers: <Issuers admin={api.admin} />,
    tokens: <Tokens admin={api.admin} />,
    sessions: <AdminSessions admin={api.admin} />,
    log: <SystemLog admin={api.admin} />,
    deployment: <DeploymentForm admin={api.admin} />,
  };
  return (
    <Plain title="Administration" go={go}>
      <NoticesHeld />
      <AdminFrame part={part}>{parts[part]}</AdminFrame>
    </Plain>
  );
}
