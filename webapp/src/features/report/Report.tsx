import { useState } from "react";
import type { Overriding } from "../../protocol/rest";
import type { Methane, ReportFacts } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { FormProblems } from "../../ui/FormProblems";
import { FormButtons } from "../../ui/FormButtons";
import { shortMoment } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { draftOf, MethaneFields, methaneOf } from "./MethaneFields";

const shown: readonly (readonly [keyof Methane, string])[] = [
  ["exact", "Exact location"],
  ["type", "Type"],
  ["hazards", "Hazards"],
  ["access", "Access"],
  ["number", "Number affected"],
  ["emergency", "Partners"],
];

/** The M/ETHANE report as it stands, and a way to complete it. */
export function Report({ report, by, mayEdit, now, onSave }: { report: ReportFacts | null; by: string; mayEdit: boolean; now: string; onSave: (m: Methane, by: Overriding) => Promise<unknown> }) {
  const [editing, setEditing] = useState(false);
  if (!report) return null;
  const m = report.methane;
  const missing = shown.filter(([k]) => !m[k]).length;
  return (
    <section className="fact" aria-labelledby="report-heading">
      <header className="fact__head">
        <h2 id="report-heading" className="side-heading">
          {m.major ? "M/ETHANE" : "ETHANE"} report
        </h2>
        {mayEdit ? (
          <Button kind="plain" onClick={() => setEditing(true)}>
            {missing > 0 ? "Complete" : "Update"}
            <span className="unseen"> the report</span>
          </Button>
        ) : null}
      </header>
      <p className="report__major">{m.major ? <strong>Major incident declared</strong> : "No major incident declared"}</p>
      <dl className="brief brief--short">
        {shown.map(([k, label]) =>
          m[k] ? (
            <div key={k}>
              <dt>{label}</dt>
              <dd>{m[k]}</dd>
            </div>
          ) : null,
        )}
      </dl>
      <p className="fact__source">
        {missing > 0 ? `${missing} of ${shown.length} lines still to come. ` : ""}
        {by}, {shortMoment(report.at, now)}
      </p>
      {editing ? <ReportForm methane={m} onSave={onSave} onClose={() => setEditing(false)} /> : null}
    </section>
  );
}

function ReportForm({ methane, onSave, onClose }: { methane: Methane; onSave: (m: Methane, by: Overriding) => Promise<unknown>; onClose: () => void }) {
  const [draft, setDraft] = useState(draftOf(methane));
  const submit = useSubmit();
  const save = async () => {
    if (draft.type.trim() === "") submit.refuse([{ name: "report.type", message: "Say what type of incident it is." }]);
    else if (await submit.run(() => onSave(methaneOf(draft), submit.overriding()))) onClose();
  };
  return (
    <Dialog title="M/ETHANE report" wide onClose={onClose}>
      <FormProblems submit={submit} host onAgain={() => void save()} />
      <MethaneFields value={draft} onChange={setDraft} errorOf={submit.errorOf} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Save the report
      </FormButtons>
    </Dialog>
  );
}
