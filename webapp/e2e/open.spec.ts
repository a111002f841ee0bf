// Opening a closed room, and how it looks to everybody else: not at all.
import { expect, test } from "./test";

test("a host signs in with a second factor and opens a room with nothing but its type", async ({ come }) => {
  const lead = await come("lead");
  const { page } = lead;
  await lead.signIn();
  await page.getByRole("link", { name: "Open an incident room" }).click();
  await expect(page.getByRole("heading", { name: "Open an incident room" })).toBeVisible();

  await page.getByLabel("Title").fill("Ransomware, several trusts");
  await page.getByLabel("Hazards").fill("Shared imaging network");
  await page.getByRole("button", { name: "Open the room" }).click();
  await expect(page.getByRole("alert")).toContainText("Say whether this is a real incident or an exercise.");
  await expect(page.getByRole("alert")).toContainText("Say what type of incident it is.");
  await expect(page.getByLabel("Title")).toHaveValue("Ransomware, several trusts");
  await expect(page.getByLabel("Hazards")).toHaveValue("Shared imaging network");
  await lead.screen("open-refused");

  await page.getByLabel("Hazards").fill("");
  await page.getByLabel("Type of incident").fill("Ransomware on several trusts’ networks");
  await page.getByLabel("Incident: this is happening").check();
  await page.getByRole("button", { name: "Open the room" }).click();
  await lead.dialog("Open a real INCIDENT?").getByRole("button", { name: "Open the incident" }).click();

  await expect(lead.feed).toBeVisible();
  const reference = await page.locator(".header__reference").innerText();
  expect(reference).toMatch(/^INCIDENT INC-\d{4}-\d{4}$/);
  await expect(lead.entry(1)).toContainText(`Room opened as ${reference.replace("INCIDENT ", "")}`);
  await expect(lead.entryWith("ETHANE report")).toContainText("Ransomware on several trusts’ networks");
  await expect(page).toHaveTitle(new RegExp(`${reference.replace("INCIDENT ", "")}.*Ransomware, several trusts`));
  await lead.screen("room-new");

  const address = new URL(page.url()).pathname;
  const outsider = await come("outsider");
  await outsider.signIn();
  await expect(outsider.page.getByRole("link", { name: "Join with a code" })).toBeVisible();
  await expect(outsider.page.getByText(reference.replace("INCIDENT ", ""))).toHaveCount(0);
  outsider.expects(/^refused: 404 \/api\/v1\/rooms\//);
  await outsider.goto(address);
  await expect(outsider.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  const theirs = await outsider.page.locator("main").innerText();
  await outsider.goto("/rooms/aaaaaaaaaaaaaaaaaaaaaaaaaa");
  await expect(outsider.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  expect(await outsider.page.locator("main").innerText()).toBe(theirs);
  await outsider.goto(`${address}/search`);
  await expect(outsider.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  await outsider.goto(`${address}/log`);
  await expect(outsider.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  await outsider.goto("/search");
  await outsider.page.getByLabel("Words").fill("ransomware");
  await outsider.page.getByRole("button", { name: "Search" }).click();
  await expect(outsider.page.getByText("Nothing found")).toBeVisible();
  expect(await outsider.heard("Ransomware")).toBe(false);
  expect(await outsider.heard(reference.replace("INCIDENT ", ""))).toBe(false);
});
