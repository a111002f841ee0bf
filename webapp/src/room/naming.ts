// The names of organisations of which this person sees members but not their
// names: the log tells a guest the code, the directory what it stands for. The
// state itself stays as the log has it.
import type { Organisation } from "../protocol/rest";
import type { Facts, OrgID } from "../protocol/types";
import type { RoomState } from "./state";

/** Fills in the names that are known; asks for those that are not, and tells when they have come. */
export function createNaming(ask: (codes: readonly OrgID[]) => Promise<readonly Organisation[]>, told: () => void): (state: RoomState) => RoomState {
  const names = new Map<OrgID, string>();
  const asked = new Set<OrgID>();
  let last: { readonly facts: Facts; readonly known: number; readonly named: Facts } | null = null;

  function learn(codes: readonly OrgID[]): void {
    for (const c of codes) asked.add(c);
    ask(codes).then(
      (found) => {
        for (const o of found) names.set(o.code, o.name);
        if (found.length > 0) told();
      },
      () => codes.forEach((c) => asked.delete(c)), // with the next change of the room
    );
  }

  return (state) => {
    const { facts } = state;
    if (!facts || !facts.members.some((m) => m.org !== "" && m.orgName === "")) return state;
    if (last?.facts !== facts || last.known !== names.size) {
      const nameless = facts.members.filter((m) => m.org !== "" && m.orgName === "");
      const unknown = [...new Set(nameless.map((m) => m.org))].filter((c) => !asked.has(c));
      if (unknown.length > 0) learn(unknown);
      const members = facts.members.map((m) => (m.orgName === "" && names.has(m.org) ? { ...m, orgName: names.get(m.org) ?? "" } : m));
      last = { facts, known: names.size, named: { ...facts, members } };
    }
    return { ...state, facts: last.named };
  };
}
