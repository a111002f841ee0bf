import { useQuery } from "@tanstack/react-query";
import type { Session } from "../protocol/rest";
import { timeOfDay } from "../ui/time";
import { useInside } from "./inside";

export const comingKey = ["coming-in"] as const;

/** What must be said on every screen: that this session was begun by codes, and that somebody waits to be rung. */
export function Strips({ session }: { session: Session }) {
  return (
    <aside aria-label="About this session">
      {session.way === "code" ? (
        <p className="strip strip--loud" role="note">
          Signed in by codes until {timeOfDay(session.endsAt)}. What takes something out of the house waits for your own sign-in.
        </p>
      ) : session.way === "passkey" ? (
        <p className="strip" role="note">
          Signed in with a passkey until {timeOfDay(session.endsAt)}.
        </p>
      ) : null}
      {session.host && session.way !== "code" ? <Waiting /> : null}
    </aside>
  );
}

function Waiting() {
  const { api } = useInside();
  const { data } = useQuery({ queryKey: comingKey, queryFn: api.comingIn, refetchInterval: 15_000, retry: false });
  const waiting = data?.asking.filter((a) => !a.approved && !a.mine) ?? [];
  const first = waiting[0];
  return (
    <div role="status">
      {first ? (
        <p className="strip strip--loud">
          {waiting.length === 1 ? `${first.name} asks to come in without their sign-in` : `${waiting.length} people ask to come in without their sign-in`}: ring them on their known number. <a href="/coming-in">Who is let in</a>
        </p>
      ) : null}
    </div>
  );
}
