import { useCallback, useMemo, useRef, useState } from "react";
import type { Overriding } from "../protocol/rest";
import type { FieldProblem } from "./ErrorSummary";
import { shownProblem, summaryOf, type ShownProblem } from "./problem";

export type Submit = {
  busy: boolean;
  problem: ShownProblem | null;
  /** For the error summary. */
  problems: readonly FieldProblem[];
  /** The sentence for one field, by its name in the request. */
  errorOf: (name: string) => string | undefined;
  /** Runs the action unless one is under way; resolves to whether it succeeded. */
  run: (action: () => Promise<unknown>) => Promise<boolean>;
  /** Shows problems found before anything was sent. */
  refuse: (errors: readonly { name: string; message: string }[]) => void;
  clear: () => void;
  /** A host's reason for a text that was refused for its protective marking; goes with the request. */
  overriding: () => Overriding;
  /** Gives that reason, and sends again. */
  overrule: (reason: string, again: () => void) => void;
};

/** The state of a form's sending: one at a time, with what came back. */
export function useSubmit(): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const under = useRef(false);
  const override = useRef<Overriding>({});
  const problems = useMemo(() => summaryOf(problem), [problem]);
  const run = useCallback(async (action: () => Promise<unknown>) => {
    if (under.current) return false;
    under.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await action();
      return true;
    } catch (thrown) {
      setProblem(shownProblem(thrown));
      return false;
    } finally {
      under.current = false;
      override.current = {}; // it was for this text
      setBusy(false);
    }
  }, []);
  const refuse = useCallback((errors: readonly { name: string; message: string }[]) => {
    setProblem({ fault: "invalid", detail: "Some of this needs changing.", errors });
  }, []);
  const clear = useCallback(() => setProblem(null), []);
  const overriding = useCallback(() => override.current, []);
  const overrule = useCallback((reason: string, again: () => void) => {
    override.current = { override: reason };
    again();
  }, []);
  const errorOf = useCallback((name: string) => problem?.errors.find((e) => e.name === name)?.message, [problem]);
  return { busy, problem, problems, errorOf, run, refuse, clear, overriding, overrule };
}
