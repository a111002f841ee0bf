import { useState, type ReactNode } from "react";
import type { SessionRow } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { dateAndTime, shortMoment } from "../../ui/time";

type Props = { sessions: readonly SessionRow[]; now: string; onEnd: (id: string) => Promise<void>; onSignOut: () => void; children?: ReactNode };

/** Where I am signed in, and a way to end each. */
export function SessionsPage({ sessions, now, onEnd, onSignOut, children }: Props) {
  const [ending, setEnding] = useState<SessionRow | null>(null);
  const mine = sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || b.lastSeen.localeCompare(a.lastSeen));
  return (
    <div className="page">
      <a className="page__back" href="/">
        ‹ My rooms
      </a>
      <h1>My sessions</h1>
      <p className="page__lede">Each place you are signed in. A session locks after 30 minutes without use and ends after 13 hours, one shift.</p>
      <ul className="rows page__section">
        {mine.map((s) => (
          <li key={s.id} className="row">
            <div className="row__main">
              <strong>{s.device || "Unknown device"}</strong>
              {s.current ? <span className="pill">This one</span> : null}
              <p className="quiet">
                Signed in {shortMoment(s.started, now)} {s.way === "passkey" ? "with a passkey" : s.way === "code" ? "by codes" : `with ${s.issuer}`} · last used {shortMoment(s.lastSeen, now)} · ends {dateAndTime(s.ends)}
              </p>
            </div>
            {s.current ? (
              <Button kind="secondary" small onClick={onSignOut}>
                Sign out
              </Button>
            ) : (
              <Button kind="secondary" small onClick={() => setEnding(s)}>
                End<span className="unseen"> the session on {s.device || "an unknown device"}, signed in {shortMoment(s.started, now)}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {children}
      {ending ? (
        <Question title="End this session?" action="End it" onClose={() => setEnding(null)} onDo={() => onEnd(ending.id)}>
          <p>{ending.device || "That device"} is cut off within a second. Whoever is using it has to sign in again.</p>
        </Question>
      ) : null}
    </div>
  );
}
