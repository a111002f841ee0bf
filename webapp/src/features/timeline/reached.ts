import type { BroadcastBodies } from "../../protocol/broadcast";
import type { Facts, Seq } from "../../protocol/types";
import { list, plural } from "../../ui/words";

/** How many people are named before the rest is a number. */
const named = 4;

function names(facts: Facts, roots: readonly Seq[]): string {
  const all = roots.map((n) => facts.members.find((m) => m.root === n)?.name ?? "").filter((n) => n !== "");
  const shown = all.slice(0, named);
  const rest = roots.length - shown.length;
  return list(rest > 0 ? [...shown, shown.length === 0 ? plural(rest, "person", "people") : `${rest} more`] : shown);
}

/** How far the invitations of a broadcast came, as a line of the log. */
export function reached(facts: Facts, root: Seq, body: BroadcastBodies["broadcast.reached"]): string {
  const { invited = [], delivered = [], opened = [], left = 0 } = body;
  const said = [
    invited.length > 0 ? `${plural(invited.length, "person was", "people were")} invited` : "",
    left > 0 ? `${plural(left, "contact was", "contacts were")} not invited after all` : "",
    delivered.length > 0 ? `the message to ${names(facts, delivered)} was delivered` : "",
    opened.length > 0 ? `${names(facts, opened)} opened ${opened.length === 1 ? "the invitation" : "their invitations"}` : "",
  ].filter((x) => x !== "");
  return `Broadcast ${root}: ${said.join("; ")}`;
}
