// Every screen that no other journey stops at, on a desktop and on a phone:
// nothing for axe to find, nothing wider than the screen, no word to the
// console.
import { expect, test } from "./test";

for (const on of ["desktop", "phone"] as const) {
  test(`before signing in, and a lead's screens, on a ${on}`, async ({ come }) => {
    const lead = await come("lead", { on });
    const { page } = lead;
    await lead.goto("/");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await lead.screen("sign-in");
    await lead.goto("/sign-in?problem=weak");
    await expect(page.getByRole("heading", { name: "You are not signed in" })).toBeVisible();
    await lead.screen("sign-in-problem");
    await lead.goto("/join#not-a-token");
    await expect(page.getByRole("heading", { name: "Sign in to join the room" })).toBeVisible();
    await lead.screen("sign-in-to-join");
    await lead.signIn("/");
    await lead.screen("rooms");
    // While the service is renewed, a room may be in a form that only newer nodes read.
    await page.route("**/api/v1/rooms", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), elsewhere: 1 } });
    });
    await lead.goto("/");
    await expect(page.getByText("cannot be shown just now")).toBeVisible();
    await lead.screen("rooms-elsewhere");
    await page.unroute("**/api/v1/rooms");
    await lead.goto("/open");
    await expect(page.getByRole("heading", { name: "Open an incident room" })).toBeVisible();
    await lead.screen("open");
    await page.getByLabel("Title").fill("Asked");
    await page.getByLabel("Type of incident").fill("Ransomware");
    await page.getByLabel("Incident: this is happening").check();
    await page.getByRole("button", { name: "Open the room" }).click();
    await expect(lead.dialog("Open a real INCIDENT?")).toBeVisible();
    await lead.screen("open-asked");

    const room = await lead.makeRoom("A room with a title long enough to be wrapped or cut on any phone there is");
    await lead.enter(room.room);
    await lead.say("A list:\n\n- one\n- **two**\n\n> quoted\n\n```\nGet-SmbServerConfiguration | Select-Object EnableSMB1Protocol, EnableSMB2Protocol, AutoShareServer\n```\n\nSee #1 and https://www.example.org/a/very/long/address/that/goes/on/and/on/and/on?and=on&and=on", "Get-SmbServerConfiguration");
    await lead.screen("room");
    // On a phone too its title is read whole.
    const title = page.locator(".header__title");
    await expect(title).toHaveText("A room with a title long enough to be wrapped or cut on any phone there is");
    expect(await title.evaluate((el) => el.scrollHeight <= el.clientHeight + 1 && el.scrollWidth <= el.clientWidth)).toBe(true);
    await page.getByRole("button", { name: /^Actions for entry/ }).last().click();
    await lead.screen("entry-menu");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^More/ }).first().click();
    await expect(lead.dialog("More about this entry")).toBeVisible();
    await lead.screen("composer-more");
    await page.keyboard.press("Escape");
    for (const part of ["Brief", "People", "More"] as const) {
      await lead.part(part);
      if (on === "phone") await lead.screen(`room-${part.toLowerCase()}`);
    }
    await expect(page.locator(".fact__title")).toContainText("A room with a title long enough to be wrapped or cut on any phone there is");
    await lead.part("People");
    await page.getByRole("button", { name: "Invite someone" }).click();
    await expect(lead.dialog("Invite someone")).toBeVisible();
    await lead.screen("invite");
    await page.keyboard.press("Escape");
    await lead.goto(`/rooms/${room.room}/log`);
    await expect(page.getByText("Page 1 of 1").first()).toBeVisible();
    await lead.screen("plain-pages");
    await lead.goto(`/rooms/${room.room}/search`);
    await expect(page.getByRole("heading", { name: "Search this room" })).toBeVisible();
    await page.getByText("Narrow it down").click();
    await page.getByLabel("Words").fill("nothing like it");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByText("Nothing found")).toBeVisible();
    await lead.screen("search-nothing");
    await lead.goto("/sessions");
    await expect(page.getByRole("heading", { name: "My sessions" })).toBeVisible();
    await lead.screen("sessions");
  });

  test(`a guest who is in no room yet, on a ${on}`, async ({ come }) => {
    const outsider = await come("outsider", { on });
    await outsider.signIn();
    await outsider.screen("rooms-none");
    await outsider.goto("/open");
    await expect(outsider.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  });
}

test("on the narrowest phone nothing of the composer is cut off", async ({ come }) => {
  const lead = await come("lead", { on: "phone", size: { width: 360, height: 640 } });
  await lead.signIn();
  const room = await lead.makeRoom("Narrow");
  await lead.enter(room.room);
  // Cut off by an ellipsis, or past the edge of the screen. (A button of the design system is wider inside than it looks.)
  const cut = () =>
    lead.page.locator(".composer").evaluate((composer) =>
      [...composer.querySelectorAll<HTMLElement>("button, select, .composer__chip-text")]
        .filter((el) => el.checkVisibility())
        .filter((el) => el.getBoundingClientRect().right > innerWidth || el.getBoundingClientRect().left < 0 || (el.matches("span, select") && el.scrollWidth > el.clientWidth))
        .map((el) => el.textContent),
    );
  expect(await cut()).toEqual([]);
  lead.expects(/ERR_INTERNET_DISCONNECTED/);
  await lead.context.setOffline(true);
  await expect(lead.page.getByRole("button", { name: "Queue" })).toBeVisible();
  expect(await cut()).toEqual([]);
  await lead.screen("narrow");
});

test("a room enlarged four times can be read and written in", async ({ come }) => {
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Enlarged");
  await lead.page.setViewportSize({ width: 360, height: 225 }); // 1440 × 900 at 400 %
  await lead.enter(room.room);
  await lead.say("Written at four hundred per cent");
  const wide = await lead.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await lead.screen("enlarged");
});
