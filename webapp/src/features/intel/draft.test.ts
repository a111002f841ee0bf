import { describe, expect, it } from "vitest";
import { facts, member } from "../../room/testing";
import { blankItem, itemSent, newOf, withMore, writingOf, limitsOf, wrongWith } from "./draft";

const world = facts({ members: [member(1), member(2, { org: "X1N", orgName: "Northmoor" })] });
const now = Date.parse("2026-11-22T03:00:00.000Z");
const written = { ...blankItem(world), title: " Worm ", text: "It spreads." };

describe("an item on its way", () => {
  it("needs a title and either words or an indicator, and says which field is meant", () => {
    expect(wrongWith(blankItem(world), 1, now).map((w) => w.name)).toEqual(["title", "text"]);
    expect(wrongWith({ ...blankItem(world), title: "x", indicators: [{ kind: "ipv4", value: "192.0.2.1" }] }, 1, now)).toEqual([]);
    expect(wrongWith({ ...written, sources: [] }, 1, now)[0]).toMatchObject({ name: "sources" });
    expect(wrongWith({ ...written, expires: { time: "nine", day: "" } }, 1, now)[0]).toMatchObject({ name: "expires" });
    expect(wrongWith({ ...written, limits: { ...written.limits, tlp: "TLP:RED" } }, 1, now)[0]).toMatchObject({ name: "audience" });
  });

  it("goes by the room's label to the room, from the writer's own organisation, not graded", () => {
    expect(itemSent(written, world, now)).toEqual({
      title: "Worm", text: "It spreads.", indicators: [], sources: [{ name: "Data Security Centre", reliability: "F", credibility: "6" }],
      tlp: "TLP:AMBER+STRICT", audience: { kind: "room" },
    });
  });

  it("says who may have it in full, and does not say of RED that it is recorded", () => {
    const to = { kind: "named", members: [2], orgs: ["X1N"] } as const;
    expect(itemSent({ ...written, limits: { tlp: "TLP:AMBER", audience: to, pap: "PAP:AMBER", caveat: "OFFICIAL-SENSITIVE", recorded: true } }, world, now)).toMatchObject({
      tlp: "TLP:AMBER", pap: "PAP:AMBER", caveat: "OFFICIAL-SENSITIVE", recorded: true, audience: { kind: "named", members: [2], orgs: ["DSC", "X1N"] }, // the writer's own organisation keeps it
    });
    const red = itemSent({ ...written, limits: { tlp: "TLP:RED", audience: to, pap: "", caveat: "", recorded: true } }, world, now);
    expect(red).toMatchObject({ tlp: "TLP:RED", audience: { kind: "named", members: [1, 2] } });
    expect(red.recorded).toBeUndefined();
  });

  it("is the same after it was read back into the sheet", () => {
    const body = {
      title: "Worm", text: "It spreads.", indicators: [{ kind: "domain", value: "switch.example", doNotBlock: true }], refs: [{ name: "MS17-010" }],
      sources: [{ name: "A partner", kind: "sensor", reliability: "B", credibility: "2", received: "2026-11-22T01:30:00.000Z" }], expires: "2026-11-29T12:00:00.000Z",
    } as const;
    const again = itemSent(writingOf(body, limitsOf({ tlp: "TLP:GREEN", audience: { kind: "hosts" } })), world, now);
    expect(again).toMatchObject({ ...body, tlp: "TLP:GREEN", audience: { kind: "hosts" } });
  });
});

describe("indicators that were found", () => {
  it("are added once, however they are written", () => {
    const have = [{ kind: "domain", value: "switch.example" }] as const;
    const found = [{ kind: "domain", value: "Switch.example" }, { kind: "file", value: "a.exe" }, { kind: "file", value: "A.exe" }] as const;
    expect(newOf(have, found).map((i) => i.value)).toEqual(["a.exe", "A.exe"]);
    expect(withMore(have, found)).toHaveLength(3);
  });
});
