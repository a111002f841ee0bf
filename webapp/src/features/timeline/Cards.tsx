import { useState } from "react";
import type { Inject, Methane } from "../../protocol/types";
import type { RoomObject } from "../../room/state";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { TlpTag } from "../../ui/TlpTag";
import { shownProblem } from "../../ui/problem";
import { list } from "../../ui/words";
import { envelopeSentence } from "./audience";
import { useTimeline } from "./context";
import { injectTime } from "./injectTime";
import { LabelBar } from "./LabelBar";

/** Something exercise control tells the players: a fact of the public record with its source, or an invented one. */
export function InjectCard({ inject, object }: { inject: Inject; object: RoomObject }) {
  const invented = inject.provenance === "invented";
  return (
    <div className="inject">
      <p className="inject__head">
        <strong>{invented ? "Invented" : "Public record"}</strong>
        <span>{inject.actor}</span>
        <span className="tabular">{injectTime(inject.at)}</span>
      </p>
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <span>{inject.text}</span>
        </LabelBar>
      ) : (
        <p className="entry__text">{inject.text}</p>
      )}
      {inject.conflict ? <p className="inject__conflict">Sources differ: {inject.conflict}</p> : null}
      {inject.sources && inject.sources.length > 0 ? <p className="inject__source">Source: {list(inject.sources)}</p> : null}
    </div>
  );
}

const methaneLines: readonly [keyof Methane, string][] = [
  ["exact", "Exact location"],
  ["type", "Type"],
  ["hazards", "Hazards"],
  ["access", "Access"],
  ["number", "Number affected"],
  ["emergency", "Partners"],
];

/** A M/ETHANE report as it stands, and how often it was updated. */
export function ReportCard({ object }: { object: RoomObject }) {
  const now = object.reports.at(-1)?.methane;
  if (!now || !object.marking) return null;
  return (
    <LabelBar marking={object.marking}>
      <strong>{now.major ? "M/ETHANE report: major incident declared" : "ETHANE report"}</strong>
      <dl className="methane-list">
        {methaneLines.map(([k, label]) =>
          now[k] ? (
            <div key={k}>
              <dt>{label}</dt>
              <dd>{now[k]}</dd>
            </div>
          ) : null,
        )}
      </dl>
      {object.reports.length > 1 ? <p className="quiet">Updated {object.reports.length - 1 === 1 ? "once" : `${object.reports.length - 1} times`}. Earlier wordings stay in the log.</p> : null}
    </LabelBar>
  );
}

/** A sealed entry: it is there, and opening it goes on the record first. */
export function EnvelopeCard({ object, seq }: { object: RoomObject; seq: number }) {
  const { facts, openEntry } = useTimeline();
  const [state, setState] = useState<"shut" | "opening">("shut");
  const [problem, setProblem] = useState("");
  const open = async () => {
    setState("opening");
    setProblem("");
    try {
      await openEntry(seq);
    } catch (e) {
      setProblem(shownProblem(e).detail);
    }
    setState("shut");
  };
  return (
    <div className="envelope">
      <Icon name="lock" />
      <div className="envelope__words">
        {object.marking ? <TlpTag label={object.marking.tlp} /> : null} {envelopeSentence(object.marking, facts)}
        {problem === "" ? null : (
          <p role="alert" className="envelope__problem">
            {problem}
          </p>
        )}
      </div>
      <Button small busy={state === "opening"} onClick={() => void open()}>
        {state === "opening" ? "Opening…" : "Open"}
        <span className="unseen"> entry {seq}</span>
      </Button>
    </div>
  );
}
