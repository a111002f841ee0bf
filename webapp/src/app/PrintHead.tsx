import type { Facts } from "../protocol/types";
import { dateAndTime } from "../ui/time";
import { useNow } from "../ui/useNow";
import { useInside } from "./inside";

/** What stands at the head of anything printed: of which room, by whom and really when, and how to handle it. */
export function PrintHead({ facts, now }: { facts: Facts; /** The room's time, in milliseconds. */ now: number }) {
  const { session, skew } = useInside();
  const { mode, reference, title, tlp, clock } = facts.room;
  return (
    <p className="print-head">
      <strong>{mode === "exercise" ? "EXERCISE" : "INCIDENT"}</strong> {reference}, {title}. Printed by {session.person.name}, {dateAndTime(useNow(skew))}.
      {clock ? ` The exercise’s clock said ${dateAndTime(new Date(now))}.` : ""} Only what this person may see. Label of the room: {tlp}; handle each entry by its own.
    </p>
  );
}
