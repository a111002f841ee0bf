import { describe, expect, it } from "vitest";
import type { Preflight } from "../protocol/rest";
import { receiving } from "./PreflightPanel";

const machine = (already: boolean): NonNullable<Preflight["feeds"]>[number] => ({ feed: 9, name: "SIEM", org: "X1N", orgName: "Northmoor NHS Trust", gained: false, already });
const shown = (feeds: Preflight["feeds"] = []): Preflight => ({ head: 12, members: [], organisations: [], feeds, unnamed: false });

describe("how many receive it", () => {
  it("never says nobody alone where a machine reads for somebody", () => {
    expect(receiving(shown(), 1)).toBe("Nobody but you receives this now");
    expect(receiving(shown([machine(false)]), 1)).toBe("Nobody but you receives this now; 1 machine is given it");
    expect(receiving(shown([machine(false), machine(false)]), 1)).toBe("Nobody but you receives this now; 2 machines are given it");
  });

  it("does not count a machine that is given it already", () => {
    expect(receiving(shown([machine(true)]), 1)).toBe("Nobody but you receives this now");
  });
});
