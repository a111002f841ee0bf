import type { InvitationLook, Session } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { DutyNumber } from "../../ui/DutyNumber";
import { list } from "../../ui/words";

/** Signed in with the link, and nothing yet ties this person to it: a lead has to say that it is them. */
export function AskedPage({ look, session, duty, onCheck, onDigits }: { look: InvitationLook; session: Session; duty: string; onCheck: () => void; onDigits: () => void }) {
  return (
    <div className="page page--narrow">
      <h1>Waiting to be let in</h1>
      <p className="page__lede" role="status">
        The leads of <span className="tabular">{look.reference}</span> have been asked whether the invitation is for you. They let you in with one tap.
      </p>
      <div className="page__section prose">
        <p>Keep this page open; it goes on by itself. You are signed in as {session.person.name}.</p>
        <p>
          If nothing happens, ring the person who invited you at {list(look.hosts)}, or <DutyNumber duty={duty} />.
        </p>
        <div className="actions">
          <Button kind="secondary" onClick={onCheck}>
            Check now
          </Button>
          {look.needsCode ? (
            <Button kind="plain" onClick={onDigits}>
              I have the six digits now
            </Button>
          ) : null}
        </div>
      </div>
    </div>
  );
}

/** The invitation is another person's. */
export function NotYouPage({ session, detail, duty, onSignOut }: { session: Session; detail: string; duty: string; onSignOut: () => void }) {
  return (
    <div className="page page--narrow">
      <h1>This invitation is for someone else</h1>
      <p className="page__lede">You are signed in as {session.person.name}. {detail}</p>
      <div className="page__section prose">
        <p>An invitation belongs to one person and cannot be passed on. If a colleague should be in the room too, whoever was invited can propose them.</p>
        <p>
          If it was meant for you, sign out and sign in the way the invitation says, or <DutyNumber duty={duty} />.
        </p>
        <Button kind="secondary" onClick={onSignOut}>
          Sign out
        </Button>
      </div>
    </div>
  );
}
