import { useState } from "react";
import { channelKinds, contactRoles, type ChannelKind, type ContactDraft, type ContactRole, type OrgContact } from "../../protocol/directory";
import { newKey } from "../../protocol/ulid";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, SelectField, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSubmit } from "../../ui/useSubmit";
import { channelName, contactRoleName } from "./words";

type Row = { key: string; id: string | null; masked: string; kind: ChannelKind; value: string; outOfHours: boolean };

const fresh = (): Row => ({ key: newKey(), id: null, masked: "", kind: "sms", value: "", outOfHours: false });

/** Who somebody is and how to reach them. What is masked stays as it is, or is taken out. */
export function ContactForm({ title, contact, onSave, onClose }: { title: string; contact?: OrgContact; onSave: (draft: ContactDraft, key: string) => Promise<unknown>; onClose: () => void }) {
  const [name, setName] = useState(contact?.name ?? "");
  const [role, setRole] = useState<ContactRole | "">(contact?.role ?? "");
  const [place, setPlace] = useState(contact?.place ?? 1);
  const [alertOnly, setAlertOnly] = useState(contact?.alertOnly ?? false);
  const [rows, setRows] = useState<readonly Row[]>(() => contact?.channels.map((c) => ({ key: c.id, id: c.id, masked: c.masked, kind: c.kind, value: "", outOfHours: c.outOfHours })) ?? [fresh()]);
  const [sent, setSent] = useState({ said: "", key: newKey() });
  const submit = useSubmit();
  const set = (key: string, change: Partial<Row>) => setRows(rows.map((r) => (r.key === key ? { ...r, ...change } : r)));
  const save = async () => {
    if (role === "") return submit.refuse([{ name: "role", message: "Choose what they answer for." }]);
    const draft: ContactDraft = {
      name: name.trim(), role, place, alertOnly,
      channels: rows.map((r) => (r.id !== null ? { id: r.id, outOfHours: r.outOfHours } : { kind: r.kind, value: r.value.trim(), outOfHours: r.outOfHours })),
    };
    // The same, sent again after a failure on the way, is the same contact.
    const said = JSON.stringify(draft);
    const key = said === sent.said ? sent.key : newKey();
    setSent({ said, key });
    if (await submit.run(() => onSave(draft, key))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <TextField id="name" label="Name" autoComplete="off" maxLength={120} error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} />
      <SelectField id="role" label="Answers for" error={submit.errorOf("role")} value={role} onChange={(e) => setRole(contactRoles.find((r) => r === e.target.value) ?? "")}>
        <option value="">Choose</option>
        {contactRoles.map((r) => (
          <option key={r} value={r}>
            {contactRoleName[r]}
          </option>
        ))}
      </SelectField>
      <SelectField id="place" label="Is tried" error={submit.errorOf("place")} value={String(place)} onChange={(e) => setPlace(Number(e.target.value))}>
        <option value="1">First</option>
        <option value="2">Second, as deputy</option>
        {[3, 4, 5, 6, 7, 8, 9].map((n) => (
          <option key={n} value={n}>
            In place {n}
          </option>
        ))}
      </SelectField>
      <fieldset className="nhsuk-fieldset contacts__rows" id="channels">
        <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">How to reach them</legend>
        {submit.errorOf("channels") ? <span className="nhsuk-error-message">{submit.errorOf("channels")}</span> : null}
        {rows.map((r, i) => (
          <div key={r.key} className="contacts__row">
            {r.id !== null ? (
              <p>
                {channelName[r.kind]} <span className="tabular">{r.masked}</span>
              </p>
            ) : (
              <>
                <SelectField label={`Way ${i + 1}`} value={r.kind} onChange={(e) => set(r.key, { kind: channelKinds.find((k) => k === e.target.value) ?? r.kind })}>
                  {channelKinds.map((k) => (
                    <option key={k} value={k}>
                      {channelName[k]}
                    </option>
                  ))}
                </SelectField>
                <TextField label={r.kind === "email" ? "Address" : "Number"} type={r.kind === "email" ? "email" : "tel"} autoComplete="off" maxLength={254} className="tabular" value={r.value} onChange={(e) => set(r.key, { value: e.target.value })} />
              </>
            )}
            <Checkbox label="Reaches them at night and at weekends" checked={r.outOfHours} onChange={(e) => set(r.key, { outOfHours: e.target.checked })} />
            {rows.length > 1 ? (
              <Button kind="plain" onClick={() => setRows(rows.filter((o) => o.key !== r.key))}>
                Take out<span className="unseen"> way {i + 1}</span>
              </Button>
            ) : null}
          </div>
        ))}
        {rows.length < 8 ? (
          <Button kind="secondary" small onClick={() => setRows([...rows, fresh()])}>
            Add another way
          </Button>
        ) : null}
      </fieldset>
      <Checkbox label="For alerts only" hint="They are told of incidents, and are not to be brought into a room." checked={alertOnly} onChange={(e) => setAlertOnly(e.target.checked)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Save
      </FormButtons>
    </Dialog>
  );
}
