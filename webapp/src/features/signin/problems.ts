// What a failed sign-in is called in the address, and what it means for the
// person in front of the screen.

const general = "Your sign-in service sent an answer that we could not accept. Try again; if it happens again, ring the duty number.";

const sentences: Record<string, string> = {
  host: "You came by an address that is not ours. Use the link you were given, or type the address you were told.",
  issuer: "That sign-in service is not in use here. Choose one of these.",
  issuer_down: "Your sign-in service does not answer. Try again in a few minutes, or ring the duty number.",
  expired: "Signing in took longer than ten minutes or was begun in another window. Start again.",
  cancelled: "You stopped signing in before it was finished. You can start again.",
  refused: "Your sign-in service refused to sign you in. Its help desk can tell you why.",
  weak: "You were signed in without a second factor. Wardroom needs one: sign in again and complete both steps.",
  stale: "Your sign-in service did not ask you afresh, so we could not accept its answer. Sign in again and enter your second factor when it asks.",
  other: "Someone else confirmed than the person who is signed in. Sign out first if you want to change person.",
  frozen: "Access for your organisation is closed for now. Ring the duty number: somebody there can let you in again.",
  suspended: "Your access has been suspended. Ring the duty number.",
  signed_out: "You had been signed out meanwhile. Sign in again; your place and what you were writing are kept.",
  internal: "Something went wrong on our side. Try again in a moment.",
};

/** The sentence for a problem code; unknown codes get the general one. */
export const signInProblem = (code: string): string => sentences[code] ?? general;
