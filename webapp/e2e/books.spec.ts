// The loggist's log: kept with the keyboard, numbered without a gap, corrected
// but never changed, and nobody's who was not given it.
import type { Locator } from "@playwright/test";
import { account } from "./accounts";
import { tabTo } from "./keys";
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

test.describe.configure({ timeout: 180_000 });

const signal = "She says “I decide”, then the decision, then why";
const entryField = (p: Person) => p.page.getByRole("textbox", { name: "Log entry" });
const line = (p: Person, n: number) => p.page.locator(`tr[data-line="${n}"]`);
const lineWith = (p: Person, text: string) => p.page.locator("tr[data-line]", { hasText: text });

/** A room with the lead, her loggist at a desktop, and others; the loggist's page is open. */
async function library(come: Parameters<typeof meeting>[0], title: string, guests: Parameters<typeof meeting>[2] = [], how: Parameters<typeof meeting>[3] = {}) {
  const m = await meeting(come, title, [{ who: "loggist", role: "loggist", history: "full" }, ...guests], how);
  const [loggist, ...others] = m.guests as [Person, ...Person[]];
  return { lead: m.lead, room: m.room, loggist, guests: others };
}

/** Opens a log without its form, for journeys that begin in one; returns the entry that opened it. */
async function openLog(p: Person, room: Room, more: Record<string, unknown> = {}): Promise<number> {
  const { status, body } = await p.ask<{ seq: number }>("POST", `/rooms/${room.room}/books`, { maker: await p.memberNumber(room, "lead"), signal, ...more });
  expect(status).toBe(201);
  return body.seq;
}

async function atLog(p: Person, room: Room, book: number): Promise<void> {
  await p.goto(`/rooms/${room.room}/books/${book}`);
  await expect(p.page.getByRole("heading", { level: 2, name: /^Log \d+: Priya Anand/ })).toBeVisible();
}

/** Types a line, as it is typed, and returns its row once it has a number. */
async function write(p: Person, typed: string, shown: string): Promise<Locator> {
  await expect(entryField(p)).toBeFocused();
  await p.page.keyboard.type(typed);
  await p.page.keyboard.press("Enter");
  await expect(lineWith(p, shown)).toHaveCount(1);
  return lineWith(p, shown);
}

/** The records-only part of a room's parts, at either size. */
async function toBoard(p: Person, name: "Decisions" | "Loggists’ logs"): Promise<void> {
  if (p.on === "phone") await p.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /^Record/ }).click();
  await p.page.getByRole("navigation", { name: "The log and the record" }).getByRole("link", { name }).click();
  await expect(p.page.getByRole("heading", { level: 2, name: name === "Decisions" ? "Decisions" : "Logs" })).toBeVisible();
}

test("a log is opened, agreed to, and kept for forty entries with the keyboard alone", async ({ come }) => {
  const { lead, room, loggist } = await library(come, "By the book");
  const { page } = loggist;
  await page.evaluate(() => {
    Reflect.set(globalThis, "__pointed", 0);
    for (const what of ["pointerdown", "mousedown", "touchstart", "wheel"]) addEventListener(what, () => Reflect.set(globalThis, "__pointed", Number(Reflect.get(globalThis, "__pointed")) + 1), true);
  });

  // Opening it.
  await tabTo(page, page.getByRole("navigation", { name: "The log and the record" }).getByRole("link", { name: "Loggists’ logs" }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("No log has been opened yet")).toBeVisible();
  await loggist.screen("logs-empty");
  await tabTo(page, page.getByRole("button", { name: "Open a log" }));
  await page.keyboard.press("Enter");
  const form = loggist.dialog("Open a log");
  await tabTo(page, form.getByRole("button", { name: "Open the log" }));
  await page.keyboard.press("Enter");
  await expect(form).toContainText("Choose whose decisions you log.");
  await expect(form).toContainText("Write down how they will signal a decision.");
  await loggist.screen("log-missing");
  await tabTo(page, form.getByLabel("Whose decisions you log"), "Shift+Tab");
  await page.keyboard.type("Priya");
  await expect(form.getByLabel("Whose decisions you log")).toHaveValue(/^[1-9]/);
  await tabTo(page, form.getByLabel("How they will signal a decision"));
  await page.keyboard.type(signal);
  await loggist.screen("log-open");
  await tabTo(page, form.getByRole("button", { name: "Open the log" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "Log 1: Priya Anand" })).toBeVisible();
  await expect(page.getByText("Not yet confirmed by Priya Anand.")).toBeVisible();
  const book = Number(/\/books\/(\d+)$/.exec(page.url())?.[1]);

  // Its maker agrees on her own screen; the loggist sees that she has.
  const hers = await come("lead", { on: "phone" });
  await hers.signIn(`/rooms/${room.room}/books/${book}`);
  await expect(hers.page.getByRole("button", { name: "Confirm: this is how I signal" })).toBeInViewport();
  await hers.screen("log-agree");
  await lead.page.getByRole("region", { name: /^Needs you/ }).getByRole("link", { name: /Confirm how you signal/ }).click();
  await expect(lead.page.getByRole("heading", { name: "Elin Hughes keeps this log for you" })).toBeVisible();
  await expect(lead.page.locator(".ask-me")).toContainText(signal);
  await lead.screen("log-agree");
  await lead.page.getByRole("button", { name: "Confirm: this is how I signal" }).click();
  await expect(lead.page.getByText(/^Confirmed by Priya Anand, \d\d:\d\d (GMT|BST)\.$/)).toBeVisible();
  await expect(page.getByText(/^Confirmed by Priya Anand, \d\d:\d\d (GMT|BST)\.$/)).toBeVisible();
  await expect(hers.page.getByRole("button", { name: "Confirm: this is how I signal" })).toHaveCount(0); // on her other screen too
  await expect(lead.page.getByRole("textbox", { name: "Log entry" })).toHaveCount(0); // it is Elin's to write in

  // Forty in a row; what others say in between takes numbers of the room, none of the log.
  await expect(entryField(loggist)).toBeFocused();
  for (let n = 1; n <= 40; n++) {
    await page.keyboard.type(`Eastmere report ${n} of forty`);
    await page.keyboard.press("Enter");
    if (n % 10 === 0) await lead.post(room, { text: `Said meanwhile, ${n}` });
    await expect(entryField(loggist)).toHaveValue("");
    await expect(entryField(loggist)).toBeFocused();
  }
  await expect(line(loggist, 40)).toContainText("Eastmere report 40 of forty");
  const rows = await page.locator("tr[data-line]").evaluateAll((all) => all.map((tr) => ({ n: Number(tr.getAttribute("data-line")), said: tr.textContent ?? "", room: Number(/#(\d+)$/.exec(tr.textContent ?? "")?.[1]) })));
  expect(rows.map((r) => r.n)).toEqual([...Array(40).keys()].map((i) => i + 1));
  rows.forEach((r) => expect(r.said).toContain(`Eastmere report ${r.n} of forty`));
  expect(rows.map((r) => r.room)).toEqual(rows.map((r) => r.room).toSorted((a, b) => a - b));
  expect(rows.at(-1)!.room - rows[0]!.room).toBeGreaterThan(39);
  expect(await page.evaluate(() => Reflect.get(globalThis, "__pointed"))).toBe(0);
  await loggist.screen("log-forty");

  // The room's own log has each as an entry of its own, which says whose log and which number.
  await lead.goto(`/rooms/${room.room}/entries/${rows[39]!.room}`);
  await expect(lead.entry(rows[39]!.room)).toContainText("Log 1, entry 40");
  await expect(lead.entry(rows[39]!.room)).toContainText("Eastmere report 40 of forty");
  await expect(lead.page.getByRole("banner")).toBeInViewport({ ratio: 1 }); // what is looked up is brought into sight, and nothing else moves
  await lead.screen("log-in-the-room");

  // The same on a phone.
  const pocket = await come("loggist", { on: "phone" });
  await pocket.signIn();
  await pocket.enter(room.room);
  await toBoard(pocket, "Loggists’ logs");
  await pocket.screen("logs");
  await pocket.page.getByRole("link", { name: "Log 1: Priya Anand" }).click();
  await expect(line(pocket, 40)).toBeVisible();
  await expect(line(pocket, 40)).toBeInViewport();
  await pocket.screen("log-forty");
  expect(book).toBeGreaterThan(0);
});

for (const on of ["desktop", "phone"] as const) {
  test(`a line says when, whose words, from which page and about what, and is corrected in the open, on a ${on}`, async ({ come }) => {
    const { lead, room, loggist: first } = await library(come, "What a line says");
    const loggist = on === "desktop" ? first : await (await come("loggist", { on })).signIn();
    const { page } = loggist;
    const asked = await lead.say("Is the pathology link still up?");
    const aside = await lead.post(room, { text: "Between us two", audience: { kind: "named", members: [await lead.memberNumber(room, "lead")] } });
    const book = await openLog(loggist, room);
    await atLog(loggist, room, book);

    // Typed without a time, it happens now; typed with one, it happened then, and was entered now.
    const now = await write(loggist, `Priya asks about the link (#${asked})`, "Priya asks about the link");
    await expect(now.getByRole("link", { name: `#${asked}` })).toHaveAttribute("href", `/rooms/${room.room}/entries/${asked}`);
    await expect(now).not.toContainText("entered");
    await page.keyboard.type("1610 ");
    await expect(page.getByRole("status", { name: "Happened at 16:10" })).toBeVisible();
    await page.keyboard.press("Alt+a");
    await expect(page.getByRole("status", { name: "Happened about 16:10" })).toBeVisible();
    await loggist.screen("log-typing");
    const late = await write(loggist, "Eastmere ring: two analysers down", "two analysers down");
    await expect(late).toContainText(/about (\d+ \w+, )?16:10 (GMT|BST)/);
    await expect(late).toContainText(/entered \d\d:\d\d (GMT|BST)/);

    // Her words as she said them.
    await page.keyboard.press("Alt+s");
    await expect(page.getByRole("button", { name: "Verbatim" })).toHaveAttribute("aria-pressed", "true");
    const speech = await write(loggist, "I decide: close the link. We cannot see what crosses it.", "I decide: close the link");
    await expect(speech.locator(".verbatim")).toContainText("I decide: close the link");

    // From paper: whose hand, and which page; that stays until it is put away.
    await page.keyboard.press("Alt+p");
    await tabTo(page, page.getByLabel("In the hand of"), "Shift+Tab");
    await page.keyboard.type("T. Okafor");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Book 2, page 14");
    await page.keyboard.press("Tab");
    const paper = await write(loggist, "~1545 Generator test put off", "Generator test put off");
    await expect(paper).toContainText("Transcribed from paper by Elin Hughes: in the hand of T. Okafor, Book 2, page 14");
    const second = await write(loggist, "~1550 Estates told", "Estates told");
    await expect(second).toContainText("Transcribed from paper");
    await page.keyboard.press("Alt+p");

    // A mistake: the up arrow. The old text stays, ruled through, and points to the new.
    const last = await write(loggist, "Ward 12 is shut", "Ward 12 is shut");
    await page.keyboard.press("ArrowUp");
    const box = page.getByRole("textbox", { name: "Corrected text of entry 6" });
    await expect(box).toBeFocused();
    await expect(box).toHaveValue("Ward 12 is shut");
    await expect(last).toBeInViewport({ ratio: 1 }); // what is being corrected stays in sight
    await loggist.screen("log-correcting");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("Ward 11 is shut");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Misheard");
    await page.keyboard.press("Enter");
    const old = line(loggist, 6).locator("del");
    await expect(old).toHaveText("Ward 12 is shut");
    expect(await old.evaluate((el) => getComputedStyle(el).textDecorationLine)).toContain("line-through");
    await expect(line(loggist, 6)).toContainText(/Ward 12 is shut.*Corrected \d\d:\d\d (GMT|BST) by Elin Hughes, entry (\d+): Misheard.*Ward 11 is shut/s);
    await expect(last).toHaveCount(1);
    const newer = Number(/, entry (\d+): Misheard/.exec(await line(loggist, 6).innerText())?.[1]);
    await expect(line(loggist, 6).getByRole("link", { name: String(newer), exact: true })).toHaveAttribute("href", `/rooms/${room.room}/entries/${newer}`);
    await expect(entryField(loggist)).toBeFocused();

    // What she may not see she cannot cite, and is told as of a number that is not there. Her words are kept, to be changed.
    loggist.expects(/^refused: 4\d\d .*\/lines$/);
    await page.keyboard.type(`They speak of it in #${aside}, ticket #99999`);
    await page.keyboard.press("Enter");
    const refused = page.locator(".book-line--failed");
    await expect(refused).toContainText(`Not saved: Entry ${aside} is not there for you. Change the line so that it does not refer to it.`);
    await loggist.screen("log-refused");
    await tabTo(page, refused.getByRole("button", { name: "Change it" }), "Shift+Tab");
    await page.keyboard.press("Enter");
    await expect(entryField(loggist)).toHaveValue(`They speak of it in #${aside}, ticket #99999`);
    await page.keyboard.press("ControlOrMeta+a");
    const ticket = await write(loggist, "They speak of it, ticket #99999", "ticket #99999");
    await expect(ticket).toHaveAttribute("data-line", "7");
    await loggist.screen("log-lines");
    expect(await loggist.heard("Between us two")).toBe(false);

    // Others read it the same.
    await lead.goto(`/rooms/${room.room}/entries/${newer}`);
    await expect(lead.page.locator("article", { hasText: "Log 1, entry 6" }).locator("del").first()).toHaveText("Ward 12 is shut");
    await lead.screen("log-corrected-in-the-room");
  });
}

for (const on of ["desktop", "phone"] as const) {
  test(`offline in the middle of an entry: queued, shown as queued, and saved once with its own time, on a ${on}`, async ({ come }) => {
    const { lead, room, loggist: first } = await library(come, "Tunnel");
    const loggist = on === "desktop" ? first : await (await come("loggist", { on })).signIn();
    const { page } = loggist;
    loggist.expects(/ERR_INTERNET_DISCONNECTED/);
    const book = await openLog(loggist, room);
    await page.clock.install();
    await atLog(loggist, room, book);
    await write(loggist, "Before the tunnel", "Before the tunnel");
    await page.keyboard.type("Kettering say all ");
    await loggist.context.setOffline(true);
    await expect(page.getByText("You are offline.")).toBeVisible();
    await page.clock.setSystemTime(new Date(Date.now() - 17 * 60_000)); // what she writes now was written 17 minutes before it arrives
    await page.keyboard.type("theatres are closed");
    await page.keyboard.press("Enter");
    await page.keyboard.type("And both lifts");
    await page.keyboard.press("Enter");
    const queued = page.locator("tr.book-line--queued");
    await expect(queued).toHaveCount(2);
    await expect(queued.first()).toContainText("Queued. It is saved once when you are back, with this time.");
    const written = /\d\d:\d\d (GMT|BST)/.exec(await queued.first().innerText())![0];
    await loggist.screen("log-queued");
    await expect(lead.page.getByText("theatres are closed")).toHaveCount(0);

    await loggist.context.setOffline(false);
    await expect(queued).toHaveCount(0);
    await expect(line(loggist, 2)).toContainText("Kettering say all theatres are closed");
    await expect(line(loggist, 3)).toContainText("And both lifts");
    await expect(line(loggist, 2)).toContainText(new RegExp(`(\\d+ \\w+, )?${written}.*entered \\d\\d:\\d\\d (GMT|BST)`, "s"));
    await expect(page.locator("tr[data-line]")).toHaveCount(3);
    await expect(entryField(loggist)).toBeFocused();
    const { body } = await lead.ask<{ entries: { slots: string[] }[] }>("GET", `/rooms/${room.room}/entries?after=0&limit=200`);
    const found = body.entries.filter((e) => e.slots.some((s) => s.includes("theatres are closed")));
    expect(found).toHaveLength(1);
    const times = JSON.parse(found[0]!.slots[2]!) as { occurred: string; recorded: string };
    const late = Date.parse(times.recorded) - Date.parse(times.occurred);
    expect(late).toBeGreaterThan(16 * 60_000);
    expect(late).toBeLessThan(20 * 60_000);
  });
}

test("what was queued for a log survives closing the page", async ({ come }) => {
  const { lead, room, loggist } = await library(come, "Battery");
  const { page } = loggist;
  loggist.expects(/ERR_INTERNET_DISCONNECTED/);
  const book = await openLog(loggist, room);
  await atLog(loggist, room, book);
  await write(loggist, "Before", "Before");
  await loggist.context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await page.keyboard.type("Written without a network");
  await page.keyboard.press("Enter");
  await expect(page.locator("tr.book-line--queued")).toHaveCount(1);
  await page.goto("about:blank");
  await loggist.context.setOffline(false);
  await atLog(loggist, room, book);
  await expect(line(loggist, 2)).toContainText("Written without a network");
  await atLog(lead, room, book);
  await expect(lineWith(lead, "Written without a network")).toHaveCount(1);
});

for (const on of ["desktop", "phone"] as const) {
  test(`a message marked as a decision is confirmed by its maker with her second factor, on a ${on}`, async ({ come }) => {
    const { lead: atDesk, room, loggist, guests } = await library(come, "I decide", [{ who: "ciso" }]);
    const lead = on === "desktop" ? atDesk : await (await come("lead", { on })).signIn();
    const [ciso] = guests as [Person];
    const said = await atDesk.say("I decide: the pathology link is closed until noon");

    await loggist.act(said, "Make a decision of this");
    const form = loggist.dialog(`Make a decision of entry ${said}`);
    await expect(form.getByLabel("Decision", { exact: true })).toHaveValue("I decide: the pathology link is closed until noon");
    await form.getByLabel("Decision", { exact: true }).fill("The pathology link is closed until noon");
    await form.getByLabel("Rationale").fill("We cannot see what crosses it");
    await form.getByLabel("Decision-maker").selectOption({ label: (await form.getByLabel("Decision-maker").locator("option", { hasText: account("lead").name }).innerText()).trim() });
    await loggist.screen("decision-of-message");
    await form.getByRole("button", { name: "Record it" }).click();
    await expect(loggist.page.getByRole("heading", { level: 2, name: "The pathology link is closed until noon" })).toBeVisible();
    await expect(loggist.page.locator(".sheet__states").getByText("Taken, awaiting confirmation")).toBeVisible();
    await expect(loggist.page.getByRole("button", { name: "Confirm", exact: true })).toHaveCount(0); // hers alone
    const decision = Number(/\/decisions\/(\d+)$/.exec(loggist.page.url())?.[1]);

    if (on === "phone") {
      await lead.enter(room.room);
      await lead.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /^Record/ }).click();
    }
    await lead.page.getByRole("region", { name: /^Needs you/ }).getByRole("link", { name: /Confirm or dispute/ }).click();
    await expect(lead.page.getByRole("heading", { name: "Is this what you decided?" })).toBeVisible();
    await lead.screen("decision-to-confirm");
    lead.expects(/^refused: 401 .*\/confirm$/);
    await lead.page.getByRole("button", { name: "Confirm", exact: true }).click();
    await expect(lead.dialog("Confirm that it is you")).toBeVisible();
    await lead.screen("decision-step-up");
    await lead.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
    await lead.secondFactor();
    await expect(lead.page).toHaveURL(new RegExp(`/rooms/${room.room}/decisions/${decision}$`));
    await expect(loggist.page.locator(".sheet__states").getByText("Taken, awaiting confirmation")).toBeVisible(); // nothing is confirmed by a second factor alone
    await lead.page.getByRole("button", { name: "Confirm", exact: true }).click();
    for (const p of [lead, loggist]) {
      await expect(p.page.locator(".sheet__states").getByText("Taken, awaiting confirmation")).toHaveCount(0);
      await expect(p.page.locator(".sheet__facts")).toContainText(/Confirmed\s*Priya Anand, \d\d:\d\d (GMT|BST)/);
    }
    await lead.screen("decision-confirmed");
    await loggist.page.locator(".sheet__facts").getByRole("link", { name: `entry ${said}` }).click();
    await expect(loggist.entry(said)).toContainText("I decide: the pathology link is closed until noon"); // the message stays what it was
    await expect(ciso.entryWith("The pathology link is closed until noon").first()).toBeVisible();
    const { body } = await loggist.ask<{ entries: { slots: string[] }[] }>("GET", `/rooms/${room.room}/entries?after=${decision}&limit=50`);
    const confirmed = body.entries.find((e) => e.slots[0]?.includes("decision.confirmed"));
    expect(JSON.parse(confirmed!.slots[7]!)).toHaveProperty("stepUp");
  });
}

test("a log is closed and goes on in another with the next number; nothing in it can be edited or deleted", async ({ come }) => {
  const { lead, room, loggist } = await library(come, "Volumes");
  const { page } = loggist;
  const book = await openLog(loggist, room, { audience: { kind: "hosts" } });
  await atLog(loggist, room, book);
  await write(loggist, "The first of the first", "The first of the first");
  const row = await write(loggist, "The last of the first", "The last of the first");
  const seq = Number(/#(\d+)/.exec(await row.innerText())?.[1]);

  await page.getByRole("button", { name: "Close the log" }).click();
  await loggist.screen("log-close");
  await loggist.dialog("Close Log 1?").getByRole("button", { name: "Close it" }).click();
  await expect(entryField(loggist)).toHaveCount(0);
  await expect(page.locator(".book__facts").first()).toContainText(/closed \d\d:\d\d (GMT|BST)/);
  await page.getByRole("button", { name: "Go on in a new log" }).click();
  const form = loggist.dialog("Go on from Log 1");
  await expect(form.getByLabel("How they will signal a decision")).toHaveValue(signal);
  await expect(form.getByText(/^Label and audience/)).toContainText("hosts only");
  await loggist.screen("log-go-on");
  await form.getByRole("button", { name: "Open the next log" }).click();
  await form.getByRole("group", { name: "1 person in 1 organisation receives this" }).getByRole("button", { name: "Open the next log" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Log 2: Priya Anand" })).toBeVisible();
  await expect(page.getByText("Enter saves the line and gives it number 3.")).toBeVisible();
  const second = Number(/\/books\/(\d+)$/.exec(page.url())?.[1]);
  const next = await write(loggist, "The first of the second", "The first of the second");
  await expect(next).toHaveAttribute("data-line", "3");
  await loggist.screen("log-gone-on");

  // Nobody is offered to change or to take away, anywhere; and no such door is there behind the screen.
  const never = /edit|delete|remove|erase|discard|withdraw/i;
  for (const p of [loggist, lead]) {
    for (const n of [book, second]) {
      await atLog(p, room, n);
      await expect(p.page.locator("tr[data-line]").first()).toBeVisible();
      const buttons = await p.page.locator(".book").getByRole("button").allInnerTexts();
      expect(buttons.filter((b) => never.test(b))).toEqual([]);
    }
    await p.goto(`/rooms/${room.room}/entries/${seq}`);
    await expect(p.entry(seq)).toBeVisible();
    // A lead may ask two others to erase what must not be kept; nobody does it by themselves.
    expect((await p.offers(seq)).filter((o) => never.test(o))).toEqual(p === lead ? ["Ask to erase"] : []);
  }
  loggist.expects(/^refused: 40[45] /);
  for (const [method, path] of [["DELETE", `entries/${seq}`], ["PUT", `entries/${seq}`], ["PATCH", `entries/${seq}`], ["DELETE", `books/${book}`], ["DELETE", `books/${book}/lines/1`], ["PUT", `books/${book}/lines/1`]] as const) {
    expect([404, 405], `${method} ${path}`).toContain((await loggist.ask(method, `/rooms/${room.room}/${path}`, method === "DELETE" ? undefined : { text: "x" })).status);
  }
  await atLog(loggist, room, book);
  await expect(line(loggist, 2)).toContainText("The last of the first");
});

test("whom a log is not for sees nothing of it", async ({ come }) => {
  const { room, loggist, guests } = await library(come, "Behind the counter", [{ who: "ciso", on: "phone" }, { who: "director" }]);
  const [ciso, director] = guests as [Person, Person];
  const hidden = await openLog(loggist, room, { signal: "Heliotrope: she raises a hand", audience: { kind: "hosts" } });
  await atLog(loggist, room, hidden);
  const row = await write(loggist, "Heliotrope: the press office rings", "the press office rings");
  const seq = Number(/#(\d+)/.exec(await row.innerText())?.[1]);
  await correctLast(loggist);
  await loggist.page.keyboard.type(" again");
  await loggist.page.keyboard.press("Enter");
  await expect(line(loggist, 1)).toContainText("the press office rings again");
  const open = await openLog(loggist, room);
  for (const p of [ciso, director]) {
    await toBoard(p, "Loggists’ logs");
    const main = p.page.locator(".room__board");
    await expect(main.getByRole("listitem")).toHaveCount(1);
    await expect(main.getByRole("link", { name: "Log 1: Priya Anand" })).toHaveAttribute("href", `/rooms/${room.room}/books/${open}`); // the first that they are given
    await expect(main.getByRole("button", { name: "Open a log" })).toHaveCount(0);
    await p.goto(`/rooms/${room.room}/books/${hidden}`);
    await expect(p.page.getByText("There is no log of this number here for you")).toBeVisible();
    await p.screen("log-not-yours");
    p.expects(/^refused: 404 /);
    const none = await p.ask("GET", `/rooms/${room.room}/record/logentry?under=99999`);
    const asked = await p.ask("GET", `/rooms/${room.room}/record/logentry?under=${hidden}`);
    expect(asked).toEqual(none);
    expect(asked.status).toBe(200);
    expect((await p.ask("POST", `/rooms/${room.room}/entries/${hidden}/close-book`, { seen: seq })).status).toBe(404);
    expect((await p.ask("POST", `/rooms/${room.room}/books/${hidden}/lines`, { text: "x" })).status).toBe(404);
    await p.ask("GET", `/rooms/${room.room}/entries?after=0&limit=200`);
    await p.ask("POST", `/rooms/${room.room}/search`, { text: "Heliotrope" });
    expect(await p.heard("Heliotrope")).toBe(false);
    for (const n of [hidden, seq]) for (const f of p.forms(n)) expect(f).toEqual(["leaf", "seq"]);
    expect(p.forms(seq).length).toBeGreaterThan(0);
  }
});

/** The up arrow, from an empty box: the last line, to be corrected at its end. */
async function correctLast(p: Person): Promise<void> {
  await expect(entryField(p)).toBeFocused();
  await p.page.keyboard.press("ArrowUp");
  await expect(p.page.getByRole("textbox", { name: /^Corrected text/ })).toBeFocused();
  await p.page.keyboard.press("End");
}

test("printed, a log says of which room and of which exercise it is, and has no button on it", async ({ come }, info) => {
  const { room, loggist } = await library(come, "On paper", [], { mode: "exercise" });
  const { page } = loggist;
  const book = await openLog(loggist, room);
  await atLog(loggist, room, book);
  for (let n = 1; n <= 45; n++) expect((await loggist.ask("POST", `/rooms/${room.room}/books/${book}/lines`, { text: `Line ${n}, of a length that is usual when somebody writes down what is said on a bridge and by whom` })).status).toBe(201);
  await expect(line(loggist, 45)).toBeVisible();
  await page.emulateMedia({ media: "print" });
  const head = page.locator(".print-head");
  await expect(head).toBeVisible();
  await expect(head).toContainText(`EXERCISE ${room.reference}, On paper`);
  await expect(head).toContainText("TLP:AMBER");
  await expect(page.locator(".book__running")).toContainText(new RegExp(`EXERCISE ${room.reference}, On paper .*Log 1 .*Priya Anand, kept by Elin Hughes.*TLP:AMBER`));
  await expect(page.locator(".book__running")).toBeVisible();
  await expect(line(loggist, 1)).toBeVisible();
  await expect(line(loggist, 45)).toBeVisible();
  for (const role of ["button", "textbox", "navigation", "banner", "feed"] as const) await expect(page.getByRole(role)).toHaveCount(0);
  await page.screenshot({ path: info.outputPath("log-printed.png"), fullPage: true });
  await page.pdf({ path: info.outputPath("log-printed.pdf"), format: "A4", preferCSSPageSize: true });
});

test("in the exercise, a log and its lines are marked as invented", async ({ come }) => {
  const lead = await come("lead");
  await lead.signIn();
  await lead.page.getByRole("link", { name: /Ransomware spreading between NHS trusts/ }).first().click();
  await expect(lead.feed).toBeVisible();
  await toBoard(lead, "Loggists’ logs");
  await lead.page.getByRole("link", { name: /^Log 1: / }).click();
  await expect(lead.page.getByRole("heading", { level: 2, name: /^Log 1: / })).toContainText("Invented");
  const rows = lead.page.locator("tr[data-line]");
  await expect(rows.first()).toBeVisible();
  for (const row of await rows.all()) await expect(row.getByText("Invented", { exact: true }).first()).toBeVisible();
  await lead.screen("log-invented");

  const pocket = await come("lead", { on: "phone" });
  await pocket.signIn(new URL(lead.page.url()).pathname);
  await expect(pocket.page.locator("tr[data-line]").first().getByText("Invented", { exact: true })).toBeVisible();
  await pocket.screen("log-invented");
});
