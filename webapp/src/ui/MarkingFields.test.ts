import { describe, expect, it } from "vitest";
import type { Facts } from "../protocol/types";
import { markingFor, markingOf, markingSent } from "./MarkingFields";

const facts = { room: { tlp: "TLP:AMBER+STRICT" } } as Facts;
const source = { tlp: "TLP:AMBER+STRICT", audience: { kind: "hosts" }, pap: "PAP:RED", caveat: "OFFICIAL-SENSITIVE" } as const;

describe("the label and audience of something new", () => {
  it("is left to the server where nobody has chosen and the server knows what it comes from, but for whom was shown", () => {
    expect(markingSent(markingOf(facts), 1)).toEqual({});
    expect(markingSent(markingOf(facts, source), 1)).toEqual({ audience: { kind: "hosts" } });
  });

  it("is said where the server does not know what it comes from: what is shown is what is sent", () => {
    expect(markingSent(markingOf(facts, source, true), 1)).toEqual({ tlp: "TLP:AMBER+STRICT", audience: { kind: "hosts" }, pap: "PAP:RED", caveat: "OFFICIAL-SENSITIVE" });
    expect(markingSent(markingOf(facts, null, true), 1)).toEqual({});
  });

  it("follows whom it usually goes to until somebody chooses", () => {
    const usual = { kind: "named", members: [1], orgs: ["DSC", "X1N"] } as const;
    const shown = markingFor(markingOf(facts), usual);
    expect(markingSent(shown, 1)).toEqual({ tlp: "TLP:AMBER+STRICT", audience: { kind: "named", members: [1], orgs: ["DSC", "X1N"] } });
    const chosen = { ...shown, audience: { kind: "hosts", members: [], orgs: [] } as const, touched: true };
    expect(markingSent(markingFor(chosen, usual), 1)).toEqual({ tlp: "TLP:AMBER+STRICT", audience: { kind: "hosts" } });
  });
});
