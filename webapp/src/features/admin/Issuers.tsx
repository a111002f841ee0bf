import { useState } from "react";
import type { Api } from "../../protocol/api";
import type { AdminIssuer } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { useSubmit } from "../../ui/useSubmit";
import { Listing } from "./Listing";
import { useList } from "./useList";

type Admin = Api["admin"];
const blank: AdminIssuer = { key: "", name: "", url: "", acr: "", stepUp: "", domains: [], up: false, stopped: false };

/** The OpenID Connect services people may sign in with, and whether each answers. */
export function Issuers({ admin }: { admin: Admin }) {
  const { rows, problem, reload } = useList("issuers", admin.issuers);
  const [form, setForm] = useState<{ what: "set" | "stop"; issuer: AdminIssuer } | null>(null);
  return (
    <>
      <div className="admin__bar">
        <Button onClick={() => setForm({ what: "set", issuer: blank })}>Add a sign-in service</Button>
      </div>
      <Listing
        what="sign-in services"
        rows={rows}
        problem={problem}
        onRetry={() => void reload()}
        head={["Name", "Address", "Demands", "State", ""]}
        row={(i) => ({
          key: i.key,
          cells: [
            <span key="n">
              <strong>{i.name}</strong> <span className="quiet">{i.key}</span>
            </span>,
            i.url,
            `${i.acr}; step-up ${i.stepUp}`,
            i.stopped ? "Out of use" : i.up ? "Answering" : <strong key="d" className="alarm">Not answering</strong>,
            <span key="a" className="listing__acts">
              <Button kind="plain" onClick={() => setForm({ what: "set", issuer: i })}>
                Change<span className="unseen"> {i.name}</span>
              </Button>
              {i.stopped ? null : (
                <Button kind="plain" onClick={() => setForm({ what: "stop", issuer: i })}>
                  Stop using<span className="unseen"> {i.name}</span>
                </Button>
              )}
            </span>,
          ],
        })}
      />
      {form?.what === "set" ? (
        <IssuerForm
          issuer={form.issuer}
          onClose={() => setForm(null)}
          onSave={async (key, rest) => {
            await admin.setIssuer(key, rest);
            await reload();
          }}
        />
      ) : null}
      {form?.what === "stop" ? (
        <Question
          title={`Stop using ${form.issuer.name}?`}
          action="Stop using it"
          warning
          onClose={() => setForm(null)}
          onDo={async () => {
            await admin.stopIssuer(form.issuer.key);
            await reload();
          }}
        >
          <p>Nobody can sign in with it any more. People who are already in stay in until their session ends.</p>
        </Question>
      ) : null}
    </>
  );
}

function IssuerForm({ issuer, onSave, onClose }: { issuer: AdminIssuer; onSave: (key: string, rest: Omit<AdminIssuer, "key" | "up" | "stopped">) => Promise<unknown>; onClose: () => void }) {
  const [f, setF] = useState({ ...issuer, domains: issuer.domains.join(" ") });
  const submit = useSubmit();
  const save = async () => {
    const domains = f.domains.split(/[\s,]+/).filter(Boolean);
    if (await submit.run(() => onSave(f.key.trim(), { name: f.name.trim(), url: f.url.trim(), acr: f.acr.trim(), stepUp: f.stepUp.trim(), domains }))) onClose();
  };
  const field = (name: "key" | "name" | "url" | "acr" | "stepUp" | "domains", label: string, hint: string) => (
    <TextField id={name} label={label} hint={hint} error={submit.errorOf(name)} value={f[name]} readOnly={name === "key" && issuer.key !== ""} onChange={(e) => setF({ ...f, [name]: e.target.value })} />
  );
  return (
    <Dialog title={issuer.key === "" ? "Add a sign-in service" : `Change ${issuer.name}`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      {field("key", "Short name", "Lower-case letters; it stands in records and in the server’s configuration, which holds the client secret.")}
      {field("name", "Name", "As the sign-in page shows it.")}
      {field("url", "Issuer address", "https://…")}
      {field("acr", "Strength a sign-in must have", "The acr value that means a second factor was used.")}
      {field("stepUp", "Strength a step-up must have", "The acr value asked for before TLP:RED is opened.")}
      {field("domains", "E-mail domains it vouches for", "Separated by spaces. A verified address there lets an invited person in without waiting.")}
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Save
        </Button>
      </div>
    </Dialog>
  );
}
