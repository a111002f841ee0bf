import { describe, expect, it } from "vitest";
import type { EntryRow } from "../room/row";
import { announcement } from "./announcements";
import { bannerFor } from "./Banner";
import { staysInside } from "./links";
import { pageTitle } from "./title";
import { idleAfter, idleAt, warnBefore } from "./useIdle";

const row = (seq: number, text: string, more: Partial<EntryRow> = {}): EntryRow =>
  ({ type: "entry", key: `e${seq}`, seq, entry: { kind: "message.posted" }, object: { versions: [{ seq, text }], reports: [], sealed: false }, author: { name: "Jo Bell", member: 2, system: false }, mine: false, mentionsMe: false, ...more }) as unknown as EntryRow;

describe("what a screen reader is told", () => {
  it("is the entry itself when one comes, and a count when several do", () => {
    expect(announcement([row(4, "Imaging is down")], "all")).toBe("Entry 4, Jo Bell: Imaging is down");
    expect(announcement([1, 2, 3, 4, 5, 6].map((n) => row(n, "x")), "all")).toBe("Six new entries");
    expect(announcement([row(1, "x"), row(2, "y", { mentionsMe: true })], "all")).toBe("Two new entries, one mentions you");
  });

  it("is mentions and decisions unless asked for more, and nothing when asked for nothing", () => {
    expect(announcement([row(1, "x")], "mentions")).toBeNull();
    expect(announcement([row(1, "x", { mentionsMe: true })], "mentions")).toBe("Entry 1, Jo Bell, mentions you: x");
    expect(announcement([row(1, "**Decision:** disconnect")], "mentions")).toContain("Entry 1");
    const decision = { entry: { kind: "decision.recorded" }, object: { versions: [], reports: [], record: { noun: "decision", decision: "Disconnect" } } } as unknown as Partial<EntryRow>;
    expect(announcement([row(1, "", decision)], "mentions")).toBe("Entry 1, Jo Bell, a decision: Disconnect");
    expect(announcement([row(1, "x", { mentionsMe: true })], "none")).toBeNull();
  });

  it("is never one's own, nor what is sealed", () => {
    expect(announcement([row(1, "x", { mine: true })], "all")).toBeNull();
    expect(announcement([row(1, "secret", { object: { versions: [{ text: "secret" }], sealed: true } as unknown as EntryRow["object"] })], "all")).toBe("Entry 1, Jo Bell: a sealed entry");
  });
});

it("puts the count, the mode and the reference into the tab's title", () => {
  expect(pageTitle("Ransomware", 3, { reference: "EX-2026-0001", mode: "exercise" })).toBe("(3) EXERCISE EX-2026-0001 – Ransomware – Wardroom");
  expect(pageTitle("Ransomware", 0, { reference: "INC-2026-0001", mode: "incident" })).toBe("INC-2026-0001 – Ransomware – Wardroom");
  expect(pageTitle("My rooms", 120, null)).toBe("(99+) My rooms – Wardroom");
});

it("locks after 30 minutes without use and warns two minutes before", () => {
  expect([0, idleAfter - warnBefore - 1, idleAfter - warnBefore, idleAfter - 1, idleAfter].map((ms) => idleAt(1_000, 1_000 + ms))).toEqual(["active", "active", "warned", "warned", "locked"]);
});

it("speaks of the connection only when there is something to say", () => {
  expect(bannerFor({ name: "live", since: 0 }, false, true)).toBeNull();
  expect(bannerFor({ name: "live", since: 0 }, true, true)?.text).toMatch(/behind/);
  expect(bannerFor({ name: "waiting", until: null, attempts: 1 }, false, false)?.text).toMatch(/offline.*queued and sent once/);
  expect(bannerFor({ name: "waiting", until: 5, attempts: 1 }, false, false)).toBeNull();
  expect(bannerFor({ name: "waiting", until: 5, attempts: 1 }, false, true)?.text).toMatch(/Reconnecting/);
  expect(bannerFor({ name: "signedOut" }, false, true)?.text).toMatch(/signed out/);
});

it("keeps to the app what is the app's, and leaves signing in to the browser", () => {
  const here = new URL("https://wardroom.example/rooms/a");
  const inside = (href: string) => staysInside(new URL(href, here), here);
  expect(["/rooms/b", "/join", "/auth/start?issuer=x", "/api/v1/x", "https://elsewhere.example/rooms/b"].map(inside)).toEqual([true, true, false, false, false]);
});
