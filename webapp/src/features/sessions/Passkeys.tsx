import { useState } from "react";
import type { Passkey } from "../../protocol/fallback";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { makeRefusal } from "../../ui/passkey";
import { Question } from "../../ui/Question";
import { dateAndTime } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";

type Props = {
  passkeys: readonly Passkey[];
  /** This browser, at this address, has none. */
  unable: boolean;
  /** Signed in by codes: nothing of this is changed. */
  codes: boolean;
  onAdd: (name: string) => Promise<unknown>;
  onRemove: (number: number) => Promise<unknown>;
};

/** What signs me in when my organisation's sign-in does not answer: mine to add and to remove. */
export function Passkeys({ passkeys, unable, codes, onAdd, onRemove }: Props) {
  const [name, setName] = useState("");
  const [added, setAdded] = useState(false);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const submit = useSubmit();
  return (
    <section className="page__section comingin" aria-labelledby="passkeys-heading">
      <h2 id="passkeys-heading">Passkeys</h2>
      <p className="quiet">A passkey signs you in, and confirms that it is you, when your organisation’s sign-in does not answer. Add one before you need it. What you call it is yours alone; the deployment’s log says only that you have one.</p>
      {passkeys.length === 0 ? (
        <p>You have none yet.</p>
      ) : (
        <ul className="rows">
          {passkeys.map((p) => (
            <li key={p.number} className="row">
              <div className="row__main">
                <strong>{p.name}</strong>
                <p className="quiet">
                  Added {dateAndTime(p.created)} · {p.used === null ? "never used" : `last used ${dateAndTime(p.used)}`}
                </p>
                {p.copied ? <p>This passkey was refused: another device seems to have a copy of it. Remove it, and add another.</p> : null}
              </div>
              {codes ? null : (
                <Button kind="secondary" small onClick={() => setRemoving(p)}>
                  Remove<span className="unseen"> the passkey {p.name}</span>
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {codes ? (
        <p>You came in by codes. Passkeys are changed once your own sign-in answers.</p>
      ) : unable ? (
        <p>This browser cannot add one here. Passkeys need a current browser, and this service’s own name in the address bar.</p>
      ) : (
        <form
          className="page__form"
          noValidate
          onSubmit={(e) => {
            e.preventDefault();
            setAdded(false);
            if (name.trim() === "") {
              submit.refuse([{ name: "name", message: "Give it a name by which you know it" }]);
              return;
            }
            void submit.run(() => onAdd(name.trim()).catch(makeRefusal)).then((ok) => {
              setAdded(ok);
              if (ok) setName("");
            });
          }}
        >
          <ErrorSummary problems={submit.problems} />
          <TextField id="name" label="Name of the new passkey" hint="Where it is kept: “work phone”. Then your device asks for your finger, face or PIN." className="nhsuk-input--width-20" maxLength={60} autoComplete="off" error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} />
          <Button type="submit" kind="secondary" small busy={submit.busy}>
            Add a passkey
          </Button>
          <p role="status" className="field-note">
            {added ? "Added. It works from now on." : ""}
          </p>
        </form>
      )}
      {removing ? (
        <Question title="Remove this passkey?" action="Remove it" warning onClose={() => setRemoving(null)} onDo={() => onRemove(removing.number)}>
          <p>{removing.name} signs you in no more. Sessions that were begun with a passkey end at once.</p>
        </Question>
      ) : null}
    </section>
  );
}
