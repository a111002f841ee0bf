import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Coverage } from "../features/directory/Coverage";
import { emptyQuery, FindOrganisations } from "../features/directory/Find";
import { OrganisationContacts } from "../features/directory/OrganisationContacts";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { ApiError } from "../protocol/problem";
import { shownProblem } from "../ui/problem";
import { Failed, Loading } from "../ui/State";
import { useInside } from "./inside";
import { Plain, type Go } from "./pages";
import { useSettled } from "./useSettled";

/** The directory: all of it for hosts, one's own organisation's for its people. */
export function DirectoryPage({ org, go }: { org: string | null; go: Go }) {
  const { session } = useInside();
  const own = session.orgs[0]?.code;
  if (org !== null) return <Contacts key={org} org={org} go={go} />;
  if (session.host) return <Hosts go={go} />;
  if (session.orgs.length === 1 && own !== undefined) return <Contacts key={own} org={own} go={go} />;
  return (
    <Plain title="Directory" go={go}>
      {session.orgs.length === 0 ? (
        <NotFoundPage />
      ) : (
        <div className="page">
          <h1>Directory</h1>
          <p className="page__lede">Choose the organisation whose contacts you want to see.</p>
          <ul className="directory__own">
            {session.orgs.map((o) => (
              <li key={o.code}>
                <a href={`/directory/${encodeURIComponent(o.code)}`}>{o.name}</a>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Plain>
  );
}

function Hosts({ go }: { go: Go }) {
  const { api } = useInside();
  const [query, setQuery] = useState(emptyQuery);
  const asked = useSettled(query, 250);
  const found = useQuery({ queryKey: ["directory", asked], queryFn: () => api.directory.find(asked), placeholderData: (before) => before });
  const coverage = useQuery({ queryKey: ["coverage"], queryFn: api.directory.coverage });
  return (
    <Plain title="Directory" go={go}>
      <div className="page page--wide">
        <h1>Directory</h1>
        <p className="page__lede">How each organisation can be reached, and by whom. Numbers are shown one at a time, and that you were shown one is recorded.</p>
        <FindOrganisations query={query} onQuery={setQuery} found={found.data ?? null} problem={found.error ? shownProblem(found.error).detail : ""} onRetry={() => void found.refetch()} />
        <Coverage
          report={coverage.data ?? null}
          problem={coverage.error ? shownProblem(coverage.error).detail : ""}
          onRetry={() => void coverage.refetch()}
          onChoose={(q) => setQuery({ ...emptyQuery, ...q })}
        />
      </div>
    </Plain>
  );
}

function Contacts({ org, go }: { org: string; go: Go }) {
  const { api, session, queries } = useInside();
  const list = useQuery({ queryKey: ["contacts", org], queryFn: () => api.directory.contacts(org), gcTime: 0 });
  const missing = list.error instanceof ApiError && list.error.fault === "not_found";
  return (
    <Plain title="Directory" go={go}>
      {missing ? <NotFoundPage /> : null}
      {!list.data && !missing ? (
        <div className="page">
          {list.error ? <Failed title="The contacts could not be loaded" detail={shownProblem(list.error).detail} onRetry={() => void list.refetch()} /> : <Loading what="the contacts" />}
        </div>
      ) : null}
      {list.data && !missing ? (
        <OrganisationContacts
          list={list.data}
          directory={api.directory}
          host={session.host}
          back={session.host || session.orgs.length > 1}
          onChanged={async () => {
            await Promise.all([list.refetch(), queries.invalidateQueries({ queryKey: ["directory"] }), queries.invalidateQueries({ queryKey: ["coverage"] })]);
          }}
        />
      ) : null}
    </Plain>
  );
}
