// What a room shows of its proof: how far it is sealed, that an entry stands
// in the sealed log, and that a log which does not fit is unmistakable.
import { type Page, type WebSocketRoute } from "@playwright/test";
import { rootFrom } from "../src/proof/inclusion";
import { leafHash } from "../src/proof/leaf";
import { openNote, parseVerifier } from "../src/proof/note";
import { fromBase64, toBase64 } from "../src/protocol/base64";
import type { Person, Room } from "./person";
import { meeting } from "./meeting";
import { expect, test } from "./test";

const seal = (p: Person) => p.page.getByRole("region", { name: "Seal", exact: true });
const warning = (p: Person) => p.page.getByRole("alert").filter({ hasText: "Do not rely on this screen" });
const strip = (p: Person) => p.page.getByRole("region", { name: "Warning about this log" });

/** Waits until the room's line says that this entry, or a later one, is sealed. */
async function sealedTo(p: Person, seq: number): Promise<void> {
  await expect(async () => {
    const text = (await seal(p).textContent()) ?? "";
    expect(Number(/up to entry (\d+)/.exec(text)?.[1] ?? -1), text).toBeGreaterThanOrEqual(seq);
  }).toPass({ timeout: 20_000 });
}

/** Changes frames on their way from the server to the page. */
async function inFlight(page: Page, change: (frame: Record<string, unknown>) => void): Promise<{ cut: () => Promise<void> }> {
  let route: WebSocketRoute | null = null;
  await page.routeWebSocket(/\/api\/v1\/stream$/, (ws) => {
    route = ws;
    const server = ws.connectToServer();
    server.onMessage((m) => {
      const frame = JSON.parse(m.toString()) as Record<string, unknown>;
      change(frame);
      ws.send(JSON.stringify(frame));
    });
  });
  return { cut: async () => route?.close({ code: 1001 }) };
}

test("the room says how far it is sealed, and the proof of an entry is checked in the browser", async ({ come }) => {
  test.setTimeout(120_000);
  const { lead, room, guests } = await meeting(come, "Pharmacy system down", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  const seq = await lead.say("Domain controller isolated.");
  await sealedTo(lead, seq);
  await expect(seal(lead)).toContainText(/^SealSealed by localhost and witnessed by witness\.localhost up to entry \d+, \d\d:\d\d:\d\d (GMT|BST)\./);
  await expect(seal(lead)).toContainText("Checked in this browser: the log you see is the one that was sealed.");
  await seal(lead).scrollIntoViewIfNeeded();
  await lead.screen("sealed");

  await lead.act(seq, "Proof of this entry");
  const dialog = lead.dialog(`Proof of entry ${seq}`);
  await expect(dialog).toContainText(`Checked in this browser: entry ${seq} stands in the sealed log.`);
  await expect(dialog).toContainText("What you read under this number is what the log holds, to the letter.");
  await expect(dialog).toContainText("The same as the log this browser follows");
  await expect(dialog.getByText("Witnessed bywitness.localhost")).toBeVisible();
  await lead.screen("proof");
  await dialog.getByText("How it was checked, step by step").click();
  await lead.screen("proof-steps");

  // What is copied can be checked by whoever gets it, without this page.
  await dialog.getByRole("button", { name: "Copy the proof" }).click();
  await expect(dialog.getByText("Copied", { exact: true })).toBeVisible();
  const text = await lead.page.evaluate(() => navigator.clipboard.readText());
  await holds(lead, room, text, seq);
  const [file] = await Promise.all([lead.page.waitForEvent("download"), dialog.getByRole("button", { name: "Save it as a file" }).click()]);
  expect(file.suggestedFilename()).toBe(`${room.reference}-entry-${seq}-proof.txt`);

  // To the next one by button and by number.
  await dialog.getByRole("button", { name: "Earlier" }).click();
  await expect(lead.dialog(`Proof of entry ${seq - 1}`)).toContainText("stands in the sealed log");
  await lead.page.getByLabel("Entry", { exact: true }).fill("1");
  await lead.page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(lead.dialog("Proof of entry 1")).toContainText("stands in the sealed log");
  await lead.page.keyboard.press("Escape");

  // The keys, to be compared.
  await seal(lead).getByRole("button", { name: "Keys and witness" }).click();
  const keys = lead.dialog("Keys and witness");
  await expect(keys.getByRole("heading", { name: "Operator" })).toBeVisible();
  const known = await lead.ask<{ notary: { fingerprints: string[] }[]; witness: { fingerprints: string[]; address: string } }>("GET", "/proof/keys");
  const prints = [...(known.body.notary[0]?.fingerprints ?? []), ...known.body.witness.fingerprints];
  expect(prints).toHaveLength(4);
  for (const f of prints) await expect(keys).toContainText(f);
  await lead.screen("keys");
  // The witness's own page says the same.
  const [own] = await Promise.all([lead.context.waitForEvent("page"), keys.getByRole("link", { name: /the witness’s own page/ }).click()]);
  await own.waitForLoadState();
  expect(own.url()).toBe(`${known.body.witness.address}/`);
  const page = ((await own.locator("body").textContent()) ?? "").replace(/\s+/g, " ");
  for (const f of known.body.witness.fingerprints) expect(page).toContain(f);
  await own.close();
  await lead.page.keyboard.press("Escape");

  // On a phone, for a guest, and of an entry that is not for them.
  await ciso.act(seq, "Proof of this entry");
  await expect(ciso.dialog(`Proof of entry ${seq}`)).toContainText("stands in the sealed log");
  await ciso.screen("proof");
  await ciso.page.getByLabel("Entry", { exact: true }).fill("4");
  await ciso.page.getByRole("button", { name: "Show", exact: true }).click();
  const stub = ciso.dialog("Proof of entry 4");
  await expect(stub).toContainText("stands in the sealed log. It is not for you.");
  await expect(stub).not.toContainText("Recorded");
  expect(ciso.forms(4).flat()).not.toContain("seed");
  await ciso.screen("proof-stub");
  await ciso.page.keyboard.press("Escape");
  await ciso.part("More");
  await seal(ciso).scrollIntoViewIfNeeded();
  await ciso.screen("sealed");
});

/** Checks a copied proof with nothing but its own bytes and the keys. */
async function holds(p: Person, room: Room, text: string, seq: number): Promise<void> {
  const { body } = await p.ask<{ deployment: string; notary: { verifiers: string[] }[]; witness: { verifiers: string[] } }>("GET", "/proof/keys");
  const [head = "", proof = ""] = text.split("c2sp.org/tlog-proof@v1\n");
  const cut = proof.indexOf("\n\n");
  const [index, ...path] = proof.slice(0, cut).split("\n");
  expect(index).toBe(`index ${seq}`);
  const leaf = /^Leaf, base64: (\S+)$/m.exec(head)?.[1] ?? "";
  const note = openNote(proof.slice(cut + 2), `${body.deployment}/wardroom/1/room/${room.room}`, [...(body.notary[0]?.verifiers ?? []), ...body.witness.verifiers].map(parseVerifier));
  const root = rootFrom(seq, note.size, leafHash(fromBase64(leaf)), path.map(fromBase64));
  expect(root && toBase64(root)).toBe(toBase64(note.root));
}

test("by keyboard, the proof of any line of the log is one key away", async ({ come }) => {
  const { lead } = await meeting(come, "Pathology links down", []);
  const seq = await lead.say("Links are down.");
  await sealedTo(lead, seq);
  await lead.entry(2).focus();
  await lead.page.keyboard.press("v");
  await expect(lead.dialog("Proof of entry 2")).toContainText("stands in the sealed log");
  await lead.page.keyboard.press("Escape");
  await expect(lead.entry(2)).toBeFocused();
});

test("a log that does not fit its seal is unmistakable, and stays so until the page is loaded anew", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Two histories", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  // From here on the guest is shown another text than was written.
  let bend = true;
  const proxy = await inFlight(ciso.page, (frame) => {
    if (frame["type"] !== "events" || !bend) return;
    for (const e of frame["events"] as { slots?: string[] }[]) {
      if (Array.isArray(e.slots)) e.slots = e.slots.map((s) => s.replace("Do not pay.", "Pay."));
    }
  });
  await ciso.page.reload();
  await expect(ciso.feed).toBeVisible();
  await ciso.composer.fill("Half a sentence"); // somebody in the middle of typing
  await lead.say("Do not pay.");
  await expect(warning(ciso)).toBeVisible({ timeout: 20_000 });
  await expect(ciso.page.getByText(/found this: the seal up to entry \d+ is for another log than the one shown here/)).toBeVisible();
  await expect(ciso.page.getByRole("link", { name: /[\d ]{8,}/ }).last()).toBeVisible();
  await ciso.screen("fork");
  await ciso.page.getByRole("button", { name: "Copy evidence" }).click();
  await expect(ciso.page.getByText("Copied", { exact: true })).toBeVisible();
  const evidence = await ciso.page.evaluate(() => navigator.clipboard.readText());
  const roots = /Root here: ([0-9a-f]{64})\nRoot told: ([0-9a-f]{64})/.exec(evidence);
  expect(roots?.[1]).toBeDefined();
  expect(roots?.[1]).not.toBe(roots?.[2]);
  expect(evidence).toContain(`/wardroom/1/room/${room.room}`);
  expect(evidence).toContain("— localhost/wardroom/1/notary ");
  expect(evidence).not.toContain("ay."); // nothing of what was said

  // The room can be had back; the warning stays, whatever comes.
  await ciso.page.getByRole("button", { name: "Show the room behind this warning" }).click();
  await expect(strip(ciso)).toContainText("Do not rely on this screen.");
  await ciso.screen("fork-aside");
  bend = false;
  await lead.say("And this is good.");
  await expect(ciso.entryWith("And this is good.")).toBeVisible();
  await proxy.cut();
  await lead.say("After a cut.");
  await expect(ciso.entryWith("After a cut.")).toBeVisible({ timeout: 20_000 });
  await expect(strip(ciso)).toBeVisible();
  await ciso.page.getByRole("link", { name: "Wardroom: my rooms" }).click();
  await ciso.page.getByRole("link", { name: /Two histories/ }).first().click();
  await expect(warning(ciso)).toBeVisible();
  await ciso.page.reload();
  await expect(ciso.entryWith("Do not pay.")).toBeVisible();
  await expect(strip(ciso)).toHaveCount(0);
  // Whoever was shown the true log sees none of it.
  await sealedTo(lead, await lead.seqOf("After a cut."));
  await expect(strip(lead)).toHaveCount(0);
});

test("a witness that does not answer stops nobody: the room says since when it is unsealed, until it answers again", async ({ come, house }) => {
  test.setTimeout(180_000);
  const { lead, guests } = await meeting(come, "The witness is away", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  const before = await lead.say("Before.");
  await sealedTo(lead, before);
  const release = await house.holdWitness();
  await lead.say("Written while nobody witnesses.");
  await expect(seal(lead)).toContainText(/Unsealed since \d\d:\d\d (GMT|BST) – writing goes on; the witness does not answer\./, { timeout: 40_000 });
  await expect(seal(lead)).toContainText(`up to entry ${before},`);
  const during = await ciso.say("Writing goes on.");
  await expect(lead.entryWith("Writing goes on.")).toBeVisible();
  await seal(lead).scrollIntoViewIfNeeded();
  await lead.screen("witness-away");
  // Who comes now is told by the server.
  await ciso.page.reload();
  await expect(ciso.page.getByRole("button", { name: /^Unsealed since/ })).toBeVisible({ timeout: 20_000 });
  await ciso.screen("witness-away");
  release();
  await expect(seal(lead)).not.toContainText("Unsealed", { timeout: 90_000 });
  await sealedTo(lead, during);
  await expect(seal(lead)).toContainText("witnessed by witness.localhost");
  await expect(ciso.page.getByRole("button", { name: /^Unsealed since/ })).toHaveCount(0);
  await expect(strip(lead)).toHaveCount(0);
});

test("entries that no seal covers are said to wait, once, by the page itself", async ({ come }) => {
  const { lead, guests } = await meeting(come, "No seal", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  let silent = false;
  const proxy = await inFlight(ciso.page, (frame) => {
    if (silent && frame["type"] === "sealed") frame["type"] = "nothing";
  });
  await ciso.page.reload();
  await ciso.composer.waitFor();
  const before = await lead.say("Before.");
  await ciso.part("More");
  await sealedTo(ciso, before);
  await expect(seal(ciso)).not.toContainText("Unsealed");
  // The server falls silent about seals, and says nothing of that either.
  silent = true;
  await ciso.part("Log");
  const said = ciso.page.getByRole("status").filter({ hasText: /^Unsealed since/ });
  await lead.say("Is anybody sealing?");
  await expect(ciso.entryWith("Is anybody sealing?")).toBeVisible();
  await expect(said).toHaveText(/^Unsealed since \d\d:\d\d (GMT|BST)\. Writing goes on; .*\.$/, { timeout: 20_000 });
  const bar = ciso.page.getByRole("button", { name: /^Unsealed since \d\d:\d\d (GMT|BST)$/ });
  await expect(bar).toBeVisible();
  await ciso.screen("unsealed-log");
  await bar.click();
  await expect(seal(ciso)).toContainText("writing goes on");
  await ciso.screen("unsealed");
  // It speaks again: after a cut the page is told at once, and the words go.
  silent = false;
  await proxy.cut();
  await expect(seal(ciso)).not.toContainText("Unsealed", { timeout: 20_000 });
  await expect(ciso.page.getByRole("status").filter({ hasText: "The log is sealed again." })).toHaveCount(1);
  await sealedTo(ciso, before + 1);
});
