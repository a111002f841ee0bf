// What a room does again and again: a meeting is written down and clears what
// was missed, an organisation reports, and whoever waits can ask for an update.
import { expect, test } from "./test";

test("meetings, SITREPs and updates: written down, put off, asked for", async ({ come }) => {
  test.setTimeout(300_000);
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Phishing at a supplier");
  const ciso = await come("ciso", { on: "phone" });
  await ciso.signIn();
  await lead.bring(room, ciso, "representative");
  expect((await lead.ask("POST", `/rooms/${room.room}/severity`, { scale: "nhs_level", grade: { at: 4 }, criteria: ["spreading"], reason: "It spreads" })).status).toBeLessThan(300);
  await lead.enter(room.room);
  await lead.page.getByRole("link", { name: "Meetings and SITREPs" }).first().click();
  const now = lead.page.locator(".cadence-now");
  await expect(now).toContainText(/Next meeting.*every 2 hours/);
  await expect(lead.page.getByText("No meeting has been written down yet")).toBeVisible();
  await lead.screen("nothing-yet");

  await lead.page.getByRole("button", { name: "Write down a meeting" }).click();
  const form = lead.dialog("Write down a meeting");
  await form.getByRole("button", { name: "Record the meeting" }).click();
  await expect(form.getByRole("alert")).toContainText("Say where it was, or how");
  await form.getByLabel("Where, or how").fill("Video call");
  await form.getByLabel(new RegExp(ciso.account.name)).check();
  await form.getByLabel("What was said").fill("Mail filters are changed at all sites by noon");
  await lead.screen("meeting-form");
  await form.getByRole("button", { name: "Record the meeting" }).click();
  await expect(lead.page.locator(".beat-row")).toContainText("Mail filters are changed at all sites by noon");
  await expect(lead.page.locator(".beat-row")).toContainText(ciso.account.name);

  // Put off, once; less often takes a second factor.
  await lead.page.getByRole("button", { name: "More about meetings and SITREPs" }).click();
  await lead.page.getByRole("menuitem", { name: "Put the next update off" }).click();
  await lead.dialog("Put the next update off").getByRole("button", { name: "Put it off" }).click();
  await expect(now).toContainText("The next update was put off once");
  await lead.page.getByRole("button", { name: "More about meetings and SITREPs" }).click();
  await lead.page.getByRole("menuitem", { name: "Set how often" }).click();
  const often = lead.dialog("How often");
  await often.getByLabel("Meetings").selectOption({ label: "Every hour" });
  await often.getByLabel("Reason").fill("The supplier is on the line");
  await often.getByRole("button", { name: "Set it" }).click();
  await expect(now).toContainText(/Next meeting.*every hour/);

  // The guest sees what is due, reports on a phone, and asks for an update.
  await ciso.enter(room.room);
  await ciso.part("Brief");
  await expect(ciso.page.getByRole("region", { name: "What is due" })).toContainText(/Next meeting.*every hour/);
  await ciso.screen("due");
  await ciso.page.getByRole("link", { name: "Meetings and SITREPs" }).filter({ visible: true }).first().click();
  await expect(ciso.page.getByRole("button", { name: "Write down a meeting" })).toHaveCount(0);
  await ciso.page.getByRole("button", { name: "File a SITREP" }).click();
  const report = ciso.dialog("File a SITREP");
  await report.getByLabel("Situation").fill("Two mailboxes were opened");
  await report.getByLabel(/^Impact/).fill("None on patients");
  await ciso.screen("sitrep-form");
  await report.getByRole("button", { name: "File it" }).click();
  await expect(ciso.page.locator(".beat-row")).toContainText("Two mailboxes were opened");
  // It was wrong: the guest corrects it in the open, and what is typed outlives a reload.
  await ciso.page.getByRole("button", { name: /^Correct SITREP/ }).click();
  const fix = ciso.dialog(/^Correct SITREP/);
  await fix.getByLabel("Situation").fill("Three mailboxes were opened");
  await ciso.page.waitForTimeout(600); // what is typed is kept once its writer pauses
  await ciso.page.reload();
  await ciso.page.getByRole("button", { name: "SITREPs", exact: true }).click();
  await ciso.page.getByRole("button", { name: /^Correct SITREP/ }).click();
  await expect(fix.getByLabel("Situation")).toHaveValue("Three mailboxes were opened");
  await expect(fix.getByText("What you had written here and not sent is back.")).toBeVisible();
  await fix.getByRole("button", { name: "Correct it" }).click();
  await expect(fix.getByRole("alert")).toContainText("Say why it is corrected.");
  await fix.getByLabel("What was wrong").fill("One more was found");
  await ciso.screen("sitrep-correct");
  await fix.getByRole("button", { name: "Correct it" }).click();
  await expect(ciso.page.locator(".beat-row")).toContainText("Three mailboxes were opened");
  await expect(ciso.page.locator(".beat-row del")).toHaveText("Two mailboxes were opened");
  await expect(ciso.page.locator(".beat-row")).toContainText("One more was found");
  await ciso.screen("sitrep-corrected");
  await ciso.page.getByRole("button", { name: "Ask for an update" }).click();
  const ask = ciso.dialog("Ask for an update");
  await ask.getByLabel(/What about/).fill("Is mail safe to use?");
  await ask.getByRole("button", { name: "Ask for it" }).click();
  ciso.expects(/^refused: 409 /);
  const again = await ciso.ask<{ detail: string }>("POST", `/rooms/${room.room}/updates/request`, {});
  expect([again.status, again.body.detail]).toEqual([409, expect.stringContaining("You can ask again a quarter of an hour after that.")]);

  // The lead is told, and answers.
  await lead.page.getByRole("link", { name: /Asks for an update.*Is mail safe to use\?/ }).filter({ visible: true }).first().click();
  await lead.page.getByRole("button", { name: "SITREPs", exact: true }).click();
  await expect(lead.page.locator(".beat-row")).toContainText("Three mailboxes were opened");
  await expect(lead.page.getByRole("button", { name: /^Correct SITREP/ })).toHaveCount(0); // only whose it is
  await lead.screen("sitreps");
  await lead.page.getByRole("button", { name: "Give an update" }).click();
  const update = lead.dialog("Give an update");
  await update.getByLabel("What they are told").fill("Mail is safe to use again");
  await update.getByRole("button", { name: "Give the update" }).click();
  await expect(lead.page.locator(".beat-row")).toContainText("Mail is safe to use again");
  await expect(lead.page.getByRole("link", { name: /Asks for an update/ })).toHaveCount(0);
  await ciso.part("Log");
  await expect(ciso.entryWith("Mail is safe to use again")).toBeVisible();
  await ciso.screen("told");
});
