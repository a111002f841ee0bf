import type { RulesText } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { useSubmit } from "../../ui/useSubmit";

/** The five lines, numbered, at a size that fits one phone screen. */
export function RulesLines({ rules }: { rules: RulesText }) {
  return (
    <ol className="rules-lines">
      {rules.lines.map((line, i) => (
        <li key={line}>
          <span className="rules-lines__n" aria-hidden="true">
            {i + 1}
          </span>
          {line}
        </li>
      ))}
    </ol>
  );
}

/** Stands before the room until its newest handling rules are accepted. */
export function RulesGate({ rules, accepted, onAccept }: { rules: RulesText; accepted: number; onAccept: () => Promise<void> }) {
  const submit = useSubmit();
  return (
    <div className="page page--narrow">
      <h1>{accepted > 0 ? "The handling rules have changed" : "Handling rules"}</h1>
      <p className="page__lede">{accepted > 0 ? `You accepted version ${accepted}. Please read version ${rules.version} before you go on.` : "Please read these before you go on."}</p>
      <ErrorSummary problems={submit.problems} />
      <RulesLines rules={rules} />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void submit.run(onAccept)}>
          Accept and go on
        </Button>
        <a href="/">Not now</a>
      </div>
    </div>
  );
}
