import { expect, it } from "vitest";
import { apply } from "./apply";
import { colleagueChanges } from "./colleagues";
import { emptyRoom } from "./state";
import { events, facts, member, open, room, snapshot } from "./testing";
import { createTimeline } from "./timeline";

const guest = (number: number, root: number, org: string) => member(number, { root, org, orgName: org, host: false, role: "representative" });
const seat = (org: string) => ({ history: "full", name: `Of ${org}`, org, orgName: org, orgType: "acute_trust", role: "representative" }) as const;

it("is who else of one's own organisation came, left or was removed, and by others", () => {
  const before = facts({ you: 2, members: [member(1), guest(2, 12, "X1N"), guest(3, 13, "X1N"), guest(4, 14, "X2E")] });
  let state = apply(emptyRoom(room), snapshot(20, before));
  const joined = (seq: number, root: number, number: number, org: string) => open({ seq, root, kind: "member.joined", by: { member: number, org, role: "representative" }, body: { how: "subject", number, person: "p", rules: 1, seat: seat(org) } });
  state = apply(
    state,
    events(
      open({ seq: 21, root: 14, kind: "member.removed", body: {} }), // of another organisation
      open({ seq: 22, root: 13, kind: "member.removed", body: {} }),
      open({ seq: 23, kind: "member.invited", body: { invitation: "i", issuer: "health", seat: seat("X1N") } }),
      joined(24, 23, 5, "X1N"),
      open({ seq: 25, root: 23, kind: "member.left", by: { member: 5, org: "X1N", role: "representative" }, body: {} }),
    ),
  );
  const { rows } = createTimeline()(state, 20, 20);
  const after = (seq: number) => colleagueChanges(state.facts!, rows, seq).map((r) => [r.seq, r.entry.kind]);
  expect(after(20)).toEqual([[22, "member.removed"], [24, "member.joined"], [25, "member.left"]]);
  expect(after(24)).toEqual([[25, "member.left"]]);
  expect(colleagueChanges({ ...state.facts!, you: 1 }, rows, 20)).toEqual([]); // of another, and the one who removed
});

it("is nothing that stood before one joined oneself", () => {
  const state = apply(
    apply(emptyRoom(room), snapshot(20, facts({ you: 2, members: [member(1), guest(2, 22, "X1N"), guest(3, 21, "X1N")] }))),
    events(
      open({ seq: 21, kind: "member.joined", by: { member: 3, org: "X1N", role: "representative" }, body: { how: "subject", number: 3, person: "p", rules: 1, seat: seat("X1N") } }),
      open({ seq: 22, kind: "member.joined", by: { member: 2, org: "X1N", role: "representative" }, body: { how: "subject", number: 2, person: "q", rules: 1, seat: seat("X1N") } }),
    ),
  );
  expect(colleagueChanges(state.facts!, createTimeline()(state, 0, 0).rows, 0)).toEqual([]);
});
