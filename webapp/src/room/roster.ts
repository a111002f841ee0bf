// Where guests are not told of one another, an entry must not do it by naming
// them: the twin of the server's rule, to say so before anything is sent.
import type { Audience, Facts, MemberNo, OrgID } from "../protocol/types";
import { memberByNumber, you } from "./select";

/** Whom an entry names, beside its text. */
export interface Named {
  readonly members?: readonly MemberNo[] | undefined;
  readonly orgs?: readonly OrgID[] | undefined;
}

/** Whether an entry with this audience would tell a guest of another by naming them. What it says of its author it says by being there. */
export function tells(facts: Facts, to: Audience, author: MemberNo, named: Named): boolean {
  if (facts.room.roster !== "hosts" || to.kind === "hosts") return false;
  const names = guestOrgs(facts, { ...named, members: (named.members ?? []).filter((n) => n !== author) });
  if (to.kind === "room") return names.length > 0;
  const readers = guestOrgs(facts, to);
  return names.some((n) => readers.some((r) => r !== n));
}

/**
 * Whom something of the record goes to while nobody has chosen: the room, or
 * those whom its source had. Where guests are not told of one another a guest
 * writes to the hosts and their own organisation, and whoever names a guest to
 * the hosts and that guest's.
 */
export function usualAudience(facts: Facts, from: Audience | null, named: Named): Audience {
  const to: Audience = from ?? { kind: "room" };
  if (facts.room.roster !== "hosts" || to.kind !== "room") return to;
  const me = you(facts);
  const guests = [...(me && !me.host && me.org !== "" ? [me.org] : []), ...guestOrgs(facts, named)];
  if (guests.length === 0) return to;
  return { kind: "named", members: [facts.you], orgs: [...new Set([...facts.room.hosts, ...guests])].toSorted() };
}

/** The organisations of those named that are no hosts. */
function guestOrgs(facts: Facts, { members = [], orgs = [] }: Named): OrgID[] {
  const of = members.map((n) => memberByNumber(facts, n)).filter((m) => m !== undefined && !m.host && m.org !== "");
  return [...of.map((m) => m?.org ?? ""), ...orgs.filter((o) => !facts.room.hosts.includes(o))];
}

/** Why this audience cannot stand here, or null. */
export const audienceTells = (facts: Facts, to: Audience, author: MemberNo): string | null =>
  to.kind === "named" && tells(facts, to, author, to) ? "In this room guests are not told of one another. Address each organisation in an entry of its own." : null;

/** Why these people cannot be mentioned to this audience, or null. */
export const mentionTells = (facts: Facts, to: Audience, author: MemberNo, mentioned: readonly MemberNo[]): string | null =>
  tells(facts, to, author, { members: mentioned }) ? "In this room guests are not told of one another: mention a guest only to the hosts and to their own organisation." : null;
