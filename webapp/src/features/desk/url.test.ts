import { describe, expect, it } from "vitest";
import type { RoomID } from "../../protocol/types";
import { deskHref, entryAsked, londonMoment, roomAsked, roomsAsked, timelineQuery } from "./url";

const all = ["aaaa", "bbbb", "cccc"] as RoomID[];

describe("the desk's addresses", () => {
  it("leave out what is empty, and name the part unless it is the timeline", () => {
    expect(deskHref("timeline", {})).toBe("/desk");
    expect(deskHref("gaps", { rooms: "aaaa.bbbb", kinds: "" })).toBe("/desk/gaps?rooms=aaaa.bbbb");
  });
  it("have no place for words that are searched for", () => {
    expect(deskHref("search", { text: "secret" } as object)).toBe("/desk/search");
  });
  it("mean all rooms when none is named, and never one that is not there", () => {
    expect(roomsAsked({}, all)).toEqual(all);
    expect(roomsAsked({ rooms: "bbbb.zzzz" }, all)).toEqual(["bbbb"]);
    expect(roomsAsked({ rooms: "zzzz" }, all)).toEqual(all);
    expect(roomAsked({ rooms: "bbbb" }, all)).toBe("bbbb");
    expect(roomAsked({ rooms: "bbbb", room: "cccc" }, all)).toBe("cccc");
    expect(roomAsked({}, [])).toBeUndefined();
  });
  it("give times of London, in summer too", () => {
    expect(londonMoment("2026-07-01T02:14")).toBe("2026-07-01T01:14:00.000Z");
    expect(londonMoment("2026-11-22T02:14")).toBe("2026-11-22T02:14:00.000Z");
    expect(londonMoment("2026-11-22")).toBe("2026-11-22T00:00:00.000Z");
    expect(londonMoment("yesterday")).toBeNull();
  });
  it("ask for nothing that cannot be asked", () => {
    const q = timelineQuery({ label: "TLP:PURPLE", by: "guess", order: "sideways", from: "x" }, all);
    expect(q).toMatchObject({ tlp: "", by: "recorded", order: "oldest", from: null });
    expect([entryAsked("12"), entryAsked("0"), entryAsked("-1"), entryAsked("1e400"), entryAsked("x"), entryAsked(undefined)]).toEqual([12, null, null, null, null, null]);
  });
});
