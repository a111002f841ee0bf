import type { ReactNode } from "react";
import { Button } from "./Button";
import { Empty, Failed, Loading } from "./State";

/** A board's rows and how far they are here. */
export type BoardState = { loading: boolean; /** The network is away: it is asked for when it is back. */ waits: boolean; failed: string | null; more: boolean; onMore: () => void; onRetry: () => void };

type Props = BoardState & {
  title: string;
  acts?: ReactNode;
  filters?: ReactNode;
  /** How many rows are shown. */
  count: number;
  empty: { title: string; text: string };
  children: ReactNode;
};

/** What every board has: a heading, its acts, filters, rows, and words for when there are none. */
export function BoardFrame({ title, acts, filters, count, empty, loading, waits, failed, more, onMore, onRetry, children }: Props) {
  return (
    <section className="board" aria-labelledby="board-heading">
      <header className="board__head">
        <h2 id="board-heading">{title}</h2>
        {acts ? <div className="board__acts">{acts}</div> : null}
      </header>
      {filters}
      {failed !== null ? <Failed title={count > 0 ? "This may not be all" : "This could not be loaded"} detail={failed} onRetry={onRetry} /> : null}
      {count === 0 && waits ? (
        <Empty title="Not here yet">
          <p>The connection is away. It is loaded as soon as it is back.</p>
        </Empty>
      ) : count === 0 && loading ? (
        <Loading what={title.toLowerCase()} />
      ) : null}
      {count === 0 && !waits && !loading && failed === null ? (
        <Empty title={empty.title}>
          <p>{empty.text}</p>
        </Empty>
      ) : null}
      {children}
      {more && count > 0 ? (
        <>
          <p className="board__more">
            <Button kind="secondary" small busy={loading} onClick={onMore}>
              {loading ? "Loading…" : "Show older"}
            </Button>
          </p>
          <p className="only-paper">There are older ones, which are not on this paper.</p>
        </>
      ) : null}
    </section>
  );
}
