import { useState } from "react";
import type { SectionState } from "../../protocol/rest";
import type { Earlier, Facts, SectionVerdict } from "../../protocol/types";
import { orgNamed } from "../../room/called";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { dateAndTime } from "../../ui/time";
import { plural } from "../../ui/words";

const found = (state: "behind" | "different", here: number, signed: number): string =>
  state === "behind"
    ? `It has ${plural(here, "entry", "entries")} here, and ${signed} were signed for: the last ones are missing, as when a database is put back to an earlier state.`
    : `The ${plural(signed, "entry", "entries")} that were signed for are not the ones that are stored here.`;

/** Says over the log that nothing more can be written here, why, and where it goes on. */
export function BrokenSection({ section, mayContinue, onContinue }: { section: SectionState | undefined; mayContinue: boolean; onContinue: () => Promise<unknown> }) {
  const [asking, setAsking] = useState(false);
  return (
    <div className="broken" role="alert">
      <h2 className="broken__title">This section is read-only: its record cannot be relied on</h2>
      {section && section.state !== "ok" ? (
        <p>
          {found(section.state, (section.size ?? 1) - 1, (section.held ?? 1) - 1)}
          {section.at ? ` Found on ${dateAndTime(section.at)}.` : ""} What you see below may {section.state === "behind" ? "be incomplete" : "not be what was written"}. Nothing more can be written in it.
        </p>
      ) : (
        <p>What is stored here is not what was signed for. Nothing more can be written in it.</p>
      )}
      {section?.next ? (
        <p>
          <a className="nhsuk-button broken__go" href={`/rooms/${section.next}`}>
            Go on in the new section
          </a>
        </p>
      ) : mayContinue ? (
        <p>
          <Button onClick={() => setAsking(true)}>Continue in a new section</Button>
        </p>
      ) : (
        <p>A lead or deputy can go on at once in a new section, with the same people. Ring them if it is urgent.</p>
      )}
      {asking ? (
        <Question title="Continue in a new section?" action="Continue" onClose={() => setAsking(false)} onDo={onContinue}>
          <p>The same people are in it, in their roles, with the severity, the report, the handling rules and the situation brief as they stand here.</p>
          <p>Look who is in it as soon as you are there: whoever was removed after the state that the database was put back to is in it again.</p>
          <p>What was said here stays here and stays readable. Decisions, actions and loggists’ logs are not carried over: record again what must go on, and invite again whoever had not joined.</p>
        </Question>
      ) : null}
    </div>
  );
}

const verdictWords: Record<SectionVerdict, string> = { joined: "is part of this record", condemned: "is not to be relied on" };

/** In a section that goes on from a broken one: what each host says of that. */
export function EarlierSection({ facts, earlier, mayJudge, onJudge }: { facts: Facts; earlier: Earlier; mayJudge: boolean; onJudge: (v: SectionVerdict) => Promise<unknown> }) {
  const [asking, setAsking] = useState<SectionVerdict | null>(null);
  const mine = facts.members.find((m) => m.number === facts.you)?.org;
  const said = earlier.judged.find((j) => j.org === mine)?.verdict;
  return (
    <section className="fact" aria-labelledby="earlier-heading">
      <h2 id="earlier-heading" className="side-heading">
        The section before
      </h2>
      <p>
        {found(earlier.state, earlier.size - 1, earlier.held - 1)} <a href={`/rooms/${earlier.log}`}>Read it</a>
      </p>
      <ul className="plain-list">
        {facts.room.hosts.map((h) => {
          const j = earlier.judged.find((x) => x.org === h);
          return (
            <li key={h}>
              <strong>{orgNamed(facts, h)}</strong>: {j ? `it ${verdictWords[j.verdict]} (${dateAndTime(j.at)})` : <span className="quiet">has not said yet what it is worth</span>}
            </li>
          );
        })}
      </ul>
      {mayJudge ? (
        <div className="fact__actions">
          {(["joined", "condemned"] as const).map((v) =>
            v === said ? null : (
              <Button key={v} kind="secondary" small onClick={() => setAsking(v)}>
                {v === "joined" ? "It is part of the record" : "It is not to be relied on"}
              </Button>
            ),
          )}
        </div>
      ) : null}
      {asking ? (
        <Question
          title={asking === "joined" ? "Say that the section before is part of the record?" : "Say that the section before is not to be relied on?"}
          action="Say so"
          warning={asking === "condemned"}
          onClose={() => setAsking(null)}
          onDo={() => onJudge(asking)}
        >
          <p>You say it for {mine ? orgNamed(facts, mine) : "your organisation"}; each host says it for itself. It changes nothing that was written, stands in this record, and can be said anew.</p>
        </Question>
      ) : null}
    </section>
  );
}
