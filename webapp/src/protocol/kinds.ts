// What the wire knows of each kind's body. A kind that is missing here, or a
// body that does not pass, becomes an unknown entry: shown, never folded.
import { count, flag, type Guard, isRecord, listOf, maybe, oneOf, shape, text } from "./guard";
import { type Kind, lifecycles, orgTypes, roles, tlps } from "./types";

const seat = shape({
  history: oneOf("from_join", "full"), name: text, ods: maybe(text), org: text, orgName: text,
  orgType: oneOf(...orgTypes), role: oneOf(...roles),
});
const methane = shape({
  access: maybe(text), emergency: maybe(text), exact: maybe(text), hazards: maybe(text), major: flag, number: maybe(text), type: text,
});
const lines = shape({ affects: text, doing: text, happened: text, need: text, next: text });
const five: Guard<readonly [string, string, string, string, string]> = (v): v is readonly [string, string, string, string, string] =>
  listOf(text)(v) && v.length === 5;
const none = isRecord;
const invitation = shape({ invitation: text, issuer: text, seat });
const message = shape({ mentions: maybe(listOf(count)), text });

export const bodies: { readonly [K in Kind]: (v: unknown) => boolean } = {
  genesis: shape({ deployment: text, format: text, log: text, origin: text, room: maybe(text), section: count }),
  "room.opened": shape({
    hosts: listOf(text), mode: oneOf("incident", "exercise"), reference: text,
    roster: oneOf("names", "organisations", "hosts"), tlp: oneOf(...tlps), title: text,
  }),
  "room.titled": shape({ title: text }),
  "room.moved": shape({ from: oneOf(...lifecycles), to: oneOf(...lifecycles) }),
  "room.reopened": shape({ section: count }),
  "clock.set": shape({ at: text, factor: count, paused: flag }),
  "rules.set": shape({ lines: five, version: count }),
  "brief.set": shape({ lines, version: count }),
  "report.given": shape({ methane }),
  "report.updated": shape({ methane }),
  "inject.given": shape({ actor: text, at: text, conflict: maybe(text), provenance: text, sources: maybe(listOf(text)), text }),
  "message.posted": (v) => message(v) && maybe(flag)((v as { invented?: unknown }).invented),
  "message.corrected": message,
  "entry.noted": none,
  "entry.pinned": none,
  "entry.unpinned": none,
  "audience.tightened": none,
  "audience.widened": shape({ reason: text }),
  "audience.withheld": none,
  "audience.restored": none,
  "member.invited": invitation,
  "member.proposed": invitation,
  "member.admitted": none,
  "member.declined": none,
  "member.asked": shape({ issuer: text, name: text, person: text }),
  "member.vouched": none,
  "member.joined": shape({ how: text, number: count, person: text, rules: count, seat }),
  "member.accepted": shape({ rules: count }),
  "member.changed": shape({ role: oneOf(...roles) }),
  "member.granted": shape({ start: count }),
  "member.withdrawn": none,
  "member.left": none,
  "member.removed": none,
};

/** Whether body is what this version knows the kind to hold. */
export function knows<K extends string>(kind: K, body: unknown): boolean {
  return Object.hasOwn(bodies, kind) && bodies[kind as unknown as Kind](body);
}

/** Whether every member sees entries of this kind, whatever their history start. */
export function isStanding(kind: string): boolean {
  return /^(room|rules|brief|clock|member)\.|^genesis$/.test(kind);
}

/** The kinds whose events begin an object. member.joined does so for the opener only. */
export const rootKinds: ReadonlySet<string> = new Set<Kind>([
  "genesis", "room.opened", "clock.set", "rules.set", "brief.set", "report.given", "inject.given", "message.posted",
  "member.invited", "member.proposed",
]);

