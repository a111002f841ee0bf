import { useState, type FormEvent } from "react";
import type { ReportDraft } from "../../protocol/reports";
import type { OrgID } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField, TextField } from "../../ui/Field";
import { usePatientDataGate } from "../../ui/PatientData";
import { BroughtBack, useDraft } from "../../ui/useDraft";
import { useSubmit } from "../../ui/useSubmit";
import { emptyEthane, EthaneFields, ethaneOf } from "./EthaneFields";

export type OrgChoice = { readonly code: OrgID; readonly name: string };

type Props = {
  /** For whom it can be filed: one's own organisations. */
  orgs: readonly OrgChoice[];
  duty: string;
  onFile: (org: OrgID, report: ReportDraft) => Promise<void>;
};

/** Reports an incident: short enough for a phone in a corridor. */
export function ReportForm({ orgs, duty, onFile }: Props) {
  const [org, setOrg] = useState(orgs.length === 1 ? (orgs[0]?.code ?? "") : "");
  return (
    <div className="page">
      <a className="page__back" href="/">
        ‹ My rooms
      </a>
      <h1>Report an incident</h1>
      <p className="page__lede">The joint hosts read this at once, and nobody else does. If lives are at risk, or this does not work, ring {duty === "" ? "them" : <a href={`tel:${duty.replace(/[^+\d]/g, "")}`}>{duty}</a>}.</p>
      <Filing
        org={org}
        kept={org}
        onBack={(was) => setOrg(orgs.find((o) => o.code === was)?.code ?? "")}
        missingOrg="Choose the organisation it has happened to."
        orgField={(error) =>
          orgs.length > 1 ? (
            <SelectField id="org" label="Which organisation has it happened to?" error={error} value={org} onChange={(e) => setOrg(e.target.value)}>
              <option value="">Choose</option>
              {orgs.map((o) => (
                <option key={o.code} value={o.code}>
                  {o.name}
                </option>
              ))}
            </SelectField>
          ) : (
            <p>
              For <strong>{orgs[0]?.name}</strong>.
            </p>
          )
        }
        phoneLabel="Ring me on"
        phoneHint="A number that works now. The hosts see it, and it is forgotten 30 days after the report is closed."
        send="Send the report"
        onFile={onFile}
      />
    </div>
  );
}

/** The form both share: whose it is, what happened, whom to ring. */
export function Filing(props: {
  org: OrgID;
  missingOrg: string;
  orgField: (error: string | undefined) => React.ReactNode;
  phoneLabel: string;
  phoneHint: string;
  send: string;
  /** Which organisation, as it is kept while the report is not sent: its code, and its name where that is not known otherwise. */
  kept: string;
  onBack: (kept: string) => void;
  /** Taken by telephone: who rang is asked for. */
  telephone?: boolean;
  onFile: (org: OrgID, report: ReportDraft) => Promise<void>;
}) {
  const [draft, setDraft] = useState(emptyEthane);
  const [phone, setPhone] = useState("");
  const [caller, setCaller] = useState("");
  const submit = useSubmit();
  const written = useDraft(props.telephone ? "report by telephone" : "report", { org: props.kept, ethane: draft, phone, caller }, (was) => {
    props.onBack(was.org);
    setDraft(was.ethane);
    setPhone(was.phone);
    setCaller(was.caller);
  });
  const gate = usePatientDataGate();
  const send = async () => {
    const { ethane, missing } = ethaneOf(draft);
    const errors = [...(props.org === "" ? [{ name: "org", message: props.missingOrg }] : []), ...missing, ...(phone.trim() === "" ? [{ name: "phone", message: "Give a number to ring." }] : [])];
    if (ethane === null || errors.length > 0) submit.refuse(errors);
    else {
      await submit.run(async () => {
        await props.onFile(props.org, { ethane, phone: phone.trim(), ...(props.telephone ? { via: "telephone", caller: caller.trim() } : {}) });
        written.sent();
      });
    }
  };
  return (
    <form
      className="page__form"
      noValidate
      onSubmit={(e: FormEvent) => {
        e.preventDefault();
        gate(() => void send());
      }}
    >
      <BroughtBack draft={written} />
      <ErrorSummary problems={submit.problems} />
      {props.orgField(submit.errorOf("org"))}
      <EthaneFields value={draft} onChange={setDraft} errorOf={submit.errorOf} />
      {props.telephone ? <TextField id="caller" label={<>Who rang? <span className="optional">(can be left empty)</span></>} error={submit.errorOf("caller")} value={caller} onChange={(e) => setCaller(e.target.value)} maxLength={120} autoComplete="off" /> : null}
      <TextField id="phone" type="tel" label={props.phoneLabel} hint={props.phoneHint} error={submit.errorOf("phone")} value={phone} onChange={(e) => setPhone(e.target.value)} maxLength={40} autoComplete={props.telephone ? "off" : "tel"} />
      <div className="actions">
        <Button type="submit" busy={submit.busy}>
          {submit.busy ? "Sending…" : props.send}
        </Button>
        <a href={props.telephone ? "/reports" : "/"}>Cancel</a>
      </div>
    </form>
  );
}
