import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { RoomRow } from "../../protocol/rest";
import { NeedsMe } from "./RoomsList";
import { RoomsPanel } from "./RoomsPanel";

afterEach(cleanup);

const row = (id: string, more: Partial<RoomRow>): RoomRow => ({
  id, reference: `INC-2026-000${id}`, title: "T", mode: "incident", lifecycle: "open", role: "lead", org: "DSC", head: 9, lastAt: "2026-11-21T20:00:00.000Z", readTo: 0, unread: 0, mentions: 0, needs: 0, muted: false, readOnly: false, section: 1, member: 1,
  waiting: 0, colleagues: [], ...more,
});

it("names where something waits for one, where one was asked for, and where somebody waits to be let in", () => {
  render(<NeedsMe reports={0} rooms={[row("1", { mentions: 2 }), row("2", { waiting: 1 }), row("3", { waiting: 2, mode: "exercise" }), row("4", { unread: 7 }), row("5", { needs: 1 }), row("6", { needs: 100 })]} />);
  expect(screen.getAllByRole("link").map((a) => [a.textContent, a.getAttribute("href")])).toEqual([
    ["One thing waits for you in INC-2026-0005", "/rooms/5/decisions"],
    ["More than 99 things wait for you in INC-2026-0006", "/rooms/6/decisions"],
    ["2 new mentions of you in INC-2026-0001", "/rooms/1/search?mentions=1"],
    ["1 person waits to be let into INC-2026-0002", "/rooms/2/people"],
    ["2 people wait to be let into EXERCISE INC-2026-0003", "/rooms/3/people"],
  ]);
});

it("is not there when nothing needs one", () => {
  render(<NeedsMe reports={0} rooms={[row("4", { unread: 7 })]} />);
  expect(screen.queryByText("Needs you")).toBeNull();
});

it("says how many cannot be shown while the service is renewed, and never that there are none", () => {
  const at = (elsewhere: number | undefined, rooms: RoomRow[]) => (
    <RoomsPanel rooms={{ rooms, invitations: [], reports: 0, ...(elsewhere === undefined ? {} : { elsewhere }) }} failed={undefined} mayOpen={false} mayReport={false} as="page" onRetry={() => undefined} onMute={() => undefined} />
  );
  const { rerender } = render(at(1, [row("1", {})]));
  expect(screen.getByRole("status").textContent).toMatch(/^One more of your rooms or invitations cannot be shown just now/);
  expect(screen.getByText("INC-2026-0001")).toBeTruthy();
  rerender(at(2, []));
  expect(screen.getByRole("status").textContent).toMatch(/^2 more of your rooms/);
  expect(screen.queryByText("You are in no room yet")).toBeNull();
  rerender(at(undefined, [])); // of a server that does not count them yet
  expect(screen.queryByRole("status")).toBeNull();
  expect(screen.getByText("You are in no room yet")).toBeTruthy();
});
