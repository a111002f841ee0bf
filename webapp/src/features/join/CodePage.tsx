import { useState, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { useSubmit } from "../../ui/useSubmit";

/** A code typed instead of a link opened. */
export function CodePage({ onCode }: { onCode: (code: string) => Promise<void> }) {
  const [code, setCode] = useState("");
  const submit = useSubmit();
  const send = (e: FormEvent) => {
    e.preventDefault();
    if (code.trim() === "") submit.refuse([{ name: "code", message: "Enter the code you were given." }]);
    else void submit.run(() => onCode(code.trim()));
  };
  return (
    <div className="page page--narrow">
      <a className="page__back" href="/">
        ‹ My rooms
      </a>
      <h1>Join with a code</h1>
      <p className="page__lede">The person who invited you can read it out. Capitals, spaces and hyphens do not matter.</p>
      <form className="page__form" onSubmit={send} noValidate>
        <ErrorSummary problems={submit.problems} />
        <TextField id="code" label="Code" error={submit.errorOf("code")} value={code} onChange={(e) => setCode(e.target.value)} autoComplete="off" autoCapitalize="characters" spellCheck={false} className="code-input tabular" />
        <Button type="submit" busy={submit.busy}>
          Continue
        </Button>
      </form>
    </div>
  );
}
