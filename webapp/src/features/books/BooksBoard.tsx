import { useState } from "react";
import type { Facts, Seq } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { may } from "../../room/may";
import type { RoomStore } from "../../room/store";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/State";
import { shortMoment } from "../../ui/time";
import { OpenBookDialog } from "./BookForms";

/** The room's logs, one for each decision-maker and time. */
export function BooksBoard({ facts, now, acts, go }: { facts: Facts; now: number; acts: Pick<RoomStore, "openBook" | "preflight">; go: (root: Seq) => void }) {
  const [asking, setAsking] = useState(false);
  const books = facts.books.toReversed();
  const when = (at: string) => shortMoment(at, new Date(now));
  return (
    <section className="board" aria-labelledby="board-heading">
      <header className="board__head">
        <h2 id="board-heading">Logs</h2>
        {may(facts, "open-book") ? (
          <div className="board__acts">
            <Button small onClick={() => setAsking(true)}>
              Open a log
            </Button>
          </div>
        ) : null}
      </header>
      {books.length === 0 ? (
        <Empty title="No log has been opened yet">
          <p>A loggist keeps a log for one decision-maker: what happened, what was said, and what was decided, in the order it came.</p>
        </Empty>
      ) : (
        <ul className="board__rows">
          {books.map((b) => (
            <li key={b.root} className="board-row board-row--book">
              <span className="board-row__n">
                <Icon name="book" size={18} />
              </span>
              <div className="board-row__main">
                <a className="board-row__title" href={`/rooms/${facts.room.id}/books/${b.root}`}>
                  Log {b.number}: {memberCalled(facts, b.maker)}
                </a>
                <p className="board-row__facts">
                  Kept by {memberCalled(facts, b.loggist)}
                  {b.loggist === facts.you ? " (you)" : ""} · opened {when(b.opened)}
                  {b.closed ? ` · closed ${when(b.closed)}` : ""}
                  {b.agreed === null && b.closed === null ? ` · not yet confirmed by ${memberCalled(facts, b.maker)}` : ""}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {asking ? (
        <OpenBookDialog
          facts={facts}
          from={null}
          acts={acts}
          onDone={(root) => {
            setAsking(false);
            go(root);
          }}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}
