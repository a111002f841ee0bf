import { useState } from "react";
import type { FiveLines, RulesFacts } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSubmit } from "../../ui/useSubmit";
import { RulesLines } from "./RulesGate";

/** The handling rules in force; a lead may set a new version, which everyone then accepts. */
export function RulesFact({ rules, maySet, onSet }: { rules: RulesFacts | null; maySet: boolean; onSet: (lines: FiveLines) => Promise<unknown> }) {
  const [editing, setEditing] = useState(false);
  if (!rules) return null;
  return (
    <section className="fact" aria-labelledby="rules-heading">
      <header className="fact__head">
        <h2 id="rules-heading" className="side-heading">
          Handling rules
        </h2>
        {maySet ? (
          <Button kind="plain" onClick={() => setEditing(true)}>
            Change<span className="unseen"> the handling rules</span>
          </Button>
        ) : null}
      </header>
      <RulesLines rules={rules} />
      <p className="fact__source">Version {rules.version}</p>
      {editing ? <RulesForm rules={rules} onSet={onSet} onClose={() => setEditing(false)} /> : null}
    </section>
  );
}

const numbers = [0, 1, 2, 3, 4] as const;

function RulesForm({ rules, onSet, onClose }: { rules: RulesFacts; onSet: (lines: FiveLines) => Promise<unknown>; onClose: () => void }) {
  const [lines, setLines] = useState<FiveLines>(rules.lines);
  const submit = useSubmit();
  const set = (i: number, v: string) => setLines(([a, b, c, d, e]) => [i === 0 ? v : a, i === 1 ? v : b, i === 2 ? v : c, i === 3 ? v : d, i === 4 ? v : e]);
  const save = async () => {
    const empty = numbers.filter((i) => lines[i].trim() === "");
    if (empty.length > 0) submit.refuse(empty.map((i) => ({ name: `lines.${i}`, message: `Write line ${i + 1}.` })));
    else if (await submit.run(() => onSet(lines))) onClose();
  };
  return (
    <Dialog title="Change the handling rules" wide onClose={onClose}>
      <p>Five lines that fit one phone screen. Everyone has to accept the new version before they go on.</p>
      <ErrorSummary problems={submit.problems} />
      {numbers.map((i) => (
        <TextField key={i} id={`lines.${i}`} label={`Line ${i + 1}`} maxLength={160} error={submit.errorOf(`lines.${i}`)} value={lines[i]} onChange={(e) => set(i, e.target.value)} />
      ))}
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Set version {rules.version + 1}
      </FormButtons>
    </Dialog>
  );
}
