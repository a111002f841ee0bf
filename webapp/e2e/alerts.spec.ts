// Alerts: issued to two hundred organisations, answered on a phone, and
// followed on a board.
import type { Person } from "./person";
import { expect, test } from "./test";

const places = ["Alder", "Birch", "Coppice", "Dunford", "Elmsley", "Farrow", "Glaston", "Harrow", "Inglewood", "Juniper", "Kelding", "Larch", "Marston", "Netherby", "Oakham", "Penrose", "Quarry", "Rowan", "Sedgely", "Thornby"];
const kinds = ["Hill", "Vale", "Moor", "Bridge", "Cross", "Green", "Park", "Water", "Ridge", "Fields"];
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Two hundred invented trusts, ten of them ambulance services: RJ0, RJ1 … */
const trusts = Array.from({ length: 200 }, (_, i) => ({
  code: `R${"JKLMNP"[Math.floor(i / 36)]}${digits[i % 36]}`,
  name: `${places[Math.floor(i / 10)]} ${kinds[i % 10]} ${i % 20 === 7 ? "Ambulance Service NHS Trust" : "Hospitals NHS Foundation Trust"}`,
}));
const table = (status: string): string =>
  ["OrgId,Name,Status,PrimaryRoleId,Close Date,Successor", ...trusts.map((t) => `${t.code},${t.name},${status},RO197,${status === "Active" ? "" : "2026-11-01"},`)].join("\r\n");

async function enter(admin: Person, status: string): Promise<void> {
  await admin.goto("/admin/import");
  await admin.page.getByLabel("Trusts of no stated kind").selectOption({ label: "Take them for: Acute trust" });
  await admin.page.getByLabel("Table").setInputFiles({ name: "etr.csv", mimeType: "text/csv", buffer: Buffer.from(table(status)) });
  await admin.page.getByRole("button", { name: "Enter 200 changes" }).click();
  await expect(admin.page.getByText("200 changes entered")).toBeVisible({ timeout: 30_000 });
}

test("a host alerts two hundred organisations, they answer, and who is overdue is chased", async ({ come }) => {
  test.setTimeout(480_000); // five people, and axe takes its time over two hundred rows
  const picture = (name: string) => page.screenshot({ path: test.info().outputPath(`${name}.png`), animations: "disabled" });
  const admin = await come("admin");
  await admin.signIn("/admin/import");
  await enter(admin, "Active");

  const lead = await come("lead", { size: { width: 1280, height: 800 } });
  await lead.signIn();
  const { page } = lead;
  await page.getByRole("button", { name: "Priya Anand: my account" }).click();
  await page.getByRole("menuitem", { name: "Alerts" }).click();
  await expect(page.getByText("No alert is open")).toBeVisible();
  await page.getByRole("link", { name: "Issue an alert" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("alert")).toContainText("Choose whom it goes to");
  await page.getByLabel("What it is about, in one line").fill("File sharing flaw is being used to spread ransomware");
  await page.getByLabel("High severity").check();
  await page.getByLabel("Details").fill("A worm spreads by SMBv1. Look for servers and devices that were not patched since March.\n\nDiagnostic equipment counts.");
  await page.getByLabel("How to put it right").fill("Install MS17-010, or switch SMBv1 off.");
  await page.getByLabel("CVEs").fill("CVE-2017-0144, CVE-2017-0145");
  await page.getByLabel("Affected").fill("Windows 7\nWindows Server 2008");
  await page.getByLabel("Acute trust").check();
  await page.getByLabel("Ambulance trust").check();
  await expect(page.getByText(/^Goes to 20\d organisations\.$/)).toBeVisible();
  await lead.screen("alert-issue");
  await page.getByRole("button", { name: "Continue" }).click();
  const sure = lead.dialog(/^Issue it to 20\d organisations\?$/);
  await expect(sure).toContainText("ambulance trusts");
  await lead.screen("alert-sure");
  lead.expects(/^refused: 401 \/api\/v1\/alerts/);
  await sure.getByRole("button", { name: "Issue it" }).click();
  await lead.confirmBeside();
  await sure.getByRole("button", { name: "Issue it" }).click();
  await expect(page.getByRole("heading", { name: "File sharing flaw is being used to spread ransomware" })).toBeVisible();
  const reference = await page.getByText(/^CC-\d{4}$/).innerText();
  const number = Number(reference.slice(3));

  // The trust's CISO, on a phone.
  const ciso = await come("ciso", { on: "phone" });
  await ciso.signIn();
  await expect(ciso.page.getByText("1 alert waits for your organisation.")).toBeVisible();
  await ciso.screen("alerts-notice");
  await ciso.page.getByRole("button", { name: "Dr Hannah Osei: my account" }).click();
  await ciso.page.getByRole("menuitem", { name: "Alerts" }).click();
  await expect(ciso.page.getByText(reference)).toBeVisible();
  await ciso.screen("alerts-own");
  await ciso.page.getByRole("link", { name: "File sharing flaw is being used to spread ransomware" }).click();
  await expect(ciso.page.getByText(/^Acknowledge by /)).toBeVisible();
  await ciso.screen("alert-ladder-begin");
  await ciso.page.getByRole("button", { name: "Acknowledge" }).click();
  await ciso.dialog("Acknowledge").getByRole("button", { name: "Acknowledge" }).click();
  await expect(ciso.page.getByText(/^Next update by /)).toBeVisible();
  await ciso.page.getByRole("button", { name: "Answer", exact: true }).click();
  const applies = ciso.dialog("Say whether it applies");
  await applies.getByRole("button", { name: "Save the answer" }).click();
  await expect(applies.getByRole("alert")).toContainText("Say whether it applies.");
  await applies.getByLabel("It applies").check();
  await applies.getByRole("button", { name: "Save the answer" }).click();
  await ciso.page.getByRole("button", { name: "Give a plan" }).click();
  const plan = ciso.dialog("Give a plan");
  await plan.getByLabel("What will be done").fill("Forty servers tonight, the scanners on Sunday.");
  await plan.getByLabel("Put right by the end of").fill(new Date(Date.now() + 6 * 86_400_000).toISOString().slice(0, 10));
  await ciso.screen("alert-plan");
  await plan.getByRole("button", { name: "Save the plan" }).click();
  await ciso.page.getByRole("button", { name: "Give an update" }).click();
  await ciso.dialog("Give an update").getByLabel("How does it go?").fill("The servers are done.");
  await ciso.dialog("Give an update").getByRole("button", { name: "Save the update" }).click();
  await expect(ciso.page.getByText("The servers are done.")).toBeVisible();
  await ciso.screen("alert-ladder-planned");
  await ciso.page.getByRole("button", { name: "Report it done" }).click();
  await ciso.dialog("Report it done").getByLabel("How do you know?").fill("Scanned: none is open.");
  await ciso.dialog("Report it done").getByRole("button", { name: "Report it done" }).click();
  await expect(ciso.page.getByText("Nothing more is asked of you. Thank you.")).toBeVisible();
  for (const secret of ["Alder Hill", "RJ0", '"counts"', "Priya Anand"]) expect(await ciso.heard(secret), secret).toBe(false);

  // Somebody who answers for several, and somebody whom it did not go to.
  const people = (await admin.ask<{ people: { id: string; name: string; orgs: string[] }[] }>("GET", "/admin/people")).body.people;
  const sofia = people.find((p) => p.name === "Sofia Marsh");
  expect(sofia).toBeDefined();
  const affiliate = async (orgs: readonly string[]) => expect((await admin.ask("POST", `/admin/people/${sofia?.id}/orgs`, { orgs })).status).toBeLessThan(300);
  await affiliate(["X3F", ...trusts.slice(0, 3).map((t) => t.code)]);
  const several = await come("contact");
  await several.signIn(`/alerts/${number}`);
  await several.page.getByLabel("Choose all shown").check();
  await several.page.getByRole("group", { name: "For those chosen" }).getByRole("button", { name: "Acknowledge" }).click();
  await several.dialog("Acknowledge").getByRole("button", { name: "Acknowledge" }).click();
  await expect(several.page.getByRole("cell", { name: "Acknowledged" })).toHaveCount(4);
  await several.page.getByLabel("Choose all shown").check();
  await several.screen("alert-several");
  await several.page.getByRole("button", { name: "Say whether it applies" }).click();
  const none = several.dialog("Say whether it applies");
  await none.getByLabel("It does not apply").check();
  await none.getByLabel("Why not").fill("All four run what was patched in March.");
  await none.getByRole("button", { name: "Save the answer" }).click();
  await expect(several.page.getByRole("cell", { name: "Does not apply" })).toHaveCount(4);
  await expect(several.page.getByText("For Alder Cross Hospitals NHS Foundation Trust", { exact: false })).toHaveCount(0); // RJ4 is none of hers
  const outsider = await come("outsider");
  await outsider.signIn("/alerts");
  await expect(outsider.page.getByText("No alert is waiting for you")).toBeVisible();
  outsider.expects(/^refused: 404 \/api\/v1\/alerts/);
  await outsider.goto(`/alerts/${number}`);
  await expect(outsider.page.getByRole("heading", { name: /not found|nothing here/i })).toBeVisible();
  expect(await outsider.heard("File sharing flaw")).toBe(false);

  // Thirty that said they would be done by now, and are not.
  const late = trusts.slice(20, 50).map((t) => t.code);
  const tell = async (step: string, said: object) => {
    const answer = await lead.ask("POST", `/alerts/${number}/${step}`, { orgs: late, via: "telephone", ...said });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  };
  await tell("acknowledge", {});
  await tell("answer", { applies: "yes" });
  await tell("plan", { plan: "By the end of the call.", due: new Date(Date.now() + 1500).toISOString() });
  await page.waitForTimeout(2000); // their time has to pass
  await page.reload();
  await expect(page.getByRole("button", { name: "Overdue 30" })).toBeVisible();
  await expect(page.getByText(/^20\d organisations$/)).toBeVisible();
  await lead.screen("alert-board");
  await page.mouse.move(640, 600);
  await page.mouse.wheel(0, 1600);
  await expect(page.getByRole("columnheader", { name: "Due next" })).toBeInViewport();
  await picture("alert-board-scrolled");
  await page.getByRole("button", { name: "Overdue 30" }).click();
  await expect(page.getByText("30 organisations, overdue")).toBeVisible();
  await page.getByRole("button", { name: "Chase all 30 overdue" }).click();
  await expect(page.getByText("30 organisations chased. Nobody is chased twice within an hour.")).toBeVisible();
  await picture("alert-chased");
  lead.expects(/^refused: 409 /);
  await page.getByRole("button", { name: "Chase all 30 overdue" }).click();
  await expect(page.getByRole("alert")).toContainText("Nobody is overdue who was not chased within the last hour.");

  // Two of them on the telephone, entered with the keyboard.
  await page.getByLabel("Name or code").fill("Coppice");
  await expect(page.getByText("10 organisations, overdue")).toBeVisible();
  for (const place of ["Coppice Hill", "Coppice Vale"]) {
    await page.getByLabel(`Choose ${place} Hospitals NHS Foundation Trust`).focus();
    await page.keyboard.press("Space");
  }
  await expect(page.getByText("2 organisations chosen")).toBeVisible();
  await lead.screen("alert-chosen");
  await page.getByRole("group", { name: "For those chosen" }).getByRole("button", { name: "Report it done" }).focus();
  await page.keyboard.press("Enter");
  const told = lead.dialog("Report it done");
  await told.getByLabel("How do you know?").fill("They told me that the last server was patched.");
  await told.getByRole("button", { name: "Report it done" }).click();
  await expect(told.getByRole("alert")).toContainText("Say how it came to you.");
  await told.getByLabel("By telephone").check();
  await told.getByRole("button", { name: "Report it done" }).click();
  await expect(told).toBeHidden();
  await expect(page.getByRole("button", { name: "Overdue 28" })).toBeVisible();
  await page.getByLabel("Name or code").fill("");
  await page.getByRole("button", { name: "Done 3" }).click();
  await page.getByRole("button", { name: /^Coppice Hill .*what was said$/ }).click();
  const said = lead.dialog("Coppice Hill Hospitals NHS Foundation Trust");
  await expect(said.getByText("Chased by the hosts")).toBeVisible();
  await expect(said.getByText("They told me that the last server was patched.")).toBeVisible();
  await lead.screen("alert-said");
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Overdue 28" }).click();
  await expect(page.getByText("28 organisations, overdue")).toBeVisible();
  await lead.screen("alert-board-narrow");
  await page.getByText("28 organisations, overdue").evaluate((e) => e.scrollIntoView());
  await picture("alert-rows-narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
  await lead.goto("/alerts");
  await expect(page.getByText(/^7 of 20\d$/)).toBeVisible();
  await lead.screen("alerts");

  // It is closed, and read back; what was changed for this is put back.
  await page.getByRole("link", { name: "File sharing flaw is being used to spread ransomware" }).click();
  await page.getByRole("button", { name: "Close this alert" }).click();
  const closing = lead.dialog(`Close ${reference}?`);
  await closing.getByLabel("Reason").fill("What is left is followed by telephone.");
  await closing.getByRole("button", { name: "Close the alert" }).click();
  await lead.confirmBeside();
  await closing.getByRole("button", { name: "Close the alert" }).click();
  await expect(closing).toBeHidden();
  await expect(page.getByText("Closed", { exact: true })).toBeVisible();
  await ciso.goto(`/alerts/${number}`);
  await expect(ciso.page.getByText("What is left is followed by telephone.")).toBeVisible();
  await ciso.screen("alert-closed");
  await affiliate(["X3F"]);
  await enter(admin, "Inactive");
});
