// Who is in the room, in which role, and who sees whom.
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("a representative proposes a colleague, and a lead admits them in one tap", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Proposal", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  await ciso.part("People");
  await ciso.page.getByRole("button", { name: "Propose a colleague" }).click();
  const propose = ciso.dialog("Propose a colleague");
  await propose.getByLabel("Name").fill("Jo Lindqvist");
  await propose.getByLabel(/^Work e-mail/).fill("jo.lindqvist@northmoor.example");
  await ciso.screen("propose");
  await propose.getByRole("button", { name: "Propose" }).click();
  await ciso.dialog("Proposed").getByRole("button", { name: "Done" }).click();
  await lead.page.getByRole("button", { name: "Admit Jo Lindqvist" }).click();
  const link = await lead.dialog("For Jo Lindqvist").locator(".link-once__value").first().innerText();
  const colleague = await come("colleague", { on: "phone" });
  await colleague.goto(link.slice(new URL(link).origin.length));
  await colleague.signInHere();
  await colleague.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(colleague.composer).toBeVisible();
  await expect(ciso.page.getByRole("listitem").filter({ hasText: "Jo Lindqvist" })).toContainText("Representative");
  await ciso.screen("people");

  // Presence and typing are seen, and are no entries.
  await expect(lead.page.getByText("3 in the room, 3 here now")).toBeVisible();
  const head = (await lead.page.locator(".room__state").innerText()).split("·")[1];
  await colleague.composer.pressSequentially("I am");
  await expect(lead.page.getByText("Jo Lindqvist is writing")).toBeVisible();
  expect((await lead.page.locator(".room__state").innerText()).split("·")[1]).toBe(head);
  await colleague.page.close();
  await expect(lead.page.getByText("3 in the room, 2 here now")).toBeVisible({ timeout: 30_000 });
});

test("an observer reads and does not write; a new role counts at once; new rules are accepted first", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Roles", [{ who: "contact", on: "phone", role: "observer" }]);
  const [contact] = guests as [(typeof guests)[0]];
  await expect(contact.page.getByText("You are here to read. Your role does not write.")).toBeVisible();
  await contact.screen("observer");
  await lead.page.getByRole("button", { name: "Actions for Sofia Marsh" }).click();
  await lead.page.getByRole("menuitem", { name: "Change role" }).click();
  const role = lead.dialog("Role of Sofia Marsh");
  await role.getByLabel("Representative").check();
  await lead.screen("role");
  await role.getByRole("button", { name: "Change the role" }).click();
  await expect(contact.composer).toBeVisible();
  await contact.say("I may write now");

  await lead.page.getByRole("button", { name: "Change the handling rules" }).click();
  const rules = lead.dialog("Change the handling rules");
  await rules.getByLabel("Line 5").fill("Anything you send from here is yours to answer for.");
  await rules.getByRole("button", { name: "Set version 2" }).click();
  await expect(contact.page.getByRole("heading", { name: "The handling rules have changed" })).toBeVisible();
  await expect(contact.page.getByText("Anything you send from here is yours to answer for.")).toBeVisible();
  await contact.screen("rules-changed");
  await contact.page.getByRole("button", { name: "Accept and go on" }).click();
  await expect(contact.composer).toBeVisible();
  await expect(lead.dialog("Change the handling rules")).toBeHidden();
});

test("where guests see organisations, others are numbers of an organisation", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Roster", [{ who: "ciso", on: "phone" }, { who: "director" }], { roster: "organisations" });
  const [ciso, director] = guests as [(typeof guests)[0], (typeof guests)[0]];
  await ciso.part("People");
  await expect(ciso.page.getByRole("listitem").filter({ hasText: "Eastmere General Hospital NHS Trust" })).toContainText("M-3");
  await expect(ciso.page.getByText("Alan Whitcombe")).toHaveCount(0);
  await ciso.screen("people-organisations");
  expect(await ciso.heard("Alan Whitcombe")).toBe(false);
  await expect(lead.page.getByRole("listitem").filter({ hasText: "Alan Whitcombe" })).toBeVisible();
  await ciso.part("Log");
  const seq = await director.say("Eastmere here");
  await expect(ciso.entry(seq)).toContainText("Eastmere here");
  await expect(ciso.entry(seq)).toContainText("M-3");
  expect(await ciso.heard("Alan Whitcombe")).toBe(false);
});
