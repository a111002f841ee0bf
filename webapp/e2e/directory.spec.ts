// How organisations are reached: their own administrator keeps the list, the
// hosts call from it.
import { expect, test } from "./test";

test("an organisation's administrator adds a contact on a phone, and the lead sees it masked and calls", async ({ come }) => {
  const admin = await come("admin");
  await admin.signIn("/admin/import");
  const table = ["OrgId,Name,Status,PrimaryRoleId,Close Date,Successor", "QFF,NHS Fellside ICB,Active,RO261,,", "99F,NHS Fellside CCG,Inactive,RO98,2022-07-01,QFF",
    "RQQ,Dunmere Ambulance Service NHS Trust,Active,RO197,,", "RQZ,Plain NHS Trust,Active,RO197,,", "RQQ01,Dunmere station,Active,RO198,,"].join("\r\n");
  await admin.page.getByLabel("Table").setInputFiles({ name: "etr.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
  await expect(admin.page.getByText("Line 5, RQZ")).toBeVisible();
  await expect(admin.page.getByText("It is a place of a trust")).toBeVisible();
  await admin.page.getByLabel("Trusts of no stated kind").selectOption({ label: "Take them for: Acute trust" });
  await expect(admin.page.getByText("Line 5, RQZ")).toBeHidden();
  await expect(admin.page.getByText("NHS Fellside CCG, 2022-07-01, now QFF")).toBeVisible();
  await admin.screen("directory-import");
  await admin.page.getByRole("button", { name: "Enter 5 changes" }).click();
  await expect(admin.page.getByText("5 changes entered")).toBeVisible();

  const lead = await come("lead");
  await lead.signIn();
  await lead.page.getByRole("button", { name: "Priya Anand: my account" }).click();
  await lead.page.getByRole("menuitem", { name: "Directory" }).click();
  await lead.page.getByLabel("Name or code").fill("northmoor");
  await lead.page.getByRole("link", { name: "Northmoor NHS Trust" }).click();
  await expect(lead.page.getByText("Nobody is listed yet")).toBeVisible();
  await lead.page.getByRole("button", { name: "Name an administrator" }).click();
  await lead.screen("directory-nobody");
  const naming = lead.dialog("Who keeps the contacts of Northmoor NHS Trust?");
  await naming.getByLabel("Dr Hannah Osei").check();
  await naming.getByRole("button", { name: "Name", exact: true }).click();
  await expect(naming).toBeHidden();

  const ciso = await come("ciso", { on: "phone" });
  await ciso.signIn("/directory");
  await expect(ciso.page.getByRole("heading", { name: "Northmoor NHS Trust" })).toBeVisible();
  await ciso.page.getByRole("button", { name: "Add a contact" }).click();
  const adding = ciso.dialog("Add a contact");
  await adding.getByLabel("Name").fill("Wren Adeyemi-Stone");
  await adding.getByLabel("Answers for").selectOption({ label: "On-call director" });
  await adding.getByLabel("Number").fill("ring me");
  await adding.getByLabel("Reaches them at night and at weekends").check();
  ciso.expects(/^refused: 422 /);
  await adding.getByRole("button", { name: "Save" }).click();
  await expect(adding.getByRole("alert")).toContainText("Give a telephone number");
  await ciso.screen("directory-refused");
  await adding.getByLabel("Number").fill("07700 900963");
  await adding.getByRole("button", { name: "Save" }).click();
  await expect(adding).toBeHidden();
  await expect(ciso.page.getByText("…963")).toBeVisible();
  await ciso.screen("directory-own");

  await lead.page.reload();
  const { page } = lead;
  await expect(page.getByText("…963")).toBeVisible();
  expect(await lead.heard("900963")).toBe(false);
  await page.getByRole("button", { name: "I rang back Wren Adeyemi-Stone" }).click();
  await lead.dialog("Did you reach Wren Adeyemi-Stone?").getByRole("button", { name: "Yes, I rang back and reached them" }).click();
  await expect(page.getByText("Verified", { exact: true })).toBeVisible();
  await lead.screen("directory-organisation");
  await page.getByRole("button", { name: "Call Wren Adeyemi-Stone" }).click();
  await expect(lead.dialog("Call Wren Adeyemi-Stone").getByRole("link", { name: "07700 900963" })).toBeVisible();
  await lead.screen("directory-call");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Directory" }).click();
  await expect(page.getByRole("heading", { name: "Who could be reached" })).toBeVisible();
  await page.getByLabel("Name or code").fill("northmoor"); // others may have contacts since another journey
  await page.getByLabel("Role").selectOption({ label: "On-call director" });
  await expect(page.getByRole("link", { name: "Northmoor NHS Trust" })).toBeVisible();
  await expect(page.getByText("1 organisation", { exact: true })).toBeVisible();
  await lead.screen("directory");
});
