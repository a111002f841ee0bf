// The fold of one membership, as one viewer may know it: the twin of the
// server's. An envelope tells who acted, when and what kind of thing it was.
import type { Instant, MemberFacts, MemberState, OrgID, Role, Seat, Tier, Times, VisibleEntry } from "../protocol/types";

/** The time people are shown first: the exercise clock's in an exercise, else when it was recorded. */
export const shown = (t: Times): Instant => t.exercise ?? t.recorded;

/** The tier a role acts at until a lead gives its holder another. */
export const tierOf = (role: Role | ""): Tier | "" => (role === "" ? "" : role === "lead" || role === "deputy" ? "tactical" : "operational");

/** The states that the kinds without a body of their own lead to. */
const leadsTo: Readonly<Record<string, MemberState>> = {
  "member.admitted": "invited",
  "member.declined": "declined",
  "member.asked": "asked",
  "member.vouched": "vouched",
  "member.withdrawn": "withdrawn",
  "member.left": "left",
  "member.removed": "removed",
};
const endings: ReadonlySet<string> = new Set(["member.declined", "member.withdrawn", "member.left", "member.removed"]);

/** The membership after the event; undefined if the event says nothing about one that is known. */
export function nextMember(old: MemberFacts | undefined, e: VisibleEntry, hosts: readonly OrgID[]): MemberFacts | undefined {
  const m = step(old, e);
  return m && { ...m, host: m.org !== "" && hosts.includes(m.org) };
}

function step(old: MemberFacts | undefined, e: VisibleEntry): MemberFacts | undefined {
  const known = e.form === "open" && !e.unknown ? e : null;
  switch (e.kind) {
    case "member.invited":
    case "member.proposed": {
      const m = begin(e, e.kind === "member.invited" ? "invited" : "proposed");
      return known?.kind === "member.invited" || known?.kind === "member.proposed" ? seated(m, known.body.seat) : m;
    }
    case "member.joined": {
      const m: MemberFacts = { ...(old ?? begin(e, "joined")), state: "joined", joined: shown(e.times) };
      if (known?.kind !== "member.joined") {
        return { ...m, number: e.by.member ?? 0, org: e.by.org ?? "", role: e.by.role ?? "" };
      }
      const { seat, number, rules } = known.body;
      return { ...seated(m, seat), number, rules, start: seat.history === "from_join" ? e.seq : m.start };
    }
  }
  if (!old) return undefined;
  if (known?.kind === "member.accepted") return { ...old, rules: known.body.rules };
  if (known?.kind === "member.changed") {
    const { role } = known.body;
    return { ...old, role, tier: old.tier === tierOf(old.role) ? tierOf(role) : old.tier };
  }
  if (known?.kind === "member.tiered") return { ...old, tier: known.body.tier };
  if (known?.kind === "member.granted") return { ...old, start: known.body.start };
  const state = leadsTo[e.kind];
  if (!state) return undefined;
  return {
    ...old,
    state,
    ...(endings.has(e.kind) ? { ended: shown(e.times) } : {}),
    ...(known?.kind === "member.asked" ? { askedName: known.body.name } : {}),
  };
}

function begin(e: VisibleEntry, state: MemberState): MemberFacts {
  return {
    root: e.root, number: 0, state, name: "", org: "", orgName: "", orgType: "", ods: "", role: "", tier: "", host: false, start: 0, rules: 0,
    invitedBy: e.by.member ?? 0, invited: shown(e.times), joined: null, ended: null, askedName: "",
  };
}

function seated(m: MemberFacts, seat: Seat): MemberFacts {
  return { ...m, name: seat.name, org: seat.org, orgName: seat.orgName, orgType: seat.orgType, ods: seat.ods ?? "", role: seat.role, tier: tierOf(seat.role) };
}
