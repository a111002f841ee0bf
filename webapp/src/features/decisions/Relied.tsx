import { useEffect } from "react";
import type { Facts, Seq } from "../../protocol/types";
import { byCalled } from "../../room/called";
import { reliedOf, type Decision } from "../../room/decision";
import { asItStood } from "../../room/select";
import type { RoomObject } from "../../room/state";
import { plainText } from "../../ui/inline";

type Props = {
  decision: Decision;
  facts: Facts;
  /** The object an entry begins, as far as it is here; undefined: not loaded, null: not in sight. */
  objectAt: (seq: Seq) => RoomObject | null | undefined;
  load: (seq: Seq) => void;
};

function Source({ cites, at, later, recalled, facts, objectAt, load }: Omit<Props, "decision"> & { cites: Seq; at: Seq; later: boolean; recalled: boolean }) {
  const object = objectAt(cites);
  useEffect(() => {
    if (object === undefined) load(cites);
  }, [object, cites, load]);
  const then = object ? asItStood(object, at) : null;
  return (
    <li className="relied__one">
      <a className="tabular" href={`/rooms/${facts.room.id}/entries/${cites}`}>
        #{cites}
      </a>{" "}
      {object === undefined ? (
        <span className="quiet">Loading what it said</span>
      ) : then ? (
        <span>
          {object?.by ? <span className="quiet">{byCalled(facts, object.by)}: </span> : null}
          <q>{plainText(then.text)}</q>
          {then.corrected ? <span className="relied__note"> Corrected since. This is what it said then.</span> : null}
          {recalled ? <span className="relied__note relied__note--bad"> Recalled after the decision.</span> : null}
          {object?.withheld ? <span className="relied__note"> Withheld from guests since.</span> : null}
        </span>
      ) : (
        <span className="quiet">{recalled ? "It was recalled after the decision, and is not in your sight now." : object === null ? "It is not in your sight now." : object.sealed ? "It is sealed. Open it in the log." : "Part of the room’s standing facts."}</span>
      )}
      {later ? <span className="relied__note"> Added later; the decision did not rest on it.</span> : null}
    </li>
  );
}

/** The entries a decision rested on, each as it stood then. */
export function Relied({ decision, ...p }: Props) {
  return (
    <ul className="relied">
      {reliedOf(decision).map((r) => (
        <Source key={`${r.cites}-${r.at}`} {...r} recalled={decision.shaken.some((s) => s.entry === r.cites)} {...p} />
      ))}
    </ul>
  );
}
