import { ApiError } from "../protocol/problem";
import type { FieldProblem } from "./ErrorSummary";

/** The part of a refusal that a screen can show. */
export type ShownProblem = { fault: string; detail: string; errors: readonly { name: string; message: string }[]; code?: string };

/** What went wrong, whatever was thrown: a refusal, a broken connection or our own mistake. */
export function shownProblem(thrown: unknown): ShownProblem {
  if (thrown instanceof ApiError) {
    const detail = thrown.fault === "offline" ? "The service cannot be reached. Nothing you wrote is lost; try again when you are connected." : thrown.message;
    return { fault: thrown.fault, detail, errors: thrown.fields, code: thrown.code };
  }
  return { fault: "internal", detail: "Something went wrong on our side. Nothing you wrote is lost. Try again in a moment.", errors: [] };
}

/** The lines of an error summary. A field's id is its name in the request. */
export function summaryOf(p: ShownProblem | null): FieldProblem[] {
  if (!p) return [];
  if (p.fault === "step_up") return [{ message: "Confirm that it is you with your second factor, then do this again", href: `/auth/step-up?${new URLSearchParams({ return: location.pathname }).toString()}` }];
  if (p.code === "protective_marking") return [{ message: p.detail }]; // the marking is the form's, whichever field it stands in
  if (p.errors.length > 0) return p.errors.map((e) => ({ id: e.name, message: e.message }));
  return [{ message: p.detail }];
}
