// What is refused says why by its field, and nothing that was typed is lost.
// Dead ends say what to do next.
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("a refused form keeps everything and leads to the field", async ({ come }) => {
  const { lead } = await meeting(come, "Forms", []);
  const { page } = lead;
  await page.getByRole("button", { name: "Invite someone" }).click();
  const invite = lead.dialog("Invite someone");
  await invite.getByLabel("Name", { exact: true }).fill("Somebody\u202eGnihtemos");
  await invite.getByRole("button", { name: "Invite" }).click();
  await expect(invite.getByRole("alert")).toBeFocused();
  await invite.getByRole("link", { name: "Choose the organisation from the list." }).click();
  const organisation = invite.getByRole("combobox", { name: "Organisation" });
  await expect(organisation).toBeFocused();
  await organisation.fill("Nowhere at all");
  await expect(invite.getByText("No organisation by that name or code.")).toBeVisible();
  await organisation.fill("North");
  await invite.getByRole("option", { name: /Northmoor NHS Trust/ }).click();
  await invite.getByLabel("Name", { exact: true }).fill("Somebody\u202eGnihtemos");
  await invite.getByLabel(/^Work e-mail/).fill("somebody@northmoor.example");
  await invite.getByRole("button", { name: "Invite" }).click();
  await expect(invite.getByRole("alert")).toBeVisible(); // the server's word: no characters that turn text around
  await expect(invite.getByLabel("Name", { exact: true })).toHaveValue("Somebody\u202eGnihtemos");
  await expect(invite.getByLabel(/^Work e-mail/)).toHaveValue("somebody@northmoor.example");
  await lead.screen("invite-refused");
  lead.expects(/^refused: 422 /);
  await page.keyboard.press("Escape");
  await expect(invite).toBeHidden();
  await expect(lead.entryWith("invited")).toHaveCount(0);

  await page.getByRole("button", { name: "Write it the situation brief" }).click();
  const brief = lead.dialog("Write the situation brief");
  await brief.getByRole("button", { name: /^Save/ }).click();
  await expect(brief.getByRole("alert")).toContainText("Write at least what has happened.");
  await brief.getByLabel("What has happened").fill("Four trusts report ransomware.");
  await lead.screen("brief-form");
  await brief.getByRole("button", { name: "Save as version 1" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Situation brief" }).getByText("Four trusts report ransomware.")).toBeVisible();
  await expect(lead.entryWith("set the situation brief, version 1")).toBeVisible();
});

test("a message the server refuses stays in the composer's reach", async ({ come }) => {
  const { lead } = await meeting(come, "Refused", []);
  lead.expects(/^refused: 422 /);
  await lead.composer.fill("Turned \u202earound");
  await lead.composer.press("Enter");
  const failed = lead.page.getByRole("alert").filter({ has: lead.page.getByRole("button", { name: "Send again" }) });
  await expect(failed).toBeVisible();
  await lead.screen("message-refused");
  await failed.getByRole("button", { name: "Change it" }).click();
  await expect(lead.composer).toHaveValue("Turned \u202earound");
  await expect(failed).toHaveCount(0);
  const seq = await lead.say("Not turned around");
  await expect(lead.entry(seq)).toBeVisible();
});

test("dead ends say what to do next", async ({ come }) => {
  for (const on of ["desktop", "phone"] as const) {
    const lead = await come("lead", { on });
    await lead.signIn();
    for (const path of ["/no/such/page", "/rooms/x", "/admin/people", "/rooms/aaaaaaaaaaaaaaaaaaaaaaaaaa/nothing"]) {
      lead.expects(/^refused: 404 /);
      await lead.goto(path);
      await expect(lead.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
      await expect(lead.page.getByRole("link", { name: "My rooms", exact: true })).toBeVisible();
    }
    await lead.screen("nothing-here");
    await lead.page.getByRole("link", { name: "My rooms", exact: true }).click();
    await expect(lead.page.getByRole("heading", { name: "My rooms" })).toBeVisible();
    await lead.goto("/setup#not-a-token");
    await expect(lead.page.getByRole("heading", { name: /Set up this deployment|This link does not work/ })).toBeVisible();
    if (await lead.page.getByRole("button", { name: "Become the administrator" }).isVisible()) await lead.page.getByRole("button", { name: "Become the administrator" }).click();
    await expect(lead.page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  }
});
