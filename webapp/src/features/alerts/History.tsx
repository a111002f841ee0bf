import type { AlertEntry } from "../../protocol/alert";
import { Button } from "../../ui/Button";
import { Moment } from "../../ui/Moment";
import { Empty, Failed, Loading } from "../../ui/State";
import { list, plural } from "../../ui/words";
import { entryWords, viaWord } from "./words";

type Props = { entries: readonly AlertEntry[] | null; problem: string; more: boolean; /** Organisations' names, as far as they are known. */ nameOf: (org: string) => string; /** Of several organisations: whom each entry is about. */ several: boolean; now: number; onMore: () => void; onRetry: () => void };

/** Who said it, and how it came here. */
const said = (e: AlertEntry): string => {
  if (e.via) return e.by === "" ? `, told a host ${viaWord[e.via]}` : `, told ${e.by} ${viaWord[e.via]}`;
  return e.by === "" ? ", by the hosts" : `, ${e.by}`;
};

/** What was said, newest first. Nothing is ever taken out: a correction is another line. */
export function History({ entries, problem, more, nameOf, several, now, onMore, onRetry }: Props) {
  if (entries === null) return problem === "" ? <Loading what="what was said" /> : <Failed title="What was said could not be loaded" detail={problem} onRetry={onRetry} />;
  if (entries.length === 0) return <Empty title="Nothing was said yet" />;
  return (
    <>
      <ol className="alert-history" reversed>
        {entries.map((e) => (
          <li key={e.n}>
            <p className="alert-history__head">
              <strong>{entryWords(e)}</strong>
              <span className="quiet">
                <Moment at={e.at} now={now} />
                {said(e)}
              </span>
            </p>
            {several && e.kind !== "alert.closed" ? <p className="quiet">{e.orgs.length > 4 ? `For ${plural(e.orgs.length, "organisation")}` : `For ${list(e.orgs.map(nameOf))}`}</p> : null}
            {e.text !== undefined && e.text !== "" ? <p className="alert-text">{e.text}</p> : null}
            {e.due ? (
              <p className="quiet">
                Put right by <Moment at={e.due} now={now} />
              </p>
            ) : null}
          </li>
        ))}
      </ol>
      {more ? (
        <Button kind="secondary" small onClick={onMore}>
          Show older ones
        </Button>
      ) : null}
    </>
  );
}
