import type { ReactNode } from "react";
import type { SignIn } from "../../protocol/rest";
import { list } from "../../ui/words";
import { DutyNumber } from "../../ui/DutyNumber";
import { signInProblem } from "./problems";

type Props = { signIn: SignIn; returnTo: string; problem?: string | undefined; joining?: boolean; children?: ReactNode };

/** Where everyone begins: the services one may sign in with, and which of them is down. */
export function SignInPage({ signIn, returnTo, problem, joining = false, children }: Props) {
  const down = signIn.issuers.filter((i) => !i.up);
  const start = (key: string) => `/auth/start?${new URLSearchParams({ issuer: key, return: returnTo }).toString()}`;
  return (
    <div className="page page--narrow signin">
      <h1>{joining ? "Sign in to join the room" : "Sign in"}</h1>
      <p className="page__lede">{joining ? "Your invitation is kept. Sign in with your work account and you will see what you are joining." : "Wardroom is where the NHS and its partners run a cyber incident together, in closed rooms."}</p>

      {problem ? (
        <div className="nhsuk-error-summary" role="alert">
          <h2 className="nhsuk-error-summary__title">You are not signed in</h2>
          <p>{signInProblem(problem)}</p>
        </div>
      ) : null}

      {down.length > 0 ? (
        <p className="signin__down">
          <strong>{list(down.map((i) => i.name))}</strong> {down.length === 1 ? "is" : "are"} not answering just now. People who are already signed in are not affected.
        </p>
      ) : null}

      <ul className="signin__issuers">
        {signIn.issuers.map((i) => (
          <li key={i.key}>
            <a className={i.up ? "signin__issuer" : "signin__issuer signin__issuer--down"} href={start(i.key)}>
              <span className="signin__issuer-name">{i.name}</span>
              <span className="signin__issuer-state">{i.up ? "Sign in" : "Not answering. Try anyway"}</span>
            </a>
          </li>
        ))}
      </ul>
      {signIn.issuers.length === 0 ? <p>No sign-in service has been set up yet. An administrator has to finish setting up this deployment.</p> : null}

      {children}

      <p>You will need your second factor. If you cannot sign in, <DutyNumber duty={signIn.duty} />.</p>

      {signIn.development ? (
        <aside className="signin__development">
          <strong>Development sign-in.</strong> The people offered here are invented, and so is everything in the rooms marked EXERCISE. Never put real information into this copy.
        </aside>
      ) : null}
    </div>
  );
}
