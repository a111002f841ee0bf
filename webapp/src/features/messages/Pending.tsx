import { useMemo, useState } from "react";
import type { MessageDraft } from "../../protocol/rest";
import type { Instant } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { OverrideField } from "../../ui/Override";
import { PreflightPanel } from "../../ui/PreflightPanel";
import { type AskReceivers, usePreflight } from "../../ui/usePreflight";
import { Markdown } from "../../ui/Markdown";
import { dateAndTime, timeOfDay, utc } from "../../ui/time";
import { TlpTag } from "../../ui/TlpTag";
import { askOf } from "./draft";
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
  /** Names a refusal that has an answer of its own. */
  code: string;
  me: number;
  host: boolean;
  onAsk: AskReceivers;
  /** Sends it again with what its refusal asked for. */
  onResend: (message: MessageDraft) => void;
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

/** Somebody came in since its writer was shown who receives it: they are shown, and one key sends it to them too. */
function Gained({ message, me, onAsk, onResend, onEdit }: Pick<Props, "message" | "me" | "onAsk" | "onResend" | "onEdit">) {
  const ask = useMemo(() => askOf(message), [message]);
  const preflight = usePreflight(onAsk, ask);
  const [idle] = useState(() => document.activeElement === document.body || (document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value === ""));
  return (
    <PreflightPanel
      preflight={preflight}
      me={me}
      action="Send"
      takesFocus={idle}
      onBack={onEdit}
      onSend={() => preflight.shown && onResend({ ...message, shown: preflight.shown.head })}
    />
  );
}

/** A message of one's own that has no number yet. */
export function Pending({ message, written, label, state, problem, code, me, host, offline, onAsk, onResend, onRetry, onEdit, onDiscard }: Props) {
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
        {state === "failed" && code === "gained" ? (
          <Gained {...{ message, me, onAsk, onResend, onEdit }} />
        ) : state === "failed" ? (
          <div className="pending__failed" role="alert">
            <p>{problem}</p>
            {code !== "protective_marking" ? (
              <Button small onClick={onRetry}>
                Send again
              </Button>
            ) : host ? (
              <OverrideField action="Send it with this reason" onOverride={(override) => onResend({ ...message, override })} />
            ) : null}
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
