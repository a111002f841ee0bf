import { useEffect, useState } from "react";
import { fingerprint, parseVerifier } from "../../proof/note";
import type { KeysView } from "../../proof/keys";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { dateAndTime } from "../../ui/time";
import { Fingerprint } from "./Fingerprint";
import { changeSentence, holder } from "./words";

type Props = { view: KeysView; load: () => Promise<void>; onAccept: () => void; onClose: () => void };

function KeyLine({ line }: { line: string }) {
  let kind = "A key of a kind this browser does not know";
  try {
    const { algorithm } = parseVerifier(line);
    kind = algorithm === "ML-DSA-44" ? "ML-DSA-44, safe from quantum computers" : "Ed25519";
  } catch {
    // its fingerprint is shown all the same
  }
  return (
    <li>
      <span className="quiet">{kind}</span>
      <Fingerprint of={fingerprint(line)} />
    </li>
  );
}

/** Only an address of the web is followed. */
function webAddress(address: string): string | null {
  try {
    const { protocol, href } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

/** The keys that seal a log and those that witness it, to be compared by telephone. */
export function KeysOfLog({ view, load, onAccept, onClose }: Props) {
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let live = true;
    load().catch((e: unknown) => live && setProblem(shownProblem(e).detail));
    return () => {
      live = false;
    };
  }, [load]);
  const { keys, changes } = view;
  const page = keys?.witness ? webAddress(keys.witness.address) : null;
  return (
    <Dialog title="Keys and witness" onClose={onClose} wide>
      {problem !== "" ? <Failed title="The keys could not be loaded" detail={problem} /> : null}
      {!keys && problem === "" ? <Loading what="the keys" /> : null}
      {keys ? (
        <div className="keys-of-log">
          <p>
            The operator signs how far each log has come. The witness, which somebody else runs, holds a copy of the log’s fingerprints, checks that nothing before was changed, and signs too. Neither can change the past alone without its being found.
          </p>
          {changes.length > 0 ? (
            <div className="seal__changed" role="alert">
              {changes.map((c) => (
                <p key={changeSentence(c)}>
                  <strong>{changeSentence(c)}</strong>
                  {c.before.map((f) => (
                    <span key={f} className="keys-of-log__before">
                      Before: <Fingerprint of={f} />
                    </span>
                  ))}
                </p>
              ))}
              <p>Ring the other party and compare the fingerprints below, before you rely on the seal.</p>
              <Button kind="secondary" small onClick={onAccept}>
                I have compared them: remember these keys
              </Button>
            </div>
          ) : (
            <p className="quiet">These are the keys this browser saw first. To be sure of them, ring the other party on a number you already have, and read the groups to each other.</p>
          )}
          <h3>Witness</h3>
          {keys.witness ? (
            <>
              <p>
                <strong>{holder(keys.witness.name)}</strong>
                {page ? (
                  <>
                    {" – "}
                    <a href={page} target="_blank" rel="noopener noreferrer">
                      the witness’s own page <span className="quiet">(opens in a new tab)</span>
                    </a>{" "}
                    must show the same fingerprints.
                  </>
                ) : null}
              </p>
              <ul className="keys-of-log__keys">
                {keys.witness.verifiers.map((v) => (
                  <KeyLine key={v} line={v} />
                ))}
              </ul>
            </>
          ) : (
            <p>No witness is set up. Only the operator vouches for this log.</p>
          )}
          <h3>Operator</h3>
          {keys.notary.toReversed().map((k) => (
            <div key={k.generation}>
              <p>
                <strong>{holder(k.name)}</strong>
                {keys.notary.length > 1 ? `, set ${k.generation}` : ""}
                <span className="quiet"> – {k.listed ? `listed in the deployment’s own record ${dateAndTime(k.listed)}` : "not listed in the deployment’s own record"}</span>
              </p>
              <ul className="keys-of-log__keys">
                {k.verifiers.map((v) => (
                  <KeyLine key={v} line={v} />
                ))}
              </ul>
            </div>
          ))}
          <h3>Checking without this server</h3>
          <p>
            This page comes from the operator too. To check without trusting the operator, take an exported bundle to a computer of your own, open <a href="/verify.html">the offline check</a> there, and give it these keys once you have compared them.
          </p>
          <CopyButton text={keys.policy} label="Copy the keys for a verifier" />
        </div>
      ) : null}
    </Dialog>
  );
}
