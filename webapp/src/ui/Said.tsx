import { Fragment } from "react";
import { inlineParts } from "./inline";

/** Plain text of the record, as it was written: line breaks kept, "#12" a link to entry 12. */
export function Said({ text, entryHref }: { text: string; entryHref: (seq: number) => string }) {
  return (
    <span className="said">
      {inlineParts(text, []).map((p, i) =>
        p.kind === "entry" ? (
          // The parts of one text stay in their order.
          // oxlint-disable-next-line react/no-array-index-key
          <a key={i} href={entryHref(p.entry)} className="entry-ref" data-entry={p.entry}>
            {p.text}
          </a>
        ) : (
          // oxlint-disable-next-line react/no-array-index-key
          <Fragment key={i}>{p.text}</Fragment>
        ),
      )}
    </span>
  );
}
