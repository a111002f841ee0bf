// How people and organisations are called in a sentence, as this viewer may
// know them.
import type { Assignee, By, Facts, MemberNo, OrgID } from "../protocol/types";

/** The name, else number and organisation. */
export function memberCalled(facts: Facts, n: MemberNo): string {
  const m = facts.members.find((x) => x.number === n);
  if (!m) return `M-${n}`;
  if (m.name !== "") return m.name;
  return m.orgName !== "" ? `M-${n} of ${m.orgName}` : `M-${n}`;
}

/** An organisation's name as the room knows it, else its code. */
export function orgNamed(facts: Facts, code: OrgID): string {
  return facts.members.find((m) => m.org === code && m.orgName !== "")?.orgName ?? code;
}

/** For whom an action is: the person and their organisation, else the organisation. */
export function assigneeCalled(facts: Facts, a: Assignee): string {
  return a.member ? memberCalled(facts, a.member) : orgNamed(facts, a.org);
}

/** Who wrote a veiled message, in a sentence that has no room for more. */
export const veiled = "Somebody who does not say who they are";

/** The house itself: exercise control, where there is one. */
export const house = (facts: Facts): string => (facts.room.mode === "exercise" ? "Exercise control" : "Wardroom");

/** Who acted. */
export function byCalled(facts: Facts, by: By): string {
  return by.member ? memberCalled(facts, by.member) : by.orgType ? veiled : house(facts);
}

/** "Priya Anand, Data Security Centre". */
export function byInFull(facts: Facts, by: By): string {
  if (!by.member) return by.orgType ? veiled : house(facts);
  const org = by.org ?? facts.members.find((m) => m.number === by.member)?.org ?? "";
  const name = memberCalled(facts, by.member);
  return org === "" || name.endsWith(orgNamed(facts, org)) ? name : `${name}, ${orgNamed(facts, org)}`;
}
