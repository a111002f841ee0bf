// Everything with the keyboard alone: no pointer is used in this file.
import { account, issuerName } from "./accounts";
import { tabTo } from "./keys";
import { expect, test } from "./test";

test("from signing in to posting, noting and withholding", async ({ come }) => {
  const lead = await come("lead");
  const { page } = lead;
  lead.expects(/^refused: 401 \/api\/v1\/session$/);
  await lead.goto("/");
  await tabTo(page, page.getByRole("link", { name: issuerName.health }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByTestId("account-lead"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("person")).toContainText(account("lead").name);
  await tabTo(page, page.getByTestId("second-factor-submit")); // it has the focus already
  await page.keyboard.press("Enter");

  // My rooms: each is a link; its menu opens and closes by keys.
  const room = page.getByRole("link", { name: /Ransomware spreading between NHS trusts/ });
  await tabTo(page, room);
  const menu = page.getByRole("button", { name: /^Actions for EX-\d{4}-0001/ });
  await tabTo(page, menu);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: /^Mute/ })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(menu).toBeFocused();

  // A new room.
  await tabTo(page, page.getByRole("link", { name: "Open an incident room" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByLabel("Incident: this is happening"));
  await page.keyboard.press("Space");
  await tabTo(page, page.getByLabel("Title"));
  await page.keyboard.type("By keyboard");
  await tabTo(page, page.getByLabel("Type of incident"));
  await page.keyboard.type("Ransomware");
  await page.keyboard.press("Enter");
  await expect(lead.dialog("Open a real INCIDENT?")).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Open the incident" }));
  await page.keyboard.press("Enter");
  await expect(lead.feed).toBeVisible();

  // Writing.
  await tabTo(page, lead.composer);
  await page.keyboard.type("Typed, not clicked");
  await page.keyboard.press("Enter");
  const seq = await lead.seqOf("Typed, not clicked");
  await expect(lead.composer).toBeFocused();

  // Through the log: one stop, then entry by entry.
  const article = lead.entry(seq);
  await tabTo(page, article, "Shift+Tab");
  await page.keyboard.press("PageUp");
  await expect(lead.entry(seq - 1)).toBeFocused();
  await page.keyboard.press("j");
  await expect(article).toBeFocused();
  await page.keyboard.press("r");
  await expect(lead.composer).toBeFocused();
  await expect(page.locator(".composer__banner")).toContainText(`Answering ${seq}`);
  await page.keyboard.type("An answer to myself");
  await page.keyboard.press("Enter");
  const answer = await lead.seqOf("An answer to myself");

  // The entry's menu.
  const actions = page.getByRole("button", { name: `Actions for entry ${answer}`, exact: true });
  await tabTo(page, actions, "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  const withhold = page.getByRole("menuitem", { name: "Withhold now" });
  await tabTo(page, withhold, "ArrowDown");
  await page.keyboard.press("Enter");
  const dialog = lead.dialog(`Withhold entry ${answer} now?`);
  await tabTo(page, dialog.getByRole("button", { name: "Withhold now" }));
  await page.keyboard.press("Enter");
  await expect(lead.entry(answer)).toContainText("Withheld from guests");
  await expect(dialog).toBeHidden();
  await expect(actions).toBeFocused(); // where one was

  // Signing out.
  await tabTo(page, page.getByRole("button", { name: /my account$/ }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("every stop of Tab is seen", async ({ come }) => {
  const lead = await come("lead");
  const { page } = lead;
  await lead.signIn();
  const room = await lead.makeRoom("Focus");
  await lead.enter(room.room);
  await lead.say("One to stop at");
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const unseen: string[] = [];
  for (let i = 0; i < 300; i++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const el = document.activeElement;
      if (!el || el === document.body) return null;
      const style = getComputedStyle(el);
      const ring = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0;
      const box = el.getBoundingClientRect();
      const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
      return { what: `${el.tagName} ${el.getAttribute("aria-label") ?? el.textContent?.slice(0, 30) ?? ""}`, ok: seen && (ring || style.boxShadow !== "none") };
    });
    if (!found) break;
    if (!found.ok) unseen.push(found.what);
  }
  expect(unseen).toEqual([]);
});
