import { useEffect, useState } from "react";
import type { ReportDraft } from "../../protocol/reports";
import type { OrgID } from "../../protocol/types";
import { TextField } from "../../ui/Field";
import { Filing, type OrgChoice } from "./ReportForm";

/** A report as it is told on the telephone. */
export function TelephoneForm({ find, onFile }: { find: (q: string) => Promise<readonly OrgChoice[]>; onFile: (org: OrgID, report: ReportDraft) => Promise<void> }) {
  const [q, setQ] = useState("");
  const [found, setFound] = useState<readonly OrgChoice[]>([]);
  const [org, setOrg] = useState<OrgChoice | null>(null);
  useEffect(() => {
    let live = true;
    if (q.trim().length < 2 || org !== null) return;
    const timer = setTimeout(() => void find(q.trim()).then((all) => live && setFound(all.slice(0, 8)), () => live && setFound([])), 250);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [q, org, find]);
  return (
    <div className="page">
      <a className="page__back" href="/reports">
        ‹ Reports
      </a>
      <h1>A report taken by telephone</h1>
      <p className="page__lede">Write down what you are told, while you are told it. It goes into the hosts’ inbox as reported by telephone, taken by you.</p>
      <Filing
        telephone
        org={org?.code ?? ""}
        kept={org ? `${org.code} ${org.name}` : ""}
        onBack={(was) => {
          const [code = "", ...name] = was.split(" ");
          setOrg(code === "" ? null : { code, name: name.join(" ") });
        }}
        missingOrg="Find the organisation that rings, and choose it."
        orgField={(error) => (
          <div className="org-find">
            <TextField
              id="org"
              label="Which organisation rings?"
              hint="Part of its name, or its code."
              error={error}
              value={org ? `${org.name} (${org.code})` : q}
              onChange={(e) => {
                setOrg(null);
                setQ(e.target.value);
              }}
              autoComplete="off"
            />
            {org === null && q.trim().length >= 2 ? (
              <ul className="org-find__list" aria-label="Organisations found">
                {found.map((o) => (
                  <li key={o.code}>
                    <button type="button" className="link-button" onClick={() => setOrg(o)}>
                      {o.name} <span className="quiet tabular">{o.code}</span>
                    </button>
                  </li>
                ))}
                {found.length === 0 ? <li className="quiet">No organisation on the books is called so. An administrator can add it.</li> : null}
              </ul>
            ) : null}
          </div>
        )}
        phoneLabel="Ring them back on"
        phoneHint="It is forgotten 30 days after the report is closed."
        send="File the report"
        onFile={onFile}
      />
    </div>
  );
}
