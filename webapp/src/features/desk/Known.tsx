import { useState, type FormEvent } from "react";
import type { DeskRoom, Known, KnownFact, When } from "../../protocol/desk";
import type { Facts, RoomID } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { SelectField, TextField } from "../../ui/Field";
import { roleName } from "../../ui/names";
import { Empty } from "../../ui/State";
import { RoomChooser } from "./Filters";
import { Span, Stamp } from "./Stamp";
import type { Say } from "./Timeline";
import { type Asked, entryAsked } from "./url";
import { hiddenWords } from "./words";

/** Who, and when: by London time or by an entry's number. */
export function KnownForm({ asked, room, rooms, facts, onAsk }: { asked: Asked; room: RoomID; rooms: readonly DeskRoom[]; facts: Facts | undefined; onAsk: (asked: Asked) => void }) {
  const [member, setMember] = useState(asked.member ?? "");
  const [at, setAt] = useState(asked.at ?? "");
  const [entry, setEntry] = useState(asked.entry ?? "");
  const [missing, setMissing] = useState("");
  const clock = rooms.find((r) => r.room === room)?.clock;
  const send = (e: FormEvent) => {
    e.preventDefault();
    const problem = member === "" ? "Choose a person." : at === "" && entryAsked(entry) === null ? "Give a time, or the number of an entry." : "";
    setMissing(problem);
    if (problem === "") onAsk({ room, member, ...(entryAsked(entry) === null ? { at } : { entry }) });
  };
  return (
    <form className="desk-filters" aria-label="Who, and when" onSubmit={send}>
      <RoomChooser room={room} rooms={rooms} onRoom={(r) => onAsk({ room: r })} />
      <SelectField label="Person" value={member} onChange={(e) => setMember(e.target.value)}>
        <option value="">Choose</option>
        {(facts?.members ?? [])
          .filter((m) => m.number > 0)
          .map((m) => (
            <option key={m.root} value={m.number}>
              {m.name || `M-${m.number}`}, {m.orgName}
            </option>
          ))}
      </SelectField>
      <TextField label={clock ? "At (exercise clock, London)" : "At (London)"} type="datetime-local" step="1" value={at} onChange={(e) => setAt(e.target.value)} />
      <TextField label="or when this entry was the newest" inputMode="numeric" value={entry} onChange={(e) => setEntry(e.target.value)} />
      <div className="desk-filters__end">
        <Button type="submit" small>
          Show
        </Button>
      </div>
      {missing === "" ? null : (
        <p className="nhsuk-error-message desk-filters__wide" role="alert">
          {missing}
        </p>
      )}
    </form>
  );
}

type Props = { known: Known; facts: readonly KnownFact[]; name: string; room: RoomID; roomFacts: Facts | undefined; say: Say; more: boolean; busy: boolean; onMore: () => void };

/** Three facts, kept apart: none follows from another. */
export function KnownAnswer({ known, facts, name, room, roomFacts, say, more, busy, onMore }: Props) {
  if (known.at === 0) return <Empty title="There was nothing yet">The room’s log had not begun at that moment.</Empty>;
  const { rules, member } = known;
  return (
    <>
      <section className="desk-answer" aria-labelledby="desk-answer">
        <h2 id="desk-answer">
          {name}, when entry {known.at} was the newest
        </h2>
        <dl className="desk-answer__facts">
          <div>
            <dt>The moment</dt>
            <dd>
              <Stamp at={known.moment} />
            </dd>
          </div>
          <div>
            <dt>In the room then</dt>
            <dd>
              {!rules.applied
                ? "Not told: see the rules of sight."
                : member
                  ? `Yes, as ${roleName[member.role].toLowerCase()}${member.host ? ", of a host" : ""}; ${member.start <= 1 ? "with the whole history" : `with the history from entry ${member.start} on`}.`
                  : "No. Whoever is not a member can see nothing of a room."}
            </dd>
          </div>
          <div>
            <dt>Rules of sight</dt>
            <dd>
              {rules.applied ? (
                <>
                  Version {rules.version}, in force then and now
                  {rules.since ? (
                    <>
                      , listed in the deployment’s log on <Stamp at={rules.since} />
                    </>
                  ) : null}
                </>
              ) : (
                <strong>
                  {rules.version === 0 ? "No version of the rules was listed yet at that moment" : `Version ${rules.version} was in force at that moment`}. This server knows version {rules.here}. What this person could see is therefore not told: it would be a
                  guess.
                </strong>
              )}
            </dd>
          </div>
          <div>
            <dt>The room’s standing facts</dt>
            <dd>{known.state ? <>Last delivered before the moment: <Stamp at={known.state} /></> : "No delivery before the moment is on record."}</dd>
          </div>
        </dl>
      </section>
      <table className="desk-table desk-table--known">
        <caption className="desk-table__caption">Newest first. Each column is a fact of its own: that something could be seen does not say that it was delivered, and that it was delivered does not say that it was read.</caption>
        <thead>
          <tr>
            <th scope="col">Entry</th>
            <th scope="col">What</th>
            <th scope="col" className="desk-known__fact">
              1. Could see it
              <span>by membership, history and audience, as they stood at the moment</span>
            </th>
            <th scope="col" className="desk-known__fact">
              2. Was delivered
              <span>handed to a connection of theirs, by the server’s own note</span>
            </th>
            <th scope="col" className="desk-known__fact">
              3. Opened it
              <span>sealed entries only, by the access log</span>
            </th>
            <th scope="col" className="desk-known__fact">
              4. Taken out
              <span>in a file of theirs, or by their organisation’s machine; by the access log</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {facts.map((f) => (
            <FactRow key={f.from} fact={f} room={room} roomFacts={roomFacts} say={say} />
          ))}
        </tbody>
      </table>
      {more ? (
        <p className="board__more">
          <Button kind="secondary" busy={busy} onClick={onMore}>
            Earlier entries
          </Button>
        </p>
      ) : null}
      <section className="desk-section desk-meaning">
        <h3>What these facts do and do not say</h3>
        <ul>
          <li>
            <strong>Could see</strong> is worked out from the log alone. It says what the service would have shown, had they looked. It does not say that they looked.
          </li>
          <li>
            <strong>Delivered</strong> is the server’s note that it handed the entry to a connection of this person’s: written every few seconds, so given as a span. It is no part of the sealed log. A crash loses the last seconds of it, and nothing is noted of what
            others showed or told them. No note is no proof that it never reached them.
          </li>
          <li>
            <strong>Opened</strong> stands in the room’s access log, written before the text was given out. Only sealed entries (TLP:RED) are opened; of all others nothing records that they were read.
          </li>
          <li>
            <strong>Taken out</strong> says that an item left the house in a file of theirs, or was given to a machine of their organisation. Who looked at it there, nobody knows.
          </li>
          <li>Of entries that you may not see yourself, nothing is said.</li>
        </ul>
      </section>
    </>
  );
}

const couldWords: Record<NonNullable<KnownFact["could"]>, string> = {
  open: "Yes, all of it",
  envelope: "That it was there, not its text",
  nothing: "No",
  unknown: "Not told",
};
const whenWords: Record<When, string> = { by: "Yes", about: "About then", after: "Not by then" };
const howWords = { live: "live", page: "as they asked for it", object: "when it was opened to them" } as const;

function FactRow({ fact, room, roomFacts, say }: { fact: KnownFact; room: RoomID; roomFacts: Facts | undefined; say: Say }) {
  const e = fact.entry?.entry;
  if (!e || e.form === "stub") {
    return (
      <tr className="desk-table__hidden">
        <td className="tabular">{fact.from === fact.to ? fact.from : `${fact.from}–${fact.to}`}</td>
        <td colSpan={5}>{hiddenWords(fact.from, fact.to)}</td>
      </tr>
    );
  }
  const { given, opened, taken, could } = fact;
  return (
    <tr>
      <td>
        <a className="tabular" href={`/rooms/${room}/entries/${e.seq}`} aria-label={`Entry ${e.seq} in its room`}>
          {e.seq}
        </a>
      </td>
      <td className="desk-table__what">{say(e, roomFacts)}</td>
      <td data-label="1. Could see it" className={could === "nothing" ? "desk-known__no" : undefined}>
        {could ? couldWords[could] : ""}
      </td>
      <td data-label="2. Was delivered" className={given ? undefined : "desk-known__no"}>
        {given ? (
          <>
            {whenWords[given.when]}
            {given.form === "envelope" ? ", without its text" : given.form === "unknown" ? ", in a form that is not told" : ""}, {howWords[given.how]}
            <Span from={given.since} to={given.at} />
          </>
        ) : (
          "No delivery on record"
        )}
      </td>
      <td data-label="3. Opened it" className={opened ? undefined : "desk-known__no"}>
        {opened ? (
          <>
            {whenWords[opened.when]}
            <Stamp at={opened.at} />
          </>
        ) : e.form === "envelope" ? (
          "Not opened"
        ) : (
          "Not a sealed entry"
        )}
      </td>
      <td data-label="4. Taken out" className={taken ? undefined : "desk-known__no"}>
        {taken ? (
          <>
            {whenWords[taken.when]}
            {taken.feed ? `, by ${taken.feed}` : ", in a file"}
            <Stamp at={taken.at} />
          </>
        ) : (
          "Nothing on record"
        )}
      </td>
    </tr>
  );
}
