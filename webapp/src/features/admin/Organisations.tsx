import { useState } from "react";
import type { Api } from "../../protocol/api";
import type { Organisation, OrganisationForm } from "../../protocol/rest";
import { orgTypes } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField, TextField } from "../../ui/Field";
import { orgTypeName } from "../../ui/names";
import { plural } from "../../ui/words";
import { useSubmit } from "../../ui/useSubmit";
import { Listing } from "./Listing";
import { useList } from "./useList";

type Admin = Api["admin"];

/** How many are drawn at once: a table of the service holds thousands. */
const most = 300;

/** The organisations people act for. */
export function Organisations({ admin }: { admin: Admin }) {
  const { rows, problem, reload } = useList("organisations", admin.organisations);
  const [form, setForm] = useState<{ what: "add" } | { what: "change" | "close"; org: Organisation } | null>(null);
  const [filter, setFilter] = useState("");
  const done = () => {
    setForm(null);
    void reload();
  };
  const shown = rows?.filter((o) => `${o.name} ${o.code} ${o.ods}`.toLowerCase().includes(filter.trim().toLowerCase())) ?? null;
  return (
    <>
      <div className="admin__bar">
        <input type="search" className="nhsuk-input" aria-label="Filter organisations" placeholder="Filter by name or code" value={filter} onChange={(e) => setFilter(e.target.value)} />
        <Button onClick={() => setForm({ what: "add" })}>Add an organisation</Button>
      </div>
      {shown && shown.length > most ? <p className="quiet">{plural(shown.length, "organisation")}; the first {most} are listed. Filter for the rest.</p> : null}
      <Listing
        what="organisations"
        rows={shown?.slice(0, most) ?? null}
        problem={problem}
        onRetry={() => void reload()}
        head={["Code", "Name", "Type", "State", ""]}
        row={(o) => ({
          key: o.code,
          cells: [
            <span key="c" className="tabular">{o.code}</span>,
            o.name,
            orgTypeName[o.type],
            o.closed ? `Closed${o.successor ? `, now ${o.successor}` : ""}` : o.host ? "Host" : "In use",
            o.closed ? null : (
              <span key="a" className="listing__acts">
                <Button kind="plain" onClick={() => setForm({ what: "change", org: o })}>
                  Change<span className="unseen"> {o.name}</span>
                </Button>
                <Button kind="plain" onClick={() => setForm({ what: "close", org: o })}>
                  Close<span className="unseen"> {o.name}</span>
                </Button>
              </span>
            ),
          ],
        })}
      />
      {form?.what === "add" ? <OrgForm title="Add an organisation" onSave={(o) => admin.addOrganisation(o)} onDone={done} onClose={() => setForm(null)} /> : null}
      {form?.what === "change" ? <OrgForm title={`Change ${form.org.name}`} org={form.org} onSave={(o) => admin.changeOrganisation(o)} onDone={done} onClose={() => setForm(null)} /> : null}
      {form?.what === "close" ? <CloseForm org={form.org} onSave={(s) => admin.closeOrganisation(form.org.code, s)} onDone={done} onClose={() => setForm(null)} /> : null}
    </>
  );
}

function OrgForm({ title, org, onSave, onDone, onClose }: { title: string; org?: Organisation; onSave: (o: OrganisationForm) => Promise<unknown>; onDone: () => void; onClose: () => void }) {
  const [code, setCode] = useState(org?.code ?? "");
  const [name, setName] = useState(org?.name ?? "");
  const [ods, setOds] = useState(org?.ods ?? "");
  const [type, setType] = useState(org?.type ?? "acute_trust");
  const [issuer, setIssuer] = useState(org?.issuer ?? "");
  const submit = useSubmit();
  const save = async () => {
    const ok = await submit.run(() => onSave({ code: code.trim().toUpperCase(), name: name.trim(), type, ...(ods.trim() === "" ? {} : { ods: ods.trim().toUpperCase() }), ...(issuer.trim() === "" ? {} : { issuer: issuer.trim() }) }));
    if (ok) onDone();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <TextField id="code" label="Code" hint="Its ODS code if it has one, else 2 to 12 capitals, digits or hyphens. It can never be changed or used again." readOnly={org !== undefined} error={submit.errorOf("code")} value={code} onChange={(e) => setCode(e.target.value)} className="nhsuk-input--width-10" />
      <TextField id="name" label="Name" error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} />
      <TextField id="ods" label={<>ODS code <span className="optional">(if it has one)</span></>} error={submit.errorOf("ods")} value={ods} onChange={(e) => setOds(e.target.value)} className="nhsuk-input--width-10" />
      <SelectField id="type" label="Type" error={submit.errorOf("type")} value={type} onChange={(e) => setType(orgTypes.find((t) => t === e.target.value) ?? type)}>
        {orgTypes.map((t) => (
          <option key={t} value={t}>
            {orgTypeName[t]}
          </option>
        ))}
      </SelectField>
      <TextField id="issuer" label={<>Sign-in service <span className="optional">(can be left empty)</span></>} hint="The short name of the service its people usually sign in with." error={submit.errorOf("issuer")} value={issuer} onChange={(e) => setIssuer(e.target.value)} className="nhsuk-input--width-10" />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Save
        </Button>
      </div>
    </Dialog>
  );
}

function CloseForm({ org, onSave, onDone, onClose }: { org: Organisation; onSave: (successor?: string) => Promise<unknown>; onDone: () => void; onClose: () => void }) {
  const [successor, setSuccessor] = useState("");
  const submit = useSubmit();
  const save = async () => {
    const s = successor.trim().toUpperCase();
    if (await submit.run(() => (s === "" ? onSave() : onSave(s)))) onDone();
  };
  return (
    <Dialog title={`Close ${org.name}?`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>Nobody can be invited for it any more. What was recorded under its code stays.</p>
      <TextField id="successor" label={<>Code of the body it became part of <span className="optional">(can be left empty)</span></>} error={submit.errorOf("successor")} value={successor} onChange={(e) => setSuccessor(e.target.value)} className="nhsuk-input--width-10" />
      <div className="actions">
        <Button kind="warning" busy={submit.busy} onClick={() => void save()}>
          Close it
        </Button>
      </div>
    </Dialog>
  );
}
