import { useMemo, type ReactNode } from "react";
import { dateAndTime } from "./time";

const rows = 60; // enough for the longest text there is: what hangs over is cut off

/**
 * A text with its reader's name over it, on the screen and on paper, so that a
 * picture of it says whose copy it was. It is no words to a screen reader, to
 * the page's own search or to what is copied, and takes no press. It only ever darkens the paper, and by so little that text
 * keeps its contrast (ui/Watermark.test.tsx).
 */
export function Watermark({ name, organisation, at, children }: { name: string; organisation: string; /** When it was opened or drawn. */ at: Date; children: ReactNode }) {
  const who = `${name} · ${organisation}`;
  const when = dateAndTime(at);
  // Who and when take turns, each set in a little, so that a narrow strip of a picture has both whole.
  const lines = useMemo(() => Array.from({ length: rows }, (_, i) => `${" ".repeat((i % 4) * 3)}${`${i % 2 === 0 ? who : when}        `.repeat(8)}`), [who, when]);
  return (
    <div className="watermarked">
      {children}
      <div className="watermark" aria-hidden="true">
        {lines.map((l, i) => (
          // The lines are all there is and never move.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={i} className="watermark__line" data-line={l} />
        ))}
      </div>
    </div>
  );
}
