import type { CoverageReport, DirectoryQuery, Standing } from "../../protocol/directory";
import { contactRoles } from "../../protocol/directory";
import { Button } from "../../ui/Button";
import { orgTypeName } from "../../ui/names";
import { Failed, Loading } from "../../ui/State";
import { contactRoleShort } from "./words";

type Props = { report: CoverageReport | null; problem: string; onRetry: () => void; onChoose: (q: Partial<DirectoryQuery>) => void };

const columns: readonly [Standing, string][] = [["verified", "Verified"], ["stale", "Verify again"], ["unverified", "Not verified"], ["none", "Nobody"]];

/** How many organisations of each type can be reached. */
export function Coverage({ report, problem, onRetry, onChoose }: Props) {
  if (problem !== "" && report === null) return <Failed title="The coverage could not be loaded" detail={problem} onRetry={onRetry} />;
  if (report === null) return <Loading what="the coverage" />;
  return (
    <section className="page__section" aria-labelledby="coverage">
      <h2 id="coverage">Who could be reached</h2>
      <p className="quiet">By their best contact. A verification holds for {report.staleDays} days. It says who has a verified number or address, not who answered.</p>
      <table className="listing coverage">
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Organisations</th>
            {columns.map(([, label]) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.types.map((t) => (
            <tr key={t.type}>
              <td data-label="">
                <strong>{orgTypeName[t.type]}</strong>
              </td>
              <td data-label="Organisations" className="tabular">{t.orgs}</td>
              {columns.map(([state, label]) => (
                <td key={state} data-label={label} className="tabular">
                  {t.any[state] === 0 ? (
                    "0"
                  ) : (
                    <Button kind="plain" onClick={() => onChoose({ type: t.type, state })}>
                      {t.any[state]}
                      <span className="unseen">: list them</span>
                    </Button>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <details className="nhsuk-details">
        <summary className="nhsuk-details__summary">
          <span className="nhsuk-details__summary-text">With somebody verified, role by role</span>
        </summary>
        <div className="nhsuk-details__text">
          <table className="listing coverage">
            <thead>
              <tr>
                <th scope="col">Type</th>
                {contactRoles.map((r) => (
                  <th key={r} scope="col">
                    {contactRoleShort[r]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {report.types.map((t) => (
                <tr key={t.type}>
                  <td data-label="">
                    <strong>{orgTypeName[t.type]}</strong>
                  </td>
                  {contactRoles.map((r) => (
                    <td key={r} data-label={contactRoleShort[r]} className="tabular">
                      {t.roles[r].verified} of {t.orgs}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
