// The restore drill: a database is put back from a backup, or an entry of it
// is changed, while what the witness and the machine's own file have stays.
import { House } from "./house";
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test as journey } from "./test";

// A house of its own: what is restored is everybody's.
const test = journey.extend<object, { house: House }>({
  house: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const house = await House.open();
      await use(house);
      await house.close();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});

test.describe.configure({ timeout: 240_000 });

const banner = (p: Person) => p.page.getByRole("alert").filter({ hasText: "This section is read-only" });
const seal = (p: Person) => p.page.getByRole("region", { name: "Seal", exact: true });
const away = [/ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|WebSocket connection/, /^refused: 50[023] /];

/** Waits until both signatures are there for all up to this entry. */
async function sealed(p: Person, seq: number): Promise<void> {
  await expect(async () => {
    const text = (await seal(p).textContent()) ?? "";
    expect(text).toContain("witnessed by");
    expect(Number(/up to entry (\d+)/.exec(text)?.[1] ?? -1), text).toBeGreaterThanOrEqual(seq);
  }).toPass({ timeout: 30_000 });
}

/** Gives the second factor and comes back; the sign-in service has forgotten who is there. */
async function confirm(p: Person): Promise<void> {
  await p.dialog(/^Say that the section before/).getByRole("link", { name: "Confirm that it is you with your second factor" }).click();
  const account = p.page.getByTestId(`account-${p.account.key}`);
  await expect(account.or(p.page.getByTestId("second-factor-code"))).toBeVisible();
  if (await account.isVisible()) await account.click();
  await p.secondFactor();
  await expect(p.feed).toBeVisible();
}

/** Pages do not look on while the house is down. */
async function lookAway(...all: Person[]): Promise<void> {
  for (const p of all) {
    p.expects(...away);
    await p.page.goto("about:blank");
  }
}

test("restored at once from a backup that has everything, a room is written to as before", async ({ come, house }) => {
  const { lead, room, guests } = await meeting(come, "Caught up", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  const before = await lead.say("Said before the backup");
  await sealed(lead, before);
  await lookAway(lead, ciso);
  const restore = await house.backup();
  await restore();
  await lead.enter(room.room);
  await ciso.enter(room.room);
  await expect(lead.entry(before)).toContainText("Said before the backup");
  const after = await ciso.say("Said after it was restored");
  await expect(lead.entry(after)).toBeVisible();
  expect(after).toBe(before + 1);
  await sealed(lead, after);
  await expect(banner(lead)).toHaveCount(0);
  await expect(seal(lead)).toContainText("Checked in this browser");
});

test("restored to an earlier state, a room is read-only, and goes on at once in a new section", async ({ come, house }) => {
  const { lead, room, guests } = await meeting(come, "Pharmacy system down", [
    { who: "ciso", on: "phone" },
    { who: "ncsc", role: "lead", history: "full" },
  ]);
  const [ciso, ncsc] = guests as [Person, Person];
  const last = await lead.say("Domain controller isolated.");
  await sealed(lead, last);
  await lookAway(lead, ciso, ncsc);
  const restore = await house.backup();
  await Promise.all([lead.enter(room.room), ncsc.enter(room.room)]);
  await ciso.enter(room.room);
  const lost = await ciso.say("The backups are clean.");
  await sealed(lead, lost);
  await lookAway(lead, ncsc);
  ciso.expects(...away); // somebody who looks on through it
  await restore();

  await lead.enter(room.room);
  await expect(lead.entry(last)).toBeVisible();
  await expect(lead.entryWith("The backups are clean.")).toHaveCount(0);
  await expect(banner(lead)).toBeVisible({ timeout: 8_000 }); // before anybody has tried to write to it
  await expect(banner(lead)).toContainText(`It has ${last} entries here, and ${lost} were signed for: the last ones are missing, as when a database is put back to an earlier state.`);
  await expect(lead.composer).toHaveCount(0);
  await expect(lead.page.locator(".room__state")).toContainText(`Read-only · ${last} entries`);
  await lead.screen("behind");
  lead.expects(/^refused: 409 .*\/messages$/);
  const refused = await lead.ask("POST", `/rooms/${room.room}/messages`, { text: "Do the backups work?" });
  expect(refused.status).toBe(409);
  expect(JSON.stringify(refused.body)).toContain("This section of the room is read-only: its record here is not what was signed for.");

  // Who looked on through it is shown that what they saw is gone, and who comes anew what is wrong.
  await expect(ciso.page.getByRole("alert").filter({ hasText: "Do not rely on this screen" })).toBeVisible({ timeout: 30_000 });
  await ciso.screen("looked-on");
  await ciso.page.reload();
  await expect(banner(ciso)).toBeVisible({ timeout: 8_000 });
  await expect(banner(ciso)).toContainText("A lead or deputy can go on at once in a new section");
  await expect(banner(ciso).getByRole("button")).toHaveCount(0);
  await ciso.screen("behind");
  await ciso.goto("/");
  await expect(ciso.page.getByRole("link", { name: /Pharmacy system down/ })).toContainText("Read-only section");
  await ciso.screen("rooms");

  await banner(lead).getByRole("button", { name: "Continue in a new section" }).click();
  const ask = lead.dialog("Continue in a new section?");
  await expect(ask).toContainText("Decisions, actions and loggists’ logs are not carried over");
  await lead.screen("continue");
  await ask.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(lead.page).not.toHaveURL(new RegExp(room.room));
  await expect(lead.composer).toBeVisible();
  const next: Room = { room: new URL(lead.page.url()).pathname.split("/")[2] ?? "", reference: room.reference };
  const people = (await lead.snapshot(next)).state.members.filter((m) => m.state === "joined").map((m) => m.name);
  expect(people.toSorted()).toEqual([lead, ciso, ncsc].map((p) => p.account.name).toSorted());
  const first = await lead.say("We go on here. Are the backups clean?");
  await lead.screen("section");

  // The guest's list takes the new section in by itself; the old one leads there too.
  await expect(ciso.page.getByRole("link", { name: /Pharmacy system down.*section 2/ })).toBeVisible();
  await ciso.screen("rooms-two");
  await ciso.goto(`/rooms/${room.room}`);
  await expect(banner(ciso).getByRole("link", { name: "Go on in the new section" })).toBeVisible();
  await ciso.screen("behind-next");
  await banner(ciso).getByRole("link", { name: "Go on in the new section" }).click();
  await expect(ciso.entry(first)).toBeVisible();
  const answer = await ciso.say("They are clean.");
  await expect(lead.entry(answer)).toBeVisible();
  await ciso.screen("section");
  await sealed(lead, answer);
  await lead.screen("section-sealed");

  // Each host says what the section before is worth.
  const earlier = (p: Person) => p.page.getByRole("region", { name: "The section before" });
  await expect(earlier(lead)).toContainText("has not said yet what it is worth");
  lead.expects(/^refused: 401 .*\/judge-section$/);
  ncsc.expects(/^refused: 401 .*\/judge-section$/);
  await ncsc.enter(next.room);
  for (const [p, button] of [[lead, "It is part of the record"], [ncsc, "It is not to be relied on"]] as const) {
    await earlier(p).getByRole("button", { name: button }).click();
    await p.screen("judge");
    await p.dialog(/^Say that the section before/).getByRole("button", { name: "Say so" }).click();
    await confirm(p);
    await earlier(p).getByRole("button", { name: button }).click();
    await p.dialog(/^Say that the section before/).getByRole("button", { name: "Say so" }).click();
    await expect(earlier(p).getByRole("button", { name: button })).toHaveCount(0);
  }
  for (const p of [lead, ncsc]) {
    await expect(earlier(p)).toContainText(/: it is part of this record \(/);
    await expect(earlier(p)).toContainText(/: it is not to be relied on \(/);
  }
  await earlier(lead).scrollIntoViewIfNeeded();
  await lead.screen("judged");
  await ciso.part("More");
  await earlier(ciso).scrollIntoViewIfNeeded();
  await ciso.screen("judged");
  await expect(earlier(ciso).getByRole("button")).toHaveCount(0);
});

test("restored with the deployment's own record to an earlier state, everybody signs in anew and the room goes on", async ({ come, house }) => {
  const { lead, room } = await meeting(come, "Put back with the rest", []);
  const last = await lead.say("Said before the backup");
  await sealed(lead, last);
  await lookAway(lead);
  const restore = await house.backup();
  await lead.enter(room.room);
  const lost = await lead.say("Said after the backup");
  const other = await lead.makeRoom("Opened after the backup");
  await sealed(lead, lost);
  // The witness takes a log in by the deployment's record of it, so it has that by then.
  await expect(async () => {
    const logs = (await (await fetch(`http://127.0.0.1:${house.port + 4}/logs`)).json()) as { origin: string }[];
    expect(logs.some((l) => l.origin.endsWith(`/room/${other.room}`))).toBe(true);
  }).toPass({ timeout: 30_000 });
  await lookAway(lead);
  await restore();

  lead.expects(/^refused: 401 /, /^refused: 404 /, /^refused: 409 .*\/messages$/);
  await lead.goto(`/rooms/${room.room}`);
  await expect(lead.page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
  await lead.screen("signed-out");
  await lead.signInHere();
  await lead.enter(room.room);
  await expect(banner(lead)).toBeVisible({ timeout: 8_000 });
  await expect(banner(lead)).toContainText(`It has ${last} entries here, and ${lost} were signed for`);
  expect((await lead.ask("GET", `/rooms/${other.room}`)).status).toBe(404); // it went with the backup
  await banner(lead).getByRole("button", { name: "Continue in a new section" }).click();
  await lead.dialog("Continue in a new section?").getByRole("button", { name: "Continue", exact: true }).click();
  await expect(lead.composer).toBeVisible();
  await lead.say("We go on here.");
});

test("with one bit of a sealed entry turned where it is stored, a room is read-only", async ({ come, house }) => {
  const { lead, room, guests } = await meeting(come, "One bit", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  const seq = await lead.say("Do not pay.");
  await sealed(lead, await lead.say("Said after it."));
  await lookAway(lead, ciso);
  await house.tamper(`UPDATE leaf SET leaf = set_bit(leaf, 1777, 1 - get_bit(leaf, 1777)) WHERE log = '${room.room}' AND seq = ${seq}`);

  await lead.enter(room.room);
  lead.expects(/^refused: 409 .*\/messages$/);
  await lead.composer.fill("On top of it");
  await lead.composer.press("Enter");
  await expect(banner(lead)).toBeVisible({ timeout: 8_000 });
  await expect(banner(lead)).toContainText(/The \d+ entries that were signed for are not the ones that are stored here\./);
  await expect(banner(lead)).toContainText("What you see below may not be what was written.");
  await lead.screen("different");
  await ciso.enter(room.room);
  await expect(banner(ciso)).toContainText("not the ones that are stored here", { timeout: 8_000 });
  await ciso.screen("different");
  await banner(lead).getByRole("button", { name: "Continue in a new section" }).click();
  await lead.dialog("Continue in a new section?").getByRole("button", { name: "Continue", exact: true }).click();
  await expect(lead.composer).toBeVisible();
  await lead.say("We go on here.");
});
