// The keyboard alone, for journeys in which no pointer is used.
import { expect, type Locator, type Page } from "@playwright/test";

/** Presses a key until this has the focus. */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" | "ArrowDown" = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let i = 0; i < 300; i++) {
    if (await target.evaluate((el) => el === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`300 presses of ${key} do not reach ${target.toString()}`);
}
