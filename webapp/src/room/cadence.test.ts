import { describe, expect, it } from "vitest";
import type { Bodies, Facts, Kind, VisibleEntry } from "../protocol/types";
import { demandOf, lateSince } from "./cadence";
import { foldFacts } from "./facts";
import { facts, open } from "./testing";

// The same story as the server's command/cadence_test.go, in minutes.
const began = Date.parse("2026-03-02T09:00:00.000Z");
const at = (minutes: number): string => new Date(began + minutes * 60_000).toISOString();
let seq = 10;
function after<K extends Kind>(f: Facts, minutes: number, kind: K, body: Bodies[K], root?: number): Facts {
  const { entry } = open({ seq: ++seq, kind, body, ...(root ? { root } : {}) });
  return foldFacts(f, { ...(entry as VisibleEntry), times: { recorded: at(minutes) } } as VisibleEntry);
}
const minutes = (t: string | null): number => (Date.parse(t ?? "") - began) / 60_000;
const assessed = (f: Facts, when: number, level: number) => after(f, when, "severity.assessed", { criteria: [], grade: { at: level }, scale: "nhs_level" });
const raised = (f: Facts, when: number, level: number) => after(f, when, "severity.reassessed", { criteria: [], grade: { at: level } }, f.assessments[0]?.root ?? 0);

describe("what a room does again and again", () => {
  it("asks for what the graver of two scales does", () => {
    expect([1, 2, 3, 4].map((n) => demandOf("nhs_level", n, "sitrep"))).toEqual([1440, 480, 240, 120]);
    expect([1, 2, 3, 4, 5, 6].map((n) => demandOf("ncsc_category", n, "update"))).toEqual([120, 180, 180, 360, 1440, 1440]);
  });

  it("comes forward at once when the severity goes up, and never into the past", () => {
    const f = assessed(facts(), 0, 3);
    expect([minutes(f.cadence.meeting.due), minutes(f.cadence.sitrep.due), minutes(f.cadence.update.due)]).toEqual([240, 240, 180]);
    expect(minutes(raised(f, 60, 4).cadence.meeting.due)).toBe(120);
    const late = raised(assessed(facts(), 0, 2), 300, 4);
    expect([minutes(late.cadence.meeting.due), late.cadence.meeting.moved]).toEqual([310, at(300)]);
  });

  it("keeps in step when one is missed, and when nobody was there to say so", () => {
    let f = assessed(facts(), 0, 4);
    f = after(f, 150, "cadence.missed", { what: "meeting", due: at(120) });
    expect([minutes(f.cadence.meeting.due), minutes(f.cadence.meeting.missed)]).toEqual([240, 120]);
    f = after(f, 570, "cadence.missed", { what: "meeting", due: at(240) });
    expect([minutes(f.cadence.meeting.due), minutes(f.cadence.meeting.missed)]).toEqual([600, 120]);
    f = after(f, 580, "cadence.kept", { what: "meeting" });
    expect([minutes(f.cadence.meeting.due), f.cadence.meeting.missed]).toEqual([720, null]);
    f = after(f, 660, "cadence.kept", { what: "meeting" });
    expect(minutes(f.cadence.meeting.due)).toBe(780);
  });

  it("stops with the stand-down, and begins anew", () => {
    let f = after(assessed(facts(), 0, 4), 30, "room.moved", { from: "open", to: "stood_down" }, 1);
    expect(f.cadence.meeting.every).toBe(0);
    f = after(f, 60, "room.moved", { from: "stood_down", to: "responding" }, 1);
    expect(minutes(f.cadence.sitrep.due)).toBe(180);
  });

  it("follows what leads set until the severity goes beyond it", () => {
    let f = after(assessed(facts(), 0, 3), 1, "cadence.set", { meeting: 480, reason: "quiet" });
    expect([f.cadence.meeting.every, f.cadence.sitrep.every]).toEqual([480, 240]);
    f = raised(f, 2, 4);
    expect(f.cadence.meeting.every).toBe(120);
  });

  it("is late in words when its time has passed, and missed when the log says so", () => {
    const f = assessed(facts(), 0, 4);
    expect(lateSince(f.cadence.meeting, began + 119 * 60_000)).toBeNull();
    expect(lateSince(f.cadence.meeting, began + 120 * 60_000)).toBe(at(120));
  });
});
