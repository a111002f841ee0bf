import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { foldObject } from "../../room/object";
import { facts, marking, member, open } from "../../room/testing";
import { DecisionPage } from "./DecisionPage";

afterEach(cleanup);

const world = facts({ members: [member(1), member(2, { org: "NCSC", orgName: "National Cyber Security Centre", role: "liaison" })] });
const acts = { addToDecision: vi.fn(), confirmDecision: vi.fn(), disputeDecision: vi.fn(), reviewDecision: vi.fn() };
const recorded = open({ seq: 6, kind: "decision.recorded", marking: marking(), body: { deliberation: {}, verdict: { decision: "Disconnect", maker: 2, rationale: "It spreads", tier: "tactical" } } });
const entry = (r: typeof recorded) => {
  if (r.entry.form === "stub") throw new Error("a stub");
  return r.entry;
};

function page(events: readonly (typeof recorded)[], older = false) {
  const object = foldObject(6, events.map(entry));
  if (object?.record?.noun !== "decision") throw new Error("no decision");
  render(
    <DecisionPage facts={world} head={9} now={Date.parse("2026-02-03T05:00:00Z")} object={object} decision={object.record} acts={acts} actions={[]} older={older} objectAt={() => undefined} load={vi.fn()} whom={() => ""} onRecord={vi.fn()} onAction={vi.fn()} />,
  );
}

describe("a decision's page", () => {
  it("says that there may be other actions where not all were looked through", () => {
    page([recorded], true);
    expect(screen.getByText(/There are older ones/)).toBeTruthy();
    cleanup();
    page([recorded]);
    expect(screen.queryByText("Actions that carry it out")).toBeNull();
  });

  it("keeps what its maker said against it once another stands in its place", () => {
    page([
      recorded,
      open({ seq: 7, root: 6, kind: "decision.disputed", by: { member: 2, org: "NCSC" }, body: { reason: "I said the other one." } }),
      open({ seq: 9, root: 6, kind: "decision.superseded", body: { by: 8 } }),
    ]);
    expect(screen.getByText("I said the other one.")).toBeTruthy();
    expect(screen.getByText("Superseded")).toBeTruthy();
    expect(screen.queryByText(/review time/)).toBeNull();
  });
});
