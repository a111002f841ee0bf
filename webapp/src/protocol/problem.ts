// Refusals, as RFC 9457 problems or as what stands in for one when the
// network or the server says nothing that can be read.
import { isRecord, listOf, oneOf, shape, text } from "./guard";
import type { FieldError, Problem } from "./rest";
import { type Fault, faults } from "./types";

/** A refused or failed request. message is a sentence for the person. */
export class ApiError extends Error {
  readonly fault: Fault | "offline";
  /** The status code; 0 when nothing answered. */
  readonly status: number;
  readonly fields: readonly FieldError[];
  /** Milliseconds the server asks to wait, if it does. */
  readonly retryAfter: number | null;
  /** A refusal that has an answer of its own: gained, protective_marking; "" for most. */
  readonly code: string;

  constructor(fault: Fault | "offline", message: string, status = 0, fields: readonly FieldError[] = [], retryAfter: number | null = null, code = "") {
    super(message);
    this.name = "ApiError";
    this.fault = fault;
    this.status = status;
    this.fields = fields;
    this.retryAfter = retryAfter;
    this.code = code;
  }

  /** Whether the same request, with the same key, may succeed later: nothing was decided. */
  get passing(): boolean {
    return this.fault === "offline" || this.fault === "unavailable" || this.fault === "too_many" || this.fault === "internal";
  }

  /** The sentence about one field, if there is one. */
  field(name: string): string | undefined {
    return this.fields.find((f) => f.name === name)?.message;
  }
}

const fieldErrors = listOf(shape({ name: text, message: text }));
const byStatus: Readonly<Record<number, Fault>> = {
  400: "invalid", 401: "signed_out", 403: "forbidden", 404: "not_found", 409: "conflict", 413: "invalid", 422: "invalid",
  429: "too_many", 502: "unavailable", 503: "unavailable", 504: "unavailable",
};
const sentences: Readonly<Record<Fault | "offline", string>> = {
  invalid: "Some of this needs changing.",
  signed_out: "You are signed out.",
  step_up: "Confirm that it is you, with your second factor.",
  not_found: "There is nothing here for you.",
  forbidden: "You cannot do this.",
  conflict: "The room has moved on since you looked.",
  unavailable: "The service cannot do this just now. Nothing was stored.",
  too_many: "Too many requests. Wait a moment.",
  internal: "Something went wrong on our side.",
  offline: "The service cannot be reached.",
};

/** The error for when nothing answered. */
export function unreachable(): ApiError {
  return new ApiError("offline", sentences.offline);
}

/** Reads a refusal from a status, the body's JSON (null if it was none) and Retry-After. */
export function problemOf(status: number, body: unknown, retryAfter: string | null): ApiError {
  const p: Partial<Problem> = isRecord(body) ? (body as Partial<Problem>) : {};
  const fault = oneOf(...faults)(p.fault) ? p.fault : (byStatus[status] ?? "internal");
  const message = text(p.detail) && p.detail !== "" ? p.detail : sentences[fault];
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return new ApiError(fault, message, status, fieldErrors(p.errors) ? p.errors : [], Number.isFinite(seconds) ? seconds * 1000 : null, text(p.code) ? p.code : "");
}
