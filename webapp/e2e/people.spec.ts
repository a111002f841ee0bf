// Who is in the room, in which role, and who sees whom.
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("a representative proposes a colleague, and a lead admits them in one tap", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Proposal", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  await ciso.part("People");
  await ciso.page.getByRole("button", { name: "Propose a colleague" }).click();
  const propose = ciso.dialog("Propose a colleague");
  await propose.getByLabel("Name").fill("Jo Lindqvist");
  await propose.getByLabel(/^Work e-mail/).fill("jo.lindqvist@northmoor.example");
  await ciso.screen("propose");
  await propose.getByRole("button", { name: "Propose" }).click();
  await ciso.dialog("Proposed").getByRole("button", { name: "Done" }).click();
  // It needs the lead, wherever they are.
  await lead.goto("/");
  await expect(lead.page.getByRole("heading", { name: "Needs you" })).toBeVisible();
  await lead.screen("needs-you");
  await lead.page.getByRole("link", { name: `1 person waits to be let into ${room.reference}` }).click();
  await lead.page.getByRole("button", { name: "Admit Jo Lindqvist" }).click();
  const link = await lead.dialog("For Jo Lindqvist").locator(".link-once__value").first().innerText();
  const colleague = await come("colleague", { on: "phone" });
  await colleague.goto(link.slice(new URL(link).origin.length));
  await colleague.signInHere();
  await colleague.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(colleague.composer).toBeVisible();
  await expect(ciso.page.getByRole("listitem").filter({ hasText: "Jo Lindqvist" })).toContainText("Representative");
  await ciso.screen("people");
  // One of hers is here now: told, and not only as a line among others.
  await ciso.part("Log");
  const told = ciso.page.locator(".colleagues");
  await expect(told).toContainText("Jo Lindqvist (Northmoor NHS Trust) joined as representative");
  await ciso.screen("colleague-joined");
  await told.getByRole("button", { name: "Hide this notice" }).click();
  await expect(told).toBeHidden();
  await expect(lead.page.locator(".colleagues")).toHaveCount(0);
  await lead.dialog("For Jo Lindqvist").getByRole("button", { name: "I have passed it on" }).click();

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

test("where guests see only the hosts, nobody is told of another by an audience or a mention", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Closed roster", [{ who: "ciso", on: "phone" }, { who: "director" }], { roster: "hosts" });
  const [ciso, director] = guests as [(typeof guests)[0], (typeof guests)[0]];
  await lead.composer.fill("@Dr Hannah Osei where do you stand?");
  await expect(lead.page.getByText(/mention a guest only to the hosts and to their own organisation/)).toBeVisible();
  await lead.composer.press("Enter");
  await expect(lead.page.getByRole("alert").filter({ hasText: "mention a guest only to the hosts" })).toBeVisible();
  await lead.screen("closed-roster-mention");
  await lead.page.getByRole("button", { name: /^Audience/ }).click();
  const dialog = lead.dialog("Who receives this");
  await dialog.getByLabel("Named people and organisations").check();
  await dialog.getByLabel("Dr Hannah Osei").check();
  await dialog.getByLabel("Alan Whitcombe").check();
  await expect(dialog).toContainText("In this room guests are not told of one another. Address each organisation in an entry of its own.");
  await lead.screen("closed-roster-audience");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Alan Whitcombe").uncheck();
  await dialog.getByRole("button", { name: "Done" }).click();
  await lead.sendShown();
  const asked = await lead.seqOf("where do you stand?");
  await expect(ciso.entry(asked)).toContainText("Mentions you");
  await expect(director.entry(asked)).toHaveText(new RegExp(`Entry ${asked} is not addressed to you`));
  expect(await director.heard("Osei")).toBe(false);
});

for (const on of ["desktop", "phone"] as const) {
  test(`those who run a room see how to ring its people, whose number is their own, on a ${on}`, async ({ come }) => {
    const { lead, room, guests } = await meeting(come, "Telephones", [{ who: "contact", on }]);
    const [contact] = guests as [(typeof guests)[0]];
    await contact.goto("/sessions");
    await contact.page.getByLabel("Number").fill("0113 496 0999");
    await contact.page.getByRole("button", { name: "Save the number" }).click();
    await expect(contact.page.getByText("Saved.")).toBeVisible();
    await contact.screen("own-telephone");
    await contact.goto(`/rooms/${room.room}/people`);
    await expect(contact.page.getByRole("heading", { name: /^People/ })).toBeVisible();
    await expect(contact.page.getByRole("button", { name: "Actions for Priya Anand" })).toHaveCount(0);

    // Invited with a number: it is there before they are.
    await lead.page.getByRole("button", { name: "Invite someone" }).click();
    const invite = lead.dialog("Invite someone");
    const choose = async (name: string) => {
      await invite.getByRole("combobox", { name: "Organisation" }).fill("Fellside");
      await invite.getByRole("option", { name: /Fellside Ambulance/ }).click();
      const known = invite.getByLabel("Person");
      if (await known.isVisible()) await known.selectOption({ label: "Someone new" });
      await invite.getByLabel("Name", { exact: true }).fill(name);
    };
    await choose("Sofia Marsh");
    await expect(invite).toContainText("Sofia Marsh is in this room already, as M-2.");
    await lead.screen("invite-already");
    await choose("Ruth Penn");
    await expect(invite).not.toContainText("in this room already");
    await invite.getByLabel(/^Mobile/).fill("07700 900123");
    await invite.getByRole("button", { name: "Invite" }).click();
    await lead.dialog("Invited").getByRole("button", { name: "I have passed it on" }).click();
    await lead.page.getByRole("button", { name: "Telephone Ruth Penn" }).click();
    await expect(lead.dialog("Telephone of Ruth Penn").getByRole("link", { name: "07700 900123" })).toHaveAttribute("href", "tel:07700900123");
    await lead.dialog("Telephone of Ruth Penn").getByRole("button", { name: "Close" }).click();

    await lead.page.getByRole("button", { name: "Actions for Sofia Marsh" }).click();
    await lead.page.getByRole("menuitem", { name: "Telephone" }).click();
    await expect(lead.dialog("Telephone of Sofia Marsh").getByRole("link", { name: "0113 496 0999" })).toBeVisible();
    await lead.screen("telephone");
    expect(await contact.heard("900123")).toBe(false);
  });
}
