import { ErrorSummary } from "./ErrorSummary";
import { OverrideField } from "./Override";
import type { Submit } from "./useSubmit";

/** What is wrong with a form that writes to the record; to a host whose text bears a protective marking, the way past it. */
export function FormProblems({ submit, host, onAgain }: { submit: Pick<Submit, "problem" | "problems" | "overrule" | "busy">; host: boolean; onAgain: () => void }) {
  return (
    <>
      <ErrorSummary problems={submit.problems} />
      {host && submit.problem?.code === "protective_marking" ? <OverrideField action="Save it with this reason" busy={submit.busy} onOverride={(reason) => submit.overrule(reason, onAgain)} /> : null}
    </>
  );
}
