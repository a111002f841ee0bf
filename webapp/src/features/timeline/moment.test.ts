import { expect, it } from "vitest";
import { happened } from "./moment";

it("says when something happened, if it was not recorded in the same minute", () => {
  expect(happened({ recorded: "2026-11-21T02:31:40.000Z", occurred: "2026-11-21T02:14:05.000Z" })).toBe("Happened 02:14 GMT, recorded 02:31 GMT");
  expect(happened({ recorded: "2026-11-21T02:31:40.000Z", occurred: "2026-11-20T23:50:00.000Z" })).toBe("Happened 20 Nov, 23:50 GMT, recorded 02:31 GMT");
  expect(happened({ recorded: "2026-11-21T02:31:40.000Z", occurred: "2026-11-21T02:14:05.000Z", about: true })).toBe("Happened about 02:14 GMT, recorded 02:31 GMT");
  expect(happened({ recorded: "2026-11-21T02:31:40.000Z", occurred: "2026-11-21T02:31:05.000Z", about: true })).toBe("Happened about 02:31 GMT, recorded 02:31 GMT");
  expect(happened({ recorded: "2026-11-21T02:31:40.000Z", exercise: "2017-05-12T15:10:00.000Z", occurred: "2017-05-12T15:05:00.000Z" })).toBe("Happened 16:05 BST, recorded 16:10 BST");
  expect(happened({ recorded: "2026-11-21T02:31:40.000Z", occurred: "2026-11-21T02:31:05.000Z" })).toBeNull();
  expect(happened({ recorded: "2026-11-21T02:31:40.000Z" })).toBeNull();
});
