import type { Link } from "../../protocol/rest";
import type { RoomFacts } from "../../protocol/types";
import { CopyButton } from "../../ui/CopyButton";

// Read out in two threes.
const spoken = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`;

/** A new invitation's link, typed code and six digits: shown once, here. */
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
        <strong>This is shown once.</strong> {issued === "renewed" ? "The old link and code no longer work. " : ""}Send the link to {name} by text message or e-mail.{" "}
        {link.otp ? "Tell them the six digits by telephone or in person." : "Unless their sign-in vouches for the address you gave, they ask to be let in, and you let them in here."}
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
          <p className="link-once__message">
            Typed instead of the link, by someone who cannot open it. Say: “Go to Wardroom, choose Join with a code, and enter this.” Like the link it can be passed on: it does not show who comes with it.
          </p>
        </div>
      ) : null}
      {link.otp ? (
        <div className="link-once__item">
          <h3>Six digits</h3>
          <code className="link-once__value link-once__value--digits tabular">{spoken(link.otp)}</code>
          <p className="link-once__message">
            Ring {name} on a number you already know, make sure that it is them, and read the digits out. Never send them in writing with the link: who has both is let in as {name}, without waiting. After five wrong tries they no longer work.
          </p>
        </div>
      ) : null}
    </div>
  );
}
