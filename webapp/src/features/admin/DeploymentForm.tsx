import { useEffect, useState } from "react";
import type { Api } from "../../protocol/api";
import type { Assessor, PersonID } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, TextField } from "../../ui/Field";
import { Loading } from "../../ui/State";
import { useSubmit } from "../../ui/useSubmit";

const codes = (typed: string): string[] => typed.split(/[\s,]+/).map((c) => c.toUpperCase()).filter(Boolean);

/** The duty number, the two joint hosts, who assesses severity, and who is called in because of it. */
export function DeploymentForm({ admin }: { admin: Api["admin"] }) {
  const [duty, setDuty] = useState<string | null>(null);
  const [hosts, setHosts] = useState("");
  const [nhs, setNHS] = useState("");
  const [ncsc, setNCSC] = useState("");
  const [onCall, setOnCall] = useState<readonly PersonID[]>([]);
  const [people, setPeople] = useState<readonly { id: PersonID; name: string; orgs: readonly string[] }[]>([]);
  const [saved, setSaved] = useState(false);
  const submit = useSubmit();
  const { run } = submit;
  useEffect(() => {
    void run(async () => {
      const d = await admin.deployment();
      setDuty(d.duty);
      setHosts(d.hosts.join(" "));
      const on = (scale: Assessor["scale"]) => (d.assessors ?? []).filter((a) => a.scale === scale).map((a) => a.org).join(" ");
      setNHS(on("nhs_level"));
      setNCSC(on("ncsc_category"));
      setOnCall(d.onCall ?? []);
      setPeople((await admin.people()).filter((p) => p.orgs.some((o) => d.hosts.includes(o))));
    });
  }, [admin, run]);
  const save = async () => {
    const assessors = [...codes(nhs).map((org) => ({ org, scale: "nhs_level" as const })), ...codes(ncsc).map((org) => ({ org, scale: "ncsc_category" as const }))];
    setSaved(await submit.run(() => admin.setDeployment({ duty: (duty ?? "").trim(), hosts: codes(hosts), assessors, onCall })));
  };
  if (duty === null && submit.busy) return <Loading what="the deployment" />;
  return (
    <div className="page__form">
      <ErrorSummary problems={submit.problems} />
      <TextField id="duty" label="Duty telephone number" hint="Shown wherever someone gets stuck. It must be answered day and night." error={submit.errorOf("duty")} value={duty ?? ""} onChange={(e) => setDuty(e.target.value)} className="nhsuk-input--width-20" />
      <TextField id="hosts" label="Joint hosts" hint="The codes of the two organisations that open rooms, separated by a space." error={submit.errorOf("hosts")} value={hosts} onChange={(e) => setHosts(e.target.value)} className="nhsuk-input--width-20" />
      <TextField id="assessors" label="Who sets NHS levels" hint="Codes of organisations, separated by a space." error={submit.errorOf("assessors")} value={nhs} onChange={(e) => setNHS(e.target.value)} className="nhsuk-input--width-20" />
      <TextField id="assessors-ncsc" label="Who sets NCSC categories" hint="Only the NCSC and law enforcement have authority to." value={ncsc} onChange={(e) => setNCSC(e.target.value)} className="nhsuk-input--width-20" />
      <fieldset className="nhsuk-fieldset nhsuk-form-group" id="onCall" tabIndex={-1}>
        <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">On call for the hosts</legend>
        <div className="nhsuk-hint">They are invited into a room whose severity asks for both hosts: NHS level 3 or 4, NCSC category 1 to 3.</div>
        {submit.errorOf("onCall") ? <span className="nhsuk-error-message">{submit.errorOf("onCall")}</span> : null}
        <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
          {people.map((p) => (
            <Checkbox key={p.id} label={p.name} hint={p.orgs.join(", ")} checked={onCall.includes(p.id)} onChange={(e) => setOnCall(e.target.checked ? [...onCall, p.id] : onCall.filter((x) => x !== p.id))} />
          ))}
        </div>
      </fieldset>
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Save
        </Button>
        {saved ? <span role="status">Saved.</span> : null}
      </div>
    </div>
  );
}
