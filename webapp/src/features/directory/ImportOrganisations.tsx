import { useRef, useState } from "react";
import type { Api } from "../../protocol/api";
import type { ImportNote, OrgImport, TrustKind } from "../../protocol/directory";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField } from "../../ui/Field";
import { orgTypeName } from "../../ui/names";
import { Empty } from "../../ui/State";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";

type Admin = Pick<Api["admin"], "previewOrganisations" | "enterOrganisations">;
type Previewed = { name: string; file: ArrayBuffer; what: OrgImport };

const trustKinds: readonly Exclude<TrustKind, "">[] = ["acute_trust", "mental_health_trust", "community_trust", "ambulance_trust"];

/** Organisations from a table of the Organisation Data Service: what it would change, then part by part onto the books. */
export function ImportOrganisations({ admin }: { admin: Admin }) {
  const [trusts, setTrusts] = useState<TrustKind>("");
  const [seen, setSeen] = useState<Previewed | null>(null);
  const [progress, setProgress] = useState<{ done: number; of: number } | null>(null);
  const [finished, setFinished] = useState<number | null>(null);
  const picked = useRef<File | null>(null);
  const submit = useSubmit();

  const look = (kind: TrustKind) => {
    const from = picked.current;
    setFinished(null);
    if (!from) return;
    void submit.run(async () => {
      setSeen(null);
      const file = await from.arrayBuffer();
      setSeen({ name: from.name, file, what: await admin.previewOrganisations(file, kind) });
    });
  };
  const enter = (p: Previewed) =>
    void submit.run(async () => {
      const of = p.what.new + p.what.changed + p.what.closed;
      let done = 0;
      setProgress({ done, of });
      try {
        for (;;) {
          const part = await admin.enterOrganisations(p.file, p.what.sha256, trusts);
          done += part.entered;
          setProgress({ done, of: done + part.left });
          if (part.left === 0) break;
        }
        setFinished(done);
        setSeen(null);
      } finally {
        setProgress(null);
      }
    });
  const what = seen?.what ?? null;
  const changes = what ? what.new + what.changed + what.closed : 0;
  return (
    <>
      <p className="page__lede">A table of the Organisation Data Service, as CSV: the columns OrgId (or Code) and Name, and where there are any PrimaryRoleId, Type, Status, Open Date, Close Date and Successor. At most 10,000 rows. You see what it changes first.</p>
      <ErrorSummary problems={submit.problems} />
      <SelectField
        label="Trusts of no stated kind"
        hint="The service does not say whether a trust is acute, mental health, community or ambulance. A column Type does; else its name may."
        value={trusts}
        disabled={progress !== null}
        onChange={(e) => {
          const kind = trustKinds.find((k) => k === e.target.value) ?? "";
          setTrusts(kind);
          look(kind);
        }}
      >
        <option value="">Leave them out</option>
        {trustKinds.map((k) => (
          <option key={k} value={k}>
            Take them for: {orgTypeName[k]}
          </option>
        ))}
      </SelectField>
      <div className="nhsuk-form-group">
        <label className="nhsuk-label nhsuk-label--s" htmlFor="organisations-file">
          Table
        </label>
        <input
          id="organisations-file"
          type="file"
          accept=".csv,text/csv"
          disabled={progress !== null}
          onChange={(e) => {
            picked.current = e.target.files?.[0] ?? null;
            look(trusts);
          }}
        />
      </div>
      {submit.busy && progress === null ? <p role="status">Reading the table…</p> : null}
      {progress ? (
        <div className="import__progress">
          <label htmlFor="import-progress">
            {progress.done.toLocaleString("en-GB")} of {progress.of.toLocaleString("en-GB")} entered
          </label>
          <progress id="import-progress" max={progress.of} value={progress.done} />
        </div>
      ) : null}
      {finished !== null ? (
        <p role="status" className="import__done">
          {plural(finished, "change")} entered. <a href="/admin/log">See the system log</a>
        </p>
      ) : null}
      {seen && what && progress === null ? (
        <section aria-labelledby="import-what">
          <h2 id="import-what">What {seen.name} would change</h2>
          <dl className="import__counts">
            {([["New", what.new], ["Changed", what.changed], ["Closed", what.closed], ["Left out", what.refused], ["As they stand", what.same]] as const).map(([label, n]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="tabular">{n.toLocaleString("en-GB")}</dd>
              </div>
            ))}
          </dl>
          {changes === 0 ? <Empty title="Nothing would change" /> : null}
          <Notes title="Left out" all={what.refused} rows={what.refusals} />
          <Notes title="Taken, but" all={what.notes.length} rows={what.notes} />
          <Part title="Closed" all={what.closed} rows={what.closings.map((c) => ({ key: c.code, code: c.code, text: `${c.name}${c.ended ? `, ${c.ended}` : ""}${c.successor ? `, now ${c.successor}` : ""}` }))} />
          <Part title="Changed" all={what.changed} rows={what.changes.map((o) => ({ key: o.code, code: o.code, text: changed(o) }))} />
          <Part title="New" all={what.new} rows={what.added.map((o) => ({ key: o.code, code: o.code, text: `${o.name} (${orgTypeName[o.type]})` }))} />
          {changes > 0 ? (
            <div className="actions">
              <Button busy={submit.busy} onClick={() => enter(seen)}>
                Enter {plural(changes, "change")}
              </Button>
            </div>
          ) : null}
        </section>
      ) : null}
    </>
  );
}

const changed = (o: OrgImport["changes"][number]): string => {
  const said = [];
  if (o.was && o.was.name !== o.name) said.push(`${o.was.name} is now called ${o.name}`);
  if (o.was && o.was.type !== o.type) said.push(`${said.length === 0 ? `${o.name}: ` : ""}${orgTypeName[o.was.type]} becomes ${orgTypeName[o.type]}`);
  return said.length === 0 ? `${o.name}: its code or dates` : said.join("; ");
};

function Notes({ title, all, rows }: { title: string; all: number; rows: readonly ImportNote[] }) {
  return <Part title={title} all={all} rows={rows.map((n) => ({ key: String(n.line), code: `Line ${n.line}${n.code ? `, ${n.code}` : ""}`, text: n.why }))} />;
}

function Part({ title, all, rows }: { title: string; all: number; rows: readonly { key: string; code: string; text: string }[] }) {
  if (all === 0) return null;
  return (
    <details className="nhsuk-details" open={all <= 20}>
      <summary className="nhsuk-details__summary">
        <span className="nhsuk-details__summary-text">
          {title}: {all.toLocaleString("en-GB")}
          {all > rows.length ? `, the first ${rows.length} listed` : ""}
        </span>
      </summary>
      <ul className="nhsuk-details__text import__rows">
        {rows.map((r) => (
          <li key={r.key}>
            <span className="tabular import__code">{r.code}</span> {r.text}
          </li>
        ))}
      </ul>
    </details>
  );
}
