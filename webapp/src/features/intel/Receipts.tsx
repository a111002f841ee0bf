import { useEffect, useState } from "react";
import type { Opens } from "../../protocol/rest";
import type { Facts } from "../../protocol/types";
import { memberCalled, orgNamed } from "../../room/called";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { dateAndTime } from "../../ui/time";
import { list } from "../../ui/words";

const formatName: Readonly<Record<string, string>> = { stix: "STIX", misp: "MISP", csv: "table", text: "plain text" };

const called = (facts: Facts, n: number): string => {
  const m = facts.members.find((x) => x.number === n);
  return m && m.name !== "" && m.org !== "" ? `${m.name}, ${orgNamed(facts, m.org)}` : memberCalled(facts, n);
};

/** Who was given an entry's text, who has not asked for it, and who took it away in a file. */
export function Receipts({ facts, load, sealed, recalled = false }: { facts: Facts; load: () => Promise<Opens>; /** Opening it is recorded. */ sealed: boolean; recalled?: boolean }) {
  const [opens, setOpens] = useState<Opens | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let live = true;
    load().then((o) => live && setOpens(o), (e: unknown) => live && setProblem(shownProblem(e).detail));
    return () => {
      live = false;
    };
  }, [load]);
  if (problem !== "") return <Failed title="Who opened it could not be shown" detail={problem} />;
  if (opens === null) return <Loading what="who opened it" />;
  const taken = opens.exports ?? [];
  const feeds = opens.feeds ?? [];
  return (
    <div className="receipts">
      {sealed ? (
        <>
          <h3>{recalled ? "Had opened it" : "Opened it"}</h3>
          {opens.opens.length === 0 ? <p className="quiet">Nobody{recalled ? "" : " yet"}.</p> : null}
          <ul className="rows">
            {opens.opens.map((o) => (
              <li key={`${o.member} ${o.at}`} className="row">
                <span>{called(facts, o.member)}</span>
                <span className="tabular quiet">{dateAndTime(o.at)}</span>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className="notice">{recalled ? "It was open to everyone who received it, so nobody’s opening of it was recorded." : "It is open to everyone who receives it, so nobody’s opening of it is recorded."}</p>
      )}
      {taken.length > 0 ? (
        <>
          <h3>Took it away in a file</h3>
          <ul className="rows">
            {taken.map((x) => (
              <li key={`${x.member} ${x.at}`} className="row">
                <span>
                  {called(facts, x.member)}
                  {x.format ? ` (${formatName[x.format] ?? x.format})` : ""}
                  {x.merged ? `, as entry ${x.merged}, which was merged into this` : ""}
                </span>
                <span className="tabular quiet">{dateAndTime(x.at)}</span>
              </li>
            ))}
          </ul>
          <p className="quiet">A file cannot be called back. Ask them to delete it.</p>
        </>
      ) : (
        <p className="quiet">Nobody took it away in a file.</p>
      )}
      {feeds.length > 0 ? (
        <>
          <h3>{recalled ? "Had been given to machines" : "Given to machines"}</h3>
          <ul className="rows">
            {feeds.map((x) => (
              <li key={`${x.org} ${x.name ?? ""} ${x.at}`} className="row">
                <span>
                  {x.name ? `${x.name}, ${x.orgName}` : `A machine of ${x.orgName}`}
                  {x.merged ? `, as entry ${x.merged}, which was merged into this` : ""}
                </span>
                <span className="tabular quiet">{dateAndTime(x.at)}</span>
              </li>
            ))}
          </ul>
          <p className="quiet">{recalled ? "They are given it no more. What they were given, only their organisation can delete." : "By TAXII. A time for each wording that it was given in."}</p>
        </>
      ) : null}
      {recalled || !sealed ? null : (
        <>
          <h3>Not yet</h3>
          {opens.notYet.length === 0 ? <p className="quiet">Everyone it is for has opened it.</p> : <p>{list(opens.notYet.map((n) => called(facts, n)))}</p>}
        </>
      )}
      {sealed ? <p className="quiet">Opened means that the text was given out to that person. It does not say that they read it.</p> : null}
    </div>
  );
}
