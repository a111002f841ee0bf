import { describe, expect, it } from "vitest";
import type { Audience, Roster } from "../protocol/types";
import { audienceTells, mentionTells, tells, usualAudience } from "./roster";
import { facts, member } from "./testing";

const guest = (n: number, org: string) => member(n, { org, host: false, role: "representative" });
const room = (roster: Roster) => {
  const f = facts({ members: [member(1), member(2, { org: "NCSC" }), guest(3, "X1N"), guest(4, "X1N"), guest(5, "X2E")] });
  return { ...f, room: { ...f.room, roster } };
};
const named = (members: number[], orgs: string[] = []): Audience => ({ kind: "named", members, orgs });

describe("where guests are not told of one another", () => {
  const closed = room("hosts");
  it("an audience names guests of one organisation only, beside the hosts", () => {
    for (const to of [named([1, 3, 5]), named([1], ["X1N", "X2E"]), named([1, 3], ["X2E"])]) expect(audienceTells(closed, to, 1)).toMatch(/not told of one another/);
    for (const to of [named([1, 2, 3, 4]), named([1, 4], ["X1N", "NCSC"]), { kind: "room" } as const, { kind: "hosts" } as const]) expect(audienceTells(closed, to, 1)).toBeNull();
  });

  it("a guest is mentioned to the hosts and to their own organisation only", () => {
    expect(mentionTells(closed, { kind: "room" }, 1, [3])).toMatch(/mention a guest only to the hosts/);
    expect(mentionTells(closed, { kind: "room" }, 3, [4])).toMatch(/mention a guest only/);
    expect(mentionTells(closed, named([1], ["X2E"]), 1, [3])).toMatch(/mention a guest only/);
    expect(mentionTells(closed, { kind: "hosts" }, 1, [3, 5])).toBeNull();
    expect(mentionTells(closed, { kind: "room" }, 3, [1, 2, 3])).toBeNull();
    expect(mentionTells(closed, named([1, 3], ["X1N"]), 1, [3, 4])).toBeNull();
  });
});

describe("whom something of the record goes to while nobody has chosen", () => {
  const as = (n: number) => ({ ...room("hosts"), you: n });
  it("is the hosts and one's own organisation for a guest in such a room, whoever is named", () => {
    for (const who of [{}, { members: [3] }, { members: [4] }, { orgs: ["X1N"] }, { members: [1] }, { orgs: ["DSC"] }]) {
      const to = usualAudience(as(3), null, who);
      expect(to).toEqual({ kind: "named", members: [3], orgs: [...as(3).room.hosts, "X1N"].toSorted() });
      expect(tells(as(3), to, 3, who)).toBe(false);
    }
  });

  it("is the room for a host who names no guest, else the hosts and that guest's organisation", () => {
    expect(usualAudience(as(1), null, { members: [2] })).toEqual({ kind: "room" });
    const to = usualAudience(as(1), null, { members: [5] });
    expect(to).toEqual({ kind: "named", members: [1], orgs: [...as(1).room.hosts, "X2E"].toSorted() });
    expect(tells(as(1), to, 1, { members: [5] })).toBe(false);
  });

  it("is whom the source had, where that is not everyone; and the room where guests know of one another", () => {
    expect(usualAudience(as(3), { kind: "hosts" }, { members: [3] })).toEqual({ kind: "hosts" });
    expect(usualAudience(as(3), { kind: "room" }, { members: [3] }).kind).toBe("named");
    expect(usualAudience({ ...room("names"), you: 3 }, null, { members: [4] })).toEqual({ kind: "room" });
  });
});

it("keeps quiet in rooms where guests know of one another", () => {
  for (const roster of ["names", "organisations"] as const) {
    expect(audienceTells(room(roster), named([3, 5], ["X1N", "X2E"]), 1)).toBeNull();
    expect(mentionTells(room(roster), { kind: "room" }, 1, [3, 5])).toBeNull();
  }
});
