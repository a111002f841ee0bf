import { expect, it } from "vitest";
import type { Clock } from "../../protocol/types";
import { exerciseNow } from "../../room/clock";
import { nextTick } from "./now";

const clock: Clock = { exercise: "2017-05-12T15:10:00.000Z", factor: 60, paused: true, set: "2026-11-21T20:00:00.000Z", seq: 4 };
const later = Date.parse(clock.set) + 10_000;

it("stands still while it is stopped, and runs by its factor", () => {
  expect(new Date(exerciseNow(clock, later)).toISOString()).toBe("2017-05-12T15:10:00.000Z");
  expect(new Date(exerciseNow({ ...clock, paused: false }, later)).toISOString()).toBe("2017-05-12T15:20:00.000Z");
});

it("is drawn again when its minute ends", () => {
  expect(nextTick({ ...clock, paused: false, factor: 60 }, Date.parse(clock.set))).toBe(1_000);
  expect(nextTick({ ...clock, paused: false, factor: 1 }, Date.parse(clock.set) + 50_000)).toBe(10_000);
  expect(nextTick({ ...clock, paused: false, factor: 3600 }, Date.parse(clock.set))).toBe(250);
});
