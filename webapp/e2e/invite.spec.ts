// From a lead's "invite" to a guest in the room, by link and by code, and
// every way in which that must not work.
import { type Who, account } from "./accounts";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

interface Given {
  readonly link: string;
  readonly code: string;
  /** Six digits, or "" if none were asked for. */
  readonly digits: string;
}

/** The lead invites somebody new by name, and reads what is shown once. */
async function invite(lead: Person, who: Who, email: boolean, telephone = false): Promise<Given> {
  const { page } = lead;
  const { name, organisationName, email: address } = account(who);
  await lead.part("People");
  await page.getByRole("button", { name: "Invite someone" }).click();
  const dialog = lead.dialog("Invite someone");
  await dialog.getByRole("combobox", { name: "Organisation" }).fill(organisationName.slice(0, 8));
  await dialog.getByRole("option", { name: organisationName }).click();
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  if (email) await dialog.getByLabel(/^Work e-mail/).fill(address);
  if (telephone) await dialog.getByLabel("Give six digits by telephone").check();
  if (telephone) await lead.screen("invite-digits");
  await dialog.getByRole("button", { name: "Invite" }).click();
  const once = lead.dialog("Invited");
  await expect(once).toContainText("This is shown once");
  const link = await once.locator(".link-once__value").first().innerText();
  const code = await once.locator(".link-once__value--code").innerText();
  const six = once.locator(".link-once__value--digits");
  const digits = telephone ? await six.innerText() : "";
  if (telephone) await lead.screen("invited-digits");
  else await expect(six).toHaveCount(0);
  await once.getByRole("button", { name: "I have passed it on" }).click();
  await expect(once).toBeHidden();
  return { link, code, digits };
}

async function roomOf(lead: Person, title: string): Promise<Room> {
  await lead.signIn();
  const room = await lead.makeRoom(title);
  await lead.enter(room.room);
  return room;
}

const path = (link: string): string => link.slice(new URL(link).origin.length);

async function deadEnd(person: Person): Promise<void> {
  await expect(person.page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await expect(person.page.getByText("020 7946 0160")).toBeVisible();
}

test("a trust's CISO gets from the link to the room on a phone, in under a minute", async ({ come }) => {
  const lead = await come("lead");
  const room = await roomOf(lead, "Ransomware, several trusts");
  const before = await lead.say("Said before she came: amethyst");
  const { link, code } = await invite(lead, "ciso", true);
  expect(new URL(link).pathname).toBe("/join");
  expect(new URL(link).hash.length).toBeGreaterThan(20);
  expect(code.length).toBeGreaterThan(5);
  await expect(lead.entryWith("invited Dr Hannah Osei")).toBeVisible();
  await expect(lead.page.getByRole("listitem").filter({ hasText: "Invited, not in the room yet" })).toContainText("Dr Hannah Osei");

  // Six steps: the link, her service, herself, the second factor, the rules, and she is in.
  const ciso = await come("ciso", { on: "phone" });
  const begun = Date.now();
  await ciso.goto(path(link));
  await expect(ciso.page.getByRole("heading", { name: "Sign in to join the room" })).toBeVisible();
  expect(new URL(ciso.page.url()).hash).toBe("");
  await ciso.signInHere();
  await expect(ciso.page.getByRole("heading", { name: "Ransomware, several trusts" })).toBeVisible();
  const main = ciso.page.locator("main");
  await expect(main).toContainText(room.reference);
  await expect(main).toContainText("INCIDENT");
  await expect(main).toContainText("A closed room run by Data Security Centre and National Cyber Security Centre");
  await expect(main).toContainText("Representative of Northmoor NHS Trust");
  await expect(main).toContainText("What is written from now on");
  await expect(main.locator(".rules-lines li")).toHaveCount(5);
  await ciso.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(ciso.feed).toBeVisible();
  await expect(ciso.composer).toBeVisible();
  expect(Date.now() - begun).toBeLessThan(60_000);

  await expect(lead.entryWith("Dr Hannah Osei (Northmoor NHS Trust) joined as representative")).toBeVisible();
  await expect(ciso.entryWith("joined as representative")).toBeVisible();
  const stub = ciso.page.locator("article", { hasText: "not addressed to you" });
  await expect(stub.first()).toBeVisible();
  await expect(ciso.entry(before)).toHaveCount(0); // folded into a run of stubs
  expect(await ciso.heard("amethyst")).toBe(false);

  // Used: dead for everyone but her, who lands in the room again.
  const colleague = await come("colleague", { on: "phone" });
  colleague.expects(/^refused: 404 \/api\/v1\/invitations\/look$/);
  await colleague.goto(path(link));
  await colleague.signInHere();
  await deadEnd(colleague);
  expect(await colleague.heard("Ransomware, several trusts")).toBe(false);
  expect(await colleague.heard(room.reference)).toBe(false);
  await colleague.page.getByRole("button", { name: "Ask for a new link" }).click();
  await expect(colleague.page.getByText("Your request was passed on.")).toBeVisible();
});

test("a link forwarded before it was used lets nobody else in by itself", async ({ come }) => {
  const lead = await come("lead");
  const room = await roomOf(lead, "Forwarded quartz");
  const { link } = await invite(lead, "ciso", true);

  // A colleague opens it first: nothing ties him to it, so he can only ask.
  const colleague = await come("colleague", { on: "phone" });
  await colleague.goto(path(link));
  await colleague.signInHere();
  const main = colleague.page.locator("main");
  await expect(main).toContainText(room.reference);
  await expect(main).toContainText("The room is run by Data Security Centre and National Cyber Security Centre.");
  await colleague.screen("join-ask");
  await colleague.page.getByRole("button", { name: "Ask to be let in" }).click();
  await expect(colleague.page.getByRole("heading", { name: "Waiting to be let in" })).toBeVisible();
  await colleague.screen("join-waiting");
  await lead.part("People");
  await expect(lead.page.getByText("Asks to be let in, signed in as Jo Lindqvist")).toBeVisible();
  await lead.screen("people-asked");
  await colleague.goto("/");
  await expect(colleague.page.getByRole("link", { name: /An invitation you asked to be let in with/ })).toContainText(room.reference);
  await colleague.screen("rooms-asked");
  await colleague.page.getByRole("link", { name: /An invitation you asked to be let in with/ }).click();
  await expect(colleague.page.getByRole("heading", { name: "Waiting to be let in" })).toBeVisible();
  // What it is about and whose it is was told to him by nobody.
  expect(await colleague.heard("Forwarded quartz")).toBe(false);
  expect(await colleague.heard("Osei")).toBe(false);

  // Whom it is for is not kept out by that, and then it is dead for him.
  const ciso = await come("ciso", { on: "phone" });
  await ciso.goto(path(link));
  await ciso.signInHere();
  await ciso.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(ciso.feed).toBeVisible();
  colleague.expects(/^refused: 404 \/api\/v1\/invitations\/look$/);
  await colleague.page.getByRole("button", { name: "Check now" }).click({ timeout: 3_000 }).catch(() => undefined); // or it has looked by itself
  await deadEnd(colleague);
});

test("the typed code works instead of the link, and a lead admits who has nothing else", async ({ come }) => {
  const lead = await come("lead");
  await roomOf(lead, "By telephone");
  const { code } = await invite(lead, "contact", false);
  const contact = await come("contact", { on: "phone" });
  await contact.signIn();
  await contact.page.getByRole("link", { name: "Join with a code" }).click();
  contact.expects(/^refused: 404 \/api\/v1\/invitations\/look$/);
  await contact.page.getByLabel("Code").fill("AAAA-BBBB");
  await contact.page.getByRole("button", { name: "Continue" }).click();
  await deadEnd(contact);
  await contact.goto("/join");
  await expect(contact.page.getByRole("heading", { name: "Join with a code" })).toBeVisible();
  await contact.screen("join-code");
  await contact.page.getByLabel("Code").fill(` ${code.toLowerCase()} `);
  await contact.page.getByRole("button", { name: "Continue" }).click();
  await contact.page.getByRole("button", { name: "Ask to be let in" }).click();
  await expect(contact.page.getByRole("heading", { name: "Waiting to be let in" })).toBeVisible();
  expect(await contact.heard("By telephone")).toBe(false);

  await lead.part("People");
  await lead.page.getByRole("button", { name: "Let in Sofia Marsh" }).click();
  await expect(contact.page.getByRole("heading", { name: "By telephone" })).toBeVisible({ timeout: 15_000 });
  await contact.screen("join-rules");
  await contact.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(contact.feed).toBeVisible();
  await expect(lead.entryWith("Sofia Marsh (Fellside Ambulance Service NHS Trust) joined")).toBeVisible();
});

test("six digits told by telephone tie whoever has them, once they are right", async ({ come }) => {
  const lead = await come("lead", { on: "phone" });
  await roomOf(lead, "By six digits");
  const { link, digits } = await invite(lead, "contact", false, true);
  expect(digits).toMatch(/^\d{3} \d{3}$/);
  const contact = await come("contact", { on: "phone" });
  await contact.goto(path(link));
  await contact.signInHere();
  await expect(contact.page.getByRole("heading", { name: "An invitation to a closed room" })).toBeVisible();
  await contact.screen("join-digits");
  await contact.page.getByRole("button", { name: "I have no code: ask to be let in" }).click();
  await expect(contact.page.getByRole("heading", { name: "Waiting to be let in" })).toBeVisible();
  await contact.page.getByRole("button", { name: "I have the six digits now" }).click();
  contact.expects(/^refused: 422 \/api\/v1\/invitations\/join$/);
  await contact.page.getByLabel("Six-digit code").fill(digits === "000 000" ? "111111" : "000000");
  await contact.page.getByRole("button", { name: "Continue" }).click();
  await expect(contact.page.getByRole("alert")).toContainText("These are not the digits.");
  expect(await contact.heard("By six digits")).toBe(false);
  await contact.page.getByLabel("Six-digit code").fill(digits);
  await contact.page.getByRole("button", { name: "Continue" }).click();
  await expect(contact.page.getByRole("heading", { name: "By six digits" })).toBeVisible();
  await expect(contact.page.locator("main")).toContainText("Sofia Marsh");
  await contact.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(contact.composer).toBeVisible();
  await lead.part("Log");
  await expect(lead.entryWith("Sofia Marsh (Fellside Ambulance Service NHS Trust) joined")).toBeVisible();
});

test("a withdrawn link and a replaced one are dead", async ({ come }) => {
  const lead = await come("lead");
  const room = await roomOf(lead, "Withdrawn");
  const first = await invite(lead, "director", true);

  // To who signs in elsewhere the link is dead too; that another was asked for is told to the lead alone.
  const elsewhere = await come("ncsc2", { on: "phone" });
  elsewhere.expects(/^refused: 404 \/api\/v1\/invitations\/look$/);
  await elsewhere.goto(path(first.link));
  await elsewhere.signInHere();
  await deadEnd(elsewhere);
  await elsewhere.page.getByRole("button", { name: "Ask for a new link" }).click();
  await expect(elsewhere.page.getByText("Your request was passed on.")).toBeVisible();
  await lead.page.reload();
  await expect(lead.page.getByRole("listitem").filter({ hasText: "Alan Whitcombe" })).toContainText("A new link was asked for");
  await lead.screen("link-wanted");

  await lead.page.getByRole("button", { name: "New link Alan Whitcombe" }).click();
  const renewed = lead.dialog("For Alan Whitcombe");
  await expect(renewed).toContainText("The old link and code no longer work.");
  await lead.screen("link-renewed");
  const second = await renewed.locator(".link-once__value").first().innerText();
  await renewed.getByRole("button", { name: "I have passed it on" }).click();
  await lead.page.getByRole("button", { name: "Withdraw Alan Whitcombe" }).click();
  await expect(lead.entryWith("withdrew the invitation of Alan Whitcombe")).toBeVisible();

  const director = await come("director", { on: "phone" });
  director.expects(/^refused: 404 \/api\/v1\/invitations\/look$/);
  await director.goto(path(first.link));
  await director.signInHere();
  await deadEnd(director);
  await director.screen("dead-link");
  await director.goto("/");
  await director.goto(path(second));
  await deadEnd(director);
  await director.goto("/");
  await expect(director.page.getByRole("heading", { name: "Rooms" })).toBeVisible();
  await expect(director.page.locator(`a[href="/rooms/${room.room}"]`)).toHaveCount(0);
});
