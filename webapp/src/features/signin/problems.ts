// What a failed sign-in is called in the address, and what it means for the
// person in front of the screen.

const sentences: Record<string, string> = {
  cancelled: "Sign-in was not finished. You can start again.",
  expired: "Signing in took longer than ten minutes, so it has to start again.",
  factor: "Your sign-in did not use a second factor. Wardroom needs one: sign in again and complete both steps.",
  stale: "Your sign-in service answered with an old sign-in. Sign in again and enter your second factor when it asks.",
  suspended: "Your access has been suspended. Ring the duty number.",
  unavailable: "Your sign-in service did not answer. Try again in a few minutes, or ring the duty number.",
  mismatch: "You signed in as someone else than before. Sign out first if you want to change person.",
  failed: "Your sign-in service sent an answer that we could not accept. Try again; if it happens again, ring the duty number.",
};

/** The sentence for a problem code; unknown codes get the general one. */
export const signInProblem = (code: string): string => sentences[code] ?? sentences["failed"] ?? "";
