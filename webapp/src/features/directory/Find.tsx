import { contactRoles, type DirectoryFound, type DirectoryQuery, type Standing } from "../../protocol/directory";
import { orgTypes } from "../../protocol/types";
import { SelectField, TextField } from "../../ui/Field";
import { orgTypeName } from "../../ui/names";
import { Empty, Failed, Loading } from "../../ui/State";
import { StateTag } from "../../ui/StateTag";
import { list, plural } from "../../ui/words";
import { contactRoleName, contactRoleShort, standingLook } from "./words";

export const emptyQuery: DirectoryQuery = { q: "", type: "", role: "", state: "" };

const states: readonly Standing[] = ["verified", "stale", "unverified", "none"];

type Props = { query: DirectoryQuery; onQuery: (q: DirectoryQuery) => void; found: DirectoryFound | null; problem: string; onRetry: () => void };

/** Organisations by name, type, role and how well they are covered. */
export function FindOrganisations({ query, onQuery, found, problem, onRetry }: Props) {
  return (
    <section className="page__section" aria-labelledby="find">
      <h2 id="find">Find an organisation</h2>
      <div className="directory__search">
        <TextField label="Name or code" type="search" value={query.q} onChange={(e) => onQuery({ ...query, q: e.target.value })} />
        <SelectField label="Type" value={query.type} onChange={(e) => onQuery({ ...query, type: orgTypes.find((t) => t === e.target.value) ?? "" })}>
          <option value="">Any</option>
          {orgTypes.map((t) => (
            <option key={t} value={t}>
              {orgTypeName[t]}
            </option>
          ))}
        </SelectField>
        <SelectField label="Role" value={query.role} onChange={(e) => onQuery({ ...query, role: contactRoles.find((r) => r === e.target.value) ?? "" })}>
          <option value="">Any</option>
          {contactRoles.map((r) => (
            <option key={r} value={r}>
              {contactRoleName[r]}
            </option>
          ))}
        </SelectField>
        <SelectField label="Reached" value={query.state} onChange={(e) => onQuery({ ...query, state: states.find((s) => s === e.target.value) ?? "" })}>
          <option value="">Any</option>
          {states.map((s) => (
            <option key={s} value={s}>
              {standingLook[s].word}
            </option>
          ))}
        </SelectField>
      </div>
      {problem !== "" ? <Failed title="The directory could not be searched" detail={problem} onRetry={onRetry} /> : null}
      {found === null && problem === "" ? <Loading what="organisations" /> : null}
      {found !== null && problem === "" ? <Rows found={found} /> : null}
    </section>
  );
}

function Rows({ found }: { found: DirectoryFound }) {
  if (found.found === 0) return <Empty title="No organisation fits">Choose less, or look at the spelling.</Empty>;
  return (
    <>
      <p role="status" className="quiet">
        {plural(found.found, "organisation")}
        {found.found > found.organisations.length ? `; the first ${found.organisations.length} are listed. Narrow the search for the rest.` : ""}
      </p>
      <table className="listing">
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Reached</th>
            <th scope="col">Contacts</th>
          </tr>
        </thead>
        <tbody>
          {found.organisations.map((o) => (
            <tr key={o.code}>
              <td data-label="Code" className="tabular">{o.code}</td>
              <td data-label="Name">
                <a href={`/directory/${encodeURIComponent(o.code)}`}>{o.name}</a>
              </td>
              <td data-label="Type">{orgTypeName[o.type]}</td>
              <td data-label="Reached">
                <StateTag look={standingLook[o.any]} />
              </td>
              <td data-label="Contacts">{o.contacts === 0 ? "None" : list(contactRoles.filter((r) => o.roles[r] !== undefined).map((r) => contactRoleShort[r]))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
