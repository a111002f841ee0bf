// Administration: everything about who may come, and nothing about any room.
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("an administrator manages organisations, people, services, tokens and sessions, and sees no room", async ({ come }) => {
  const { lead, room } = await meeting(come, "Not for administrators", []);
  await lead.say("Malachite");
  const admin = await come("admin");
  const { page } = admin;
  await admin.signIn();
  await expect(page.getByText("You are in no room yet")).toBeVisible();
  await page.getByRole("button", { name: "Noor Khan: my account" }).click();
  await page.getByRole("menuitem", { name: "Administration" }).click();
  await expect(page.getByRole("heading", { name: "Organisations", level: 1 })).toBeVisible();
  await expect(page.getByRole("cell", { name: "Northmoor NHS Trust", exact: true })).toBeVisible();
  await admin.screen("admin-organisations");

  await page.getByRole("button", { name: "Add an organisation" }).click();
  const add = admin.dialog("Add an organisation");
  admin.expects(/^refused: 422 /);
  await add.getByLabel("Code", { exact: true }).fill("T9 9");
  await add.getByLabel("Name").fill("Thornby NHS Trust");
  await add.getByRole("button", { name: "Save" }).click();
  await expect(add.getByRole("alert")).toBeVisible();
  await expect(add.getByLabel("Name")).toHaveValue("Thornby NHS Trust");
  await admin.screen("admin-refused");
  await add.getByLabel("Code", { exact: true }).fill("T99");
  await add.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("cell", { name: "Thornby NHS Trust", exact: true })).toBeVisible();

  const parts = page.getByRole("navigation", { name: "Administration" });
  await parts.getByRole("link", { name: "People" }).click();
  await expect(page.getByRole("cell", { name: "Dr Hannah Osei", exact: true })).toBeVisible();
  await admin.screen("admin-people");
  await parts.getByRole("link", { name: "Sign-in services" }).click();
  await expect(page.getByRole("cell", { name: "Answering" }).first()).toBeVisible();
  await admin.screen("admin-issuers");
  await parts.getByRole("link", { name: "Service tokens" }).click();
  await page.getByRole("button", { name: "Issue a token" }).click();
  const issue = admin.dialog("Issue a token");
  await issue.getByLabel("What it is for").fill("Northmoor's SIEM");
  await issue.getByRole("button", { name: "Issue" }).click();
  await expect(issue.getByRole("alert")).toBeVisible();
  await admin.screen("admin-token");
  await page.keyboard.press("Escape");
  await parts.getByRole("link", { name: "Sessions" }).click();
  await expect(page.getByRole("cell", { name: "Priya Anand" }).first()).toBeVisible();
  await admin.screen("admin-sessions");
  await parts.getByRole("link", { name: "Deployment" }).click();
  await expect(page.getByLabel("Duty telephone number")).toHaveValue("020 7946 0160");
  await admin.screen("admin-deployment");
  await parts.getByRole("link", { name: "System log" }).click();
  await expect(page.getByRole("cell", { name: /Thornby NHS Trust|T99/ }).first()).toBeVisible();
  await admin.screen("admin-log");

  for (const secret of ["Malachite", "Not for administrators", room.reference, room.room]) expect(await admin.heard(secret), secret).toBe(false);
  admin.expects(/^refused: 404 \/api\/v1\/rooms\//);
  await admin.goto(`/rooms/${room.room}`);
  await expect(page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  for (const secret of ["Malachite", "Not for administrators", room.reference]) expect(await admin.heard(secret), secret).toBe(false);

  lead.expects(/^refused: 40[34] \/api\/v1\/admin\//);
  for (const path of ["organisations", "people", "issuers", "tokens", "sessions", "log", "deployment"]) expect([403, 404]).toContain((await lead.ask("GET", `/admin/${path}`)).status);
});

test("somebody suspended is cut off at once and cannot come back until it is lifted", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Suspended", [{ who: "supplier", on: "phone" }]);
  const [supplier] = guests as [(typeof guests)[0]];
  const admin = await come("admin");
  await admin.signIn("/admin/people");
  const act = async (item: string, confirm: string) => {
    await admin.page.getByRole("button", { name: "Actions for Ben Tran" }).click();
    await admin.page.getByRole("menuitem", { name: item }).click();
    await admin.page.getByRole("dialog").getByRole("button", { name: confirm }).click();
    await expect(admin.page.getByRole("dialog")).toBeHidden();
  };
  const socket = supplier.sockets.at(-1);
  supplier.expects(/^refused: 401 /);
  const before = Date.now();
  await act("Suspend now", "Suspend now");
  await expect.poll(() => socket?.closed ?? 0, { intervals: [20] }).toBeGreaterThan(0);
  expect(socket!.closed - before).toBeLessThan(1_500);
  const later = await lead.say("After he was suspended: tourmaline");
  await expect(lead.entry(later)).toBeVisible();
  await supplier.goto(`/rooms/${room.room}`);
  await supplier.signInHere();
  await expect(supplier.page.getByText("Your access has been suspended.")).toBeVisible();
  expect(await supplier.heard("tourmaline")).toBe(false);
  await act("Lift the suspension", "Lift the suspension");
  await supplier.goto(`/rooms/${room.room}`);
  await supplier.signInHere();
  await expect(supplier.entry(later)).toContainText("tourmaline");
});
