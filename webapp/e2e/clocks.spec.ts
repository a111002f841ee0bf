// What the law wants told: a trust's contact says on a phone that a personal
// data breach is suspected, and a clock runs from the time they became aware.
import { expect, test } from "./test";

const london = (at: number) => new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at).replace(":", "");
const day = (at: number) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/London" }).format(at);
const hour = 3_600_000;

test("a breach is suspected on a phone, its 72 hours run, are reminded of, and end with evidence; the Guardian is told when ministers are", async ({ come }) => {
  test.setTimeout(240_000);
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Ransomware at Northmoor", { roster: "hosts" });
  const contact = await come("contact", { on: "phone" });
  const other = await come("supplier");
  await contact.signIn();
  await other.signIn();
  await lead.bring(room, contact, "representative");
  await lead.bring(room, other, "representative");
  await other.enter(room.room);
  await lead.enter(room.room);

  // One tap, and the form says when the hours end.
  await contact.enter(room.room);
  await contact.part("Brief");
  await contact.page.getByRole("button", { name: "Personal data breach suspected" }).click();
  const form = contact.dialog("Personal data breach suspected");
  const aware = Date.now() - 5 * hour;
  await form.getByLabel("Time, 24-hour").fill("99");
  await form.getByRole("button", { name: "Start the clock" }).click();
  await expect(form.getByRole("alert")).toContainText("Four figures on the 24-hour clock");
  await form.getByLabel("Time, 24-hour").fill(london(aware));
  await form.getByLabel(/^Date/).fill(day(aware));
  await expect(form.locator(".clock-end")).toHaveText(/^The 72 hours end on \w+ \d+ \w+ \d{4} at \d\d:\d\d (GMT|BST)\.$/);
  await form.getByLabel(/^What is known/).fill("Letters of a clinic were copied from a share");
  await contact.screen("start");
  await form.getByRole("button", { name: "Start the clock" }).click();
  const page = contact.page;
  await expect(page.getByRole("heading", { name: "Tell the Information Commissioner of a personal data breach" })).toBeVisible();
  await expect(page.locator(".clock-sheet").getByText(/^2 days 1[89] hours left$/)).toBeVisible();
  await expect(page.getByRole("button", { name: "It is done" })).toBeVisible();
  await contact.screen("running");
  const seq = Number(new URL(page.url()).pathname.split("/").at(-1));

  // A draft for the report, sent nowhere.
  await page.getByText("A draft to copy into the report").click();
  await expect(page.locator(".clock-draft__text")).toContainText(`Our reference: ${room.reference}, entry ${seq}`);
  await page.getByRole("button", { name: "Copy the draft" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("Letters of a clinic were copied from a share");
  await contact.screen("draft");

  // They knew earlier: both times stay, and it is due earlier.
  await page.getByRole("button", { name: "Correct the time" }).click();
  const correct = contact.dialog("Correct the time of awareness");
  await correct.getByLabel("Time, 24-hour").fill(london(aware - 24 * hour));
  await correct.getByLabel(/^Date/).fill(day(aware - 24 * hour));
  await correct.getByLabel("Reason").fill("The ward had told the service desk the day before");
  await contact.screen("correct");
  await correct.getByRole("button", { name: "Correct it" }).click();
  await expect(page.locator(".clock-sheet").getByText(/^1 day 1[89] hours left$/)).toBeVisible();
  await expect(page.locator(".clock-sheet .said").getByText("The ward had told the service desk the day before")).toBeVisible();

  // The hosts see it among the facts; another guest never heard of it.
  await expect(lead.page.locator(".clocks")).toContainText("Tell the Information Commissioner of a personal data breach");
  await lead.screen("facts");

  // At 60 hours the house reminds whoever sees to it, by itself.
  const { status, body } = await contact.ask<{ seq: number }>("POST", `/rooms/${room.room}/clocks`, { statute: "nis", aware: new Date(Date.now() - 60 * hour + 6000).toISOString(), known: "Appointments were moved" });
  expect(status).toBe(201);
  await contact.goto(`/rooms/${room.room}`);
  await expect(contact.entryWith(`60 hours have passed on clock ${body.seq}`)).toBeVisible({ timeout: 30_000 });
  await contact.screen("reminded");
  await page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /Record/ }).click();
  const need = page.getByRole("link", { name: /Tell the competent authority of a notifiable incident, by .*1[12] hours( 59 minutes)? left/ }).filter({ visible: true });
  await expect(need).toBeVisible();
  await contact.screen("needs");
  await need.click();
  await expect(page.locator(".clock-sheet").getByText("Reminder: 60 hours after they became aware")).toBeVisible();
  expect(await other.heard("clock.started")).toBe(false);
  expect(await other.heard("Letters of a clinic")).toBe(false);
  await other.goto(`/rooms/${room.room}/clocks`);
  await expect(other.page.getByText("No clock runs")).toBeVisible();
  await other.goto(`/rooms/${room.room}/clocks/${seq}`);
  other.expects(/^refused: 404 /);
  await expect(other.page.getByText("clock of this number")).toBeVisible();
  await other.screen("hidden");

  // A host may evidence it for them, and says how it was told; here they do it themselves.
  await contact.goto(`/rooms/${room.room}/clocks/${seq}`);
  await page.getByRole("button", { name: "It is done" }).click();
  const done = contact.dialog("Say that it is done");
  await done.getByRole("button", { name: "It is done" }).click();
  await expect(done.getByRole("alert")).toContainText("Enter the reference that the regulator gave");
  await done.getByLabel("Reference the regulator gave").fill("IC-204417-X");
  await done.getByLabel("How one can tell").fill("Reported through the toolkit");
  await contact.screen("evidence");
  await done.getByRole("button", { name: "It is done" }).click();
  await expect(page.getByText(/^Done .*, in time\. Reference IC-204417-X\.$/)).toBeVisible();
  await contact.screen("done");

  // Ministers are told: the Guardian's clock is due at once, and waits for who leads.
  await lead.page.locator(".clocks").getByRole("button", { name: "Ministers were told" }).click();
  const told = lead.dialog("Ministers were told");
  await told.getByLabel("Who was told, and of what").fill("The minister of state, by telephone: two trusts divert");
  await lead.screen("ministers");
  await told.getByRole("button", { name: "Record it" }).click();
  await expect(lead.page.getByRole("heading", { name: "Tell the National Data Guardian" })).toBeVisible();
  await expect(lead.page.locator(".clock-sheet").getByText(/Due at once, for /)).toBeVisible();
  await expect(lead.page.locator(".needs--room").getByRole("link", { name: /Due at once\. Tell the National Data Guardian/ }).first()).toBeVisible();
  await lead.screen("guardian");
  expect(await contact.heard("The minister of state")).toBe(false);

  // The board: what is due first before the rest; all of it for the record.
  await lead.goto(`/rooms/${room.room}/clocks`);
  await expect(lead.page.locator(".board__rows li").first()).toContainText("Tell the National Data Guardian");
  await lead.page.getByRole("group", { name: "Which clocks" }).getByRole("button", { name: "All", exact: true }).click();
  await expect(lead.page.locator(".board__rows")).toContainText("reference IC-204417-X");
  await lead.screen("board");
  await lead.page.locator(".board__rows").getByRole("link", { name: "Tell the competent authority of a notifiable incident" }).click();
  await lead.page.getByRole("button", { name: "It need not be told" }).click();
  const drop = lead.dialog("It need not be told");
  await drop.getByLabel("Why not").fill("No essential service was hit");
  await drop.getByRole("button", { name: "Withdraw it" }).click();
  await expect(drop.getByRole("alert")).toContainText("Say how they told you");
  await drop.getByLabel("How did they tell you?").selectOption({ label: "By telephone" });
  await lead.screen("withdraw");
  await drop.getByRole("button", { name: "Withdraw it" }).click();
  await expect(lead.page.locator(".clock-sheet").getByText(/said that it need not be told, told by telephone/)).toBeVisible();
});
