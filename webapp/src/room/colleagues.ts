import type { Facts, Seq } from "../protocol/types";
import type { AboutRow, EntryRow, Row } from "./row";
import { you } from "./select";

const kinds: ReadonlySet<string> = new Set(["member.joined", "member.left", "member.removed"]);

/** The entries after one by which somebody else of the viewer's organisation came, left or was removed; oldest first. Not what the viewer did. */
export function colleagueChanges(facts: Facts, rows: readonly Row[], after: Seq): readonly (EntryRow | AboutRow)[] {
  const me = you(facts);
  if (!me || me.org === "") return [];
  const all = rows.filter((r): r is EntryRow | AboutRow => (r.type === "entry" || r.type === "about") && r.seq > after && kinds.has(r.entry.kind));
  const mine = all.findLast((r) => r.entry.root === me.root)?.seq ?? 0; // who was here already is no news to who has just joined
  return all.filter((r) => {
    const m = facts.members.find((x) => x.root === r.entry.root);
    return r.seq > mine && !r.mine && m?.org === me.org && m.root !== me.root;
  });
}
