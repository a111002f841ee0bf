import { expect, it } from "vitest";
import type { Clock } from "../../protocol/types";
import { nextTick } from "./now";

const clock: Clock = { exercise: "2017-05-12T15:10:00.000Z", factor: 60, paused: true, set: "2026-11-21T20:00:00.000Z", seq: 4 };

it("is drawn again when its minute ends", () => {
  expect(nextTick({ ...clock, paused: false, factor: 60 }, Date.parse(clock.set))).toBe(1_000);
  expect(nextTick({ ...clock, paused: false, factor: 1 }, Date.parse(clock.set) + 50_000)).toBe(10_000);
  expect(nextTick({ ...clock, paused: false, factor: 3600 }, Date.parse(clock.set))).toBe(250);
});
