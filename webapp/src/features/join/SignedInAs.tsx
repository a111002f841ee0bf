import type { Session } from "../../protocol/rest";
import { Button } from "../../ui/Button";

/** Who is about to join, and a way out if it is somebody else at this browser. */
export function SignedInAs({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  return (
    <p className="join__you">
      You are signed in as {session.person.name}.{" "}
      <Button kind="plain" onClick={onSignOut}>
        That is not me
      </Button>
    </p>
  );
}
