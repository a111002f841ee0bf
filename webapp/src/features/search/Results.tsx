import type { Received } from "../../protocol/types";
import { plainText } from "../../ui/inline";
import { labels } from "../../ui/label";
import { Empty } from "../../ui/State";
import { dateAndTime } from "../../ui/time";
import { TlpTag } from "../../ui/TlpTag";
import { hitText, marked } from "./hit";

export type Hit = { room: string; reference: string; title: string; by?: string; seq: number; entries: readonly Received[] };

/** What was found, newest first, each a link to its entry. */
export function Results({ hits, query, nameOf, acrossRooms, onShow }: { hits: readonly Hit[]; query: string; nameOf: (member: number) => string; acrossRooms: boolean; onShow?: ((seq: number) => void) | undefined }) {
  if (hits.length === 0) return <Empty title="Nothing found">Only what you may see is searched. Try fewer words or a wider time.</Empty>;
  return (
    <ol className="results">
      {hits.map((h) => {
        const t = hitText(h.entries, h.seq);
        const by = h.by ?? (t.member > 0 ? nameOf(t.member) : "");
        const label = labels.find((l) => l === t.tlp);
        return (
          <li key={`${h.room} ${h.seq}`} className="result">
            <a
              href={`/rooms/${h.room}/entries/${h.seq}`}
              onClick={(e) => {
                if (!onShow) return;
                e.preventDefault();
                onShow(h.seq);
              }}
            >
              <p className="result__head">
                <span className="tabular">
                  {acrossRooms ? `${h.reference} ` : ""}entry {h.seq}
                </span>
                {by === "" ? null : <strong>{by}</strong>}
                {t.at === "" ? null : <span className="quiet tabular">{dateAndTime(t.at)}</span>}
              </p>
              <p className="result__text">
                {label ? <TlpTag label={label} /> : null}{" "}
                {marked(plainText(t.text), query).map((p, i) => (p.hit ? <mark key={i}>{p.text}</mark> : p.text))}
              </p>
            </a>
          </li>
        );
      })}
    </ol>
  );
}
