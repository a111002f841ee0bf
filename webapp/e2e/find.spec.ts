// Finding one's place again: search, numbers, dates, what is new, drafts, keys.
import { meeting } from "./meeting";
import type { Person } from "./person";
import { expect, test } from "./test";

/** What stands on this device's shelf, as text. */
function boxes(person: Person): Promise<string[]> {
  return person.page.evaluate(async () => {
    const open = indexedDB.open("wardroom");
    const db = await new Promise<IDBDatabase>((ok) => (open.onsuccess = () => ok(open.result)));
    const all = db.transaction("boxes").objectStore("boxes").getAll();
    const found = await new Promise<{ sealed: ArrayBuffer }[]>((ok) => (all.onsuccess = () => ok(all.result)));
    db.close();
    return found.map((b) => JSON.stringify(b) + new TextDecoder().decode(b.sealed));
  });
}

test("search, mentions, entry numbers and dates lead to what one may see", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Find", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  await lead.post(room, { text: "Saffron to hosts", audience: { kind: "hosts" } });
  const open = await lead.post(room, { text: "Saffron to everyone" });
  for (let i = 1; i <= 30; i++) await lead.post(room, { text: `Filler ${i}` });
  const mention = await lead.post(room, { text: "@Dr Hannah Osei please confirm, see #1", mentions: [await lead.memberNumber(room, "ciso")] });
  await expect(ciso.entry(mention)).toBeVisible();

  await ciso.page.getByRole("link", { name: "Search", exact: true }).click();
  await expect(ciso.page.getByRole("heading", { name: "Search this room" })).toBeVisible();
  await ciso.page.getByLabel("Words").fill("saffron");
  await ciso.page.getByRole("button", { name: "Search" }).click();
  await expect(ciso.page.locator(".result")).toHaveCount(1);
  await expect(ciso.page.locator(".result")).toContainText(`entry ${open}`);
  await expect(ciso.page.locator(".result mark")).toHaveText("Saffron");
  await ciso.screen("search");
  expect(await ciso.heard("Saffron to hosts")).toBe(false);
  await ciso.page.locator(".result a").click();
  await expect(ciso.page).toHaveURL(new RegExp(`/entries/${open}$`));
  await expect(ciso.entry(open)).toBeInViewport();
  await expect(ciso.entry(open)).toHaveAttribute("data-target", "true");

  await ciso.page.getByRole("link", { name: /^Mentions/ }).click();
  await ciso.page.getByRole("button", { name: "Search" }).click();
  await expect(ciso.page.locator(".result")).toHaveCount(1);
  await expect(ciso.page.locator(".result")).toContainText("please confirm");
  await ciso.page.getByRole("link", { name: /Back to the room/ }).click();

  // A citation by number is a link; the log goes there.
  await ciso.goto(`/rooms/${room.room}/entries/${mention}`);
  await expect(ciso.entry(mention)).toBeInViewport();
  await ciso.entry(mention).getByRole("link", { name: "#1" }).click();
  await expect(ciso.entry(1)).toBeInViewport();

  // A link to an entry, as it is copied.
  await lead.act(mention, "Copy link");
  await expect.poll(() => lead.page.evaluate(() => navigator.clipboard.readText())).toBe(`${lead.url}/rooms/${room.room}/entries/${mention}`);

  await lead.page.getByRole("button", { name: "Jump to", exact: true }).click();
  const jump = lead.dialog("Jump to");
  await lead.screen("jump");
  await jump.getByLabel("Entry number").fill("999");
  await jump.getByRole("button", { name: "Go to the number" }).click();
  await expect(jump.getByRole("alert")).toContainText("Enter a number from 1 to");
  await jump.getByLabel("Entry number").fill("1");
  await jump.getByRole("button", { name: "Go to the number" }).click();
  await expect(lead.entry(1)).toBeInViewport();
  await lead.page.getByRole("button", { name: "Jump to", exact: true }).click();
  await jump.getByLabel("Recorded on").fill("2030-01-01");
  await jump.getByRole("button", { name: "Go to the time" }).click();
  await expect(lead.entry(mention)).toBeInViewport();

  // Across rooms.
  await ciso.goto("/search");
  await ciso.page.getByLabel("Words").fill("saffron");
  await ciso.page.getByRole("button", { name: "Search" }).click();
  await expect(ciso.page.locator(".result")).toContainText(`${room.reference} entry ${open}`);
  await ciso.screen("search-all");
  expect(await ciso.heard("Saffron to hosts")).toBe(false);
});

test("the plain pages of a long log hold every number once, on the screen and on paper", async ({ come }) => {
  test.setTimeout(120_000);
  const [lead, director, colleague] = [await come("lead"), await come("director"), await come("colleague")];
  for (const person of [lead, director, colleague]) await person.signIn();
  const room = await lead.makeRoom("Long");
  for (const guest of [director, colleague]) await lead.bring(room, guest, "representative");
  // Runs of what is not for her, of notes, and across the ends of pages.
  const write = async (person: Person, more: (i: number) => Record<string, unknown>) => {
    for (let i = 1; i <= 72; i++) {
      await person.post(room, { text: `${person.account.name} ${i}`, ...more(i) });
      await person.page.waitForTimeout(100); // no faster than the service takes from one session
    }
  };
  await Promise.all([write(lead, (i) => (i % 3 === 0 ? { audience: { kind: "hosts" } } : {})), write(director, () => ({})), write(colleague, () => ({}))]);
  const { seq: head } = await lead.snapshot(room);
  expect(head).toBeGreaterThan(220);
  const pages = Math.ceil(head / 100);
  const all = Array.from({ length: head }, (_, i) => i + 1);
  /** The numbers that the lines in sight stand for: one each, or a run. */
  const numbers = (person: Person) =>
    person.page.locator(".plain__log article a.entry__number").evaluateAll((links) =>
      links
        .filter((a) => a.checkVisibility())
        .flatMap((a) => {
          const [from, to] = (a.getAttribute("aria-label") ?? "").match(/\d+/g)?.map(Number) ?? [];
          return from === undefined ? [] : Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
        }),
    );
  for (const [person, media] of [[lead, "screen"], [director, "screen"], [lead, "print"]] as const) {
    const shown: number[] = [];
    for (let page = 1; page <= pages; page++) {
      await person.page.emulateMedia({ media });
      await person.goto(`/rooms/${room.room}/log?page=${page}`);
      await expect(person.page.locator(".plain__log article").first()).toBeVisible();
      shown.push(...(await numbers(person)));
    }
    expect(shown, `${person.account.name}, ${media}`).toEqual(all);
  }
  await lead.page.emulateMedia({ media: "screen" });
  await lead.goto(`/rooms/${room.room}/log`);
  for (let page = 1; page <= pages; page++) {
    await expect(lead.page.getByText(`Page ${page} of ${pages}`).first()).toBeVisible();
    if (page === 1) await lead.screen("plain-pages-long");
    if (page < pages) await lead.page.getByRole("link", { name: `Page ${page + 1} ›` }).first().click();
  }
  await expect(lead.entry(head)).toBeVisible();
});

test("who comes back finds where they left, and the tab counts what is new", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Back again", [{ who: "ciso" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  const read = await lead.say("Read before she left");
  await expect(ciso.entry(read)).toBeInViewport();
  await expect.poll(async () => (await ciso.ask<{ rooms: { id: string; unread: number }[] }>("GET", "/rooms")).body.rooms.find((r) => r.id === room.room)?.unread).toBe(0);
  await ciso.goto("/");
  await expect(ciso.page.getByRole("link", { name: /Ransomware spreading between NHS trusts/ })).toBeVisible();
  const { body } = await ciso.ask<{ rooms: { unread: number }[] }>("GET", "/rooms");
  const before = body.rooms.reduce((n, r) => n + r.unread, 0);
  await expect(ciso.page).toHaveTitle(before === 0 ? /^My rooms/ : new RegExp(`^\\(${before}\\) My rooms`));
  await lead.post(room, { text: "New one" });
  await lead.post(room, { text: "New two" });
  const three = await lead.post(room, { text: "@Dr Hannah Osei new three", mentions: [await lead.memberNumber(room, "ciso")] });
  await ciso.page.reload(); // the list asks again once a minute by itself
  await expect(ciso.page).toHaveTitle(new RegExp(`^\\(${before + 3}\\) My rooms`));
  const line = ciso.page.getByRole("listitem").filter({ has: ciso.page.getByRole("link", { name: /Back again/ }) });
  await expect(ciso.page.getByRole("link", { name: `1 new mention of you in ${room.reference}` })).toBeVisible();
  await expect(line).toContainText("3 unread entries, 1 mention of you");
  await ciso.screen("rooms-unread");
  await line.getByRole("link", { name: /Back again/ }).click();
  await expect(ciso.entry(three)).toBeVisible();
  await expect(ciso.page.getByText("New since you left")).toBeVisible();
  const divider = await ciso.page.getByText("New since you left").boundingBox();
  const first = await ciso.entryWith("New one").locator(".entry__text").boundingBox();
  const last = await ciso.entryWith("Read before she left").locator(".entry__text").boundingBox();
  expect(divider!.y).toBeGreaterThan(last!.y);
  expect(divider!.y).toBeLessThan(first!.y);
  await ciso.screen("unread-line");
  await expect(ciso.page).toHaveTitle(new RegExp(`^${room.reference}`)); // read: nothing more is counted

  // Muted, a room counts nothing in the title.
  await ciso.goto("/");
  await line.getByRole("button", { name: `Actions for ${room.reference}` }).click();
  await ciso.page.getByRole("menuitem", { name: /^Mute/ }).click();
  await expect(line).toContainText("muted");
  await lead.post(room, { text: "While she had muted it" });
  await ciso.page.reload();
  await expect(line).toContainText("1 unread entry, muted");
  await expect(ciso.page).toHaveTitle(before === 0 ? /^My rooms/ : new RegExp(`^\\(${before}\\) My rooms`));
});

test("what is being written survives a reload, room by room, and is nowhere in clear", async ({ come }) => {
  const { lead, room } = await meeting(come, "First room", []);
  const other = await lead.makeRoom("Second room");
  await lead.composer.fill("Half a thought about turquoise");
  await expect.poll(() => boxes(lead)).toHaveLength(1); // kept as one types, within the blink of an eye
  await lead.goto(`/rooms/${other.room}`);
  await expect(lead.composer).toHaveValue("");
  await lead.composer.fill("Another thought");
  await expect.poll(() => boxes(lead)).toHaveLength(2);
  await lead.goto(`/rooms/${room.room}`);
  await expect(lead.composer).toHaveValue("Half a thought about turquoise");
  await lead.page.reload();
  await expect(lead.composer).toHaveValue("Half a thought about turquoise");
  const stored = await boxes(lead);
  const rest = await lead.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
  expect(stored).toHaveLength(2);
  expect(stored.join() + rest).not.toContain("turquoise");
  await lead.composer.press("Enter");
  await lead.seqOf("Half a thought about turquoise");
  await lead.page.reload();
  await expect(lead.entryWith("turquoise")).toHaveCount(1);
  await expect(lead.composer).toHaveValue("");
});

test("keys: ? lists them, / writes, Up corrects my last, Escape lets it be", async ({ come }) => {
  const { lead } = await meeting(come, "Keys", []);
  const mine = await lead.say("Four sites");
  await lead.feed.locator("article").last().focus();
  await lead.page.keyboard.press("?");
  await expect(lead.dialog("Keys")).toContainText("Correct my last entry");
  await lead.screen("keys");
  await lead.page.keyboard.press("Escape");
  await expect(lead.dialog("Keys")).toBeHidden();
  await lead.page.keyboard.press("/");
  await expect(lead.composer).toBeFocused();
  await expect(lead.composer).toHaveValue("");
  await lead.page.keyboard.press("ArrowUp");
  const correcting = lead.page.getByRole("textbox", { name: `Corrected text of entry ${mine}` });
  await expect(correcting).toHaveValue("Four sites");
  await lead.screen("correcting");
  await lead.page.keyboard.press("Escape");
  await expect(lead.composer).toHaveValue("");
  await lead.page.keyboard.press("ArrowUp");
  await correcting.fill("Five sites");
  await lead.page.keyboard.press("Enter");
  await expect(lead.entry(mine).locator("del")).toContainText("Four sites");
  await expect(lead.composer).toHaveValue("");
  await lead.page.keyboard.press("?"); // typed, not a key
  await expect(lead.composer).toHaveValue("?");
});
