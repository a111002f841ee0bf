import { useState } from "react";
import type { Api } from "../../protocol/api";
import type { AdminPerson } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import { useSubmit } from "../../ui/useSubmit";
import { Listing } from "./Listing";
import { useList } from "./useList";

type Admin = Api["admin"];
type Form = { what: "add" } | { what: "orgs" | "keeps" | "suspend" | "restore" | "grant" | "revoke"; person: AdminPerson };

const codes = (s: string): string[] => s.split(/[\s,]+/).map((c) => c.trim().toUpperCase()).filter(Boolean);

/** People this deployment knows, by (issuer, subject). */
export function AdminPeople({ admin }: { admin: Admin }) {
  const { rows, problem, reload } = useList("people", admin.people);
  const [form, setForm] = useState<Form | null>(null);
  const close = () => setForm(null);
  const then = async (act: Promise<unknown>) => {
    await act;
    await reload();
  };
  return (
    <>
      <div className="admin__bar">
        <Button onClick={() => setForm({ what: "add" })}>Add a person</Button>
      </div>
      <Listing
        what="people"
        rows={rows}
        problem={problem}
        onRetry={() => void reload()}
        head={["Name", "Acts for", "Signs in with", "State", ""]}
        row={(p) => ({
          key: p.id,
          cells: [
            <strong key="n">{p.name}</strong>,
            <span key="o">
              {p.orgs.join(", ") || "Nobody"}
              {p.keeps.length > 0 ? <span className="quiet"> · keeps the contacts of {p.keeps.join(", ")}</span> : null}
            </span>,
            `${p.issuer}: ${p.subject}`,
            [p.suspended ? "Suspended" : "", p.admin ? "Administrator" : ""].filter(Boolean).join(", ") || "In use",
            <Menu
              key="a"
              label={`Actions for ${p.name}`}
              trigger={<Icon name="more" size={18} />}
              items={[
                { key: "orgs", label: "Change whom they act for", onSelect: () => setForm({ what: "orgs", person: p }) },
                ...(p.orgs.length > 0 ? [{ key: "keeps", label: "Whose contacts they keep", onSelect: () => setForm({ what: "keeps", person: p }) }] : []),
                p.admin ? { key: "revoke", label: "Take administration away", onSelect: () => setForm({ what: "revoke", person: p }) } : { key: "grant", label: "Make administrator", onSelect: () => setForm({ what: "grant", person: p }) },
                p.suspended ? { key: "restore", label: "Lift the suspension", onSelect: () => setForm({ what: "restore", person: p }) } : { key: "suspend", label: "Suspend now", danger: true, onSelect: () => setForm({ what: "suspend", person: p }) },
              ]}
            />,
          ],
        })}
      />
      {form?.what === "add" ? <PersonForm onSave={(p) => then(admin.addPerson(p))} onClose={close} /> : null}
      {form?.what === "orgs" ? <OrgsForm person={form.person} onSave={(o) => then(admin.affiliate(form.person.id, o))} onClose={close} /> : null}
      {form?.what === "keeps" ? <KeepsForm person={form.person} onSave={(org, named) => then(admin.keeper(form.person.id, org, named))} onClose={close} /> : null}
      {form?.what === "suspend" ? (
        <Question title={`Suspend ${form.person.name}?`} action="Suspend now" warning onClose={close} onDo={() => then(admin.suspend(form.person.id))}>
          <p>All their sessions end within a second and they cannot sign in again until you lift it.</p>
        </Question>
      ) : null}
      {form?.what === "restore" ? <Question title={`Let ${form.person.name} sign in again?`} action="Lift the suspension" onClose={close} onDo={() => then(admin.restore(form.person.id))} /> : null}
      {form?.what === "grant" ? (
        <Question title={`Make ${form.person.name} an administrator?`} action="Make administrator" onClose={close} onDo={() => then(admin.administrator(form.person.id, true))}>
          <p>They will manage organisations, people, sign-in services and tokens. They will not see any room because of it.</p>
        </Question>
      ) : null}
      {form?.what === "revoke" ? <Question title={`Take administration away from ${form.person.name}?`} action="Take it away" warning onClose={close} onDo={() => then(admin.administrator(form.person.id, false))} /> : null}
    </>
  );
}

function PersonForm({ onSave, onClose }: { onSave: (p: { name: string; issuer: string; subject: string; orgs: string[] }) => Promise<unknown>; onClose: () => void }) {
  const [p, setP] = useState({ name: "", issuer: "", subject: "", orgs: "" });
  const submit = useSubmit();
  const save = async () => {
    if (await submit.run(() => onSave({ name: p.name.trim(), issuer: p.issuer.trim(), subject: p.subject.trim(), orgs: codes(p.orgs) }))) onClose();
  };
  return (
    <Dialog title="Add a person" onClose={onClose}>
      <p className="quiet">Needed only for people who should be known before anyone invites them. A person is their sign-in service and its name for them, never an e-mail address.</p>
      <ErrorSummary problems={submit.problems} />
      <TextField id="name" label="Name" error={submit.errorOf("name")} value={p.name} onChange={(e) => setP({ ...p, name: e.target.value })} />
      <TextField id="issuer" label="Sign-in service" hint="Its short name." error={submit.errorOf("issuer")} value={p.issuer} onChange={(e) => setP({ ...p, issuer: e.target.value })} />
      <TextField id="subject" label="Subject" hint="What the service calls them." error={submit.errorOf("subject")} value={p.subject} onChange={(e) => setP({ ...p, subject: e.target.value })} />
      <TextField id="orgs" label="Acts for" hint="Codes of organisations, separated by spaces." error={submit.errorOf("orgs")} value={p.orgs} onChange={(e) => setP({ ...p, orgs: e.target.value })} />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Add
        </Button>
      </div>
    </Dialog>
  );
}

function OrgsForm({ person, onSave, onClose }: { person: AdminPerson; onSave: (orgs: string[]) => Promise<unknown>; onClose: () => void }) {
  const [orgs, setOrgs] = useState(person.orgs.join(" "));
  const submit = useSubmit();
  const save = async () => {
    if (await submit.run(() => onSave(codes(orgs)))) onClose();
  };
  return (
    <Dialog title={`Whom ${person.name} acts for`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <TextField id="orgs" label="Codes of organisations, separated by spaces" error={submit.errorOf("orgs")} value={orgs} onChange={(e) => setOrgs(e.target.value)} />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Save
        </Button>
      </div>
    </Dialog>
  );
}

/** An organisation's administrator keeps its list of contacts, and sees nothing else by it. */
function KeepsForm({ person, onSave, onClose }: { person: AdminPerson; onSave: (org: string, named: boolean) => Promise<unknown>; onClose: () => void }) {
  const [keeps, setKeeps] = useState<readonly string[]>(person.keeps);
  const submit = useSubmit();
  const save = async () => {
    const changed = person.orgs.filter((o) => keeps.includes(o) !== person.keeps.includes(o));
    const ok = await submit.run(async () => {
      for (const o of changed) await onSave(o, keeps.includes(o));
    });
    if (ok) onClose();
  };
  return (
    <Dialog title={`Whose contacts ${person.name} keeps`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>They add, verify and remove whom the hosts ring there. They see no room because of it.</p>
      <div className="nhsuk-checkboxes">
        {person.orgs.map((o) => (
          <Checkbox key={o} label={o} checked={keeps.includes(o)} onChange={(e) => setKeeps(e.target.checked ? [...keeps, o] : keeps.filter((k) => k !== o))} />
        ))}
      </div>
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Save
        </Button>
      </div>
    </Dialog>
  );
}
