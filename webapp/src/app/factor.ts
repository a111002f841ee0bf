import type { Factor } from "../features/keeping/Factor";
import type { Session } from "../protocol/rest";

/** One second factor covers TLP:RED for this long; the session says until when. */
const covers = 60 * 60_000;

/** When the second factor was given, as the session said when the page was loaded: giving it loads the page anew. */
export function factorOf(session: Session, skew: number): Factor {
  return { at: session.stepUpUntil === null ? null : Date.parse(session.stepUpUntil) - covers, skew };
}
