import { useState } from "react";
import type { Session } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { useSubmit } from "../../ui/useSubmit";

/** The one-time link of a new deployment: whoever has it becomes the first administrator. */
export function SetupPage({ session, onSetUp }: { session: Session; onSetUp: (a: { name: string; org: string }) => Promise<void> }) {
  const [name, setName] = useState(session.person.name);
  const [org, setOrg] = useState("");
  const submit = useSubmit();
  return (
    <div className="page page--narrow">
      <h1>Set up this deployment</h1>
      <p className="page__lede">You are about to become its first administrator. The link works once.</p>
      <div className="page__section prose">
        <p>Administrators manage organisations, people, sign-in services and tokens. They see no room, no title and no member.</p>
      </div>
      <div className="page__form">
        <ErrorSummary problems={submit.problems} />
        <TextField id="name" label="Your name, as the record should have it" error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} autoComplete="name" />
        <TextField id="org" label={<>Code of the organisation you act for <span className="optional">(can be left empty)</span></>} error={submit.errorOf("org")} value={org} onChange={(e) => setOrg(e.target.value.toUpperCase())} className="nhsuk-input--width-10" autoComplete="off" />
        <Button busy={submit.busy} onClick={() => void submit.run(() => onSetUp({ name: name.trim(), org: org.trim() }))}>
          Become the administrator
        </Button>
      </div>
    </div>
  );
}
