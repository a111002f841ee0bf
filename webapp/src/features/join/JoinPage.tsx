import type { InvitationLook, Session } from "../../protocol/rest";
import type { Seat } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { ModeWord } from "../../ui/ModeStripe";
import { roleName } from "../../ui/names";
import { useSubmit } from "../../ui/useSubmit";
import { list } from "../../ui/words";
import { SignedInAs } from "./SignedInAs";

type Props = {
  look: InvitationLook;
  title: string;
  seat: Seat;
  session: Session;
  /** Joins under the rules that are shown; throws what was refused. */
  onJoin: () => Promise<void>;
  onSignOut: () => void;
};

/** What you are joining, as whom, and by which rules: one phone screen and one button. */
export function JoinPage({ look, title, seat, session, onJoin, onSignOut }: Props) {
  const submit = useSubmit();
  return (
    <div className="page page--narrow join">
      <header className="join__head">
        <p className="join__mode">
          <ModeWord mode={look.mode} onPaper /> <span className="tabular">{look.reference}</span>
        </p>
        <h1>{title}</h1>
        <p className="join__hosts">A closed room run by {list(look.hosts)}.</p>
      </header>
      <ErrorSummary problems={submit.problems} />
      <dl className="join__seat">
        <dt>You join as</dt>
        <dd>
          <strong>{seat.name}</strong>
          <br />
          {roleName[seat.role]} of {seat.orgName}
        </dd>
        <dt>You will see</dt>
        <dd>{seat.history === "full" ? "Everything addressed to the room since it opened" : "What is written from now on, and the situation brief"}</dd>
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
      <div className="join__go">
        <Button busy={submit.busy} onClick={() => void submit.run(onJoin)}>
          {submit.busy ? "Joining…" : "Accept the rules and join"}
        </Button>
      </div>
      <SignedInAs session={session} onSignOut={onSignOut} />
    </div>
  );
}
