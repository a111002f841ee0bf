import { useState } from "react";
import type { Api } from "../../protocol/api";
import type { AdminToken } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { dateAndTime } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { Listing } from "./Listing";
import { useList } from "./useList";

type Admin = Api["admin"];

/** Tokens for services: scoped, expiring, shown once. */
export function Tokens({ admin }: { admin: Admin }) {
  const { rows, problem, reload } = useList("tokens", admin.tokens);
  const [form, setForm] = useState<{ what: "issue" } | { what: "revoke"; token: AdminToken } | null>(null);
  return (
    <>
      <div className="admin__bar">
        <Button onClick={() => setForm({ what: "issue" })}>Issue a token</Button>
      </div>
      <Listing
        what="tokens"
        rows={rows}
        problem={problem}
        onRetry={() => void reload()}
        head={["Name", "May", "Issued", "Ends", ""]}
        row={(t) => ({
          key: t.id,
          cells: [
            <strong key="n">{t.name}</strong>,
            t.scopes.join(", "),
            dateAndTime(t.issued),
            t.revoked ? "Revoked" : dateAndTime(t.expires),
            t.revoked ? null : (
              <Button key="a" kind="plain" onClick={() => setForm({ what: "revoke", token: t })}>
                Revoke<span className="unseen"> {t.name}</span>
              </Button>
            ),
          ],
        })}
      />
      {form?.what === "issue" ? (
        <IssueForm
          onIssue={async (t) => {
            const token = await admin.issueToken(t);
            void reload();
            return token;
          }}
          onClose={() => setForm(null)}
        />
      ) : null}
      {form?.what === "revoke" ? (
        <Question
          title={`Revoke ${form.token.name}?`}
          action="Revoke now"
          warning
          onClose={() => setForm(null)}
          onDo={async () => {
            await admin.revokeToken(form.token.id);
            await reload();
          }}
        >
          <p>Whatever uses it stops working within a second.</p>
        </Question>
      ) : null}
    </>
  );
}

function IssueForm({ onIssue, onClose }: { onIssue: (t: { name: string; scopes: string[]; days: number }) => Promise<string>; onClose: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState("");
  const [days, setDays] = useState("90");
  const [token, setToken] = useState("");
  const submit = useSubmit();
  if (token !== "") {
    return (
      <Dialog title="The token" onClose={onClose}>
        <p>
          <strong>This is shown once.</strong> Only its fingerprint is kept here.
        </p>
        <code className="link-once__value">{token}</code>
        <div className="actions">
          <CopyButton text={token} label="Copy token" />
          <Button onClick={onClose}>I have put it where it belongs</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Issue a token" onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <TextField id="name" label="What it is for" error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} />
      <TextField id="scopes" label="What it may do" hint="Scopes, separated by spaces." error={submit.errorOf("scopes")} value={scopes} onChange={(e) => setScopes(e.target.value)} />
      <TextField id="days" label="Days it lasts" inputMode="numeric" className="nhsuk-input--width-4" error={submit.errorOf("days")} value={days} onChange={(e) => setDays(e.target.value)} />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void submit.run(async () => setToken(await onIssue({ name: name.trim(), scopes: scopes.split(/[\s,]+/).filter(Boolean), days: Number(days) || 0 })))}>
          Issue
        </Button>
      </div>
    </Dialog>
  );
}
