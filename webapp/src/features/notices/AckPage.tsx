import { useState, type FormEvent } from "react";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { useSubmit } from "../../ui/useSubmit";

/** Where a message's code is typed, without signing in. Whatever is typed, the answer is the same. */
export function AckPage({ onAck }: { onAck: (code: string) => Promise<string> }) {
  const [code, setCode] = useState("");
  const [said, setSaid] = useState("");
  const submit = useSubmit();
  const send = (e: FormEvent) => {
    e.preventDefault();
    setSaid("");
    if (code.trim() === "") submit.refuse([{ name: "code", message: "Enter the code from the message." }]);
    else
      void submit.run(async () => {
        setSaid(await onAck(code.trim()));
        setCode("");
      });
  };
  return (
    <div className="page page--narrow">
      <h1>Acknowledge a message</h1>
      <p className="page__lede">You got a text message or an e-mail with a code. Type it here, so that whoever sent it knows that it reached you. You need not sign in.</p>
      <form className="page__form" onSubmit={send} noValidate>
        <ErrorSummary problems={submit.problems} />
        <TextField id="code" label="Code" hint="Ten letters and digits, such as ABCDE-23456. Capitals, spaces and hyphens do not matter." error={submit.errorOf("code")} value={code} onChange={(e) => setCode(e.target.value)} autoComplete="off" autoCapitalize="characters" spellCheck={false} maxLength={100} className="code-input tabular" />
        <Button type="submit" busy={submit.busy}>
          Acknowledge
        </Button>
        <p role="status" className="ack__said">{said}</p>
      </form>
      <p>
        If a decision is asked of you, or an alert waits for your organisation, this does not answer it: <a href="/">sign in</a> for that, or ring the duty line that the message names.
      </p>
    </div>
  );
}
