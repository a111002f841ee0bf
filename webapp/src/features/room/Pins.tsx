import type { Facts, PinFacts } from "../../protocol/types";
import type { RoomObject } from "../../room/state";
import { excerpt, wordsOf } from "../../room/select";
import { plainText } from "../../ui/inline";
import { TlpTag } from "../../ui/TlpTag";

type Props = { facts: Facts; pins: readonly { pin: PinFacts; object: RoomObject | null }[]; onShow: (seq: number) => void };

const preview = (o: RoomObject | null): string => {
  if (!o) return "";
  if (o.marking?.tlp === "TLP:RED") return "Open it in the log";
  if (o.sealed) return "A sealed entry";
  const text = wordsOf(o);
  return text === null ? "" : excerpt(plainText(text));
};

/** What the leads keep in sight. */
export function Pins({ facts, pins, onShow }: Props) {
  if (pins.length === 0) return null;
  return (
    <section className="fact" aria-labelledby="pins-heading">
      <h2 id="pins-heading" className="side-heading">
        Pinned
      </h2>
      <ul className="pins">
        {pins.map(({ pin, object }) => (
          <li key={pin.root}>
            <a
              href={`/rooms/${facts.room.id}/entries/${pin.root}`}
              onClick={(e) => {
                e.preventDefault();
                onShow(pin.root);
              }}
            >
              <span className="pins__n tabular">{pin.root}</span>
              <span className="pins__text">
                {object?.marking ? <TlpTag label={object.marking.tlp} /> : null} {preview(object) || `Entry ${pin.root}`}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
