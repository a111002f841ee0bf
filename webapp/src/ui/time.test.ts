import { describe, expect, it } from "vitest";
import { dateAndTime, dayKey, duration, fromLondon, lastAt, longDay, nextAt, parseWall, shortMoment, timeOfDay, utc, zoneAt } from "./time";

describe("a time", () => {
  it("is London time on the 24-hour clock, with its zone", () => {
    expect(timeOfDay("2017-05-12T15:10:00.000Z")).toBe("16:10 BST");
    expect(timeOfDay("2026-11-21T00:05:00.000Z")).toBe("00:05 GMT");
    expect(dateAndTime("2017-05-12T15:10:00.000Z")).toBe("12 May 2017, 16:10 BST");
    expect(utc("2017-05-12T15:10:09.500Z")).toBe("2017-05-12 15:10:09 UTC");
  });

  it("changes zone at the very second the clocks do", () => {
    // 29 March 2026, 01:00 UTC: 01:00 GMT becomes 02:00 BST.
    expect(timeOfDay("2026-03-29T00:59:59.000Z")).toBe("00:59 GMT");
    expect(timeOfDay("2026-03-29T01:00:00.000Z")).toBe("02:00 BST");
    // 25 October 2026, 01:00 UTC: 02:00 BST becomes 01:00 GMT, and 01:30 comes twice.
    expect(timeOfDay("2026-10-25T00:30:00.000Z")).toBe("01:30 BST");
    expect(timeOfDay("2026-10-25T01:30:00.000Z")).toBe("01:30 GMT");
    expect(zoneAt("2026-10-25T00:59:59.000Z")).toBe("BST");
    expect(zoneAt("2026-10-25T01:00:00.000Z")).toBe("GMT");
  });

  it("belongs to the day it is in London, not in UTC", () => {
    expect(dayKey("2017-05-12T23:30:00.000Z")).toBe("2017-05-13");
    expect(longDay("2017-05-12T15:10:00.000Z")).toBe("Friday 12 May 2017");
  });

  it("is as short as today allows", () => {
    const now = "2026-11-21T20:00:00.000Z";
    expect(shortMoment("2026-11-21T09:00:00.000Z", now)).toBe("09:00 GMT");
    expect(shortMoment("2026-07-01T09:00:00.000Z", now)).toBe("1 Jul, 10:00 BST");
    expect(shortMoment("2017-05-12T15:10:00.000Z", now)).toBe("12 May 2017, 16:10 BST");
  });
});

describe("a London wall-clock time", () => {
  it("becomes the moment it names, in winter and in summer", () => {
    expect(fromLondon("2017-05-12", "16:10")).toBe("2017-05-12T15:10:00.000Z");
    expect(fromLondon("2026-01-12", "16:10")).toBe("2026-01-12T16:10:00.000Z");
  });

  it("means the first of the two when it occurs twice", () => {
    expect(fromLondon("2026-10-25", "01:30")).toBe("2026-10-25T00:30:00.000Z");
  });

  it("is nothing when it is no time", () => {
    expect(fromLondon("", "16:10")).toBeNull();
    expect(fromLondon("2026-02-30x", "16:10")).toBeNull();
  });
});

it("says durations in words", () => {
  expect([10_000, 60_000, 3_600_000, 7_500_000].map(duration)).toEqual(["less than a minute", "1 minute", "1 hour", "2 hours 5 minutes"]);
});

describe("a time of day as it is typed", () => {
  it("is four figures, with or without a colon, and may be about", () => {
    expect(["1610", "16:10", "16.10", "~1610", "0905", " 2359 "].map(parseWall)).toEqual([
      { time: "16:10", about: false }, { time: "16:10", about: false }, { time: "16:10", about: false }, { time: "16:10", about: true },
      { time: "09:05", about: false }, { time: "23:59", about: false },
    ]);
    expect(["", "16", "2410", "1660", "16101", "ten"].map(parseWall)).toEqual([null, null, null, null, null, null]);
  });

  it("means the last such time for what happened, and the next one for what is due", () => {
    const now = Date.parse("2017-05-12T15:14:00.000Z"); // 16:14 in London
    expect([lastAt("16:10", now), lastAt("16:15", now), lastAt("16:20", now)]).toEqual(["2017-05-12T15:10:00.000Z", "2017-05-12T15:15:00.000Z", "2017-05-11T15:20:00.000Z"]);
    expect([nextAt("18:10", now), nextAt("09:00", now)]).toEqual(["2017-05-12T17:10:00.000Z", "2017-05-13T08:00:00.000Z"]);
  });
});
