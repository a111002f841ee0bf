import { describe, expect, it } from "vitest";
import { type Mark, unchecked } from "../proof/prover";
import { stub } from "./testing";
import { createUnsealed } from "./unsealed";

const at = (s: number) => new Date(Date.UTC(2026, 1, 3, 2, 14, s)).toISOString();
const ms = (s: number) => Date.parse(at(s));
const mark = (size: number, cosigned: boolean): Mark => ({ size, cosigned, at: null, by: [] });
const seal = (size: number, since?: string) => ({ size, note: "", cosigned: true, at: at(0), ...(since ? { since } : {}) });
const reached = (cosigned: number, signed = cosigned) => ({ ...unchecked, cosigned: mark(cosigned, true), signed: mark(signed, false) });

describe("since when entries wait for their seal", () => {
  it("is when the first came that no checked seal covers, whatever the server says or does not say", () => {
    const u = createUnsealed();
    u.reached(reached(3), true);
    expect(u.since).toBeNull();
    u.came([stub(3), stub(4)], ms(1));
    u.came([stub(5)], ms(2));
    expect(u.since).toBe(at(1));
    u.reached(reached(5), true);
    expect(u.since).toBe(at(2));
    u.reached(reached(5, 6), true); // the operator's signature alone seals nothing where there is a witness
    expect(u.since).toBe(at(2));
    u.reached(reached(6), true);
    expect(u.since).toBeNull();
  });

  it("is what the server says of what came before this page, until it says otherwise", () => {
    const u = createUnsealed();
    u.told(seal(3, at(1)));
    u.came([stub(5)], ms(9));
    expect(u.since).toBe(at(1));
    u.told(seal(6));
    u.reached(reached(6), true);
    expect(u.since).toBeNull();
  });

  it("counts the operator's signature where there is no witness", () => {
    const u = createUnsealed();
    u.told(seal(3, at(1)));
    u.came([stub(3)], ms(2));
    u.reached(reached(0, 4), false);
    expect(u.since).toBeNull();
  });
});
