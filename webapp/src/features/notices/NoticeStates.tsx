import type { NoticeRow } from "../../protocol/notices";
import { Button } from "../../ui/Button";
import { noticeSentence } from "./ways";

/** How far the messages to one person have come. */
export function NoticeStates({ notices, onAgain }: { notices: readonly NoticeRow[]; onAgain?: ((id: string) => void) | undefined }) {
  if (notices.length === 0) return null;
  return (
    <ul className="notice-states" aria-label="Messages to them">
      {notices.map((n) => (
        <li key={`${n.instance} ${n.channel} ${n.id ?? ""}`}>
          <span className="quiet">{noticeSentence(n)}.</span>
          {n.again && n.id !== undefined && onAgain ? (
            <Button kind="secondary" small onClick={() => onAgain(n.id ?? "")}>
              Send again<span className="unseen"> the {n.channel === "sms" ? "text message" : "e-mail"}</span>
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
