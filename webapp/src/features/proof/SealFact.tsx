import { useEffect, useRef } from "react";
import type { KeysView } from "../../proof/keys";
import type { Integrity } from "../../proof/prover";
import type { Instant } from "../../protocol/types";
import { useAnnounce } from "../../ui/Announcer";
import { Button } from "../../ui/Button";
import { timeOfDay, timeToSecond } from "../../ui/time";
import { sealedBy } from "./words";

type Props = { integrity: Integrity; keys: KeysView; unsealed: Instant | null; onKeys: () => void; onCheck: () => void };

const lastOf = (size: number): number => Math.max(0, size - 1);

function Sealed({ integrity }: { integrity: Integrity }) {
  const mark = integrity.cosigned ?? integrity.signed;
  if (!mark) return null;
  const { operator, witness } = sealedBy(mark);
  return (
    <p>
      Sealed by {operator}
      {witness ? ` and witnessed by ${witness}` : ""} up to entry <span className="tabular">{lastOf(mark.size)}</span>
      {mark.at ? (
        <>
          , <span className="tabular nowrap">{timeToSecond(mark.at)}</span>
        </>
      ) : null}
      {witness ? "." : ". No witness has signed it."}
    </p>
  );
}

/** Why entries wait: signed for by the operator, they wait for the witness. */
const waitsFor = ({ signed, cosigned }: Integrity, witnessed: boolean): string =>
  witnessed && signed && signed.size > (cosigned?.size ?? 0) ? "the witness does not answer" : "the server has not signed for the newest entries";

function checkedSentence({ signed, cosigned, size }: Integrity): string {
  const sealed = (cosigned ?? signed)?.size ?? 0;
  if (sealed === 0) return `There is no seal yet. This browser has checked that the entries up to ${lastOf(size)} follow on from each other.`;
  return `Checked in this browser: the log you see is the one that was sealed${size > sealed ? ", and the entries since follow on from it" : ""}.`;
}

/** How far the log is sealed, and that this browser has checked it. Said aloud once when sealing stops, and once when it goes on. */
export function SealFact({ integrity, keys, unsealed, onKeys, onCheck }: Props) {
  const announce = useAnnounce();
  const told = useRef(false);
  const witnessed = keys.keys?.witness !== null;
  const why = waitsFor(integrity, witnessed);
  const sentence = unsealed === null ? "" : `Unsealed since ${timeOfDay(unsealed)}`;
  useEffect(() => {
    if ((sentence !== "") === told.current) return;
    told.current = sentence !== "";
    announce(told.current ? `${sentence}. Writing goes on; ${why}.` : "The log is sealed again.");
  }, [sentence, why, announce]);
  return (
    <section className="fact seal" aria-labelledby="seal-heading">
      <h2 id="seal-heading" className="side-heading" tabIndex={-1}>
        Seal
      </h2>
      {sentence === "" ? null : (
        <p className="seal__unsealed">
          <strong>{sentence}</strong> – writing goes on; {why}. What is written meanwhile is kept, and sealed afterwards.
        </p>
      )}
      {integrity.status === "broken" ? <p className="alarm">This log does not fit together: {integrity.why}.</p> : <Sealed integrity={integrity} />}
      {integrity.status === "ok" ? <p className="quiet">{checkedSentence(integrity)}</p> : null}
      {integrity.status === "checking" ? <p className="quiet">{integrity.why === "" ? "This browser is checking the log." : `The log is not checked: ${integrity.why}.`}</p> : null}
      {integrity.status === "ok" && integrity.ahead > 0 ? (
        <p>
          The seal covers entries up to {lastOf(integrity.ahead)}; this browser has been sent those up to {lastOf(integrity.size)} so far.
        </p>
      ) : null}
      {integrity.unlinked && integrity.status === "ok" ? (
        <p className="seal__unsealed">The server has not yet shown that this log continues the one you saw before the connection was cut.</p>
      ) : null}
      {keys.changes.length > 0 ? (
        <div role="alert" className="seal__changed">
          <strong>The keys that seal this log are not the ones this browser knew.</strong> Compare them before you rely on the seal.{" "}
          <Button kind="plain" onClick={onKeys}>
            Compare the keys
          </Button>
        </div>
      ) : null}
      <p className="seal__acts">
        <Button kind="plain" onClick={onCheck}>
          Check an entry
        </Button>
        <Button kind="plain" onClick={onKeys}>
          Keys and witness
        </Button>
      </p>
    </section>
  );
}
