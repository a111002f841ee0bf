// What people do with each other's words.
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("both see each other's messages within two seconds, answer, mention, note and correct", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Talk", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];

  const sent = Date.now();
  const first = await lead.say("Imaging is down at **four** sites", "Imaging is down at four sites");
  await expect(ciso.entry(first)).toContainText("Imaging is down at four sites");
  expect(Date.now() - sent).toBeLessThan(2_000);
  await expect(ciso.entry(first).locator("strong", { hasText: "four" })).toBeVisible();
  await expect(ciso.entry(first)).toContainText("Priya Anand");
  await expect(ciso.entry(first)).toContainText("Data Security Centre · Incident lead");
  await expect(ciso.entry(first)).toContainText("TLP:AMBER+STRICT");

  await ciso.act(first, "Reply");
  await expect(ciso.page.locator(".composer__banner")).toContainText(`Answering ${first} Priya Anand: Imaging is down`);
  await ciso.screen("answering");
  const back = Date.now();
  const answer = await ciso.say("Ours too: two scanners");
  await expect(lead.entry(answer)).toContainText("Ours too: two scanners");
  expect(Date.now() - back).toBeLessThan(2_000);
  await expect(lead.entry(answer)).toContainText(`In reply to ${first} Priya Anand`);
  await expect(lead.entry(answer)).toContainText("Northmoor NHS Trust · Representative");

  await lead.composer.fill("");
  await lead.composer.pressSequentially("Which ward, @Han");
  await expect(lead.page.getByRole("option", { name: /Dr Hannah Osei/ })).toBeVisible();
  await lead.composer.press("Enter");
  await expect(lead.composer).toHaveValue("Which ward, @Dr Hannah Osei ");
  await lead.composer.press("Enter");
  const mention = await ciso.seqOf("Which ward");
  await expect(ciso.entry(mention)).toContainText("Mentions you");

  await ciso.act(mention, "Noted");
  await expect(lead.entry(mention)).toContainText(/Noted by Dr Hannah Osei \d\d:\d\d (GMT|BST)/);

  await ciso.act(answer, "Correct");
  const corrected = ciso.page.getByRole("textbox", { name: `Corrected text of entry ${answer}` });
  await expect(corrected).toHaveValue("Ours too: two scanners");
  await corrected.fill("Ours too: three scanners");
  await ciso.page.getByRole("button", { name: "Save correction" }).click();
  for (const person of [lead, ciso]) {
    await expect(person.entry(answer).locator(".entry__text")).toContainText("Ours too: three scanners");
    const old = person.entry(answer).locator("del");
    await expect(old).toContainText("Ours too: two scanners");
    const look = await old.evaluate((el) => {
      const style = getComputedStyle(el.querySelector("p") ?? el);
      return { line: getComputedStyle(el).textDecorationLine, size: Number.parseFloat(style.fontSize), visible: style.visibility };
    });
    expect(look.line).toContain("line-through");
    expect(look.size).toBeGreaterThanOrEqual(14);
  }
  await expect(lead.entryWith(`corrected entry ${answer}`)).toBeVisible();
  await lead.screen("corrected");

  await lead.act(first, "Pin");
  await expect(lead.entry(first)).toContainText("Pinned");
  await expect(lead.page.getByRole("heading", { name: "Pinned" })).toBeVisible();
  await ciso.part("More");
  await expect(ciso.page.getByRole("link", { name: new RegExp(`^${first} .*Imaging is down`) })).toBeVisible();
  await ciso.part("Log");

  // The label says what this reader may do with it, in her own organisation's name.
  await ciso.entry(first).getByRole("button", { name: "TLP:AMBER+STRICT" }).click();
  await expect(ciso.entry(first)).toContainText("You may share this inside Northmoor NHS Trust with those who need it; not with suppliers");
  await expect(ciso.entry(first)).toContainText("Only Data Security Centre, whose item it is, may lower the label");
  await ciso.screen("label-explained");

  // Hers to lower is only what is hers.
  expect(await ciso.offers(first)).toEqual(["Reply", "Quote", "Noted", "Ask to share it further", "Make a decision of this", "Raise an action from this", "Proof of this entry", "Copy link"]);
  expect(await ciso.offers(answer)).not.toContain("Withhold now");
  expect(await lead.offers(first)).toContain("Withhold now");
});

test("what is for hosts only never comes over a guest's wire, in any form but a number", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Hosts only", [{ who: "ncsc", role: "liaison", history: "full" }, { who: "ciso", on: "phone" }]);
  const [ncsc, ciso] = guests as [(typeof guests)[0], (typeof guests)[0]];

  await lead.page.getByRole("button", { name: /^Audience: To everyone/ }).click();
  const dialog = lead.dialog("Who receives this");
  await dialog.getByLabel("Hosts only").check();
  await lead.screen("audience");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(lead.page.getByRole("button", { name: /^Audience: To hosts only/ })).toBeVisible();
  await lead.composer.fill("Heliotrope: the contact we hold has left");
  await lead.sendShown();
  const secret = await lead.seqOf("Heliotrope: the contact we hold has left");
  await expect(ncsc.entry(secret)).toContainText("Heliotrope");
  await expect(ncsc.entry(secret)).toContainText("to hosts only");
  const after = await lead.say("For everyone again");
  await expect(ciso.entry(after)).toBeVisible();
  await expect(ciso.entry(secret)).toHaveText(new RegExp(`Entry ${secret} is not addressed to you`));
  await expect(ciso.entry(secret).locator("time")).toHaveCount(0);

  await ncsc.act(secret, "Reply");
  const reply = await ncsc.say("Heliotrope answered");
  await expect(lead.entry(reply)).toBeVisible();

  // What she reads later tells her no more than what she heard live.
  ciso.expects(/^refused: 404 /);
  expect((await ciso.ask("GET", `/rooms/${room.room}/entries/${secret}`)).status).toBe(404);
  expect((await ciso.ask("POST", `/rooms/${room.room}/entries/${secret}/open`, {})).status).toBe(404);
  await ciso.ask("GET", `/rooms/${room.room}/entries?after=0&limit=200`);
  await ciso.ask("POST", `/rooms/${room.room}/search`, { text: "Heliotrope" });
  await ciso.goto(`/rooms/${room.room}/log`);
  await expect(ciso.page.getByText("not addressed to you").first()).toBeVisible();
  await ciso.goto(`/rooms/${room.room}`);
  await expect(ciso.entry(after)).toBeVisible();
  expect(await ciso.heard("Heliotrope")).toBe(false);
  expect(await ciso.heard("hosts only")).toBe(false);
  for (const seq of [secret, reply]) for (const form of ciso.forms(seq)) expect(form).toEqual(["leaf", "seq"]);
  expect(ciso.forms(secret).length).toBeGreaterThan(0);
});

test("TLP:RED goes to the named in a sealed envelope; opening it takes a second factor and is recorded", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Red", [{ who: "ncsc", role: "liaison", history: "full" }, { who: "ciso", on: "phone" }, { who: "colleague" }]);
  const [ncsc, ciso, colleague] = guests as [(typeof guests)[0], (typeof guests)[0], (typeof guests)[0]];

  await ncsc.page.getByRole("combobox", { name: "Label" }).selectOption("TLP:RED");
  await ncsc.composer.fill("Vermilion: accounts of yours are offered for sale");
  await ncsc.composer.press("Enter");
  const dialog = ncsc.dialog("Who receives this");
  await expect(dialog).toContainText("Choose at least one person");
  await dialog.getByLabel("Dr Hannah Osei").check();
  await dialog.getByLabel("Priya Anand").check();
  await ncsc.screen("audience-red");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(ncsc.composer).toHaveValue("Vermilion: accounts of yours are offered for sale");
  await ncsc.screen("composer-red");
  await ncsc.sendShown();

  await expect(ciso.page.getByText("For you and two others. Opening it is recorded.")).toBeVisible();
  const red = await ciso.seqOf("Opening it is recorded");
  await expect(ciso.entry(red)).toContainText("TLP:RED");
  await expect(ciso.entry(red)).toContainText("Ewan Doyle");
  expect(await ciso.heard("Vermilion")).toBe(false);

  await ciso.entry(red).getByRole("button", { name: "Open" }).click();
  await expect(ciso.dialog("Confirm that it is you")).toBeVisible();
  await ciso.screen("step-up");
  expect(await ciso.heard("Vermilion")).toBe(false);
  await ciso.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await expect(ciso.page.getByRole("heading", { name: "Confirm it is you" })).toBeVisible();
  await ciso.secondFactor();
  await expect(ciso.page).toHaveURL(new RegExp(`/rooms/${room.room}/entries/${red}$`));
  await ciso.entry(red).getByRole("button", { name: "Open" }).click();
  await expect(ciso.entry(red)).toContainText("Vermilion: accounts of yours are offered for sale");
  await ciso.screen("red-open");

  await ncsc.act(red, "Who opened it");
  const receipts = ncsc.dialog(`Who opened entry ${red}`);
  await expect(receipts.getByRole("listitem")).toContainText(["Dr Hannah Osei"]);
  await expect(receipts).toContainText(/Not yet.*Priya Anand/s);
  await ncsc.screen("receipts");
  await receipts.getByRole("button", { name: "Close" }).click();

  // Her organisation's other representative learns that there is a number, and nothing else.
  await expect(colleague.entry(red)).toHaveText(new RegExp(`Entry ${red} is not addressed to you`));
  expect(await colleague.heard("Vermilion")).toBe(false);
  for (const form of colleague.forms(red)) expect(form).toEqual(["leaf", "seq"]);
  expect(colleague.forms(red).length).toBeGreaterThan(0);
  colleague.expects(/^refused: 404 /);
  expect((await colleague.ask("POST", `/rooms/${room.room}/entries/${red}/open`, {})).status).toBe(404);
  expect((await colleague.ask("GET", `/rooms/${room.room}/entries/${red}/opens`)).status).toBe(404);
  await expect(lead.entry(red)).toContainText("For you and two others");
});

test("TLP:RED is lowered by two people of whom it came from, each with a second factor", async ({ come }) => {
  const { room, guests } = await meeting(come, "Lower", [{ who: "ciso", on: "phone" }, { who: "colleague" }, { who: "ncsc", role: "liaison", history: "full" }]);
  const [ciso, colleague, ncsc] = guests as [(typeof guests)[0], (typeof guests)[0], (typeof guests)[0]];
  const numbers = await Promise.all((["ciso", "colleague"] as const).map((who) => ciso.memberNumber(room, who)));
  const red = await ciso.post(room, { text: "Sienna: the domain administrator's password was found", tlp: "TLP:RED", audience: { kind: "named", members: numbers } });
  await expect(ciso.entry(red)).toContainText("TLP:RED");

  await ciso.act(red, "Widen label or audience");
  await ciso.confirmHere();
  await ciso.act(red, "Widen label or audience");
  const ask = ciso.dialog(`Widen entry ${red}`);
  await ask.getByRole("radio", { name: "TLP:AMBER", exact: true }).check();
  await ask.getByLabel("Reason").fill("It has been changed on every machine");
  await expect(ask).toContainText("TLP:RED is lowered by two people");
  await ciso.screen("red-lower");
  await ask.getByRole("button", { name: "Ask a second person" }).click();
  await ask.getByRole("button", { name: "Ask a second person" }).click();
  await expect(ask).toBeHidden();
  await expect(ciso.entry(red)).toContainText("TLP:RED");

  const waits = colleague.page.getByRole("link", { name: new RegExp(`Second person to lower entry ${red}`) }).first();
  await expect(waits).toBeVisible();
  await waits.click();
  const card = colleague.page.locator("article[data-seq]", { hasText: `Asks a second person to lower entry ${red}` });
  await expect(card).toContainText("It has been changed on every machine");
  await colleague.screen("red-second");
  await card.getByRole("button", { name: "Agree as asked" }).click();
  await colleague.confirmHere();
  await card.getByRole("button", { name: "Agree as asked" }).click();
  const agree = colleague.dialog("Agree to what Dr Hannah Osei asks?");
  await expect(agree).toContainText("Nobody gains sight of this; 1 person has it already");
  await colleague.screen("red-agree");
  await agree.getByRole("button", { name: "Agree" }).click();
  await expect(card).toContainText("Agreed by");
  await expect(ciso.entry(red)).toContainText("TLP:AMBER");
  await expect(ciso.entry(red)).not.toContainText("TLP:RED");
  await expect(ncsc.entry(red)).toHaveText(new RegExp(`^${red}–.*not addressed to you$`));
  expect(await ncsc.heard("Sienna")).toBe(false);
});

test("withheld now, an entry leaves a guest's screen at once, and comes back when it is restored", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Withhold", [{ who: "ncsc", role: "liaison", history: "full" }, { who: "ciso", on: "phone" }]);
  const [ncsc, ciso] = guests as [(typeof guests)[0], (typeof guests)[0]];
  const seq = await lead.say("Cinnabar was said too early");
  await expect(ciso.entry(seq)).toContainText("Cinnabar");
  await lead.act(seq, "Withhold now");
  await lead.screen("withhold");
  await lead.dialog(`Withhold entry ${seq} now?`).getByRole("button", { name: "Withhold now" }).click();
  await expect(ciso.page.getByText("Cinnabar")).toHaveCount(0);
  await expect(ciso.page.getByText("not addressed to you").first()).toBeVisible();
  await expect(ncsc.entry(seq)).toContainText("Withheld from guests");
  await expect(ncsc.entry(seq)).toContainText("Cinnabar");
  await ciso.page.reload();
  await expect(ciso.feed).toBeVisible();
  await expect(ciso.page.getByText("Cinnabar")).toHaveCount(0);
  ciso.expects(/^refused: 404 /);
  expect((await ciso.ask("GET", `/rooms/${room.room}/entries/${seq}`)).status).toBe(404);
  const search = await ciso.ask<{ hits: unknown[] }>("POST", `/rooms/${room.room}/search`, { text: "Cinnabar" });
  expect(search.body.hits).toEqual([]);

  await lead.act(seq, "Restore: stop withholding");
  await expect(ciso.entry(seq)).toContainText("Cinnabar");
  await expect(lead.entry(seq)).not.toContainText("Withheld from guests");
});
