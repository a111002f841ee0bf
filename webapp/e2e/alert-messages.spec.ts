// An alert reaches an organisation's contacts by text message and e-mail, those
// who come into no room too. The hosts see how far each message has come.
import type { House } from "./house";
import type { Person } from "./person";
import { expect, test } from "./test";

const code = "Y4K";

/** What stands on the telephone of a number. */
const telephone = async (house: House, number: string): Promise<string> => (await fetch(`http://127.0.0.1:${house.port + 5}/phone/${number}`)).text();

/** Gives the second factor in the page that opens for it. */
async function confirmBeside(who: Person): Promise<void> {
  const opens = who.context.waitForEvent("page");
  await who.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  const beside = await opens;
  await beside.getByTestId("second-factor-submit").click();
  await expect(beside.getByRole("heading", { name: "It is you" })).toBeVisible();
  await beside.close();
}

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

  const { page } = lead;
  await lead.goto("/alerts/new");
  await page.getByLabel("What it is about, in one line").fill("Canary of a file sharing flaw");
  await page.getByLabel("High severity").check();
  await page.getByLabel("Details").fill("A worm spreads.");
  await page.getByLabel("How to put it right").fill("Install the update.");
  await page.getByLabel(/^And these organisations/).fill(code);
  await expect(page.getByText("Goes to 1 organisation.")).toBeVisible();
  await page.getByRole("button", { name: "Continue" }).click();
  const sure = lead.dialog("Issue it to 1 organisation?");
  lead.expects(/^refused: 401 \/api\/v1\/alerts/);
  await sure.getByRole("button", { name: "Issue it" }).click();
  await confirmBeside(lead);
  await sure.getByRole("button", { name: "Issue it" }).click();
  await expect(page.getByRole("heading", { name: "Canary of a file sharing flaw" })).toBeVisible();
  const reference = await page.getByText(/^CC-\d{4}$/).innerText();

  // A reference, a code, where to type it, whom to ring; nothing else.
  await expect(async () => expect(await telephone(house, "447700900871")).toContain(reference)).toPass({ timeout: 60_000 });
  const said = await telephone(house, "447700900871");
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
  await confirmBeside(lead);
  await closing.getByRole("button", { name: "Close the alert" }).click();
  await expect(closing).toBeHidden();
});
