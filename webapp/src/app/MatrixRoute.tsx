import { useQuery } from "@tanstack/react-query";
import { MatrixPage } from "../features/matrix/MatrixPage";
import { RotasPage } from "../features/matrix/RotasPage";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { shownProblem } from "../ui/problem";
import { Failed, Loading } from "../ui/State";
import { factorOf } from "./factor";
import { useInside } from "./inside";
import { Plain, type Go } from "./pages";

/** Who decides what, and who is on call: for whoever acts for a host. */
export function MatrixRoute({ go }: { go: Go }) {
  const { session, api, skew } = useInside();
  const matrix = useQuery({ queryKey: ["matrix"], queryFn: api.matrix, enabled: session.host });
  const rotas = useQuery({ queryKey: ["rotas"], queryFn: api.rotas, enabled: session.host });
  const codes = [...new Set(rotas.data?.rotas.map((r) => r.org) ?? [])];
  const orgs = useQuery({ queryKey: ["organisations", codes.join()], queryFn: () => api.organisations({ codes }), enabled: codes.length > 0 });
  const named = (code: string) => orgs.data?.find((o) => o.code === code)?.name ?? code;
  const failed = matrix.error ?? rotas.error;
  return (
    <Plain title="Who decides what" go={go}>
      <div className="page">
        {!session.host ? <NotFoundPage /> : null}
        {failed ? <Failed title="This could not be loaded" detail={shownProblem(failed).detail} onRetry={() => void Promise.all([matrix.refetch(), rotas.refetch()])} /> : null}
        {session.host && !failed && (!matrix.data || !rotas.data) ? <Loading what="the matrix" /> : null}
        {matrix.data && rotas.data ? (
          <>
            <MatrixPage
              key={matrix.data.version}
              matrix={matrix.data}
              confirmed={factorOf(session, skew).at !== null}
              hosts={codes.map((code) => ({ code, name: named(code) }))}
              onSimulate={api.simulate}
              onSave={async (rows, seen) => {
                await api.setMatrix(rows, seen);
                await matrix.refetch();
              }}
            />
            <RotasPage
              rotas={rotas.data}
              mine={session.orgs.filter((o) => o.host).map((o) => o.code)}
              named={named}
              people={api.peopleOf}
              onSave={async (r, shifts) => {
                await api.setRota(r.org, r.tier, r.version, shifts);
                await rotas.refetch();
              }}
            />
          </>
        ) : null}
      </div>
    </Plain>
  );
}
