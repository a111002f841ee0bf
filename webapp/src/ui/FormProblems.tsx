import { ErrorSummary } from "./ErrorSummary";
import { OverrideField } from "./Override";
import { usePatientDataGate } from "./PatientData";
import type { Submit } from "./useSubmit";

/** What is wrong with a form that writes to the record; to a host whose text bears a protective marking, the way past it. */
export function FormProblems({ submit, host, onAgain }: { submit: Pick<Submit, "problem" | "problems" | "overrule" | "busy">; host: boolean; onAgain: () => void }) {
  const gate = usePatientDataGate();
  return (
    <>
      <ErrorSummary problems={submit.problems} />
      {host && submit.problem?.code === "protective_marking" ? <OverrideField action="Save it with this reason" busy={submit.busy} onOverride={(reason) => gate(() => submit.overrule(reason, onAgain))} /> : null}
    </>
  );
}
