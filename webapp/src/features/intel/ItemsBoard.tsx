import { useState } from "react";
import type { Facts, Marking } from "../../protocol/types";
import { orgNamed } from "../../room/called";
import { itemState, keepers, tallyOf, wordsOn } from "../../room/item";
import { may } from "../../room/may";
import type { RoomObject } from "../../room/state";
import { BoardFrame, type BoardState } from "../../ui/BoardFrame";
import { Button } from "../../ui/Button";
import { defang } from "../../ui/defang";
import { Filters } from "../../ui/Filters";
import { Icon } from "../../ui/Icon";
import { doNotBlockLook, expiredLook, mergedLook, recalledLook, toReviewLook } from "../../ui/intel";
import { Moment } from "../../ui/Moment";
import { StateTag } from "../../ui/StateTag";
import { TlpTag } from "../../ui/TlpTag";
import { count, plural } from "../../ui/words";

export const itemFilters = [
  { value: "live", label: "In force" },
  { value: "review", label: "To be looked at again" },
  { value: "expired", label: "Expired" },
  { value: "recalled", label: "Recalled" },
  { value: "all", label: "All" },
] as const;
export type ItemFilter = (typeof itemFilters)[number]["value"];

const looks = { recalled: recalledLook, merged: mergedLook, expired: expiredLook, review: toReviewLook } as const;

/** Whether an item belongs under a filter now: the time goes on after the server was asked. */
export function itemPasses(filter: ItemFilter, o: RoomObject, now: number): boolean {
  const state = itemState(o, now);
  switch (filter) {
    case "all":
      return true;
    case "live":
      return state === "live" || state === "review";
    default:
      return state === filter;
  }
}

/** Whether an item has these words, or this indicator in whatever form it was pasted. */
export function itemHolds(o: RoomObject, words: string): boolean {
  const needle = words.trim().toLowerCase().replaceAll(/\[([.:@])\]/g, "$1").replace(/^hxxp/, "http");
  if (needle === "") return true;
  const item = o.record?.noun === "item" ? o.record.now : null;
  return item !== null && [item.title, item.text, ...item.indicators.map((i) => i.value)].some((s) => s.toLowerCase().includes(needle));
}

type Props = {
  facts: Facts;
  now: number;
  whom: (m: Marking) => string;
  objects: readonly RoomObject[];
  /** What organisations say of items, as far as it is here. */
  sightings: readonly RoomObject[];
  board: BoardState;
  filter: ItemFilter;
  onFilter: (f: ItemFilter) => void;
  onShare: () => void;
  onImport: () => void;
  onExport: () => void;
};

function Row({ o, facts, now, whom, sightings }: { o: RoomObject } & Pick<Props, "facts" | "now" | "whom" | "sightings">) {
  const home = `/rooms/${facts.room.id}`;
  const item = o.record?.noun === "item" ? o.record : null;
  const state = itemState(o, now);
  const to = o.marking ? whom(o.marking) : "";
  const seen = tallyOf(wordsOn(o.root, sightings)).seen.length;
  const keep = item ? keepers(item.now.indicators) : [];
  return (
    <li className="board-row board-row--item">
      <span className="board-row__n tabular">{o.root}</span>
      <div className="board-row__main">
        <a className="board-row__title" href={item ? `${home}/intel/${o.root}` : `${home}/entries/${o.root}`}>
          {item ? item.now.title : "Sealed intelligence"}
        </a>
        <p className="board-row__facts">
          {o.marking ? (
            <>
              <TlpTag label={o.marking.tlp} /> {o.marking.pap ? <span className="tag-plain">{o.marking.pap}</span> : null}
              {to === "" ? "" : `${to} · `}
              {orgNamed(facts, o.marking.originator)}
            </>
          ) : null}
          {item ? (
            <>
              {item.now.indicators.length > 0 ? ` · ${plural(item.now.indicators.length, "indicator")}` : ""}
              {seen > 0 ? ` · seen at ${plural(seen, "organisation")}` : ""}
              {item.now.expires ? (
                <>
                  {" · until "}
                  <Moment at={item.now.expires} now={now} />
                </>
              ) : null}
            </>
          ) : o.erased ? (
            " · erased"
          ) : (
            <>
              {" · "}
              <Icon name="lock" size={14} /> Open it in the log. Opening it is recorded.
            </>
          )}
        </p>
        {keep.length > 0 ? (
          <p className="board-row__facts">
            Do not block {keep.slice(0, 2).map((i) => defang(i.kind, i.value)).join(", ")}
            {keep.length > 2 ? ` and ${count(keep.length - 2)} more` : ""}
          </p>
        ) : null}
      </div>
      <span className="board-row__states">
        {state === "live" ? null : <StateTag look={looks[state]} />}
        {keep.length > 0 ? <StateTag look={doNotBlockLook} /> : null}
      </span>
    </li>
  );
}

/** Every piece of intelligence the reader may see, newest first. */
export function ItemsBoard(p: Props) {
  const { facts, objects, board, filter } = p;
  const [words, setWords] = useState("");
  const shown = objects.filter((o) => itemHolds(o, words));
  return (
    <BoardFrame
      {...board}
      title="Intelligence"
      count={shown.length}
      empty={
        words.trim() !== ""
          ? { title: "No item here holds that", text: board.more ? "There are older ones that are not loaded: show them, or search the room." : "Search the room to look in messages too." }
          : filter === "live"
            ? { title: "No intelligence is in force", text: "What is shared here stays with those it is for, says where it comes from, and can be taken back." }
            : { title: "No item is like that now", text: "Choose All to see every item." }
      }
      acts={
        <>
          {may(facts, "publish-item") ? (
            <>
              <Button small onClick={p.onShare}>
                Share intelligence
              </Button>
              <Button small kind="secondary" onClick={p.onImport}>
                Bring in a file
              </Button>
            </>
          ) : null}
          <Button small kind="secondary" onClick={p.onExport}>
            Take a file away
          </Button>
        </>
      }
      filters={
        <>
          <Filters label="Which items" value={filter} choices={itemFilters} onChange={p.onFilter} />
          <label className="look-up">
            <span className="unseen">Look up an indicator or words</span>
            <Icon name="search" size={16} />
            <input type="search" className="nhsuk-input" placeholder="Look up an indicator or words" autoComplete="off" spellCheck={false} value={words} onChange={(e) => setWords(e.target.value)} />
          </label>
        </>
      }
    >
      <ul className="board__rows">
        {shown.map((o) => (
          <Row key={o.root} o={o} {...p} />
        ))}
      </ul>
    </BoardFrame>
  );
}
