import { ApiError } from "../protocol/problem";

/** What a device says when it makes or shows no passkey, as a sentence; a refusal of ours stays what it is. */
export function makeRefusal(thrown: unknown): never {
  if (!(thrown instanceof DOMException)) throw thrown;
  const detail =
    thrown.name === "InvalidStateError"
      ? "This device has a passkey of yours already."
      : "No passkey was used: it was cancelled, took too long, or this device has none for Wardroom. Try again, or use another way.";
  throw new ApiError("conflict", detail);
}
