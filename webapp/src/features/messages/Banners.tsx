import type { Seq } from "../../protocol/types";
import { Icon } from "../../ui/Icon";
import { plainText } from "../../ui/inline";
import type { Quoted } from "../../room/select";
import { TlpTag } from "../../ui/TlpTag";
import type { Answering } from "./Composer";

/** What is being answered; always in sight above the text, on a phone too. */
export function AnsweringBanner({ seq, answering, onCancel }: { seq: Seq; answering: Answering | null; onCancel: () => void }) {
  return (
    <div className="composer__banner">
      <Icon name="reply" size={16} />
      <p>
        Answering <span className="tabular">{seq}</span>
        {answering ? (
          <>
            {" "}
            <strong>{answering.author}</strong>
            {answering.excerpt === "" ? "" : `: ${plainText(answering.excerpt)}`}
          </>
        ) : null}
      </p>
      <button type="button" className="icon-button" onClick={onCancel} aria-label="Stop answering">
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}

/** A correction is a new entry: the old wording stays legible. */
export function CorrectingBanner({ seq, onCancel }: { seq: Seq; onCancel: () => void }) {
  return (
    <div className="composer__banner composer__banner--correct">
      <p>
        <strong>
          Correcting entry <span className="tabular">{seq}</span>.
        </strong>{" "}
        The old wording stays in the log, ruled through.
      </p>
      <button type="button" className="icon-button" onClick={onCancel} aria-label="Stop correcting">
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}

/** Words that will be quoted, with the label they keep. */
export function QuotedBanner({ quoted, onRemove }: { quoted: Quoted; onRemove: () => void }) {
  return (
    <div className="quote">
      <div className="quote__text">
        <p className="quote__from">
          {quoted.tlp ? <TlpTag label={quoted.tlp} /> : null} Quoting {quoted.entry}
          {quoted.author && !quoted.author.system ? `, ${quoted.author.name || `M-${quoted.author.member}`}` : ""}. Only those who receive it read this.
        </p>
        <p className="quote__words">{quoted.text ?? "It is not in your sight now."}</p>
      </div>
      <button type="button" className="icon-button" onClick={onRemove} aria-label={`Do not quote ${quoted.entry}`}>
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}
