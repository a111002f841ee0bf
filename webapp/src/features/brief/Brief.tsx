import { useState } from "react";
import type { Overriding } from "../../protocol/rest";
import type { BriefFacts, BriefLines } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { dateAndTime, shortMoment, utc } from "../../ui/time";
import { BriefForm } from "./BriefForm";
import { briefLabels } from "./labels";

type Props = {
  brief: BriefFacts | null;
  /** Who wrote it, by name. */
  by: string;
  mayEdit: boolean;
  now: string;
  onSave: (lines: BriefLines, by: Overriding) => Promise<unknown>;
};

/** The lead's situation brief: five lines that anyone who comes in can read in half a minute. */
export function Brief({ brief, by, mayEdit, now, onSave }: Props) {
  const [editing, setEditing] = useState(false);
  return (
    <section className="fact" aria-labelledby="brief-heading">
      <header className="fact__head">
        <h2 id="brief-heading" className="side-heading">
          Situation brief
        </h2>
        {mayEdit ? (
          <Button kind="plain" onClick={() => setEditing(true)}>
            {brief ? "Change" : "Write it"}
            <span className="unseen"> the situation brief</span>
          </Button>
        ) : null}
      </header>
      {brief ? (
        <>
          <dl className="brief">
            {briefLabels.map(([k, label]) => (
              <div key={k}>
                <dt>{label}</dt>
                <dd>{brief.lines[k] || <span className="quiet">Not said yet</span>}</dd>
              </div>
            ))}
          </dl>
          <p className="fact__source">
            Version {brief.version}, {by},{" "}
            <time dateTime={brief.at} title={`${dateAndTime(brief.at)} (${utc(brief.at)})`}>
              {shortMoment(brief.at, now)}
            </time>
          </p>
        </>
      ) : (
        <p className="quiet">The lead has not written one yet. Until then, read the log.</p>
      )}
      {editing ? <BriefForm brief={brief} onClose={() => setEditing(false)} onSave={onSave} /> : null}
    </section>
  );
}
