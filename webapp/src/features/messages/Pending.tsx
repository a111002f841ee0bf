import type { MessageDraft } from "../../protocol/rest";
import type { Instant } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Markdown } from "../../ui/Markdown";
import { dateAndTime, timeOfDay, utc } from "../../ui/time";
import { TlpTag } from "../../ui/TlpTag";
import { list } from "../../ui/words";

type Props = {
  message: MessageDraft;
  /** When it was written, by the room's time. */
  written: Instant;
  label: NonNullable<MessageDraft["tlp"]>;
  state: "queued" | "sending" | "sent" | "failed";
  /** Why it failed, in a sentence. */
  problem: string;
  offline: boolean;
  onRetry: () => void;
  /** Takes the text back into the composer. */
  onEdit: () => void;
  onDiscard: () => void;
};

const words = (state: Props["state"], offline: boolean): string => {
  if (state === "queued") return offline ? "Queued. It will be sent once when you are back." : "Waiting to be sent";
  if (state === "failed") return "Not sent";
  return "Sending…";
};

/** A message of one's own that has no number yet. */
export function Pending({ message, written, label, state, problem, offline, onRetry, onEdit, onDiscard }: Props) {
  return (
    <article className={`entry entry--full entry--pending entry--${state}`} aria-label="Your message, not in the log yet">
      <span className="entry__number" aria-hidden="true">
        –
      </span>
      <div className="entry__time quiet">
        <time className="tabular" dateTime={written} title={`Written ${dateAndTime(written)} (${utc(written)})`}>
          {timeOfDay(written)}
        </time>
      </div>
      <div className="entry__head">
        <span className="entry__author">You</span>{" "}
        <span className="entry__org" role="status">
          {words(state, offline)}
        </span>
      </div>
      <div className="entry__body">
        <div className="entry__text">
          <TlpTag label={label} />{" "}
          <div className="markdown">
            <Markdown text={message.text} />
          </div>
          {message.attachments ? <p className="quiet">With {list(message.attachments.map((a) => a.name))}</p> : null}
        </div>
        {state === "failed" ? (
          <div className="pending__failed" role="alert">
            <p>{problem}</p>
            <Button small onClick={onRetry}>
              Send again
            </Button>
            <Button kind="plain" onClick={onEdit}>
              Change it
            </Button>
            <Button kind="plain" onClick={onDiscard}>
              Discard
            </Button>
          </div>
        ) : null}
      </div>
    </article>
  );
}
