// The exercise that every development deployment opens on: the WannaCry
// timeline, stopped at ten past four.
import { expect, test } from "./test";

test("the room stands at 12 May 2017, 16:10, in words an EXERCISE, and plays on", async ({ come }) => {
  const lead = await come("lead");
  await lead.signIn();
  const link = lead.page.getByRole("link", { name: /Ransomware spreading/ }).and(lead.page.locator('[href^="/rooms/"]:not([href*="?"]):not([href*="search"])'));
  await expect(lead.page.getByRole("listitem").filter({ has: link }).first()).toContainText("EXERCISE");
  await link.first().click();
  await expect(lead.feed).toBeVisible();
  await expect(lead.page.locator(".header__reference")).toContainText("EXERCISE");
  await expect(lead.page.getByText("None of this is happening now")).toBeVisible();
  await expect(lead.page).toHaveTitle(/EXERCISE EX-\d{4}-0001/);
  const clock = lead.page.getByRole("region", { name: "Exercise clock" });
  await expect(clock).toContainText("16:10 BST");
  await expect(clock).toContainText("12 May 2017");
  await expect(clock).toContainText("Stopped");

  const ciso = await come("ciso", { on: "phone" });
  await ciso.signIn();
  await ciso.page.getByRole("link", { name: /Ransomware spreading between NHS trusts/ }).click();
  await expect(ciso.feed).toBeVisible();
  await expect(ciso.page.locator(".header__reference")).toContainText("EXERCISE");
  await expect(ciso.page).toHaveTitle(/EXERCISE/);
  await ciso.screen("exercise");
  await lead.screen("exercise");

  // One entry is sealed for the lead and a number for the CISO: the same number.
  const red = await sealed(lead);
  await ciso.goto(`${new URL(ciso.page.url()).pathname.replace(/\/entries.*/, "")}/entries/${red}`);
  await expect(ciso.page.locator("article", { hasText: `Entry ${red} is not addressed to you` })).toBeVisible();

  // The clock runs, and what comes next in the story comes to everybody.
  const head = Number(/(\d+) entries/.exec(await lead.page.locator(".room__state").innerText())?.[1]);
  await clock.getByRole("button", { name: "Continue ×60" }).click();
  await expect(clock).toContainText("Running 60 times as fast");
  await lead.page.getByRole("button", { name: /^(Newest|\d+ new entr)/ }).click(); // having read further up
  await expect(lead.entryWith("Exercise clock runs from 12 May 2017, 16:10 BST, 60 times as fast")).toBeVisible();
  await expect.poll(async () => Number(/(\d+) entries/.exec(await lead.page.locator(".room__state").innerText())?.[1]), { timeout: 30_000 }).toBeGreaterThan(head + 2);
  await expect(clock).not.toContainText("16:10 BST");
  await clock.getByRole("button", { name: "Stop the clock" }).click();
  await expect(clock).toContainText("Stopped");
  await expect(ciso.page.locator(".room__state")).toContainText((await lead.page.locator(".room__state").innerText()).split("·")[1]!.trim());
});

/** The number of the sealed entry that the lead sees. */
async function sealed(lead: { page: import("@playwright/test").Page }): Promise<number> {
  const envelope = lead.page.locator("article", { hasText: "Opening it is recorded." });
  await lead.page.getByRole("feed").hover();
  for (let i = 0; i < 20 && (await envelope.count()) === 0; i++) await lead.page.mouse.wheel(0, i < 10 ? 400 : -1200);
  await expect(envelope.first()).toBeVisible();
  return Number(await envelope.first().getAttribute("data-seq"));
}

test("an exercise of one's own says so everywhere, and is no incident", async ({ come }) => {
  const lead = await come("lead");
  await lead.signIn("/open");
  const { page } = lead;
  await page.getByLabel("Title").fill("Table-top, one trust");
  await page.getByLabel("Type of incident").fill("Ransomware");
  await page.getByLabel("Exercise", { exact: true }).check();
  await lead.screen("open-exercise");
  await page.getByLabel("Date").fill("2026-03-01");
  await page.getByLabel("Time, 24-hour").fill("09:00");
  await page.getByRole("button", { name: "Open the room" }).click();
  await lead.dialog("Open an EXERCISE?").getByRole("button", { name: "Open the exercise" }).click();
  await expect(lead.feed).toBeVisible();
  await expect(page.locator(".header__reference")).toHaveText(/EXERCISE EX-\d{4}-\d{4}/);
  await expect(page.getByRole("textbox", { name: "Message (exercise)" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Exercise clock" })).toContainText("09:00 GMT");
  await expect(page.getByRole("region", { name: "Exercise clock" })).toContainText("1 March 2026");
  const seq = await lead.say("First inject given");
  await expect(lead.entry(seq).locator("time").first()).toHaveText("09:00 GMT");

  // What happened before is told by the exercise's clock, and nothing of the future.
  await page.getByRole("button", { name: /^More: when it happened/ }).click();
  const more = lead.dialog("More about this entry");
  await expect(more.getByLabel("Date")).toHaveValue("2026-03-01");
  await more.getByLabel("Time").fill("09:30");
  await more.getByRole("button", { name: "Done" }).click();
  await expect(more).toContainText("The exercise clock says 1 March 2026, 09:00 GMT.");
  await lead.screen("exercise-more");
  await more.getByLabel("Time").fill("08:45");
  await more.getByRole("button", { name: "Done" }).click();
  const earlier = await lead.say("Staff reported it by telephone");
  await expect(lead.entry(earlier)).toContainText("Happened 08:45 GMT, recorded 09:00 GMT");

  // And looked up by it.
  await page.getByRole("button", { name: "Jump to", exact: true }).click();
  const jump = lead.dialog("Jump to");
  await expect(jump.getByLabel("Exercise date")).toHaveValue("2026-03-01");
  await lead.screen("exercise-jump");
  await jump.getByLabel("at", { exact: true }).fill("10:00");
  const asked = page.waitForResponse((r) => new URL(r.url()).pathname.endsWith("/entries/at"));
  await jump.getByRole("button", { name: "Go to the time" }).click();
  expect(((await (await asked).json()) as { seq: number }).seq).toBe(earlier); // later than anything: the newest
  await page.getByRole("region", { name: "Log" }).getByRole("link", { name: "Search" }).click();
  await page.getByText("Narrow it down").click();
  await page.getByLabel("Words").fill("telephone");
  await page.getByLabel("From").fill("2026-03-01");
  await page.getByLabel("To", { exact: true }).fill("2026-03-01");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.locator(".result")).toContainText(`entry ${earlier}`);
  await lead.screen("exercise-search");
});
