// An alert reaches an organisation's contacts by text message and e-mail, those
// who come into no room too. The hosts see how far each message has come.
import { expect, test } from "./test";

const code = "Y4K";

test("an alert is told to an organisation's contacts, and the hosts see who it reached", async ({ come, house }) => {
  test.setTimeout(480_000);
  const admin = await come("admin");
  await admin.signIn("/admin");
  const lead = await come("lead", { size: { width: 1280, height: 800 } });
  await lead.signIn();
  expect((await admin.ask("POST", "/admin/organisations", { code, name: "Kestrel Moor Hospitals", type: "csu" })).status).toBe(201);
  for (const c of [
    { role: "ciso", name: "Rina Solanki", alertOnly: true, channels: [{ kind: "sms", value: "07700 900871" }, { kind: "email", value: "rina@kestrel.example" }] },
    { role: "it_security", name: "Owen Birtles", channels: [{ kind: "sms", value: "07700 900003" }] }, // whose telephone is off
  ])
    expect((await lead.ask("POST", `/directory/${code}/contacts`, { place: 1, ...c })).status).toBeLessThan(300);
  const { body } = await lead.ask<{ contacts: { id: string; channels: { id: string }[] }[] }>("GET", `/directory/${code}/contacts`);
  for (const c of body.contacts) for (const ch of c.channels) expect((await lead.ask("POST", `/directory/${code}/contacts/${c.id}/rung`, { channel: ch.id })).status).toBeLessThan(300);

  // It is issued out of a room. A guest there is told nothing of that, on no wire.
  const { page } = lead;
  const room = await lead.makeRoom("A worm in file sharing");
  const guest = await come("director", { on: "phone" });
  await guest.signIn();
  await lead.bring(room, guest, "representative", "full");
  await lead.enter(room.room);
  const fact = page.getByRole("region", { name: "Alerts to organisations" });
  await expect(fact).toContainText("None is open.");
  await fact.getByRole("link", { name: "Issue one out of this room" }).click();
  await expect(page.getByText(`Out of room ${room.reference}, A worm in file sharing.`)).toBeVisible();
  await page.getByLabel("What it is about, in one line").fill("Canary of a file sharing flaw");
  await page.getByLabel("High severity").check();
  await page.getByLabel("Details").fill("A worm spreads.");
  await page.getByLabel("How to put it right").fill("Install the update.");
  await page.getByLabel(/^And these organisations/).fill(code);
  await expect(page.getByText("Goes to 1 organisation.")).toBeVisible();
  await page.evaluate(() => scrollTo(0, 0));
  await lead.screen("alert-out-of-room");
  await page.setViewportSize({ width: 390, height: 844 });
  await lead.screen("alert-out-of-room-narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Continue" }).click();
  const sure = lead.dialog("Issue it to 1 organisation?");
  lead.expects(/^refused: 401 \/api\/v1\/alerts/);
  await sure.getByRole("button", { name: "Issue it" }).click();
  await lead.confirmBeside();
  await sure.getByRole("button", { name: "Issue it" }).click();
  await expect(page.getByRole("heading", { name: "Canary of a file sharing flaw" })).toBeVisible();
  const reference = await page.getByText(/^CC-\d{4}$/).innerText();
  const alert = page.url();
  await page.getByRole("link", { name: `${room.reference}, A worm in file sharing` }).click();
  await expect(fact).toContainText("0 of 1 organisation acknowledged");
  await fact.scrollIntoViewIfNeeded();
  await lead.screen("alert-in-room");
  await page.goto(alert);
  await guest.enter(room.room);
  await expect(guest.page.getByRole("region", { name: "Alerts to organisations" })).toHaveCount(0);
  for (const secret of [reference, "Canary of a file sharing flaw"]) expect(await guest.heard(secret)).toBe(false);

  // A reference, a code, where to type it, whom to ring; nothing else.
  await expect(async () => expect(await house.telephone("447700900871")).toContain(reference)).toPass({ timeout: 60_000 });
  const said = await house.telephone("447700900871");
  expect(said).toMatch(/A cyber alert is issued to you \(CC-\d{4}\)\. Confirm receipt at/);
  expect(said).not.toMatch(/Canary|worm|Kestrel|Rina/);

  // She confirms it by the code, without signing in. That answers nothing.
  const typed = /code ([A-Z0-9]{5}-[A-Z0-9]{5})/.exec(said.replace(/<[^>]+>/g, ""))?.[1] ?? "";
  const rina = await come("outsider", { on: "phone" });
  await rina.goto("/ack");
  await rina.page.getByLabel("Code").fill(typed);
  await rina.page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(rina.page.getByText("Thank you. If the code is right, it has been noted.")).toBeVisible();
  await rina.screen("ack-alert");

  await expect(page.getByText(/Messages to their contacts: .*2 of 3 messages delivered, 1 did not arrive\. Receipt of 1 confirmed\./)).toBeVisible({ timeout: 90_000 });
  await lead.screen("alert-messages-board");
  await page.getByRole("button", { name: /Kestrel Moor Hospitals/ }).click();
  const dialog = lead.dialog("Kestrel Moor Hospitals");
  const messages = dialog.getByRole("region", { name: "Messages to their contacts" });
  await expect(messages).toContainText("Rina Solanki");
  await expect(messages).toContainText(/Text message sent \d\d:\d\d \w+, arrived, acknowledged \d\d:\d\d/);
  await expect(messages).toContainText(/Text message sent \d\d:\d\d \w+, did not arrive: telephone off or out of reach/);
  await expect(dialog).toContainText("Issued");
  await lead.screen("alert-messages");
  await page.setViewportSize({ width: 390, height: 844 });
  await lead.screen("alert-messages-narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
  await messages.getByRole("button", { name: /Send again/ }).click();
  await expect(messages.getByText(/is waiting to be sent|not known to have arrived yet|did not arrive/).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("Not acknowledged").first()).toBeVisible();

  // Put back: no alert stays open.
  await page.getByRole("button", { name: "Close this alert" }).click();
  const closing = lead.dialog(`Close ${reference}?`);
  await closing.getByLabel("Reason").fill("It was a journey.");
  await closing.getByRole("button", { name: "Close the alert" }).click();
  await lead.confirmBeside();
  await closing.getByRole("button", { name: "Close the alert" }).click();
  await expect(closing).toBeHidden();
});
