import { useState, type FormEvent } from "react";
import { makeRefusal } from "../../ui/passkey";
import { Button } from "../../ui/Button";
import { DutyNumber } from "../../ui/DutyNumber";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { useSubmit } from "../../ui/useSubmit";

type Props = {
  duty: string;
  /** null: this browser has no passkeys here. */
  onPasskey: (() => Promise<unknown>) | null;
  onAsk: (org: string, to: string) => Promise<string>;
  onFirst: (request: string, code: string) => Promise<unknown>;
  onSecond: (request: string, code: string) => Promise<unknown>;
};

/** The ways in that need no sign-in service: a passkey, and two codes. */
export function OtherWays({ duty, onPasskey, onAsk, onFirst, onSecond }: Props) {
  const [codes, setCodes] = useState(false);
  const passkey = useSubmit();
  return (
    <section className="otherways" aria-labelledby="otherways-heading">
      <h2 id="otherways-heading">Without your organisation’s sign-in</h2>
      <ErrorSummary problems={passkey.problems} />
      {onPasskey ? (
        <div className="otherways__way">
          <p>If you added a passkey to your account before, it signs you in for 60 minutes.</p>
          <Button kind="secondary" busy={passkey.busy} onClick={() => void passkey.run(() => onPasskey().catch(makeRefusal))}>
            Sign in with a passkey
          </Button>
        </div>
      ) : null}
      {codes ? (
        <ByCodes duty={duty} onAsk={onAsk} onFirst={onFirst} onSecond={onSecond} />
      ) : (
        <Button kind="plain" onClick={() => setCodes(true)}>
          Your organisation’s sign-in does not answer, and you have no passkey?
        </Button>
      )}
    </section>
  );
}

type Step = { at: "ask" } | { at: "first" | "second"; request: string };

/** One code is sent to the person, the other is read out by a host. */
function ByCodes({ duty, onAsk, onFirst, onSecond }: Omit<Props, "onPasskey">) {
  const [step, setStep] = useState<Step>({ at: "ask" });
  const [org, setOrg] = useState("");
  const [to, setTo] = useState("");
  const [code, setCode] = useState("");
  const submit = useSubmit();
  const next = (e: FormEvent) => {
    e.preventDefault();
    if (step.at === "ask" && (org.trim() === "" || to.trim() === "")) {
      submit.refuse([...(org.trim() === "" ? [{ name: "org", message: "Give your organisation’s code" }] : []), ...(to.trim() === "" ? [{ name: "to", message: "Give your mobile number or e-mail address" }] : [])]);
      return;
    }
    if (step.at !== "ask" && !/^\D*(\d\D*){6}$/.test(code)) {
      submit.refuse([{ name: "code", message: "A code is six digits" }]);
      return;
    }
    void submit.run(async () => {
      if (step.at === "ask") setStep({ at: "first", request: await onAsk(org.trim().toUpperCase(), to.trim()) });
      else if (step.at === "first") {
        await onFirst(step.request, code);
        setStep({ at: "second", request: step.request });
      } else await onSecond(step.request, code);
      setCode("");
    });
  };
  return (
    <form className="otherways__way page__form" onSubmit={next} noValidate>
      <h3>{step.at === "ask" ? "Come in by two codes" : step.at === "first" ? "1 of 2: the code that was sent" : "2 of 2: the code that is read out to you"}</h3>
      <ErrorSummary problems={submit.problems} />
      {step.at === "ask" ? (
        <>
          <p>One code is sent to you. Then somebody at the hosts rings you, on a number they already have, and reads out another.</p>
          <TextField id="org" label="Your organisation’s code" hint="Its ODS code, such as R1H." autoComplete="off" className="nhsuk-input--width-10" maxLength={12} error={submit.errorOf("org")} value={org} onChange={(e) => setOrg(e.target.value)} />
          <TextField id="to" label="Your mobile number or e-mail address" hint="As you gave it in Wardroom, and confirmed it." autoComplete="off" maxLength={254} error={submit.errorOf("to")} value={to} onChange={(e) => setTo(e.target.value)} />
        </>
      ) : (
        <>
          <p>
            {step.at === "first"
              ? "If we know that number or address as yours, a code is on its way to it. It can take a minute."
              : "Keep this page open. The hosts have been told, and one of their leads will ring you."}{" "}
            If nothing comes, <DutyNumber duty={duty} />. Both codes must be typed within 15 minutes.
          </p>
          <TextField id="code" key={step.at} label="Code" hint="Six digits." inputMode="numeric" autoComplete="one-time-code" className="nhsuk-input--width-5 tabular" maxLength={12} error={submit.errorOf("code")} value={code} onChange={(e) => setCode(e.target.value)} />
        </>
      )}
      <div className="actions">
        <Button type="submit" busy={submit.busy}>
          {step.at === "ask" ? "Send me a code" : step.at === "first" ? "Go on" : "Come in"}
        </Button>
        {step.at === "ask" ? null : (
          <Button
            kind="secondary"
            onClick={() => {
              submit.clear();
              setCode("");
              setStep({ at: "ask" });
            }}
          >
            Begin again
          </Button>
        )}
      </div>
    </form>
  );
}
