import { useState, type FormEvent } from "react";
import type { OwnContact } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { plural } from "../../ui/words";
import { useSubmit } from "../../ui/useSubmit";

/** The number on which the hosts ring me: mine to change. */
export function OwnPhone({ contact, onSave }: { contact: OwnContact; onSave: (phone: string) => Promise<unknown> }) {
  const [phone, setPhone] = useState(contact.phone);
  const [saved, setSaved] = useState(false);
  const submit = useSubmit();
  const save = (e: FormEvent) => {
    e.preventDefault();
    setSaved(false);
    void submit.run(() => onSave(phone.trim())).then(setSaved);
  };
  return (
    <section className="page__section" aria-labelledby="phone-heading">
      <h2 id="phone-heading">My telephone</h2>
      <p className="quiet">The leads, deputies and liaisons of {contact.rooms === 1 ? "the room you are in" : `the ${plural(contact.rooms, "room")} you are in`} can see it, to ring you. It never becomes part of a log.</p>
      <form className="page__form" onSubmit={save} noValidate>
        <ErrorSummary problems={submit.problems} />
        <TextField id="phone" type="tel" label="Number" hint="With the country’s number if it is not a British one. Leave it empty to have it forgotten." autoComplete="tel" className="nhsuk-input--width-20 tabular" maxLength={40} error={submit.errorOf("phone")} value={phone} onChange={(e) => setPhone(e.target.value)} />
        <Button type="submit" kind="secondary" small busy={submit.busy}>
          Save the number
        </Button>
        <p role="status" className="field-note">{saved ? "Saved." : ""}</p>
      </form>
    </section>
  );
}
