// Whom a veiled message hides among: the twin of the server's count. The server
// decides; where names are hidden here, it alone can count.
import type { Facts } from "../protocol/types";
import { membersPresent, you } from "./select";

/** How many organisations of one type must be here, each with somebody who may write. */
export const veilAmong = 3;

/** How many organisations of the viewer's own type have somebody here who may write, theirs included; null where that is not shown to them. */
export function veils(facts: Facts): number | null {
  if (facts.room.roster !== "names") return null;
  const mine = you(facts)?.orgType;
  return new Set(membersPresent(facts).filter((m) => !m.host && m.role === "representative" && m.orgType === mine).map((m) => m.org)).size;
}
