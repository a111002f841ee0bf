import { describe, expect, it } from "vitest";
import type { Organisation } from "../protocol/rest";
import { createNaming } from "./naming";
import { emptyRoom, type RoomState } from "./state";

const member = (org: string, orgName: string) => ({ org, orgName, name: "", number: 3 });
const withMembers = (...members: object[]): RoomState => ({ ...emptyRoom("r"), facts: { members } as unknown as NonNullable<RoomState["facts"]> });
const organisation = (code: string, name: string) => ({ code, name }) as Organisation;
const namesIn = (s: RoomState) => s.facts?.members.map((m) => m.orgName);

describe("the names of organisations that the log gives as codes", () => {
  it("are asked for once and filled in, and the state stays as it was", async () => {
    const asked: (readonly string[])[] = [];
    let told = 0;
    const naming = createNaming(async (codes) => (asked.push(codes), [organisation("X2E", "Eastmere")]), () => told++);
    const state = withMembers(member("X1N", "Northmoor"), member("X2E", ""), member("X2E", ""));
    expect(namesIn(naming(state))).toEqual(["Northmoor", "", ""]);
    await Promise.resolve();
    await Promise.resolve();
    expect(told).toBe(1);
    const named = naming(state);
    expect(namesIn(named)).toEqual(["Northmoor", "Eastmere", "Eastmere"]);
    expect(naming(state).facts).toBe(named.facts); // nothing changed: the same object
    expect(asked).toEqual([["X2E"]]);
    expect(namesIn(state)).toEqual(["Northmoor", "", ""]);
  });

  it("are asked for again after a failure, and not at all where none is missing", async () => {
    let tries = 0;
    const naming = createNaming(() => (tries++, Promise.reject(new Error("offline"))), () => undefined);
    const whole = withMembers(member("X1N", "Northmoor"), member("", ""));
    expect(naming(whole)).toBe(whole);
    naming(withMembers(member("X2E", "")));
    await Promise.resolve();
    await Promise.resolve();
    naming(withMembers(member("X2E", "")));
    expect(tries).toBe(2);
  });
});
