// People who are away are reached by text message: it says a reference and a
// code, and nothing of what it is about. And what happens while none go out.
import { account } from "./accounts";
import type { House } from "./house";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

const ask = "Disconnect Eastmere from the national network tonight";

/** What stands on the telephone of a number, as text without markup. */
async function texts(house: House, number: string): Promise<string[]> {
  const page = await house.telephone(number);
  return [...page.matchAll(/<article[^>]*>\s*<p>([\s\S]*?)<\/p>/g)].map((m) => (m[1] ?? "").replace(/<[^>]+>/g, "").trim());
}

/** The last message to a number that says this. */
async function text(house: House, number: string, says: RegExp, within = 30_000): Promise<string> {
  let found = "";
  await expect(async () => {
    found = (await texts(house, number)).findLast((t) => says.test(t)) ?? "";
    expect(found).toMatch(says);
  }).toPass({ timeout: within });
  return found;
}

const codeIn = (message: string): string => /code ([A-Z0-9]{5}-[A-Z0-9]{5})/.exec(message)?.[1] ?? "";

async function outage(house: House, down: boolean): Promise<void> {
  await fetch(`http://127.0.0.1:${house.port + 5}/phone/outage`, { method: down ? "PUT" : "DELETE" });
}

/** Whoever is on call for the DSC at the strategic tier is this one alone. */
async function onCall(lead: Person, name: string): Promise<void> {
  const { body } = await lead.ask<{ people: { id: string; name: string }[] }>("GET", "/organisations/DSC/people");
  const rotas = await lead.ask<{ rotas: { org: string; tier: string; version: number }[] }>("GET", "/deployment/rotas");
  const version = rotas.body.rotas.find((r) => r.org === "DSC" && r.tier === "strategic")?.version;
  const shifts = [{ person: body.people.find((p) => p.name === name)?.id, from: new Date(Date.now() - 3_600_000).toISOString(), until: new Date(Date.now() + 36_000_000).toISOString(), seniority: 1 }];
  expect(await lead.ask("PUT", "/deployment/rotas/DSC/strategic", { version, shifts })).toMatchObject({ status: 204 });
}

const escalate = (who: Person, room: Room, recommendation: string) =>
  who.ask<{ seq: number }>("POST", `/rooms/${room.room}/escalations`, { condition: "disconnect_network", sbar: { situation: "Imaging spreads it", background: "", assessment: "", recommendation } });

test("who is on call gets a reference and a code by text, acknowledges without signing in, and the lead sees it", async ({ come, house }) => {
  test.setTimeout(180_000);
  const number = "447700900456";
  const marcus = await come("comms", { on: "phone" });
  await marcus.signIn();
  // The codes to come in with go to that number: it is given with a second factor.
  await marcus.goto("/auth/step-up?return=%2F");
  await marcus.secondFactor();
  await marcus.page.getByRole("button", { name: /my account/ }).click();
  await marcus.page.getByRole("menuitem", { name: "How you are reached" }).click();
  await expect(marcus.page.getByRole("heading", { name: "How you are reached" })).toBeVisible();
  const sms = marcus.page.getByRole("region", { name: "Text messages" });
  await sms.getByLabel("Mobile number").fill("not a number");
  await marcus.screen("reach-wrong");
  marcus.expects(/^refused: 422 /);
  await sms.getByRole("button", { name: "Send a code there" }).click();
  await expect(sms.getByRole("alert")).toContainText("Give a mobile number of the United Kingdom");
  await sms.getByLabel("Mobile number").fill("07700 900456");
  await sms.getByRole("button", { name: "Send a code there" }).click();
  const sent = await text(house, number, /is your code for/);
  await marcus.screen("reach-code");
  await sms.getByLabel("Code").fill(/\b(\d{6}) is your code/.exec(sent)?.[1] ?? "");
  await sms.getByRole("button", { name: "Verify" }).click();
  await expect(sms.getByText("Verified", { exact: true })).toBeVisible();
  await marcus.page.getByLabel("Keep quiet hours").check();
  await marcus.page.getByRole("button", { name: "Save quiet hours" }).click();
  await expect(marcus.page.getByText("Saved.")).toBeVisible();
  await marcus.screen("reach");
  // He goes home: nobody who is signed in and active is sent anything.
  await marcus.page.getByRole("button", { name: /my account/ }).click();
  await marcus.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(marcus.page.getByRole("heading", { name: /Sign in/ })).toBeVisible();

  const lead = await come("lead");
  await lead.signIn();
  await onCall(lead, account("comms").name);
  const room = await lead.makeRoom("Ransomware at Eastmere: courier");
  const { status, body } = await escalate(lead, room, ask);
  expect(status).toBe(201);

  // The message: a reference, a code, where to type it, whom to ring. Nothing else.
  const said = await text(house, number, /A decision is asked of you/);
  expect(said).toMatch(new RegExp(`^(Wardroom: )?A decision is asked of you \\(${room.reference}\\)\\. Answer at http://localhost:\\d+/ack code [A-Z0-9-]{11}\\. Or ring 020 7946 0160\\.$`));

  await lead.goto(`/rooms/${room.room}/escalations/${body.seq}`);
  await expect(lead.page.getByRole("heading", { name: ask })).toBeVisible();
  const messages = lead.page.getByRole("list", { name: "Messages to them" }).first();
  await expect(messages).toContainText(/Text message sent \d\d:\d\d \w+, (arrived|not known to have arrived yet)/);
  await expect(messages).toContainText("E-mail was not sent: they have given no verified number or address");

  // Anybody may type anything; they are told the same.
  const anybody = await come("outsider", { on: "phone" });
  await anybody.goto("/ack");
  await expect(anybody.page.getByRole("heading", { name: "Acknowledge a message" })).toBeVisible();
  await anybody.page.getByLabel("Code").fill("AAAAA-AAAAA");
  await anybody.page.getByRole("button", { name: "Acknowledge" }).click();
  const thanks = anybody.page.getByText("Thank you. If the code is right, it has been noted.");
  await expect(thanks).toBeVisible();
  await anybody.screen("ack");
  await anybody.page.getByLabel("Code").fill(codeIn(said).toLowerCase().replace("-", " "));
  await expect(anybody.page.getByLabel("Code")).not.toHaveValue("");
  await anybody.page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(anybody.page.getByLabel("Code")).toHaveValue("");
  await expect(thanks).toBeVisible();
  await expect(messages).toContainText(/acknowledged \d\d:\d\d/, { timeout: 15_000 });
  await expect(messages).toContainText(/, arrived/, { timeout: 30_000 });
  await expect(lead.page.getByText(/Marcus Reid is asked/)).toBeVisible(); // acknowledging answered nothing
  await lead.screen("messages");
  expect(await anybody.heard(room.reference)).toBe(false);
});

test("a trust's CISO is invited by text message, and comes in by the code in it", async ({ come, house }) => {
  test.setTimeout(120_000);
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Invited by text: courier");
  await lead.enter(room.room);
  await lead.part("People");
  await lead.page.getByRole("button", { name: "Invite someone" }).click();
  const dialog = lead.dialog("Invite someone");
  const { name, organisationName, email } = account("ciso");
  await dialog.getByRole("combobox", { name: "Organisation" }).fill(organisationName.slice(0, 8));
  await dialog.getByRole("option", { name: organisationName }).click();
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByLabel(/^Work e-mail/).fill(email);
  await dialog.getByLabel("Send them a code by text message").check();
  lead.expects(/^refused: 422 /);
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect(dialog.getByRole("alert")).toContainText("A text message goes to a mobile number");
  await dialog.getByLabel(/^Mobile/).fill("07700 900457");
  await lead.screen("invite-by-text");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await lead.dialog("Invited").getByRole("button", { name: "I have passed it on" }).click();
  const said = await text(house, "447700900457", /You are invited to an incident room/);
  expect(said).toContain(room.reference);
  expect(said).not.toMatch(/courier|Hannah|Northmoor/);

  const ciso = await come("ciso", { on: "phone" });
  await ciso.signIn("/join");
  await ciso.page.getByLabel("Code").fill(codeIn(said));
  await ciso.page.getByRole("button", { name: "Continue" }).click();
  await expect(ciso.page.getByText("Invited by text: courier")).toBeVisible();
  await ciso.page.getByRole("button", { name: /join/i }).click();
  await expect(ciso.page).toHaveURL(new RegExp(`/rooms/${room.room}`));
});

test("while GOV.UK Notify is down the hosts are told, the room goes on, and afterwards what waited is sent once", async ({ come, house }) => {
  test.setTimeout(300_000);
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("No messages go out: courier");
  await lead.enter(room.room);
  await outage(house, true);
  try {
    const numbers = ["447700900461", "447700900462", "447700900463"];
    for (const [i, n] of numbers.entries())
      expect((await lead.ask("POST", `/rooms/${room.room}/members`, { name: `Guest ${i}`, org: "X1N", role: "observer", history: "from_join", phone: `0${n.slice(2)}`, text: true })).status).toBe(201);
    const strip = lead.page.getByRole("status").filter({ hasText: "not going out" });
    await expect(strip).toContainText(/Text messages (and e-mails )?are not going out since \d\d:\d\d \w+: GOV\.UK Notify does not answer/, { timeout: 120_000 });
    await lead.screen("held");
    await lead.page.setViewportSize({ width: 390, height: 844 });
    await lead.screen("held-phone");
    await lead.page.setViewportSize({ width: 1440, height: 900 });
    await lead.say("Said while nothing goes out: the room goes on");
    for (const n of numbers) expect(await texts(house, n)).toEqual([]);
    await outage(house, false);
    for (const n of numbers) await text(house, n, /You are invited/, 120_000);
    await expect(strip).toHaveCount(0, { timeout: 60_000 });
    for (const n of numbers) expect(await texts(house, n)).toHaveLength(1);
  } finally {
    await outage(house, false);
  }
});
