import { useEffect, useState } from "react";
import type { Api } from "../../protocol/api";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { Loading } from "../../ui/State";
import { useSubmit } from "../../ui/useSubmit";

/** The duty number and the two joint hosts. */
export function DeploymentForm({ admin }: { admin: Api["admin"] }) {
  const [duty, setDuty] = useState<string | null>(null);
  const [hosts, setHosts] = useState("");
  const [saved, setSaved] = useState(false);
  const submit = useSubmit();
  const { run } = submit;
  useEffect(() => {
    void run(async () => {
      const d = await admin.deployment();
      setDuty(d.duty);
      setHosts(d.hosts.join(" "));
    });
  }, [admin, run]);
  const save = async () => {
    setSaved(await submit.run(() => admin.setDeployment({ duty: (duty ?? "").trim(), hosts: hosts.split(/[\s,]+/).map((h) => h.toUpperCase()).filter(Boolean) })));
  };
  if (duty === null && submit.busy) return <Loading what="the deployment" />;
  return (
    <div className="page__form">
      <ErrorSummary problems={submit.problems} />
      <TextField id="duty" label="Duty telephone number" hint="Shown wherever someone gets stuck. It must be answered day and night." error={submit.errorOf("duty")} value={duty ?? ""} onChange={(e) => setDuty(e.target.value)} className="nhsuk-input--width-20" />
      <TextField id="hosts" label="Joint hosts" hint="The codes of the two organisations that open rooms, separated by a space." error={submit.errorOf("hosts")} value={hosts} onChange={(e) => setHosts(e.target.value)} className="nhsuk-input--width-20" />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Save
        </Button>
        {saved ? <span role="status">Saved.</span> : null}
      </div>
    </div>
  );
}
