// Restricted intelligence: shared with its limits, seen by those it is for and
// by nobody else, released on request, and taken back.
import type { Locator } from "@playwright/test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./house";
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

const killSwitch = "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com";
const defanged = "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea[.]com";

/** Opens the board of intelligence, by the way that this screen has. */
async function board(p: Person, room: Room): Promise<void> {
  await p.goto(`/rooms/${room.room}/intel`);
  await expect(p.page.getByRole("heading", { name: "Intelligence", exact: true })).toBeVisible();
}

/** Adds an indicator that is typed by hand. */
async function byHand(p: Person, kind: string, value: string): Promise<void> {
  const sheet = p.dialog("Share intelligence");
  if (!(await sheet.getByLabel("Kind", { exact: true }).isVisible())) await sheet.getByText("Add one by hand").click();
  await sheet.getByLabel("Kind", { exact: true }).selectOption({ label: kind });
  await sheet.getByLabel("Value").fill(value);
  await sheet.getByRole("button", { name: "Add it", exact: true }).click();
}

/** Who is shown to receive it, in a dialog. */
const receivers = (d: Locator) => d.getByRole("group", { name: /^(\d|Nobody).*(this|already)/ });

/** Shares an item without the sheet, for journeys that are about what follows. */
async function share(p: Person, room: Room, item: Record<string, unknown>): Promise<number> {
  const { status, body } = await p.ask<{ seq: number }>("POST", `/rooms/${room.room}/items`, { text: "What is known.", indicators: [], sources: [{ reliability: "B", credibility: "2", name: "A partner" }], ...item });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.seq;
}

/** Nothing of an entry but its number ever came to this person, in frames, pages or answers. */
async function stubOnly(p: Person, seq: number, ...words: string[]): Promise<void> {
  for (const w of words) expect(await p.heard(w), `${p.account.name} was sent “${w}”`).toBe(false);
  for (const form of p.forms(seq)) expect(form).toEqual(["leaf", "seq"]);
  expect(p.forms(seq).length, `entry ${seq} never came to ${p.account.name}`).toBeGreaterThan(0);
}

test("intelligence is shared with its sources and limits, reaches whom it is for at once and nobody else, and only its originator lowers it", async ({ come }) => {
  test.setTimeout(180_000);
  const { lead, room, guests } = await meeting(come, "WannaCry, shared", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "ciso", on: "phone" },
    { who: "supplier" },
    { who: "contact" },
  ]);
  const [ncsc, ciso, supplier, contact] = guests as [Person, Person, Person, Person];

  // The sheet says what is missing and loses nothing.
  await board(ncsc, room);
  await expect(ncsc.page.getByText("No intelligence is in force")).toBeVisible();
  await ncsc.screen("intel-empty");
  await ncsc.page.getByRole("button", { name: "Share intelligence" }).click();
  const sheet = ncsc.dialog("Share intelligence");
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(sheet.getByRole("alert")).toContainText("Give it a title, in one line.");
  await sheet.getByLabel("Title").fill("Worm spreading by SMB: Vermilion");
  await sheet.getByLabel("What is known").fill(`It looks up ${killSwitch} before it encrypts, and stops if that answers.`);
  await byHand(ncsc, "Domain", killSwitch);
  await sheet.getByLabel("Do not block").check();
  await expect(sheet.getByText("Do not block: blocking this makes things worse.")).toBeVisible();
  await byHand(ncsc, "Vulnerability", "CVE-2017-0144");
  await byHand(ncsc, "IPv4 address", "192.0.2.7");
  await sheet.getByLabel("Paste indicators").fill("seen: hxxp://203[.]0[.]113[.]9/update, then CVE-2017-0144 again");
  await sheet.getByRole("button", { name: "Find and add them" }).click();
  await expect(sheet.getByText("Added 1 indicator; 1 were there already.")).toBeVisible();
  await expect(sheet.getByText("hxxp://203[.]0[.]113[.]9/update")).toBeVisible();
  await sheet.getByLabel(/^Source/).fill("");
  await sheet.getByLabel("How far it can be relied on").selectOption("B");
  await sheet.getByLabel("How likely this is to be true").selectOption("2");
  await sheet.getByLabel("Label", { exact: true }).selectOption("TLP:AMBER+STRICT");
  await sheet.getByLabel("Named people and organisations").check();
  for (const org of ["Data Security Centre", "Northmoor NHS Trust"]) await sheet.getByLabel(org, { exact: true }).check();
  await sheet.getByLabel(/What readers may do with it/).selectOption("PAP:AMBER");
  await ncsc.screen("intel-sheet");
  await sheet.evaluate((el) => el.scrollTo(0, 0));
  await sheet.getByRole("button", { name: "Share it" }).click();

  // Who exactly receives it is shown first; going back loses nothing.
  await expect(receivers(sheet)).toContainText("2 people in 2 organisations receive this");
  for (const name of ["Dr Hannah Osei", "Priya Anand"]) await expect(receivers(sheet)).toContainText(name);
  await expect(receivers(sheet)).not.toContainText("Calder Systems");
  await ncsc.screen("intel-receivers");
  expect(await ciso.heard("Vermilion")).toBe(false);
  await ncsc.page.keyboard.press("Escape");
  await expect(receivers(sheet)).toHaveCount(0);
  await expect(sheet.getByLabel("Title")).toHaveValue("Worm spreading by SMB: Vermilion");
  await expect(sheet.getByText("hxxp://203[.]0[.]113[.]9/update")).toBeVisible();
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(receivers(sheet).getByRole("button", { name: "Share it" })).toBeFocused();
  const sent = Date.now();
  await ncsc.page.keyboard.press("Enter");

  // She sees it at once, on her phone, with its label, and what not to do.
  const seq = await ciso.seqOf("Worm spreading by SMB: Vermilion");
  expect(Date.now() - sent).toBeLessThan(2_000);
  const card = ciso.entry(seq);
  await expect(card).toContainText("Intelligence from National Cyber Security Centre");
  await expect(card).toContainText("TLP:AMBER+STRICT");
  await expect(card).toContainText("PAP:AMBER");
  await expect(card).toContainText("A source that is not named: usually reliable, probably true (B2)");
  await expect(card.getByText("Do not block: blocking this makes things worse.")).toBeVisible();
  await expect(card.locator("code", { hasText: defanged })).toBeVisible();
  await expect(card).not.toContainText(killSwitch);
  await expect(card.locator(`a[href*="${killSwitch}"]`)).toHaveCount(0);
  const bar = await card.getByRole("button", { name: "TLP:AMBER+STRICT" }).evaluate((el) => getComputedStyle(el).backgroundColor);
  expect(bar).toBe("rgb(0, 0, 0)");
  await card.getByRole("button", { name: `Copy ${defanged}` }).click();
  expect(await ciso.page.evaluate(() => navigator.clipboard.readText())).toBe(defanged);
  await card.getByRole("button", { name: `Copy live ${defanged}` }).click();
  await ciso.screen("intel-copy-live");
  await ciso.dialog("Copy it live?").getByRole("button", { name: "Copy live" }).click();
  expect(await ciso.page.evaluate(() => navigator.clipboard.readText())).toBe(killSwitch);
  await card.getByRole("button", { name: "TLP:AMBER+STRICT" }).click();
  await expect(card).toContainText("You may look it up with others and check passively");
  await ciso.screen("intel-card");

  // Whom it is not for is told that there is a number.
  const after = await lead.say("For everyone again");
  for (const outside of [supplier, contact]) {
    await expect(outside.entry(after)).toBeVisible();
    outside.expects(/^refused: 404 /);
    expect((await outside.ask("GET", `/rooms/${room.room}/entries/${seq}`)).status).toBe(404);
    expect((await outside.ask("GET", `/rooms/${room.room}/items/${seq}/sightings`)).status).toBe(404);
    expect((await outside.ask<{ roots: number[] }>("GET", `/rooms/${room.room}/items`)).body.roots).toEqual([]);
    await board(outside, room);
    await expect(outside.page.getByText("No intelligence is in force")).toBeVisible();
    await stubOnly(outside, seq, "Vermilion", killSwitch, "item.published", "PAP:AMBER");
  }

  // Its page has everything; her organisation says what it sees, to the hosts only.
  await card.getByRole("link", { name: `Open intelligence ${seq}` }).click();
  await expect(ciso.page.getByRole("heading", { name: "Worm spreading by SMB: Vermilion" })).toBeVisible();
  await ciso.screen("intel-page");
  await ciso.page.getByRole("button", { name: "Seen here", exact: true }).click();
  const sighting = ciso.dialog(`What Northmoor NHS Trust sees of entry ${seq}`);
  await sighting.getByLabel(/^Note/).fill("Two servers in pathology");
  await sighting.getByLabel("The hosts and its originator only").check();
  await ciso.screen("intel-sighting");
  await sighting.getByRole("button", { name: "Say so" }).click();
  await expect(ciso.page.getByText("Your organisation says: seen here.")).toBeVisible();
  await ncsc.goto(`/rooms/${room.room}/intel/${seq}`);
  await expect(ncsc.page.getByText("1 seen: Northmoor NHS Trust")).toBeVisible();
  await expect(ncsc.page.locator(".room__board").getByText("Two servers in pathology")).toBeVisible();
  await ncsc.screen("intel-page-originator");

  // Hers to lower it is not.
  await ciso.goto(`/rooms/${room.room}/entries/${seq}`);
  await expect(ciso.entry(seq)).toBeVisible();
  expect(await ciso.offers(seq)).not.toContain("Widen label or audience");
  ciso.expects(/^refused: 403 /);
  expect((await ciso.ask("POST", `/rooms/${room.room}/entries/${seq}/widen`, { tlp: "TLP:GREEN", reason: "I should like to" })).status).toBe(403);

  // Its originator's it is, with a reason; the log keeps both labels.
  await ncsc.goto(`/rooms/${room.room}/entries/${seq}`);
  await ncsc.act(seq, "Widen label or audience");
  const widen = ncsc.dialog(`Widen entry ${seq}`);
  await widen.getByLabel("TLP:GREEN").check();
  await widen.getByLabel("Reason").fill("Published by others this morning");
  await widen.getByRole("button", { name: "Widen" }).click();
  await receivers(widen).getByRole("button", { name: "Widen" }).click();
  await expect(ciso.entry(seq)).toContainText("TLP:GREEN");
  await expect(ciso.entryWith(`widened entry ${seq} to TLP:GREEN: Published by others this morning`)).toBeVisible();
  const { body } = await ciso.ask<{ entries: { slots: string[] }[] }>("GET", `/rooms/${room.room}/entries/${seq}`);
  expect(JSON.stringify(body.entries)).toContain("TLP:AMBER+STRICT");
  expect(JSON.stringify(body.entries)).toContain("TLP:GREEN");
});

test("a TLP:RED item is opened on a phone with a second factor, bears its reader's name, and says nothing to who joins later", async ({ come }) => {
  test.setTimeout(180_000);
  const { lead, room, guests } = await meeting(come, "Red, shared", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "ciso", on: "phone" },
  ]);
  const [ncsc, ciso] = guests as [Person, Person];
  const to = [await ncsc.memberNumber(room, "lead"), await ncsc.memberNumber(room, "ciso")];
  await board(ncsc, room);
  await ncsc.page.getByRole("button", { name: "Share intelligence" }).click();
  const sheet = ncsc.dialog("Share intelligence");
  await sheet.getByLabel("Title").fill("Accounts for sale: Cinnabar");
  await sheet.getByLabel("What is known").fill("Forty accounts of Northmoor are offered for sale, two of them administrators.");
  await sheet.getByLabel("Label", { exact: true }).selectOption("TLP:RED");
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(sheet.getByRole("alert")).toContainText("TLP:RED goes to named people");
  for (const name of ["Priya Anand", "Dr Hannah Osei"]) await sheet.getByLabel(name).check();
  await ncsc.screen("intel-sheet-red");
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(receivers(sheet)).toContainText("2 people in 2 organisations receive this");
  await receivers(sheet).getByRole("button", { name: "Share it" }).click();

  const seq = await ciso.seqOf("For you and two others. Opening it is recorded.");
  expect(to.length).toBe(2);
  await ciso.screen("intel-red-sealed");
  expect(await ciso.heard("Cinnabar")).toBe(false);
  ciso.expects(/^refused: 401 /);
  await ciso.entry(seq).getByRole("button", { name: `Open entry ${seq}` }).click();
  await ciso.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await ciso.secondFactor();
  await ciso.entry(seq).getByRole("button", { name: `Open entry ${seq}` }).click();
  await expect(ciso.entry(seq)).toContainText("Accounts for sale: Cinnabar");
  const mark = ciso.entry(seq).locator(".watermark");
  await expect(mark).toHaveAttribute("aria-hidden", "true");
  await expect(mark.locator("[data-line]").first()).toHaveAttribute("data-line", /Dr Hannah Osei · Northmoor NHS Trust/);
  await expect(mark.locator("[data-line]").nth(1)).toHaveAttribute("data-line", /\d+ \w+ \d{4}, \d\d:\d\d (GMT|BST)/);
  await ciso.screen("intel-red-open");
  await ciso.entry(seq).getByRole("link", { name: `Open intelligence ${seq}` }).click();
  await expect(ciso.page.getByRole("heading", { name: "Accounts for sale: Cinnabar" })).toBeVisible();
  await expect(ciso.page.locator(".room__board .watermark")).toBeVisible();
  await ciso.screen("intel-red-page");
  await ciso.page.emulateMedia({ media: "print" });
  expect(await ciso.page.locator(".room__board .watermark").evaluate((el) => getComputedStyle(el).display)).not.toBe("none");
  await ciso.page.emulateMedia({ media: "screen" });

  // Who opened it, and who has not.
  await ncsc.goto(`/rooms/${room.room}/entries/${seq}`);
  await ncsc.act(seq, "Who opened it");
  const receipts = ncsc.dialog(`Who opened entry ${seq}`);
  await expect(receipts.getByRole("listitem")).toContainText(["Dr Hannah Osei, Northmoor NHS Trust"]);
  await expect(receipts).toContainText(/Not yet.*Priya Anand/s);
  await ncsc.screen("intel-receipts");

  // Who comes later learns a number.
  const night = await come("nightlead");
  await night.signIn();
  await lead.bring(room, night, "deputy", "full");
  await night.enter(room.room);
  await expect(night.entry(seq)).toHaveText(new RegExp(`${seq} is not addressed to you`));
  await stubOnly(night, seq, "Cinnabar", "item.published", "TLP:RED");
});

test("intelligence written on a phone stops where somebody came in since, names them, and one key sends it and its tear-line to them too", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Came in meanwhile", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  await board(ciso, room);
  await ciso.page.getByRole("button", { name: "Share intelligence" }).click();
  const sheet = ciso.dialog("Share intelligence");
  await sheet.getByLabel("Title").fill("Our own logs: Carmine");
  await sheet.getByLabel("What is known").fill("The first try was at 0312.");
  await sheet.getByLabel("Named people and organisations").check();
  await sheet.getByLabel("Data Security Centre", { exact: true }).check();
  await sheet.getByText("Tear-line: what others may have of it").click();
  await sheet.getByRole("button", { name: "Add a tear-line" }).click();
  await sheet.getByLabel("The words that may go further").fill("Look for tries at night");
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(sheet.getByText("(1 of 2)")).toBeVisible();
  await expect(receivers(sheet)).toContainText("1 person in 1 organisation receives this");
  await ciso.screen("intel-receivers");
  await receivers(sheet).getByRole("button", { name: "Go on" }).click();
  await expect(sheet.getByText("Its tear-line")).toBeVisible();
  await expect(receivers(sheet)).toBeVisible();

  const jo = await come("colleague");
  await jo.signIn();
  await lead.bring(room, jo, "representative");
  await jo.enter(room.room);
  ciso.expects(/^refused: 409 .*\/items$/);
  await receivers(sheet).getByRole("button", { name: "Share it" }).click();
  await expect(sheet.getByText("Nothing was sent: somebody came in since you looked.")).toBeVisible();
  await expect(receivers(sheet).getByRole("listitem").first()).toContainText("Came in since you looked");
  await expect(receivers(sheet)).toContainText("Jo Lindqvist");
  await ciso.screen("intel-gained");
  expect(await jo.heard("Carmine")).toBe(false);
  await ciso.page.keyboard.press("Enter");
  await expect(sheet.getByText("(2 of 2)")).toBeVisible();
  await receivers(sheet).getByRole("button", { name: /^Share it/ }).press("Enter");
  const seq = await jo.seqOf("Our own logs: Carmine");
  await expect(lead.entry(seq)).toContainText("Carmine");
  await expect(jo.entryWith("Look for tries at night").first()).toBeVisible();
});

test("a recorded item is an envelope that says so, opened with one button, and its originator sees who has it", async ({ come }) => {
  const { room, guests } = await meeting(come, "Recorded", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "ciso", on: "phone" },
  ]);
  const [ncsc, ciso] = guests as [Person, Person];
  const seq = await share(ncsc, room, { title: "How they got in: Heliotrope", recorded: true });
  await expect(ciso.entry(seq)).toContainText("Opening this is recorded: National Cyber Security Centre sees who opened it, and when.");
  await ciso.screen("intel-recorded-sealed");
  expect(await ciso.heard("Heliotrope")).toBe(false);
  await ciso.entry(seq).getByRole("button", { name: `Open entry ${seq}` }).click();
  await expect(ciso.entry(seq)).toContainText("How they got in: Heliotrope");
  await ciso.entry(seq).getByRole("button", { name: "TLP:AMBER+STRICT" }).click();
  await expect(ciso.entry(seq)).toContainText("That you opened it is recorded.");
  await ncsc.entry(seq).getByRole("button", { name: `Open entry ${seq}` }).click();
  await expect(ncsc.entry(seq)).toContainText("Heliotrope");
  await ncsc.act(seq, "Who opened it");
  await expect(ncsc.dialog(`Who opened entry ${seq}`)).toContainText("Dr Hannah Osei, Northmoor NHS Trust");
  await expect(ncsc.dialog(`Who opened entry ${seq}`)).toContainText(/Not yet.*Priya Anand/s);
  // It is read by opening it: nobody takes it away in a file, its own organisation neither.
  await ciso.entry(seq).getByRole("link", { name: "Open", exact: false }).last().click();
  await expect(ciso.page.getByRole("heading", { name: "How they got in: Heliotrope" })).toBeVisible();
  await expect(ciso.page.getByRole("button", { name: "Ask to share it further" })).toBeVisible();
  await expect(ciso.page.getByRole("button", { name: "Take a file away" })).toHaveCount(0);
});

test("a reader asks for release, its originator agrees in one tap, and recalls it later: it is gone, and the decision that rests on it says so", async ({ come }) => {
  test.setTimeout(180_000);
  const { lead, room, guests } = await meeting(come, "Release and recall", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "ciso", on: "phone" },
  ]);
  const [ncsc, ciso] = guests as [Person, Person];
  const seq = await share(ncsc, room, { title: "Second entry point: Saffron", text: "The remote desktop gateway, by an account of a supplier." });
  await expect(ciso.entry(seq)).toContainText("Saffron");

  await ciso.act(seq, "Ask to share it further");
  const ask = ciso.dialog(`Ask to share entry ${seq} further`);
  await ask.getByRole("button", { name: /^Ask National/ }).click();
  await expect(ask.getByRole("alert")).toContainText("Say what you need it for");
  await ask.getByLabel("What you need it for").fill("Our supplier must close the gateway tonight");
  await ask.getByLabel("Label you ask for").selectOption("TLP:AMBER");
  await ciso.screen("intel-ask");
  await ask.getByRole("button", { name: /^Ask National/ }).click();
  const asked = await ciso.seqOf("Our supplier must close the gateway tonight");
  await expect(ciso.entry(asked)).toContainText("Silence is not consent");

  // It waits for its originator, and is answered where it stands.
  await expect(ncsc.page.getByRole("region", { name: /^Needs you/ })).toContainText(`Asked to share entry ${seq} further`);
  await expect(ncsc.entry(asked)).toContainText("Wished: TLP:AMBER");
  await ncsc.screen("intel-asked");
  await ncsc.entry(asked).getByRole("button", { name: "Agree as asked" }).click();
  const agree = ncsc.dialog("Agree to what Dr Hannah Osei asks?");
  await expect(agree).toContainText(`Entry ${seq} will be TLP:AMBER.`);
  await expect(receivers(agree)).toContainText("2 people have it already");
  await ncsc.screen("intel-agree");
  await receivers(agree).getByRole("button", { name: "Agree" }).click();
  await expect(ciso.entry(asked)).toContainText("Agreed by Ewan Doyle");
  await expect(ciso.entry(seq)).toContainText("TLP:AMBER");
  await expect(ciso.entry(seq)).not.toContainText("TLP:AMBER+STRICT");
  await expect(ncsc.page.getByRole("region", { name: /^Needs you/ })).toHaveCount(0);
  await ciso.screen("intel-agreed");

  // A decision rests on it.
  const member = await lead.memberNumber(room, "lead");
  const decided = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/decisions`, { decision: "Close all remote desktop gateways", rationale: "Known to be used", maker: member, deliberation: { relied: [seq] }, seen: asked });
  expect(decided.status).toBeLessThan(300);
  const decision = decided.body.seq;
  await expect(ciso.entry(decision)).toContainText("Close all remote desktop gateways");

  // Recalled, it leaves her screen and whatever she asks.
  await ncsc.act(seq, "Recall");
  const recall = ncsc.dialog(`Recall entry ${seq}?`);
  await recall.getByRole("button", { name: "Recall it" }).click();
  await expect(recall.getByRole("alert")).toContainText("Say why");
  await recall.getByLabel("Reason").fill("The source asked for it back");
  await ncsc.screen("intel-recall");
  await recall.getByRole("button", { name: "Recall it" }).click();
  await expect(ncsc.dialog(`Entry ${seq} is recalled`)).toBeVisible();
  await ncsc.screen("intel-recalled");
  await ncsc.dialog(`Entry ${seq} is recalled`).getByRole("button", { name: "Done" }).click();
  await expect(ncsc.entry(seq)).toContainText("Recalled by Ewan Doyle");
  await expect(ciso.page.getByText("Saffron")).toHaveCount(0);
  await expect(ciso.page.getByText("The source asked for it back")).toHaveCount(0);
  await ciso.page.reload();
  await expect(ciso.feed).toBeVisible();
  await expect(ciso.page.getByText("Saffron")).toHaveCount(0);
  ciso.expects(/^refused: 404 /);
  expect((await ciso.ask("GET", `/rooms/${room.room}/entries/${seq}`)).status).toBe(404);
  expect((await ciso.ask<{ hits: unknown[] }>("POST", `/rooms/${room.room}/search`, { text: "Saffron" })).body.hits).toEqual([]);
  expect((await ciso.ask<{ roots: number[] }>("GET", `/rooms/${room.room}/items`)).body.roots).toEqual([]);

  // What rested on it says so, to all who read it. (Its page looks for what it cites, in vain.)
  lead.expects(/^refused: 404 .*\/entries\/\d+$/);
  for (const p of [ciso, lead]) {
    await p.goto(`/rooms/${room.room}/decisions/${decision}`);
    await expect(p.page.locator(".room__board").getByText("Rests on something recalled")).toBeVisible();
    await expect(p.page.locator(".room__board").getByText(/on which it rests, was recalled after it/)).toBeVisible();
  }
  await ciso.screen("intel-decision-shaken");
});

test("words are quoted by reference: whoever may not see their source sees only that something is quoted", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Quotes", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "ciso", on: "phone" },
  ]);
  const [ncsc, ciso] = guests as [Person, Person];
  const secret = await ncsc.post(room, { text: "The first sign was on 4 May; the operator is known as Ochre.", audience: { kind: "hosts" } });
  await expect(lead.entry(secret)).toContainText("Ochre");

  // By the menu, and the words are marked in the dialog.
  await lead.act(secret, "Quote");
  const dialog = lead.dialog(`Quote entry ${secret}`);
  await dialog.getByLabel("Mark what you want to quote").evaluate((el: HTMLTextAreaElement) => {
    el.focus();
    const at = el.value.indexOf("the operator");
    el.setSelectionRange(at, el.value.length);
  });
  await lead.screen("quote");
  await dialog.getByRole("button", { name: "Quote it" }).click();
  await expect(lead.page.locator(".composer .quote")).toContainText("the operator is known as Ochre.");
  await lead.screen("quote-composer");
  const seq = await lead.say("This is what I meant");
  await expect(ncsc.entry(seq).locator("blockquote")).toContainText("the operator is known as Ochre.");
  await expect(ncsc.entry(seq).locator("blockquote")).not.toContainText("first sign");
  await expect(ciso.entry(seq)).toContainText("This is what I meant");
  await expect(ciso.entry(seq)).toContainText(`Quoted from ${secret}, not for you`);
  await ciso.screen("quote-not-for-you");
  expect(await ciso.heard("Ochre")).toBe(false);

  // By marking it on the screen.
  const open = await ciso.say("Our café’s tills are down, and the whole of outpatients");
  const words = lead.entry(open).locator(".markdown p");
  await expect(words).toBeVisible();
  await words.evaluate((el) => {
    const text = el.firstChild as Text;
    const range = document.createRange();
    range.setStart(text, text.data.indexOf("café"));
    range.setEnd(text, text.data.indexOf(" are down"));
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
  });
  await lead.page.getByRole("button", { name: "Quote", exact: true }).click();
  await expect(lead.page.locator(".composer .quote")).toContainText("café’s tills");
  const again = await lead.say("All of them?");
  await expect(ciso.entry(again).locator("blockquote")).toContainText("café’s tills");
});

const at = "2017-05-12T15:00:00.000Z";
const sdo = (type: string, n: number, more: Record<string, unknown>) => ({ type, spec_version: "2.1", id: `${type}--00000000-0000-4000-8000-00000000000${n}`, created: at, modified: at, ...more });
/** The marks of TLP 1, by the ids that the standard gives them. */
const white = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9";
const amber = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82";
/** What was public of the worm of May 2017, as a partner would send it. */
const bundle = {
  type: "bundle",
  id: "bundle--00000000-0000-4000-8000-000000000000",
  objects: [
    sdo("identity", 1, { name: "A partner", identity_class: "organization" }),
    sdo("indicator", 2, {
      name: "Kill switch", pattern: `[domain-name:value = '${killSwitch}']`, pattern_type: "stix", valid_from: at, labels: ["do-not-block"],
      object_marking_refs: [white], created_by_ref: "identity--00000000-0000-4000-8000-000000000001",
    }),
    sdo("indicator", 3, {
      name: "Dropper", pattern: "[file:hashes.'SHA-256' = '24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c']", pattern_type: "stix", valid_from: at,
      object_marking_refs: [amber], created_by_ref: "identity--00000000-0000-4000-8000-000000000001",
    }),
    sdo("x-partner-ticket", 4, { name: "Ours alone" }),
  ],
};

test("a STIX bundle is shown before anything is shared, a broken one refused with its line, shared with its marks, and taken away again on the record", async ({ come }, info) => {
  test.setTimeout(180_000);
  const { room, guests } = await meeting(come, "Brought in", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "ciso", on: "phone" },
  ]);
  const [ncsc, ciso] = guests as [Person, Person];
  await board(ncsc, room);
  await ncsc.page.getByRole("button", { name: "Bring in a file" }).click();
  const dialog = ncsc.dialog("Bring in a file");
  await ncsc.screen("intel-import");
  ncsc.expects(/^refused: 422 .*\/intel\/preview$/);
  const file = (name: string, text: string) => dialog.getByLabel("File").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });

  // Broken, it says where.
  await file("broken.json", JSON.stringify(bundle, null, 2).replace('"objects": [', '"objects": [ ,'));
  await expect(dialog.getByRole("alert")).toContainText("broken.json was not taken");
  await expect(dialog.getByRole("alert")).toContainText(/Line 4, column \d+: /);
  await ncsc.screen("intel-import-refused");
  const given = join(repository, "../shared/data/stix/validator/invalid_braces.json");
  if (existsSync(given)) {
    await file("invalid_braces.json", readFileSync(given, "utf8"));
    await expect(dialog.getByRole("alert")).toContainText("invalid_braces.json was not taken");
    await expect(dialog.getByRole("alert")).toContainText(/Line 1, column 1: /);
  } else info.annotations.push({ type: "skipped", description: `${given} is not there: a broken file of the validator's was not tried` });

  // Whole, it shows what it becomes.
  await file("wannacry.json", JSON.stringify(bundle, null, 2));
  await expect(dialog.getByText(/^wannacry.json: 2 items understood/)).toBeVisible();
  await expect(dialog.getByText("Nothing is shared yet.")).toBeVisible();
  await expect(dialog.getByText("TLP:AMBER of version 1, taken as TLP:AMBER+STRICT")).toBeVisible();
  await expect(dialog.getByText("Left out", { exact: false }).first()).toBeVisible();
  await expect(dialog.getByText("x-partner-ticket")).toBeVisible();
  await expect(dialog.getByText("Do not block: blocking this makes things worse.")).toBeVisible();
  await expect(dialog).not.toContainText(killSwitch);
  await ncsc.screen("intel-import-preview");
  await dialog.getByRole("button", { name: "Share all 2" }).click();
  // Both go under the room's label at the least: one look for the two.
  await expect(receivers(dialog)).toContainText("2 people in 2 organisations receive this");
  await ncsc.screen("intel-import-receivers");
  await receivers(dialog).getByRole("button", { name: "Share all 2" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(ncsc.page.locator(".board-row")).toHaveCount(2);
  await ncsc.screen("intel-board");

  // She has them at once, flagged.
  await expect(ciso.feed.getByText("Do not block: blocking this makes things worse.")).toBeVisible();
  await board(ciso, room);
  await expect(ciso.page.locator(".board-row", { hasText: "Do not block" })).toHaveCount(1);
  await ciso.page.getByLabel("Look up an indicator or words").fill("24D004A104D4D54034DBCFFC2A4B19A11F39008A575AA614EA04703480B1022C");
  await expect(ciso.page.locator(".board-row")).toHaveCount(1);
  await ciso.page.getByLabel("Look up an indicator or words").fill("hxxp://nothing[.]example");
  await expect(ciso.page.getByText("No item here holds that")).toBeVisible();
  await ciso.page.getByLabel("Look up an indicator or words").fill(defanged);
  await expect(ciso.page.locator(".board-row")).toHaveCount(1);
  await ciso.screen("intel-board");

  // She takes one away; its originator sees that.
  await ciso.page.locator(".board-row a").first().click();
  await expect(ciso.page.locator(".room__board .do-not-block").first()).toBeVisible();
  const seq = Number(new URL(ciso.page.url()).pathname.split("/").at(-1));
  await ciso.page.getByRole("button", { name: "Take a file away" }).click();
  const take = ciso.dialog(`Take entry ${seq} away in a file`);
  await expect(take).toContainText("That you took it is recorded, and its originator sees it.");
  await ciso.screen("intel-export");
  const [got] = await Promise.all([ciso.page.waitForEvent("download"), take.getByRole("button", { name: "Take it" }).click()]);
  const text = readFileSync(await got.path(), "utf8");
  expect(JSON.parse(text)).toMatchObject({ type: "bundle" });
  expect(text).toContain(killSwitch);
  await ncsc.goto(`/rooms/${room.room}/intel/${seq}`);
  await ncsc.page.getByRole("button", { name: "Show who opened it and who took it away" }).click();
  await expect(ncsc.page.getByText("Dr Hannah Osei, Northmoor NHS Trust (STIX)")).toBeVisible();
  await ncsc.screen("intel-taken");
});

test("what reads as an NHS number in any field of an item is taken out with one press, and what bears a marking is shared by a host with a reason, and by no guest", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Guarded", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  const number = "943 476 5919";
  for (const p of [lead, ciso]) p.expects(/^refused: 422 .*\/items/);
  await board(lead, room);
  await lead.page.getByRole("button", { name: "Share intelligence" }).click();
  const sheet = lead.dialog("Share intelligence");
  const fields = [
    sheet.getByLabel("Title"), sheet.getByLabel("What is known"), sheet.getByLabel("Note", { exact: true }), sheet.getByLabel(/^Source/), sheet.getByLabel("What you ask of its readers"),
    sheet.getByLabel("What it is", { exact: true }), sheet.getByLabel("The words that may go further"),
  ];
  await byHand(lead, "IPv4 address", "192.0.2.7");
  await sheet.getByRole("button", { name: "Add a note" }).click();
  for (const fold of ["Handling beyond the label", "References outside", "Tear-line: what others may have of it"]) await sheet.getByText(fold).click();
  await sheet.getByRole("button", { name: "Add a reference" }).click();
  await sheet.getByRole("button", { name: "Add a tear-line" }).click();
  for (const f of fields) await f.fill(`Vermilion ${number}`);
  for (const fold of ["Handling beyond the label", "References outside", "Tear-line: what others may have of it"]) await sheet.getByText(fold).click(); // closed again
  const warnings = sheet.locator(".patient-data");
  await expect(warnings).toHaveCount(fields.length);
  for (let left = fields.length; left > 0; left--) {
    await sheet.getByRole("button", { name: "Share it" }).click();
    await expect(sheet.getByRole("button", { name: "Remove it" }).and(lead.page.locator(":focus"))).toBeVisible(); // the next one, whatever it stands in
    if (left === 5) await lead.screen("item-nhs-number");
    await lead.page.keyboard.press("Enter");
    await expect(warnings).toHaveCount(left - 1);
  }
  for (const f of fields) await expect(f).toHaveValue("Vermilion [NHS number removed]");

  // A marking: to a host the way past it, who is shown again to whom it goes.
  const marked = "UK SECRET\n\nsays the note that was left behind";
  await sheet.getByLabel("What is known").fill(marked);
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(receivers(sheet)).toContainText("receives this");
  await sheet.getByRole("button", { name: "Go on" }).click();
  await receivers(sheet).getByRole("button", { name: "Share it" }).click();
  await expect(sheet.getByRole("alert").first()).toContainText("This bears the marking “UK SECRET”");
  await lead.screen("item-marked");
  await sheet.getByLabel("Why it may stand here all the same").fill("The words of the ransom note");
  await sheet.getByRole("button", { name: "Save it with this reason" }).click();
  await sheet.getByRole("button", { name: "Go on" }).click();
  await receivers(sheet).getByRole("button", { name: "Share it" }).click();
  const seq = await ciso.seqOf("says the note that was left behind");
  await expect(ciso.entry(seq)).toContainText("It bears a protective marking and was written all the same: The words of the ransom note");
  await ciso.screen("item-overridden");
  expect(await ciso.heard(number)).toBe(false);

  // Corrected, it asks anew. A guest has no way past it.
  await lead.goto(`/rooms/${room.room}/intel/${seq}`);
  await lead.page.getByRole("button", { name: "Correct it" }).click();
  const correction = lead.dialog(/^Correct the intelligence/);
  await correction.getByLabel("Title").fill("Vermilion");
  await correction.getByRole("button", { name: "Correct it" }).click();
  await correction.getByLabel("Why it may stand here all the same").fill("Still the note");
  await correction.getByRole("button", { name: "Save it with this reason" }).click();
  await expect(correction).toHaveCount(0);
  await ciso.goto(`/rooms/${room.room}/intel/${seq}`);
  await expect(ciso.page.locator(".sheet")).toContainText("Still the note");
  await board(ciso, room);
  await ciso.page.getByRole("button", { name: "Share intelligence" }).click();
  const theirs = ciso.dialog("Share intelligence");
  await theirs.getByLabel("Title").fill("From us");
  await theirs.getByLabel("What is known").fill(marked);
  await theirs.getByRole("button", { name: "Share it" }).click();
  await receivers(theirs).getByRole("button", { name: "Share it" }).click();
  await expect(theirs.getByRole("alert").first()).toContainText("This bears the marking “UK SECRET”");
  await expect(theirs.getByLabel("Why it may stand here all the same")).toHaveCount(0);
  await theirs.getByLabel("Files to attach").setInputFiles({ name: "iocs-of-the-first-file-server.txt", mimeType: "text/plain", buffer: Buffer.from("192.0.2.7") });
  const row = theirs.getByRole("list", { name: "Files to send" }).getByRole("listitem");
  await expect(row).toContainText("Attached");
  await theirs.getByRole("button", { name: "Attach more" }).scrollIntoViewIfNeeded();
  await ciso.screen("item-attached");
  await theirs.getByRole("button", { name: "Close" }).click(); // nothing of it goes with another
  await ciso.page.getByRole("button", { name: "Share intelligence" }).click();
  await expect(theirs.getByRole("button", { name: "Attach files" })).toBeVisible();
  await expect(row).toHaveCount(0);
});
