// The README's first picture: one room twice. Made anew with
//   npm run e2e -- readme --update-snapshots
// and otherwise held to what the room shows.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./house";
import { expect, test } from "./test";

const picture = "deploy/dev/readme.png";
const most = 400 * 1024; // bytes

test("the README begins with one room as two people see it", async ({ come, browser }, info) => {
  const ncsc = await come("ncsc", { size: { width: 1280, height: 830 } });
  await ncsc.signIn();
  const ciso = await come("ciso", { on: "phone", size: { width: 390, height: 830 } });
  await ciso.signIn();
  const { body } = await ncsc.ask<{ rooms: { id: string; reference: string }[] }>("GET", "/rooms");
  const room = body.rooms.find((r) => /^EX-\d{4}-0001$/.test(r.reference))!;

  // The sealed entry, which the liaison wrote: found by its form, since its text comes with a second factor only.
  const all = await ncsc.ask<{ entries: { seq: number; slots: Record<string, [string, string]> }[] }>("GET", `/rooms/${room.id}/entries?after=0&limit=200`);
  const red = all.body.entries.find((e) => !Array.isArray(e.slots) && e.slots["3"]?.[1].includes("TLP:RED"))!.seq;
  ncsc.expects(/^refused: 401 .*\/open$/);
  await ncsc.goto(`/rooms/${room.id}/entries/${red}`);
  await ncsc.entry(red).getByRole("button", { name: "Open" }).click();
  await ncsc.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await ncsc.secondFactor();
  await ncsc.entry(red).getByRole("button", { name: "Open" }).click();
  await expect(ncsc.entry(red)).toContainText("remote-access accounts");

  await ciso.goto(`/rooms/${room.id}/entries/${red}`);
  await expect(ciso.page.locator("article", { hasText: `Entry ${red} is not addressed to you` })).toBeVisible();
  expect(await ciso.heard("remote-access accounts")).toBe(false);
  for (const person of [ncsc, ciso]) {
    await expect(person.page.locator(".header__reference")).toContainText("EXERCISE");
    await expect(person.entry(red)).toBeInViewport();
    await expect(person.entry(red + 1)).toBeInViewport();
    await person.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  }

  expect(readFileSync(join(repository, "README.md"), "utf8")).toContain(`](${picture})`);
  if (["all", "changed"].includes(info.config.updateSnapshots)) {
    const [left, right] = await Promise.all([ncsc, ciso].map((p) => p.page.screenshot({ animations: "disabled", scale: "css", caret: "hide" })));
    const sheet = await browser.newPage({ viewport: { width: 1742, height: 898 } });
    await sheet.setContent(`<!doctype html><style>
      body { margin: 0; padding: 16px 24px; display: flex; gap: 24px; background: #e8edee; font: 15px/20px Arial, sans-serif; color: #212b32 }
      figure { margin: 0 } figcaption { margin: 0 0 8px } img { display: block; border: 1px solid #aeb7bd; border-radius: 4px }
      </style>
      <figure><figcaption><b>Ewan Doyle</b>, NCSC liaison, on a desktop</figcaption><img src="data:image/png;base64,${left!.toString("base64")}"></figure>
      <figure><figcaption><b>Dr Hannah Osei</b>, a trust’s CISO, on a phone</figcaption><img src="data:image/png;base64,${right!.toString("base64")}"></figure>`);
    writeFileSync(join(repository, picture), await sheet.screenshot({ scale: "css" }));
    await sheet.close();
  }
  expect(existsSync(join(repository, picture))).toBe(true);
  expect(statSync(join(repository, picture)).size).toBeLessThanOrEqual(most);
});
