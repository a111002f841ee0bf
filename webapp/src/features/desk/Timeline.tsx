import type { DeskLine, DeskOrganisation, DeskRoom } from "../../protocol/desk";
import type { Entry, Facts, RoomID } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/State";
import { TlpTag } from "../../ui/TlpTag";
import { plural } from "../../ui/words";
import { Stamp } from "./Stamp";
import { deskHref } from "./url";
import { Who } from "./who";
import { hiddenWords } from "./words";

export type Say = (entry: Entry, facts: Facts | undefined) => string;

type Props = {
  lines: readonly DeskLine[];
  rooms: readonly DeskRoom[];
  facts: ReadonlyMap<RoomID, Facts>;
  organisations: readonly DeskOrganisation[];
  say: Say;
  more: boolean;
  busy: boolean;
  onMore: () => void;
};

/** The entries of one or several rooms in the order they were recorded. */
export function Timeline({ lines, rooms, facts, organisations, say, more, busy, onMore }: Props) {
  const several = new Set(lines.map((l) => l.room)).size > 1;
  if (lines.length === 0 && !more) return <Empty title="Nothing matches">Only what you may see is looked at. Try fewer conditions or a wider time.</Empty>;
  return (
    <>
      <table className="desk-table">
        <caption className="desk-table__caption">{plural(lines.length, "line")}{more ? " so far" : ", to the end"}</caption>
        <thead>
          <tr>
            {several ? <th scope="col">Room</th> : null}
            <th scope="col">Entry</th>
            <th scope="col">Recorded</th>
            <th scope="col">Who</th>
            <th scope="col">Label now</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((l) => {
            const room = rooms.find((r) => r.room === l.room);
            return <Row key={`${l.room} ${l.from}`} line={l} reference={several ? (room?.reference ?? "") : null} facts={facts.get(l.room)} organisations={organisations} say={say} />;
          })}
        </tbody>
      </table>
      {more ? (
        <p className="board__more">
          <Button kind="secondary" busy={busy} onClick={onMore}>
            {lines.length === 0 ? "Nothing so far: look further" : "More"}
          </Button>
        </p>
      ) : null}
    </>
  );
}

function Row({ line, reference, facts, organisations, say }: { line: DeskLine; reference: string | null; facts: Facts | undefined; organisations: readonly DeskOrganisation[]; say: Say }) {
  const e = line.entry?.entry;
  const first = reference === null ? null : <td className="desk-table__room tabular">{reference}</td>;
  if (!e || e.form === "stub") {
    return (
      <tr className="desk-table__hidden">
        {first}
        <td className="tabular">{line.from === line.to ? line.from : `${line.from}–${line.to}`}</td>
        <td colSpan={4}>{hiddenWords(line.from, line.to)}</td>
      </tr>
    );
  }
  return (
    <tr>
      {first}
      <td className="desk-table__n">
        <a className="tabular" href={`/rooms/${line.room}/entries/${e.seq}`} aria-label={`Entry ${e.seq} in its room`}>
          {e.seq}
        </a>
        {" "}
        <a className="desk-table__history" href={deskHref("history", { room: line.room, entry: String(e.root) })} aria-label={`History of entry ${e.root}`}>
          History
        </a>
      </td>
      <td>
        <Stamp at={e.times.recorded} />
        {e.times.exercise ? <Stamp at={e.times.exercise} what="Exercise clock" /> : null}
        {e.times.occurred ? <Stamp at={e.times.occurred} what={e.times.about ? "Happened about" : "Happened"} /> : null}
      </td>
      <td>
        <Who by={e.by} facts={facts} organisations={organisations} />
      </td>
      <td>{line.tlp ? <TlpTag label={line.tlp} /> : <span className="quiet">For the whole room</span>}</td>
      <td className="desk-table__what">
        {say(e, facts)}
        {e.root === e.seq ? null : (
          <span className="quiet">
            {" "}
            (about <a href={deskHref("history", { room: line.room, entry: String(e.root) })}>entry {e.root}</a>)
          </span>
        )}
      </td>
    </tr>
  );
}
