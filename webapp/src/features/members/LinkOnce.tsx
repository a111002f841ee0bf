import type { Link, RoomFacts } from "../../protocol/types";
import { CopyButton } from "../../ui/CopyButton";

/** A new invitation's link and typed code: shown once, here. */
export function LinkOnce({ link, name, room, issued = "invited" }: { link: Link; name: string; room: Pick<RoomFacts, "reference" | "mode">; issued?: "invited" | "renewed" }) {
  if (!link.link && !link.code) {
    return (
      <p>
        <strong>{name}</strong> is known here already: the invitation waits under <em>My rooms</em> when they next sign in. There is no link to send.
      </p>
    );
  }
  const what = room.mode === "exercise" ? "EXERCISE. You are asked to join an exercise" : "You are asked to join a closed incident room";
  const message = `${what}, reference ${room.reference}. Open ${link.link ?? ""} and sign in. If you did not expect this, ring us before you open it.`;
  return (
    <div className="link-once">
      <p>
        <strong>This is shown once.</strong> {issued === "renewed" ? "The old link and code no longer work. " : ""}Send the link to {name} by text message or e-mail. Read the code out by telephone if they cannot open it.
      </p>
      {link.link ? (
        <div className="link-once__item">
          <h3>Link</h3>
          <code className="link-once__value">{link.link}</code>
          <div className="link-once__copy">
            <CopyButton text={link.link} label="Copy link" />
            <CopyButton text={message} label="Copy message with link" />
          </div>
          <p className="link-once__message">“{message}”</p>
        </div>
      ) : null}
      {link.code ? (
        <div className="link-once__item">
          <h3>Code</h3>
          <code className="link-once__value link-once__value--code tabular">{link.code}</code>
          <div className="link-once__copy">
            <CopyButton text={link.code} label="Copy code" />
          </div>
          <p className="link-once__message">Say: “Go to Wardroom, choose Join with a code, and enter this.” Give it by another channel than the link.</p>
        </div>
      ) : null}
    </div>
  );
}
