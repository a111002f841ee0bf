import { describe, expect, it } from "vitest";
import type { Audience, Roster } from "../protocol/types";
import { audienceTells, mentionTells } from "./roster";
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

it("keeps quiet in rooms where guests know of one another", () => {
  for (const roster of ["names", "organisations"] as const) {
    expect(audienceTells(room(roster), named([3, 5], ["X1N", "X2E"]), 1)).toBeNull();
    expect(mentionTells(room(roster), { kind: "room" }, 1, [3, 5])).toBeNull();
  }
});
