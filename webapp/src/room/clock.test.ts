import { expect, it } from "vitest";
import type { Clock } from "../protocol/types";
import { exerciseNow, roomTime } from "./clock";
import { facts } from "./testing";

const clock: Clock = { exercise: "2017-05-12T15:10:00.000Z", factor: 60, paused: true, set: "2026-11-21T20:00:00.000Z", seq: 4 };
const later = Date.parse(clock.set) + 10_000;

it("stands still while it is stopped, and runs by its factor", () => {
  expect(new Date(exerciseNow(clock, later)).toISOString()).toBe("2017-05-12T15:10:00.000Z");
  expect(new Date(exerciseNow({ ...clock, paused: false }, later)).toISOString()).toBe("2017-05-12T15:20:00.000Z");
});

it("is the room's time in an exercise, and the time itself where there is no clock", () => {
  const { room, ...rest } = facts();
  expect(roomTime({ ...rest, room: { ...room, clock } }, later)).toBe("2017-05-12T15:10:00.000Z");
  expect(roomTime({ ...rest, room }, later)).toBe("2026-11-21T20:00:10.000Z");
});
