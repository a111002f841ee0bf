import type { Audience, Facts, Marking } from "../../protocol/types";
import { count, list } from "../../ui/words";
import { memberCalled, orgNamed } from "../../room/called";

/** Who receives an entry, as a few words after its label; "" for the whole room. */
export function audienceWords(a: Audience, facts: Facts): string {
  if (a.kind === "room") return "";
  if (a.kind === "hosts") return "to hosts only";
  if (a.kind === "leads") return "to leads and auditors";
  const names = (a.members ?? []).map((n) => (n === facts.you ? "you" : memberCalled(facts, n)));
  const all = [...names.toSorted((x, y) => Number(y === "you") - Number(x === "you")), ...(a.orgs ?? []).map((o) => orgNamed(facts, o))];
  return all.length > 4 ? `to ${all.slice(0, 3).join(", ")} and ${count(all.length - 3)} others` : `to ${list(all)}`;
}

const recordedTo = (a: Audience, facts: Facts): string => {
  const to = audienceWords(a, facts);
  return to === "" ? "For everyone in the room." : `For ${to.slice(3)}.`;
};

/** The sentence on an unopened envelope. */
export function envelopeSentence(m: Marking | null, facts: Facts): string {
  if (m && m.tlp !== "TLP:RED") return `${recordedTo(m.audience, facts)} Opening this is recorded: ${orgNamed(facts, m.originator)} sees who opened it, and when.`;
  const others = (m?.audience.members ?? []).filter((n) => n !== facts.you).length;
  const you = (m?.audience.members ?? []).includes(facts.you);
  const whom = you ? (others === 0 ? "For you alone." : `For you and ${count(others)} other${others === 1 ? "" : "s"}.`) : "For named people.";
  return `${whom} Opening it is recorded.`;
}
