import { useState } from "react";
import type { InvitationLook, Session } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { ModeWord } from "../../ui/ModeStripe";
import { roleName } from "../../ui/names";
import { useSubmit } from "../../ui/useSubmit";
import { list } from "../../ui/words";

type Props = {
  look: InvitationLook;
  session: Session;
  /** Joins; throws what was refused. */
  onJoin: (answer: { otp?: string; rules: number }) => Promise<void>;
  onSignOut: () => void;
};

/** What you are joining, as whom, and by which rules: one phone screen and one button. */
export function JoinPage({ look, session, onJoin, onSignOut }: Props) {
  const [otp, setOtp] = useState("");
  const submit = useSubmit();
  const join = () => {
    if (look.needsCode && !/^\d{6}$/.test(otp.replace(/\s/g, ""))) {
      submit.refuse([{ name: "otp", message: "Enter the six digits you were given." }]);
      return;
    }
    void submit.run(() => onJoin({ rules: look.rules.version, ...(look.needsCode ? { otp: otp.replace(/\s/g, "") } : {}) }));
  };
  return (
    <div className="page page--narrow join">
      <header className="join__head">
        <p className="join__mode">
          <ModeWord mode={look.mode} onPaper /> <span className="tabular">{look.reference}</span>
        </p>
        <h1>{look.title}</h1>
        <p className="join__hosts">A closed room run by {list(look.hosts)}.</p>
      </header>
      <ErrorSummary problems={submit.problems} />
      <dl className="join__seat">
        <dt>You join as</dt>
        <dd>
          <strong>{look.seat.name}</strong>
          <br />
          {roleName[look.seat.role]} of {look.seat.orgName}
        </dd>
        <dt>You will see</dt>
        <dd>{look.seat.history === "full" ? "Everything addressed to the room since it opened" : "What is written from now on, and the situation brief"}</dd>
      </dl>
      <h2>Handling rules</h2>
      <ol className="rules-lines">
        {look.rules.lines.map((line, i) => (
          <li key={`${i + 1} ${line}`}>
            <span className="rules-lines__n" aria-hidden="true">
              {i + 1}
            </span>
            {line}
          </li>
        ))}
      </ol>
      {look.needsCode ? (
        <TextField
          id="otp"
          label="Six-digit code"
          hint="From the person who invited you, by telephone or in person. If you have none, leave this page and ask them, or ask to be let in."
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={7}
          className="nhsuk-input--width-10 tabular"
          error={submit.errorOf("otp")}
          value={otp}
          onChange={(e) => setOtp(e.target.value)}
        />
      ) : null}
      <div className="join__go">
        <Button busy={submit.busy} onClick={join}>
          {submit.busy ? "Joining…" : "Accept the rules and join"}
        </Button>
        {look.needsCode ? (
          <Button kind="plain" onClick={() => void submit.run(() => onJoin({ rules: look.rules.version }))}>
            I have no code: ask to be let in
          </Button>
        ) : null}
      </div>
      <p className="join__you">
        You are signed in as {session.person.name}.{" "}
        <Button kind="plain" onClick={onSignOut}>
          That is not me
        </Button>
      </p>
    </div>
  );
}
