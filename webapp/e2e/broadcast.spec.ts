// Organisations are told by text message: whom it reaches is shown first, the
// other host agrees, receipts move the board, and what failed can be mended.
import type { Person, Room } from "./person";
import { expect, test } from "./test";

const title = "Ransomware canary at Thornbeck dispatch";

/** An organisation of its own for this journey, with contacts whose numbers are verified. */
async function organisation(admin: Person, lead: Person, code: string, name: string, contacts: readonly { name: string; role: string; channels: readonly { kind: string; value: string }[]; verify: boolean }[]): Promise<void> {
  expect((await admin.ask("POST", "/admin/organisations", { code, name, type: "csu" })).status).toBe(201);
  for (const c of contacts) {
    const made = await lead.ask("POST", `/directory/${code}/contacts`, { role: c.role, name: c.name, place: 1, channels: c.channels });
    expect(made.status, JSON.stringify(made.body)).toBeLessThan(300);
  }
  const { body } = await lead.ask<{ contacts: { id: string; name: string; channels: { id: string }[] }[] }>("GET", `/directory/${code}/contacts`);
  for (const c of body.contacts) {
    if (!contacts.find((x) => x.name === c.name)?.verify) continue;
    for (const ch of c.channels) expect((await lead.ask("POST", `/directory/${code}/contacts/${c.id}/rung`, { channel: ch.id })).status).toBeLessThan(300);
  }
}

const sms = (value: string) => ({ kind: "sms", value });
const mail = (value: string) => ({ kind: "email", value });

async function grave(lead: Person, room: Room): Promise<void> {
  const answer = await lead.ask("POST", `/rooms/${room.room}/severity`, { scale: "nhs_level", grade: { at: 4 }, criteria: [], reason: "Three regions divert calls" });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
}

test("the lead tells organisations that an incident is raised, the other host approves, and the board shows each", async ({ come, house }) => {
  test.setTimeout(240_000);
  const admin = await come("admin");
  await admin.signIn();
  const lead = await come("lead");
  await lead.signIn();
  await organisation(admin, lead, "BCA", "Thornbeck Commissioning Support", [
    { name: "Ada Birch", role: "ciso", channels: [sms("07700 900311"), mail("ada.birch@thornbeck.example")], verify: true },
    { name: "Ben Cole", role: "on_call_director", channels: [sms("07700 900003")], verify: true },
    { name: "Cat Dunn", role: "it_security", channels: [sms("07700 900312")], verify: false },
  ]);
  await organisation(admin, lead, "BCB", "Wethermoor Commissioning Support", [{ name: "Eve Frost", role: "ciso", channels: [sms("07700 900002")], verify: true }]);
  const room = await lead.makeRoom(title);
  const ncsc = await come("ncsc");
  await ncsc.signIn();
  await lead.bring(room, ncsc, "liaison", "full");
  const guest = await come("supplier", { on: "phone" });
  await guest.signIn();
  await lead.bring(room, guest, "representative");

  // Not before somebody has said how severe it is.
  await lead.enter(room.room);
  await lead.page.getByRole("navigation", { name: "The log and the record" }).getByRole("link", { name: "To organisations" }).click();
  await expect(lead.page.getByText("Organisations have been told nothing yet")).toBeVisible();
  await lead.screen("broadcast-none");
  await lead.page.getByRole("button", { name: "Tell organisations" }).click();
  const form = lead.dialog("Tell organisations by text message");
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByRole("alert")).toContainText("Choose organisations by type, or list their codes.");
  await form.getByLabel("And these organisations").fill("bca, BCB\nNOSUCH");
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByText("Nobody has assessed how severe this is.")).toBeVisible();
  await form.getByRole("button", { name: "Cancel" }).click();
  await grave(lead, room);

  // The preview: who, how many, who cannot be reached, and the message to the letter.
  await lead.page.getByRole("button", { name: "Tell organisations" }).click();
  await form.getByLabel("And these organisations").fill("bca, BCB\nNOSUCH");
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByRole("heading", { name: "3 contacts at 2 organisations: 3 text messages, 1 e-mail" })).toBeVisible();
  await expect(form.getByText("There is no open organisation with the code NOSUCH.")).toBeVisible();
  await form.getByText("1 contact has no verified mobile number").click();
  await expect(form.getByText("Cat Dunn, IT security")).toBeVisible();
  await expect(form.getByText(`A major incident is raised (${room.reference})`)).toBeVisible();
  await expect(form.locator(".broadcast__preview")).not.toContainText("canary");
  await form.getByText("The text message. Each has").scrollIntoViewIfNeeded();
  await lead.screen("broadcast-preview");
  await form.getByRole("button", { name: "Ask the other host to approve" }).click();
  await expect(lead.page.getByRole("heading", { name: "Somebody of the other host must agree" })).toBeVisible();
  await expect(lead.page.getByText(/\d min \d\d s/)).toBeVisible();
  await expect(lead.page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  await expect(lead.page.getByRole("button", { name: "Send it alone" })).toHaveCount(0);
  await expect(lead.page.getByRole("cell", { name: /Ben Cole, On-call director/ })).toBeVisible();
  await lead.screen("broadcast-asked");
  const seq = Number(new URL(lead.page.url()).pathname.split("/").at(-1));
  expect(await house.telephone("447700900311")).not.toContain(room.reference);

  // Nobody approves what they asked for, nor sends it alone before its time; a guest has no such page, entry or route.
  lead.expects(/^refused: (403|409) /);
  expect((await lead.ask("POST", `/rooms/${room.room}/broadcasts/${seq}/approve`, { seen: seq })).status).toBe(403);
  expect((await lead.ask("POST", `/rooms/${room.room}/broadcasts/${seq}/send-alone`, { seen: seq, reason: "now" })).status).toBe(409);
  guest.expects(/^refused: 404 /);
  await guest.enter(room.room);
  for (const [method, path, body] of [["GET", `${seq}/recipients`, undefined], ["POST", `${seq}/approve`, { seen: seq }], ["POST", "preview", { purpose: "raised", types: [], orgs: ["BCA"], roles: [] }]] as const)
    expect((await guest.ask(method, `/rooms/${room.room}/broadcasts/${path}`, body)).status).toBe(404);
  await guest.goto(`/rooms/${room.room}/decisions`);
  await expect(guest.page.getByRole("navigation", { name: "The log and the record" }).getByRole("link", { name: "Decisions" })).toBeVisible();
  await expect(guest.page.getByRole("link", { name: "To organisations" })).toHaveCount(0);
  expect(await guest.heard("Ben Cole")).toBe(false);
  expect(await guest.heard("broadcast.asked")).toBe(false);

  // The other host finds it among what needs them, and approves with their second factor.
  await ncsc.enter(room.room);
  await ncsc.page.getByRole("link", { name: /Approve or refuse, by \d\d:\d\d/ }).filter({ visible: true }).click();
  await expect(ncsc.page.getByRole("heading", { name: "Do you agree that it goes out?" })).toBeVisible();
  await ncsc.screen("broadcast-approve");
  await ncsc.page.getByRole("button", { name: "Approve" }).click();
  await ncsc.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await ncsc.secondFactor();
  await ncsc.page.getByRole("button", { name: "Approve" }).click();
  await ncsc.dialog("Approve: it goes out at once").getByRole("button", { name: "Approve and send" }).click();
  await expect(ncsc.page.locator(".sheet").getByText("Approved by two")).toBeVisible();

  // Receipts move the rows, by themselves.
  const row = (p: Person, name: string) => p.page.getByRole("row", { name: new RegExp(name) });
  await expect(row(lead, "Ada Birch").getByText("Delivered")).toHaveCount(2, { timeout: 60_000 });
  await expect(row(lead, "Ben Cole")).toContainText("Did not arrive", { timeout: 60_000 });
  await expect(row(lead, "Eve Frost")).toContainText("No such number or address", { timeout: 60_000 });
  await expect(lead.page.getByText(/2 messages of 4 delivered, 2 to mend\. 0 acknowledgements\./)).toBeVisible();
  await lead.screen("broadcast-board");
  const said = await house.telephone("447700900311");
  expect(said).toContain(room.reference);
  expect(said).not.toContain("canary");

  // What did not arrive is tried again; a number that is none leads to the contact.
  await lead.page.getByRole("button", { name: "To mend 2" }).click();
  await expect(row(lead, "Ada Birch")).toHaveCount(0);
  await lead.page.getByRole("button", { name: "Retry the text message to Ben Cole" }).click();
  await lead.page.getByRole("button", { name: "Everyone" }).click();
  await expect(row(lead, "Ben Cole")).toContainText("sent 2 times", { timeout: 30_000 });
  await expect(lead.page.getByRole("link", { name: /^Fix contact Eve Frost/ })).toHaveAttribute("href", "/directory/BCB");

  // Acknowledged without signing in.
  const code = /code ([A-Z0-9]{5}-[A-Z0-9]{5})/.exec(said)?.[1] ?? "";
  expect((await guest.ask("POST", "/ack", { code })).status).toBeLessThan(300);
  await expect(row(lead, "Ada Birch").getByText("Acknowledged")).toBeVisible({ timeout: 40_000 });

  // Told once: asked again, only who was not told is left; an update goes to those who were.
  await lead.goto(`/rooms/${room.room}/broadcasts`);
  await lead.page.getByRole("button", { name: "Tell organisations" }).click();
  await form.getByLabel("And these organisations").fill("BCA BCB");
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByRole("heading", { name: "This reaches nobody" })).toBeVisible();
  await expect(form.getByText("3 contacts were told already, and are not told again.")).toBeVisible();
  await form.getByLabel("There is an update").check();
  await form.getByLabel("And these organisations").fill("");
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByRole("heading", { name: "3 contacts at 2 organisations: 3 text messages, 1 e-mail" })).toBeVisible();
  await form.getByRole("button", { name: "Ask the other host to approve" }).click();
  await lead.page.getByRole("button", { name: "Withdraw" }).click();
  await lead.dialog("Withdraw this broadcast").getByLabel("Reason").fill("The telephone is quicker");
  await lead.dialog("Withdraw this broadcast").getByRole("button", { name: "Withdraw it" }).click();
  await expect(lead.page.locator(".sheet").getByText("Withdrawn", { exact: true })).toBeVisible();
  await lead.enter(room.room);
  await expect(lead.entryWith(`withdrew broadcast`)).toBeVisible();
  await lead.screen("broadcast-log");

  // On a phone.
  const phone = await come("lead", { on: "phone" });
  await phone.signIn();
  await phone.goto(`/rooms/${room.room}/broadcasts/${seq}`);
  await expect(phone.page.getByText("Ada Birch")).toBeVisible();
  await phone.screen("broadcast-board");
  await phone.goto(`/rooms/${room.room}/broadcasts`);
  await phone.page.getByRole("button", { name: "Tell organisations" }).click();
  await phone.dialog("Tell organisations by text message").getByLabel("And these organisations").fill("BCA");
  await phone.dialog("Tell organisations by text message").getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(phone.page.getByRole("heading", { name: "This reaches nobody" })).toBeVisible();
  await phone.screen("broadcast-preview");
});
