import { useState, type FormEvent } from "react";
import type { InvitationLook, Session } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { ModeWord } from "../../ui/ModeStripe";
import { useSubmit } from "../../ui/useSubmit";
import { list } from "../../ui/words";
import { SignedInAs } from "./SignedInAs";

type Props = {
  look: InvitationLook;
  session: Session;
  /** Asks to be let in, or gives the digits that tie this person to the invitation. */
  onAsk: (otp?: string) => Promise<void>;
  onSignOut: () => void;
};

/** An invitation that nothing ties this person to: whose it is and for which room is not shown, since a link can be forwarded. */
export function AskPage({ look, session, onAsk, onSignOut }: Props) {
  const [otp, setOtp] = useState("");
  const submit = useSubmit();
  const digits = (e: FormEvent) => {
    e.preventDefault();
    const given = otp.replace(/\s/g, "");
    if (!/^\d{6}$/.test(given)) submit.refuse([{ name: "otp", message: "Enter the six digits you were given." }]);
    else void submit.run(() => onAsk(given));
  };
  const ask = () => void submit.run(() => onAsk());
  return (
    <div className="page page--narrow join">
      <header className="join__head">
        <p className="join__mode">
          <ModeWord mode={look.mode} onPaper /> <span className="tabular">{look.reference}</span>
        </p>
        <h1>An invitation to a closed room</h1>
        <p className="join__hosts">The room is run by {list(look.hosts)}.</p>
      </header>
      <ErrorSummary problems={submit.problems} />
      <div className="prose join__why">
        <p>Your sign-in alone does not say that this invitation is for you. More is shown once it is certain.</p>
        {look.needsCode ? null : <p>The hosts are told that you, {session.person.name}, came with it. If they know that it is meant for you, they let you in with one tap.</p>}
      </div>
      {look.needsCode ? (
        <form onSubmit={digits} noValidate>
          <TextField
            id="otp"
            label="Six-digit code"
            hint="From the person who invited you, by telephone or in person."
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
            className="nhsuk-input--width-10 tabular"
            error={submit.errorOf("otp")}
            value={otp}
            onChange={(e) => setOtp(e.target.value)}
          />
          <div className="join__go">
            <Button type="submit" busy={submit.busy}>
              Continue
            </Button>
            <Button kind="plain" onClick={ask}>
              I have no code: ask to be let in
            </Button>
          </div>
        </form>
      ) : (
        <div className="join__go">
          <Button busy={submit.busy} onClick={ask}>
            Ask to be let in
          </Button>
        </div>
      )}
      <SignedInAs session={session} onSignOut={onSignOut} />
    </div>
  );
}
