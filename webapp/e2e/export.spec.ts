// A part of the record goes to a public inquiry: who asks, who agrees, what is
// left out and by whose word, who approves, and who takes it.
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

const fold = (p: Person) => p.page.locator(".sheet");

async function exportsPage(p: Person, room: Room, seq?: number): Promise<void> {
  await p.goto(`/rooms/${room.room}/exports${seq === undefined ? "" : `/${seq}`}`);
  await expect(p.page.locator(".room__board .loading")).toHaveCount(0);
}

const day = (from: number): string => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);

test("an export for an inquiry is asked for, agreed to by both hosts, redacted, answered for by a trust on a phone", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Ransomware, to be inquired into", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "nightlead", role: "deputy", history: "full" },
    { who: "ciso", on: "phone" },
    { who: "auditor", role: "auditor", history: "full" },
  ]);
  test.slow();
  const [liaison, night, ciso] = guests as [Person, Person, Person, Person];
  const patient = await lead.say("A patient was named to us by mistake: 943 476 5919, moved to Ward 7.");
  const ours = await liaison.say("The kill switch domain resolves.");
  const theirs = await ciso.say("Our imaging network is shared with two neighbours.");

  // Who asks: everything that is missing is said, nothing typed is lost.
  await exportsPage(lead, room);
  await expect(lead.page.getByText("Nobody has asked for an export yet")).toBeVisible();
  await lead.page.getByRole("button", { name: "Request an export" }).click();
  const asking = lead.dialog("Request an export for an inquiry");
  await asking.getByRole("button", { name: "Request it" }).click();
  await expect(asking.getByRole("alert")).toContainText("Name the person it is for.");
  await asking.getByLabel("Name", { exact: true }).fill("Dame Frances Holt");
  await asking.getByLabel("Role").fill("counsel");
  await asking.getByLabel("Organisation").fill("The Northern Ransomware Inquiry");
  await asking.getByLabel("Legal basis").selectOption({ label: "Notice under section 21 of the Inquiries Act 2005" });
  await asking.getByLabel("Its reference").fill("NRI/s21/4");
  await asking.getByLabel("What it is for").fill("The first week of the incident.");
  await asking.getByLabel("To entry").fill(String(theirs));
  await asking.getByLabel("May be taken until").fill(day(30));
  await lead.screen("export-request");
  await asking.getByRole("button", { name: "Request it" }).click();
  await expect(lead.page.getByRole("heading", { name: "For Dame Frances Holt, counsel, The Northern Ransomware Inquiry" })).toBeVisible();
  const seq = Number(new URL(lead.page.url()).pathname.split("/").at(-1));
  await expect(fold(lead)).toContainText("It waits for Data Security Centre and National Cyber Security Centre to agree.");
  await lead.page.getByRole("button", { name: "Agree for my organisation" }).click();
  await expect(fold(lead)).toContainText("It waits for National Cyber Security Centre to agree.");
  await exportsPage(liaison, room, seq);
  await liaison.page.getByRole("button", { name: "Agree for my organisation" }).click();
  await expect(fold(liaison)).toContainText("Both hosts have agreed.");

  // What is usually left out is found, and ticked.
  await expect(fold(lead)).toContainText("Both hosts have agreed.");
  await lead.page.getByRole("button", { name: "Look for what is usually left out" }).click();
  const found = lead.dialog("What is usually left out");
  await expect(found.getByLabel(new RegExp(`^Entry ${patient}:`))).toBeChecked();
  await expect(found.getByLabel(new RegExp(`^Entry ${ours}:`)).first()).toBeChecked();
  await lead.screen("export-suggestions");
  await found.getByRole("button", { name: /^Leave out/ }).click();
  await expect(found).toHaveCount(0);
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${patient} `) })).toContainText("1 place in it");

  // And what only a person sees, marked in the text.
  await lead.page.getByRole("button", { name: "Leave something out" }).click();
  const out = lead.dialog("Leave something out");
  await out.getByLabel("Entry").fill(String(theirs));
  await out.getByRole("button", { name: "Show it" }).click();
  const text = out.getByLabel("Mark what is to be left out");
  await text.evaluate((el: HTMLTextAreaElement) => {
    el.focus();
    const at = el.value.indexOf("two neighbours");
    el.setSelectionRange(at, at + "two neighbours".length);
  });
  await out.getByRole("button", { name: "Leave out what is marked" }).click();
  await expect(out.locator("del")).toHaveText("two neighbours");
  await out.getByRole("button", { name: "Leave it out" }).click();
  await expect(out.getByRole("alert")).toContainText("Choose a ground.");
  await out.getByLabel("Ground").selectOption({ label: "FOI 2000 s.43: commercial interests" });
  await out.getByLabel("Reason").fill("Names others' systems");
  await lead.screen("export-mark-out");
  await out.getByRole("button", { name: "Leave it out" }).click();
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${theirs} what it says`) })).toContainText("Names others' systems");
  await lead.screen("export-agreed");

  // What is restricted is asked of whom it came from, and of nobody else.
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${theirs} TLP:AMBER\\+STRICT`) })).toContainText("Not answered");
  await exportsPage(ciso, room);
  await expect(ciso.page.getByText("May The Northern Ransomware Inquiry (counsel) have them?")).toBeVisible();
  await expect(ciso.page.locator(".question").getByText("Our imaging network is shared")).toBeVisible();
  await ciso.screen("export-asked");
  await ciso.page.getByRole("button", { name: /^Answer for entry/ }).click();
  const answer = ciso.dialog(new RegExp(`^Entry ${theirs}: may it go to`));
  await answer.getByRole("button", { name: "Answer" }).click();
  await expect(answer.getByRole("alert")).toContainText("Say what may be done with it.");
  await answer.getByLabel("Release it", { exact: true }).check();
  await ciso.screen("export-answer");
  await answer.getByRole("button", { name: "Answer" }).click();
  await expect(ciso.page.getByText("Released", { exact: true })).toBeVisible();
  expect(await ciso.heard("Dame Frances Holt"), "a guest is told the recipient's name").toBe(false);
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${theirs} TLP:AMBER\\+STRICT`) })).toContainText("Released");

  // Whoever asked or left something out approves nothing; a second person does.
  await expect(lead.page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  await exportsPage(night, room, seq);
  night.expects(/refused: 403/);
  await night.page.getByRole("button", { name: "Approve" }).click();
  await night.screen("export-approve");
  await night.dialog("Approve it as it stands?").getByRole("button", { name: "Approve" }).click();
  await night.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await night.secondFactor();
  await expect(fold(night)).toContainText("Both hosts have agreed.");
});
