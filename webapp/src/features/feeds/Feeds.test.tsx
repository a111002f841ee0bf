import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { FeedIssued, FeedRow, NewFeed } from "../../protocol/rest";
import { facts, member } from "../../room/testing";
import { Feeds, standing } from "./Feeds";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(cleanup);

const now = Date.parse("2026-11-22T10:00:00Z");
const feed = (over: Partial<FeedRow> = {}): FeedRow => ({ seq: 9, name: "SIEM", org: "X1N", orgName: "Northmoor NHS Trust", by: 1, issued: "2026-11-20T10:00:00Z", expires: "2026-12-20T10:00:00Z", closed: null, items: 0, ...over });
const lead = member(1, { name: "Priya Anand", org: "DSC", orgName: "Data Security Centre", host: true, role: "lead" });
const guest = member(2, { name: "Hannah Osei", org: "X1N", orgName: "Northmoor NHS Trust", host: false, role: "representative" });
const room = (you: number) => ({ ...facts(), you, members: [lead, guest] });

function shown(rows: readonly FeedRow[] | null, { you = 1, steppedUp = true } = {}) {
  const issue = vi.fn<(f: NewFeed) => Promise<FeedIssued>>(() => Promise.resolve({ seq: 12, token: "wardroom_secret", root: "https://wardroom.example/taxii2/rooms/r/" }));
  const end = vi.fn(() => Promise.resolve());
  render(<Feeds facts={room(you)} feeds={rows === null ? null : { feeds: rows, root: "https://wardroom.example/taxii2/rooms/r/" }} problem="" steppedUp={steppedUp} back="/rooms/r/people" now={now} acts={{ issue, end }} />);
  return { issue, end };
}

describe("the machines of a room", () => {
  it("are issued by a lead, with the token shown once beside the address", async () => {
    const { issue } = shown([]);
    expect(screen.getByText(/No machine reads here/)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Let a machine read" }));
    await userEvent.click(screen.getByRole("button", { name: "Issue the token" }));
    expect(issue).not.toHaveBeenCalled();
    expect(screen.getByRole("alert").textContent).toContain("Choose whose machine it is.");
    await userEvent.selectOptions(screen.getByLabelText("Whose machine"), "X1N");
    await userEvent.type(screen.getByLabelText("What it is"), "SIEM");
    await userEvent.click(screen.getByRole("button", { name: "Issue the token" }));
    expect(issue).toHaveBeenCalledWith({ name: "SIEM", org: "X1N", days: 30 });
    expect(await screen.findByText("wardroom_secret")).toBeTruthy();
    expect(screen.getByText("https://wardroom.example/taxii2/rooms/r/")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "I have put it where it belongs" }));
    expect(screen.queryByText("wardroom_secret")).toBeNull();
  });

  it("ask for the second factor before anything is typed", async () => {
    shown([], { steppedUp: false });
    await userEvent.click(screen.getByRole("button", { name: "Let a machine read" }));
    expect(screen.getByRole("link", { name: "Confirm with my second factor" }).getAttribute("href")).toBe("/auth/step-up?return=%2Frooms%2Fr%2Fpeople");
    expect(screen.queryByLabelText("What it is")).toBeNull();
  });

  it("are ended by a lead alone, and say how they ended", async () => {
    const { end } = shown([feed({ items: 2, asked: "2026-11-22T09:59:00Z" }), feed({ seq: 7, name: "Old", closed: "2026-11-21T10:00:00Z", why: "left" })]);
    expect(screen.getByText(/given 2 items/)).toBeTruthy();
    expect(screen.getAllByRole("button", { name: /^End / })).toHaveLength(1);
    await userEvent.click(screen.getByRole("button", { name: "End SIEM of Northmoor NHS Trust" }));
    await userEvent.click(screen.getByRole("button", { name: "End it now" }));
    expect(end).toHaveBeenCalledWith(9);
    cleanup();
    shown([feed()], { you: 2 });
    expect(screen.queryByRole("button")).toBeNull();
    cleanup();
    shown([], { you: 2 });
    expect(screen.queryByText("Machines")).toBeNull();
  });

  it("stand until they are ended, their time is over, or nobody is left", () => {
    expect(standing(feed(), now)).toMatch(/^Ends /);
    expect(standing(feed({ expires: "2026-11-22T09:00:00Z" }), now)).toMatch(/its time was over$/);
    expect(standing(feed({ closed: "2026-11-22T09:00:00Z", why: "left" }), now)).toContain("nobody of the organisation was left");
  });
});
