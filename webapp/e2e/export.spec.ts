// A part of the record goes to a public inquiry: who asks, who agrees, what is
// left out and by whose word, who approves, who takes it, and what an auditor
// finds who has nothing but the file and the second party's word.
import { AxeBuilder } from "@axe-core/playwright";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fileOf, verify, withLeafChanged, withoutOpening } from "./bundle";
import { repository } from "./house";
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

const fold = (p: Person) => p.page.locator(".sheet");

async function exportsPage(p: Person, room: Room, seq?: number): Promise<void> {
  await p.goto(`/rooms/${room.room}/exports${seq === undefined ? "" : `/${seq}`}`);
  await expect(p.page.locator(".room__board .loading")).toHaveCount(0);
}

/** Ends the room by its steps, as the lead does. */
async function close(lead: Person, room: Room): Promise<void> {
  await lead.goto(`/rooms/${room.room}`);
  for (const to of ["stood down", "in review", "closed"]) {
    await lead.page.getByRole("button", { name: `Move to ${to}` }).click();
    const sure = lead.dialog(`Move to ${to}?`);
    await sure.getByRole("button", { name: `Move to ${to}` }).click();
    await expect(sure).toHaveCount(0);
  }
  await expect(lead.page.getByText("Nothing more is written. The record stays readable.")).toBeVisible();
}

/** Waits until the newest seal that the witness has signed covers an entry. */
async function sealed(p: Person, room: Room, seq: number): Promise<void> {
  await expect
    .poll(async () => {
      const { body } = await p.ask<{ seals: { size: number; cosigned: boolean }[] }>("GET", `/rooms/${room.room}/seals?limit=20`);
      return Math.max(0, ...body.seals.filter((s) => s.cosigned).map((s) => s.size));
    }, { timeout: 30_000 })
    .toBeGreaterThan(seq);
}

/** Presses it, is asked for the second factor, gives it, and presses again. */
async function withFactor(p: Person, button: string, title: string, action: string, picture?: string): Promise<void> {
  const press = async () => {
    await p.page.getByRole("button", { name: button, exact: true }).click();
    await expect(p.dialog(title)).toBeVisible();
  };
  await press();
  if (picture) await p.screen(picture);
  await p.dialog(title).getByRole("button", { name: action, exact: true }).click();
  const asked = p.dialog("Confirm that it is you");
  await expect(asked).toContainText("each time");
  if (picture) await p.screen(`${picture}-factor`);
  await asked.getByRole("link", { name: "Confirm with my second factor" }).click();
  await p.secondFactor();
  await press();
}

const day = (from: number): string => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);

test("an export for an inquiry is asked for, agreed to by both hosts, redacted, answered for by a trust on a phone, approved, taken, and verified where there is no network", async ({ come, house, browser }, info) => {
  const { lead, room, guests } = await meeting(come, "Ransomware, to be inquired into", [
    { who: "ncsc", role: "liaison", history: "full" },
    { who: "nightlead", role: "deputy", history: "full" },
    { who: "ciso", on: "phone" },
    { who: "auditor", role: "auditor", history: "full" },
  ]);
  test.setTimeout(300_000);
  const [liaison, night, ciso, auditor] = guests as [Person, Person, Person, Person];
  // She is warned, and sends it as it is: what is in the log already must be redacted for an inquiry, however it came there.
  const mistake = "A patient was named to us by mistake: 943 476 5919, moved to Ward 7.";
  await lead.composer.fill(mistake);
  await lead.composer.press("Enter");
  await lead.page.getByRole("button", { name: "It is not one: send as it is" }).click();
  const patient = await lead.seqOf(mistake);
  const ours = await liaison.say("The kill switch domain resolves.");
  const theirs = await ciso.say("Our imaging network is shared with two neighbours.");

  const plain = await lead.say("Imaging is down at Northmoor.");

  // It is over: the review is somebody's to do, and the room is closed.
  const review = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/actions`, { text: "Review why two neighbours share one network", for: { org: ciso.account.organisation } });
  expect(review.status).toBeLessThan(300);
  await close(lead, room);
  await expect(lead.composer).toHaveCount(0);
  const last = (await lead.snapshot(room)).seq;

  // What the second party holds then, the auditor gets from it and keeps.
  await sealed(lead, room, last);
  const witness = `http://127.0.0.1:${house.port + 4}`;
  const { body: keys } = await lead.ask<{ deployment: string }>("GET", "/proof/keys");
  const origin = `${keys.deployment}/wardroom/1/room/${room.room}`;
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(witness + path);
    if (!answer.ok) throw new Error(`the witness answered ${answer.status} to ${path}: ${await answer.text()}`);
    return answer.text();
  };
  const put = (name: string, b: Uint8Array | string): string => {
    const path = info.outputPath(name);
    writeFileSync(path, b);
    return path;
  };
  const policy = put("policy-of-the-witness.txt", await get("/policy"));
  const kept = put("kept.checkpoint", await get(`/checkpoint?origin=${encodeURIComponent(origin)}`));

  // Who asks: everything that is missing is said, nothing typed is lost.
  await exportsPage(lead, room);
  await expect(lead.page.getByText("Nobody has asked for an export yet")).toBeVisible();
  await lead.page.getByRole("button", { name: "Request an export" }).click();
  const asking = lead.dialog("Request an export for an inquiry");
  await asking.getByRole("button", { name: "Request it" }).click();
  await expect(asking.getByRole("alert")).toContainText("Name the person it is for.");
  await asking.getByLabel("Name", { exact: true }).fill("Dame Frances Holt");
  await asking.getByLabel("Role").fill("counsel");
  await asking.getByLabel("Organisation").fill("The Northern Ransomware Inquiry");
  await asking.getByLabel("Legal basis").selectOption({ label: "Notice under section 21 of the Inquiries Act 2005" });
  await asking.getByLabel("Its reference").fill("NRI/s21/4");
  await asking.getByLabel("What it is for").fill("The first week of the incident.");
  await asking.getByLabel("To entry").fill(String(last));
  await asking.getByLabel("May be taken until").fill(day(30));
  await lead.screen("export-request");
  await asking.getByRole("button", { name: "Request it" }).click();
  await expect(lead.page.getByRole("heading", { name: "For Dame Frances Holt, counsel, The Northern Ransomware Inquiry" })).toBeVisible();
  const seq = Number(new URL(lead.page.url()).pathname.split("/").at(-1));
  await expect(fold(lead)).toContainText("It waits for Data Security Centre and National Cyber Security Centre to agree.");
  await lead.page.getByRole("button", { name: "Agree for my organisation" }).click();
  await expect(fold(lead)).toContainText("It waits for National Cyber Security Centre to agree.");
  await exportsPage(liaison, room, seq);
  await liaison.page.getByRole("button", { name: "Agree for my organisation" }).click();
  await expect(fold(liaison)).toContainText("Both hosts have agreed.");

  // What is usually left out is found, and ticked.
  await expect(fold(lead)).toContainText("Both hosts have agreed.");
  await lead.page.getByRole("button", { name: "Look for what is usually left out" }).click();
  const found = lead.dialog("What is usually left out");
  await expect(found.getByLabel(new RegExp(`^Entry ${patient}:`))).toBeChecked();
  await expect(found.getByLabel(new RegExp(`^Entry ${ours}:`)).first()).toBeChecked();
  await lead.screen("export-suggestions");
  await found.getByRole("button", { name: /^Leave out/ }).click();
  await expect(found).toHaveCount(0);
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${patient} `) })).toContainText("1 place in it");

  // And what only a person sees, marked in the text.
  await lead.page.getByRole("button", { name: "Leave something out" }).click();
  const out = lead.dialog("Leave something out");
  await out.getByLabel("Entry").fill(String(theirs));
  await out.getByRole("button", { name: "Show it" }).click();
  const text = out.getByLabel("Mark what is to be left out");
  await text.evaluate((el: HTMLTextAreaElement) => {
    el.focus();
    const at = el.value.indexOf("two neighbours");
    el.setSelectionRange(at, at + "two neighbours".length);
  });
  await out.getByRole("button", { name: "Leave out what is marked" }).click();
  await expect(out.locator("del")).toHaveText("two neighbours");
  await out.getByRole("button", { name: "Leave it out" }).click();
  await expect(out.getByRole("alert")).toContainText("Choose a ground.");
  await out.getByLabel("Ground").selectOption({ label: "FOI 2000 s.43: commercial interests" });
  await out.getByLabel("Reason").fill("Names others' systems");
  await lead.screen("export-mark-out");
  await out.getByRole("button", { name: "Leave it out" }).click();
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${theirs} what it says`) })).toContainText("Names others' systems");
  await lead.screen("export-agreed");

  // What is restricted is asked of whom it came from, and of nobody else.
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${theirs} TLP:AMBER\\+STRICT`) })).toContainText("Not answered");
  await exportsPage(ciso, room);
  await expect(ciso.page.getByText("May The Northern Ransomware Inquiry (counsel) have them?")).toBeVisible();
  await expect(ciso.page.locator(".question").getByText("Our imaging network is shared")).toBeVisible();
  await ciso.screen("export-asked");
  await ciso.page.getByRole("button", { name: /^Answer for entry/ }).click();
  const answer = ciso.dialog(new RegExp(`^Entry ${theirs}: may it go to`));
  await answer.getByRole("button", { name: "Answer" }).click();
  await expect(answer.getByRole("alert")).toContainText("Say what may be done with it.");
  await answer.getByLabel("Release it", { exact: true }).check();
  await ciso.screen("export-answer");
  await answer.getByRole("button", { name: "Answer" }).click();
  await expect(ciso.page.getByText("Released", { exact: true })).toBeVisible();
  expect(await ciso.heard("Dame Frances Holt"), "a guest is told the recipient's name").toBe(false);
  await expect(fold(lead).getByRole("row", { name: new RegExp(`^${theirs} TLP:AMBER\\+STRICT`) })).toContainText("Released");

  // Whoever asked or left something out approves nothing; a second person does.
  await expect(lead.page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  await sealed(night, room, last);
  await exportsPage(night, room, seq);
  night.expects(/^refused: 401 .*\/(approve|take)$/);
  await withFactor(night, "Approve", "Approve it as it stands?", "Approve", "export-approve");
  await night.dialog("Approve it as it stands?").getByRole("button", { name: "Approve" }).click();
  await expect(fold(night)).toContainText("It is approved and can be taken.");
  await expect(fold(lead)).toContainText("It is approved and can be taken.");
  await night.screen("export-approved");

  // He takes it: a second factor each time, and each time the same bytes.
  const take = async (picture?: string): Promise<Buffer> => {
    await withFactor(night, "Take the bundle", "Take the bundle?", "Take it", picture);
    const [file] = await Promise.all([night.page.waitForEvent("download"), night.dialog("Take the bundle?").getByRole("button", { name: "Take it" }).click()]);
    expect(file.suggestedFilename()).toBe(`wardroom-export-${seq}.tar`);
    return readFileSync(await file.path());
  };
  const bytes = await take("export-take");
  await expect(fold(night).getByRole("status")).toContainText("Taken.");
  await night.screen("export-taken");
  expect((await take()).equals(bytes), "two takings are the same bytes").toBe(true);
  const sum = createHash("sha256").update(bytes).digest("hex");
  await expect(fold(night).getByRole("status")).toContainText(sum);
  const bundle = put("inquiry.tar", bytes);

  // The auditor's machine has no network. Nothing was changed; what is left out is named, with why.
  const good = verify("--policy", policy, bundle);
  expect(good.said).toContain("Verdict: VALID");
  expect(good.code).toBe(0);
  expect(good.said).toContain(`SHA-256 ${sum}`);
  expect(good.said).toContain("good signature on the newest seal");
  expect(good.said).toContain(`* entry ${patient}, its text: taken out (redacted). Ground: FOI 2000 s.40`);
  expect(good.said).toContain("A patient was named to us by mistake: [redacted], moved to Ward 7.");
  expect(good.said).toContain(`* entry ${ours}, its text: taken out (redacted). Ground: FOI 2000 s.23`);
  expect(good.said).toMatch(new RegExp(`\\* entry ${theirs}, its text: taken out \\(redacted\\)\\. Ground: FOI 2000 s\\.43[^*]*Reason: Names others' systems\\.`));
  for (const words of ["943 476 5919", "kill switch domain", "shared with two neighbours"]) expect(bytes.includes(words), `the bundle says ${words}`).toBe(false);

  // It goes on from what the second party held when the room was closed; without the second party's word nobody vouches for it.
  expect(verify("--policy", policy, "--since", kept, bundle)).toMatchObject({ code: 0 });
  expect(verify(bundle)).toMatchObject({ code: 20 });

  // One bit of one leaf; one line that is not there.
  const changed = verify("--policy", policy, put("changed.tar", withLeafChanged(bytes, plain)));
  expect(changed.said).toContain("Verdict: TAMPERED");
  expect(changed.said).toContain(`First found at entry ${plain}`);
  expect(changed.code).toBe(22);
  const missing = verify("--policy", policy, put("missing.tar", withoutOpening(bytes, plain)));
  expect(missing.said).toContain("Verdict: INCOMPLETE");
  expect(missing.said).toContain(`First found at entry ${plain}`);
  expect(missing.code).toBe(12);

  // The page that verifies says the same, from a disk; it is the one in the bundle.
  const page = join(repository, "webapp/dist/verify.html");
  expect(fileOf(bytes, "verify.html").equals(readFileSync(page)), "the bundle holds the page that verifies").toBe(true);
  const offline = await browser.newContext({ offline: true, viewport: { width: 1440, height: 900 } });
  const alone = await offline.newPage();
  const wrong: string[] = [];
  alone.on("console", (m) => m.type() === "error" && wrong.push(m.text()));
  alone.on("pageerror", (e) => wrong.push(String(e)));
  alone.on("request", (r) => /^(file|blob|data):/.test(r.url()) || wrong.push(r.url()));
  for (const [name, title, told] of [
    ["inquiry", "VALID", "This record has not been changed"],
    ["changed", "TAMPERED", `This record has been changed: first at entry ${plain}`],
    ["missing", "INCOMPLETE", null],
  ] as const) {
    await alone.goto(pathToFileURL(page).href);
    await alone.getByLabel("The bundle").setInputFiles(info.outputPath(`${name}.tar`));
    await alone.getByLabel(/The policy file/).setInputFiles(policy);
    await alone.getByRole("button", { name: "Check the bundle" }).click();
    await expect(alone.locator("#verdict")).toBeFocused({ timeout: 60_000 });
    await expect(alone).toHaveTitle(`${title} – Wardroom`);
    if (told) await expect(alone.locator("#verdict")).toHaveText(told);
    await expect(alone.locator("#result")).toContainText(`entry ${plain}`, { ignoreCase: true });
    await alone.screenshot({ path: info.outputPath(`verify-${name}.png`), fullPage: true });
  }

  // And the record is read from the same disk, on a screen and on paper.
  await alone.goto(pathToFileURL(put("record.html", fileOf(bytes, "record.html"))).href);
  await expect(alone.getByRole("heading", { level: 1 })).toContainText("Ransomware, to be inquired into");
  const shown = (n: number) => alone.locator("article").filter({ has: alone.getByRole("heading", { name: new RegExp(`^${n}\\s`) }) });
  await expect(shown(plain)).toContainText("Imaging is down at Northmoor.");
  await expect(shown(patient)).toContainText("[redacted]");
  await expect(shown(ours)).toContainText("s.23");
  await expect(shown(theirs)).not.toContainText("two neighbours");
  const faults = await new AxeBuilder({ page: alone }).analyze();
  expect.soft(faults.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`), "axe on the record").toEqual([]);
  await alone.screenshot({ path: info.outputPath("record-screen.png"), fullPage: true });
  await alone.emulateMedia({ media: "print" });
  await alone.pdf({ path: info.outputPath("record-printed.pdf"), format: "A4", preferCSSPageSize: true });
  expect(wrong, "what the browser without a network complained of").toEqual([]);
  await offline.close();
  put("record.pdf", fileOf(bytes, "record.pdf"));

  // On the access log stands who took it.
  await auditor.goto(`/desk/access?room=${room.room}`);
  const takings = auditor.page.getByRole("row", { name: /Tom Okafor/ });
  await expect(takings).toHaveCount(2);
  await expect(takings.first()).toContainText("Took the bundle of an export");
  await expect(takings.first()).toContainText(sum);
  await auditor.screen("export-desk");
});
