// Beside the main room: a side room that nobody else learns of, what comes back
// from it with consent, and a message that does not say who wrote it.
import { meeting } from "./meeting";
import type { Person } from "./person";
import { expect, test } from "./test";

const secret = "The pump controller answers from the ward";

test("a side room: nobody else learns of it, and what comes back comes with consent", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Beside", [{ who: "ciso", on: "phone" }, { who: "colleague" }, { who: "director" }]);
  const [ciso, colleague, director] = guests as [Person, Person, Person];

  // Opened from the list of members, with who will be in it said first.
  await lead.page.getByRole("button", { name: "Actions for Dr Hannah Osei" }).click();
  await lead.page.getByRole("menuitem", { name: "Side room with Northmoor NHS Trust" }).click();
  const sheet = lead.dialog("Side room with Northmoor NHS Trust");
  await expect(sheet).toContainText("Dr Hannah Osei and Jo Lindqvist");
  await expect(sheet).toContainText("Nobody else learns that it exists.");
  await lead.screen("cell-open");
  await sheet.getByRole("button", { name: "Open the side room" }).click();
  const head = (p: Person) => p.page.getByRole("region", { name: "Side room with Northmoor NHS Trust" });
  await expect(head(lead)).toContainText("The main room does not know that this room exists.");
  await expect(head(lead)).toContainText("you (Data Security Centre)");
  const cell = new URL(lead.page.url()).pathname.split("/")[2] ?? "";
  expect(cell).not.toBe(room.room);
  await lead.screen("cell");

  // It stands under its room in the lists of those who are in it.
  const lines = lead.page.locator(".rooms-column .room-line__title");
  await expect(lines.nth((await lines.allTextContents()).findIndex((t) => t.includes("Beside")) + 1)).toContainText("Side room with Northmoor NHS Trust");

  // Seated at once: no link, no rules again.
  await ciso.goto("/");
  await ciso.page.getByRole("link", { name: /Side room with Northmoor NHS Trust/ }).click();
  await expect(head(ciso)).toBeVisible();
  const said = await ciso.say(secret);
  await expect(lead.entry(said)).toContainText(secret);
  await ciso.screen("cell");

  // The first question is refused, the second agreed to in other words.
  const ask = async (words: string) => {
    await lead.act(said, "Bring to the main room");
    const dialog = lead.dialog("Bring this to the main room");
    await dialog.getByLabel("What the main room will read").fill(words);
    if (words !== secret) await lead.screen("promote");
    await dialog.getByRole("button", { name: "Ask Northmoor NHS Trust" }).click();
    await expect(dialog).toHaveCount(0);
  };
  await ask(secret);
  const first = ciso.entryWith("May the main room be told this?").last();
  await first.getByRole("button", { name: "Refuse" }).click();
  await ciso.dialog("Refuse?").getByRole("button", { name: "Refuse for my organisation" }).click();
  await expect(ciso.page.getByText("Northmoor NHS Trust refused. The main room was told nothing.")).toBeVisible();

  await ask("One trust’s pump controller answers from inside");
  const second = ciso.entryWith("One trust’s pump controller answers from inside").last();
  await ciso.screen("consent");
  await second.getByRole("button", { name: "Agree" }).click();
  const sure = ciso.dialog("Say this in the main room?");
  await expect(sure).toContainText("everyone in the main room");
  await ciso.screen("consent-sure");
  await sure.getByRole("button", { name: "Agree for my organisation" }).click();
  await expect(ciso.page.getByText("Northmoor NHS Trust agreed. It was said in the main room.")).toBeVisible();

  // Another trust reads what was agreed to, and no more was ever sent to them.
  const there = director.entryWith("One trust’s pump controller answers from inside");
  await expect(director.page.locator(".people__count"), "both are in the side room, and not gone from here").toContainText("4 in the room, 4 here now");
  await expect(there).toContainText("From a side room with Northmoor NHS Trust, with their consent");
  await director.screen("promoted");
  for (const text of [secret, cell, "promotion.", "Side room with", "cells"]) expect(await director.heard(text), `the other trust was sent “${text}”`).toBe(false);
  expect(director.received.some((r) => r.includes(`"cell":{`)), "the other trust’s rooms have a side room").toBe(false);
  expect((await director.ask("GET", `/rooms/${cell}`)).status).toBe(404);
  director.expects(/^refused: 404 \/api\/v1\/rooms\//);

  // An item goes as it is: asked, it needs who answers for the organisation, and nobody else.
  const item = { title: "Loader seen on two hosts", text: "It came by mail: osprey", indicators: [{ kind: "domain", value: "loader.example" }], sources: [{ reliability: "B", credibility: "2" }], tlp: "TLP:AMBER+STRICT", pap: "PAP:AMBER" };
  const shared = (await ciso.ask<{ seq: number }>("POST", `/rooms/${cell}/items`, item)).body.seq;
  await expect(lead.entry(shared)).toContainText(item.title);
  await lead.act(shared, "Bring to the main room");
  const goes = lead.dialog("Bring this to the main room");
  await expect(goes).toContainText("Loader seen on two hosts goes as it is");
  await lead.screen("promote-item");
  await goes.getByRole("button", { name: "Ask Northmoor NHS Trust" }).click();
  await expect(goes).toHaveCount(0);
  await expect(lead.page.getByRole("link", { name: /Agree that an item goes/ })).toHaveCount(0);
  await colleague.goto(`/rooms/${cell}`);
  const waits = colleague.page.getByRole("link", { name: /Agree that an item goes to the main room, or refuse/ }).first();
  await expect(waits).toContainText(item.title);
  await colleague.screen("needs-consent");
  await waits.click();
  await colleague.page.getByRole("button", { name: "Agree", exact: true }).click();
  await colleague.screen("consent-item");
  await colleague.dialog("Say this in the main room?").getByRole("button", { name: "Agree for my organisation" }).click();
  const given = director.entryWith(item.title);
  await expect(given).toContainText("Intelligence from Northmoor NHS Trust");
  await expect(given).toContainText("From a side room with Northmoor NHS Trust, with their consent.");
  await expect(given).toContainText("PAP:AMBER");
  await director.screen("promoted-item");

  // Recalled in the side room, the words leave every open screen but the organisation's: there, in the question, and in the main room.
  await expect(lead.page.getByText(secret).first()).toBeVisible();
  await ciso.act(said, "Recall");
  const recall = ciso.dialog(`Recall entry ${said}?`);
  await expect(recall).toContainText("What was brought of it to the main room is recalled there too.");
  await recall.getByLabel("Reason").fill("The ward was wrong");
  await recall.getByRole("button", { name: "Recall it" }).click();
  await ciso.page.getByRole("button", { name: "Done" }).click();
  await expect(lead.page.getByText(secret)).toHaveCount(0);
  await expect(lead.page.getByText("One trust’s pump controller answers from inside")).toHaveCount(0);
  await expect(director.page.getByText("One trust’s pump controller answers from inside")).toHaveCount(0);
  await expect(given, "what else was brought stays").toBeVisible();
  await expect(ciso.entry(said)).toContainText(secret);

  // Removed from the main room is removed from the side room.
  await expect(head(colleague)).toBeVisible();
  colleague.expects(/^refused: 404 \/api\/v1\/rooms\//);
  await lead.goto(`/rooms/${room.room}`);
  await lead.page.getByRole("button", { name: "Actions for Jo Lindqvist" }).click();
  await lead.page.getByRole("menuitem", { name: "Remove now" }).click();
  await lead.dialog("Remove Jo Lindqvist?").getByRole("button", { name: "Remove now" }).click();
  await expect(colleague.page.getByRole("heading", { name: /no longer in this room|nothing here for you/ })).toBeVisible();
  const after = await ciso.say("Only us now: peridot");
  expect(after).toBeGreaterThan(said);
  expect(await colleague.heard("peridot")).toBe(false);
});

test("a veiled message: what will be shown is said first, and only leads and auditors are told whose it is", async ({ come }) => {
  const admin = await come("admin");
  await admin.signIn();
  const asAcute = { code: "X3F", name: "Fellside Ambulance Service NHS Trust", ods: "X3F", type: "acute_trust", issuer: "health" };
  const changed = await admin.ask("PUT", "/admin/organisations/X3F", asAcute);
  expect(changed.status, JSON.stringify(changed.body)).toBe(200);
  const { lead, guests } = await meeting(come, "Veiled", [{ who: "ciso", on: "phone" }, { who: "colleague" }, { who: "director" }, { who: "contact" }]);
  const [ciso, colleague, director] = guests as [Person, Person, Person, Person];
  await admin.ask("PUT", "/admin/organisations/X3F", { ...asAcute, type: "ambulance_trust" });

  await ciso.page.getByRole("button", { name: /Veil/ }).click();
  await expect(ciso.page.getByRole("note")).toContainText("Everyone in the room will see “Acute trust” and what you write");
  await ciso.composer.fill("Our backups are gone and our board does not know");
  await ciso.screen("veil");
  await ciso.composer.press("Enter");
  const seq = await director.seqOf("Our backups are gone");
  await expect(director.entry(seq)).toContainText("Acute trust");
  await expect(director.entry(seq)).toContainText("Veiled: says no more of who wrote it");
  await expect(ciso.entry(seq)).toContainText("Acute trust");
  await expect(ciso.page.getByText("Sending…")).toHaveCount(0);
  await expect(lead.entry(seq + 1)).toContainText(`Entry ${seq} was written by Dr Hannah Osei, Northmoor NHS Trust`);
  await lead.screen("veiled");
  await director.screen("veiled");
  for (const p of [director, colleague]) {
    await expect(p.entry(seq + 1)).toContainText("is not addressed to you");
    expect(await p.heard("message.attributed"), `${p.account.name} was sent who wrote it`).toBe(false);
    expect(p.received.some((r) => r.includes('"typing":[') && !r.includes('"typing":[]')), `${p.account.name} was shown that somebody writes`).toBe(false);
  }
  expect(await lead.heard("message.attributed")).toBe(true);
});
