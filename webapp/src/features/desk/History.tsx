import type { DeskOrganisation, RelatedObject } from "../../protocol/desk";
import type { Facts, RoomID } from "../../protocol/types";
import { TlpTag } from "../../ui/TlpTag";
import type { Say } from "./Timeline";
import { Stamp } from "./Stamp";
import { deskHref } from "./url";
import { Who } from "./who";
import { linkWords } from "./words";

/** An object with every step of it, and what it is tied to. Nothing that was ever said of it is left out. */
export function History({ room, objects, facts, organisations, say }: { room: RoomID; objects: readonly RelatedObject[]; facts: Facts | undefined; organisations: readonly DeskOrganisation[]; say: Say }) {
  const main = objects[0];
  if (!main) return null;
  return (
    <>
      <Steps object={main} {...{ room, facts, organisations, say }} />
      {objects.slice(1).map((o) => (
        <section key={o.root} className="desk-section">
          <h3>
            {linkWords[o.link] ?? o.link}: entry {o.root}
            {o.of === main.root ? "" : ` (of entry ${o.of})`}
          </h3>
          {o.entries.length === 0 ? (
            <p className="quiet">An entry you may not see. Its number stands in what you may see; nothing else is told of it.</p>
          ) : (
            <>
              <Steps object={o} {...{ room, facts, organisations, say }} />
              <p>
                <a href={deskHref("history", { room, entry: String(o.root) })}>History of entry {o.root}</a>
              </p>
            </>
          )}
        </section>
      ))}
    </>
  );
}

function Steps({ room, object, facts, organisations, say }: { room: RoomID; object: RelatedObject; facts: Facts | undefined; organisations: readonly DeskOrganisation[]; say: Say }) {
  const first = object.entries[0]?.entry;
  return (
    <ol className="desk-steps">
      {object.entries.map(({ entry: e }) =>
        e.form === "stub" ? null : (
          <li key={e.seq} className="desk-steps__one">
            <a className="tabular" href={`/rooms/${room}/entries/${e.seq}`} aria-label={`Entry ${e.seq} in its room`}>
              {e.seq}
            </a>
            <div>
              <p className="desk-steps__what">
                {e === first ? "Said first: " : ""}
                {say(e, facts)}
              </p>
              {e.marking ? (
                <p>
                  <TlpTag label={e.marking.tlp} /> <span className="quiet">{e === first ? "as it was written" : "from here on"}</span>
                </p>
              ) : null}
              <Who by={e.by} facts={facts} organisations={organisations} />
            </div>
            <div>
              <Stamp at={e.times.recorded} what="Recorded" />
              {e.times.exercise ? <Stamp at={e.times.exercise} what="Exercise clock" /> : null}
              {e.times.occurred ? <Stamp at={e.times.occurred} what={e.times.about ? "Happened about" : "Happened"} /> : null}
            </div>
          </li>
        ),
      )}
    </ol>
  );
}
