import type { DeskOrganisation, DeskRoom, GapRow, RoomGaps } from "../../protocol/desk";
import type { Facts, RoomID, Seq } from "../../protocol/types";
import { roleName } from "../../ui/names";
import { Empty } from "../../ui/State";
import { plural } from "../../ui/words";
import { Stamp } from "./Stamp";
import { deskHref } from "./url";
import { changedWords, lacks } from "./words";

type Props = {
  all: readonly RoomGaps[];
  rooms: readonly DeskRoom[];
  facts: ReadonlyMap<RoomID, Facts>;
  organisations: readonly DeskOrganisation[];
  /** What an object says, from everything about it. */
  object: (gaps: RoomGaps, root: Seq, facts: Facts | undefined) => string;
};

/** What is missing in the record, overdue, or rests on what no longer stands: by room, the gravest first. */
export function Gaps({ all, rooms, facts, organisations, object }: Props) {
  return (
    <>
      {all.map((g) => {
        const room = rooms.find((r) => r.room === g.room);
        return (
          <section key={g.room} className="desk-section" aria-labelledby={`gaps-${g.room}`}>
            <h2 id={`gaps-${g.room}`}>
              {room?.mode === "exercise" ? "EXERCISE " : ""}
              {room?.reference} {room?.title}
            </h2>
            {g.gaps.length === 0 ? <Empty title="Nothing is missing">As far as you may see this room’s record.</Empty> : null}
            {Object.entries(lacks).map(([lack, { title, why }]) => {
              const rows = g.gaps.filter((x) => x.lack === lack);
              if (rows.length === 0) return null;
              return (
                <div key={lack} className="desk-lack">
                  <h3>
                    {title} <span className="quiet">({rows.length})</span>
                  </h3>
                  <p className="quiet">{why}</p>
                  <ul>
                    {rows.map((row) => (
                      <li key={`${row.root ?? ""}${row.role ?? ""}${row.org ?? ""}`}>
                        <One row={row} gaps={g} facts={facts.get(g.room)} organisations={organisations} object={object} />
                      </li>
                    ))}
                  </ul>
                </div>
              );
            })}
            {g.more ? <p className="quiet">Only the newest thousand of each kind were looked at.</p> : null}
          </section>
        );
      })}
      <p className="quiet">{plural(all.length, "room")} looked at, as far as you may see them. What you may not see is not judged.</p>
    </>
  );
}

function One({ row, gaps, facts, organisations, object }: { row: GapRow; gaps: RoomGaps; facts: Facts | undefined; organisations: readonly DeskOrganisation[]; object: Props["object"] }) {
  if (row.role) return <>{roleName[row.role]}</>;
  if (row.org) return <>{organisations.find((o) => o.code === row.org)?.name ?? row.org}</>;
  if (row.root === undefined) return <>This room</>;
  return (
    <>
      <a href={`/rooms/${gaps.room}/entries/${row.root}`}>
        Entry <span className="tabular">{row.root}</span>
      </a>{" "}
      {object(gaps, row.root, facts)} <a href={deskHref("history", { room: gaps.room, entry: String(row.root) })}>History</a>
      {row.due ? <Stamp at={row.due} what="Due" /> : null}
      {row.on ? (
        <ul className="desk-lack__on">
          {row.on.map((x) => (
            <li key={x.entry}>
              {x.changed === "hidden" ? (
                <>Entry {x.entry}: you may not see it</>
              ) : (
                <>
                  <a href={deskHref("history", { room: gaps.room, entry: String(x.entry) })}>Entry {x.entry}</a>: {changedWords[x.changed] ?? x.changed}
                </>
              )}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}
