import { useEffect, useState } from "react";
import type { Opens } from "../../protocol/rest";
import type { Facts } from "../../protocol/types";
import { Dialog } from "../../ui/Dialog";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { dateAndTime } from "../../ui/time";
import { memberCalled } from "../../room/called";

/** Who has opened a sealed entry, and who has not yet. */
export function OpensDialog({ seq, facts, load, onClose }: { seq: number; facts: Facts; load: () => Promise<Opens>; onClose: () => void }) {
  const [opens, setOpens] = useState<Opens | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let live = true;
    load().then((o) => live && setOpens(o), (e: unknown) => live && setProblem(shownProblem(e).detail));
    return () => {
      live = false;
    };
  }, [load]);
  return (
    <Dialog title={`Who opened entry ${seq}`} onClose={onClose}>
      {problem !== "" ? <Failed title="This could not be shown" detail={problem} /> : null}
      {opens === null && problem === "" ? <Loading what="the access log" /> : null}
      {opens ? (
        <>
          <h3>Opened</h3>
          {opens.opens.length === 0 ? <p className="quiet">Nobody yet.</p> : null}
          <ul className="rows">
            {opens.opens.map((o) => (
              <li key={`${o.member} ${o.at}`} className="row">
                <span>{memberCalled(facts, o.member)}</span>
                <span className="tabular quiet">{dateAndTime(o.at)}</span>
              </li>
            ))}
          </ul>
          <h3>Not yet</h3>
          {opens.notYet.length === 0 ? <p className="quiet">Everyone it was for has opened it.</p> : <p>{opens.notYet.map((n) => memberCalled(facts, n)).join(", ")}</p>}
          <p className="quiet">Opened means that the text was given out to that person. It does not say that they read it.</p>
        </>
      ) : null}
    </Dialog>
  );
}
