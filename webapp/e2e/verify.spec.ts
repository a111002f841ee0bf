// The offline verifier, as an auditor uses it: a file on a disk, opened in a
// browser that has no network.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { amber, bundle, checkpoint, entry, parties, partial, partsOf, policyOf, room, start } from "../verify/kit/writer";

const page0 = pathToFileURL(join(import.meta.dirname, "../dist/verify.html")).href;
const pictures = join(import.meta.dirname, "../test-results/verify");
const folder = mkdtempSync(join(tmpdir(), "verify-"));
const talk = ["The EPR is down on three sites. Pathology works on paper.", "We have isolated the domain controllers and called the NCSC.", "Patient-facing letters are on hold until the print queue is clean."];

function put(name: string, b: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, b);
  return path;
}

const policy = put("policy.txt", policyOf(parties()));

/** What must be nowhere, whatever is opened. */
interface Watch {
  readonly errors: string[];
  readonly requests: string[];
}

async function open(page: Page): Promise<Watch> {
  const watch: Watch = { errors: [], requests: [] };
  page.on("console", (m) => m.type() === "error" && watch.errors.push(m.text()));
  page.on("pageerror", (e) => watch.errors.push(String(e)));
  page.on("dialog", (d) => {
    watch.errors.push(`dialog: ${d.message()}`);
    void d.dismiss();
  });
  page.on("request", (r) => /^(file|blob):/.test(r.url()) || watch.requests.push(r.url()));
  await page.context().setOffline(true);
  await page.goto(page0);
  return watch;
}

async function check(page: Page, path: string, withPolicy = true): Promise<void> {
  await page.getByLabel("The bundle").setInputFiles(path);
  if (withPolicy) await page.getByLabel(/The policy file/).setInputFiles(policy);
  await page.getByRole("button", { name: "Check the bundle" }).click();
  await expect(page.locator("#verdict")).toBeFocused({ timeout: 60_000 });
}

async function screen(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`)).toEqual([]);
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

function clean(w: Watch): void {
  expect(w.errors).toEqual([]);
  expect(w.requests).toEqual([]);
}

const whole = () => partsOf(room(talk));

/** A bundle with a bit of everything: redacted, unanswered, erased, out of range, and an end that is not sealed. */
function mixed() {
  const e = room(talk);
  e.push(
    entry(7, "decision.recorded", { member: 1, org: "X26", role: "lead" }, { deliberation: { options: [{ rejected: "It stops pathology.", text: "Shut the whole network down" }], relied: [4, 5], review: "2026-05-12T18:00:00.000Z" }, verdict: { decision: "Isolate the three sites, keep the rest running.", maker: 1, rationale: "The malware has not been seen elsewhere.", tier: "tactical" } }, { marking: { ...amber, tlp: "TLP:RED" } }),
    entry(8, "entry.erased", { member: 1, org: "X26", role: "lead" }, { ask: 6, entry: 6, ground: "UK GDPR Article 17", slots: [4] }),
    entry(9, "message.posted", { member: 2, org: "R1H", role: "representative" }, { text: "Confirmed for our sites." }, { marking: { ...amber, tlp: "TLP:GREEN" } }),
    entry(10, "message.posted", { member: 1, org: "X26", role: "lead" }, { text: "Later." }, { marking: amber }),
    entry(11, "message.posted", { member: 1, org: "X26", role: "lead" }, { text: "Last." }, { marking: amber }),
  );
  const p = partsOf(e);
  const but = (seq: number, slots: number[]) => partial(seq, e[seq]!, slots);
  p.openings = [...p.openings.slice(0, 5), but(5, [0, 1, 2, 3, 5, 6, 7]), but(6, [0, 1, 2, 3, 5, 6, 7]), p.openings[7]!, p.openings[8]!, p.openings[11]!];
  p.withheld = [
    { first: 5, ground: "FOIA s.23", last: 5, reason: "Supplied by one of the security bodies", redacted: { 4: '{"text":"We have isolated ████████ and called the NCSC."}' }, slots: [4], why: "redacted" },
    { event: 8, first: 6, ground: "UK GDPR Article 17", last: 6, slots: [4], why: "erased" },
    { first: 9, last: 9, slots: [0, 1, 2, 3, 4, 5, 6, 7], why: "unanswered" },
    { first: 10, last: 10, slots: [0, 1, 2, 3, 4, 5, 6, 7], why: "range" },
  ];
  const at = Math.floor(start / 1000);
  p.earlier = [checkpoint(p.leaves, 4, parties(), at + 9), checkpoint(p.leaves, 7, parties(), at + 640)];
  p.checkpoint = checkpoint(p.leaves, 11, parties(), at + 1300);
  return p;
}

const sizes = [
  { name: "desktop", viewport: { width: 1280, height: 800 } },
  { name: "phone", viewport: { width: 375, height: 740 } },
] as const;

for (const size of sizes) {
  test.describe(`on a ${size.name}`, () => {
    test.use({ viewport: size.viewport });

    test("the way from choosing files to a verdict and back", async ({ page }) => {
      const w = await open(page);
      await screen(page, `${size.name}-start`);
      await page.getByRole("button", { name: "Check the bundle" }).click();
      await expect(page.getByText("Choose the bundle to check.")).toBeVisible();
      await page.getByText("Compare with what you know from elsewhere").click();
      await screen(page, `${size.name}-start-open`);
      await check(page, put("inquiry.tar", bundle(whole())));
      await expect(page.locator("#verdict")).toHaveText("This record has not been changed");
      await expect(page).toHaveTitle("VALID – Wardroom");
      await expect(page.locator(".entry")).toHaveCount(7);
      await screen(page, `${size.name}-valid`);
      await page.getByRole("button", { name: "Check another bundle" }).first().click();
      await expect(page.getByRole("button", { name: "Check the bundle" })).toBeVisible();
      clean(w);
    });

    test("what is left out is listed, and entries can be filtered", async ({ page }) => {
      const w = await open(page);
      await check(page, put("mixed.tar", bundle(mixed())));
      await expect(page).toHaveTitle("ERASED – Wardroom");
      await screen(page, `${size.name}-erased`);
      await expect(page.getByText("Nothing of entries 9 to 10 is shown.")).toBeVisible();
      await expect(page.getByText("The exporter’s wording instead, which cannot be checked:")).toBeVisible();
      await page.getByLabel("Kind").selectOption({ label: "Decision recorded (1)" });
      await expect(page.locator(".entry")).toHaveCount(1);
      await expect(page.locator(".entry")).toContainText("Isolate the three sites");
      await page.getByRole("button", { name: "Clear" }).click();
      await expect(page.locator(".entry")).toHaveCount(11);
      await page.getByLabel("Words in it").fill("pathology PAPER");
      await page.getByLabel("Words in it").press("Enter");
      await expect(page.locator(".entry")).toHaveCount(1);
      clean(w);
    });

    test("a changed entry is named and shown", async ({ page }) => {
      const w = await open(page);
      const p = whole();
      p.openings = p.openings.map((l) => l.replace("three sites", "seven sites"));
      await check(page, put("changed.tar", bundle(p)));
      await expect(page.locator("#verdict")).toHaveText("This record has been changed: first at entry 4");
      await screen(page, `${size.name}-tampered`);
      await page.getByRole("button", { name: "Go to entry 4" }).click();
      await expect(page.locator("#entry-4")).toBeFocused();
      clean(w);
    });

    test("keys to compare are shown when no policy file is given", async ({ page }) => {
      const w = await open(page);
      await check(page, put("inquiry.tar", bundle(whole())), false);
      await expect(page).toHaveTitle("UNTRUSTED-KEY – Wardroom");
      await expect(page.locator(".key")).toHaveCount(4);
      await screen(page, `${size.name}-untrusted`);
      clean(w);
    });

    test("a file that is no bundle is said to be none", async ({ page }) => {
      const w = await open(page);
      await check(page, put("letter.tar", "Dear Sir or Madam"));
      await expect(page.locator("#verdict")).toHaveText("This could not be read as a bundle");
      await screen(page, `${size.name}-unreadable`);
      clean(w);
    });
  });
}

test("the program's own bundles get the program's own verdicts", async ({ page }) => {
  test.setTimeout(300_000);
  const made = join(folder, "made");
  execFileSync("go", ["run", "-buildvcs=false", "./server/cmd/wardroom-bundles", made], { cwd: join(import.meta.dirname, "../.."), stdio: ["ignore", "ignore", "inherit"] });
  const all = JSON.parse(readFileSync(join(made, "index.json"), "utf8")) as readonly { name: string; bundle: string; policy?: string; since?: string; minSize?: number; notBefore?: string; report: { verdict: string; log: string; first: unknown } }[];
  // Two of each verdict, the first and the last, among those that need no more than a policy file.
  const plain = all.filter((i) => i.since === undefined && i.minSize === undefined && i.notBefore === undefined);
  const verdicts = [...new Set(plain.map((i) => i.report.verdict))];
  const chosen = verdicts.flatMap((v) => plain.filter((i) => i.report.verdict === v)).filter((i, _, list) => [0, -1].some((n) => list.filter((x) => x.report.verdict === i.report.verdict).at(n) === i));
  expect(chosen.length).toBeGreaterThanOrEqual(12);
  const w = await open(page);
  for (const item of chosen) {
    await page.reload();
    await page.getByLabel("The bundle").setInputFiles(join(made, item.bundle));
    if (item.policy !== undefined) await page.getByLabel(/The policy file/).setInputFiles(join(made, item.policy));
    await page.getByRole("button", { name: "Check the bundle" }).click();
    await expect(page.locator("#verdict"), item.name).toBeFocused({ timeout: 60_000 });
    await expect(page, item.name).toHaveTitle(item.report.verdict === "UNREADABLE" ? "Could not be read – Wardroom" : `${item.report.verdict} – Wardroom`);
    if (item.report.verdict === "UNREADABLE") continue;
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the report (JSON)" }).click();
    const mine = JSON.parse(readFileSync(await (await saved).path(), "utf8")) as { remarks: unknown; first: null | { what?: string } };
    const bare = (r: typeof mine) => ({ ...r, remarks: [], first: r.first && { ...r.first, what: "" } });
    expect(bare(mine), item.name).toEqual(bare(item.report as unknown as typeof mine));
  }
  clean(w);
});

test("hostile text is shown as text, and what would not be seen is named", async ({ page }) => {
  const w = await open(page);
  const evil = `<img src=x onerror=alert(1)><script>alert(2)</script> ${String.fromCodePoint(0x202e)}desrever${String.fromCodePoint(0x2066, 0x200b)} \u0000\u001b[2J javascript:alert(3)`;
  const e = room([evil]);
  const p = partsOf(e);
  p.info = { ...p.info, title: evil, recipient: evil, exporter: evil };
  p.withheld = [{ first: 4, ground: evil, last: 4, reason: evil, redacted: { 4: evil }, slots: [4], why: "redacted" }];
  p.openings = [...p.openings.slice(0, 4), partial(4, e[4]!, [0, 1, 2, 3, 5, 6, 7])];
  await check(page, put("evil\u202etar.tar", bundle(p)));
  await expect(page).toHaveTitle("VALID – Wardroom");
  expect(await page.locator("img, iframe, object, embed, #result script, #result a:not([href^=\"#\"])").count()).toBe(0);
  const text = (await page.locator("#result").textContent()) ?? "";
  expect(text).toContain("<script>alert(2)</script>");
  expect(text).toContain("[U+202E]desrever[U+2066][U+200B]");
  expect(text).toContain("[U+0000][U+001B][2J");
  expect([...text].filter((c) => /[\p{Cf}\p{Cc}]/u.test(c) && c !== "\n")).toEqual([]);
  await screen(page, "hostile");
  clean(w);
});

test("ten thousand entries do not hold the page up", async ({ page }) => {
  test.setTimeout(180_000);
  const w = await open(page);
  const path = put("large.tar", bundle(partsOf(room(Array.from({ length: 10_000 }, (_, i) => `Line ${i}: ${"the state of the sites as it stands, ".repeat(4)}`)))));
  // Beside it a page that does nothing: what holds that one up too is the machine, not the check.
  const idle = await page.context().newPage();
  for (const p of [page, idle]) {
    await p.evaluate(() => {
      const state = globalThis as unknown as { worst: number };
      state.worst = 0;
      let last = performance.now();
      setInterval(() => {
        const now = performance.now();
        state.worst = Math.max(state.worst, now - last - 20);
        last = now;
      }, 20);
      new PerformanceObserver((list) => {
        for (const task of list.getEntries()) state.worst = Math.max(state.worst, task.duration);
      }).observe({ type: "longtask", buffered: false });
    });
  }
  await page.bringToFront();
  const began = Date.now();
  await check(page, path);
  const took = Date.now() - began;
  await expect(page).toHaveTitle("VALID – Wardroom");
  await expect(page.locator(".entry")).toHaveCount(100);
  await page.getByRole("button", { name: "Later entries" }).click();
  await expect(page.locator("#entry-100")).toBeVisible();
  await page.getByLabel("Words in it").fill("9876:");
  await page.getByLabel("Words in it").press("Enter");
  await expect(page.locator(".entry")).toHaveCount(1);
  const heldUp = (p: Page): Promise<number> => p.evaluate(() => (globalThis as unknown as { worst: number }).worst);
  const [worst, machine] = [await heldUp(page), await heldUp(idle)];
  await idle.close();
  process.stdout.write(`10,004 entries: checked in ${took} ms; the page was held up for at most ${Math.round(worst)} ms, one that does nothing for ${Math.round(machine)} ms\n`);
  // Were it checked where the page is drawn, the page would be held up for all that the check takes.
  expect(worst).toBeLessThan(Math.max(200, took / 4) + 2 * machine);
  clean(w);
});

test("a check can be cancelled, and started again", async ({ page }) => {
  const w = await open(page);
  const path = put("long.tar", bundle(partsOf(room(Array.from({ length: 10_000 }, (_, i) => `Line ${i}`)))));
  await page.getByLabel("The bundle").setInputFiles(path);
  await page.getByRole("button", { name: "Check the bundle" }).click();
  await expect(page.locator("#work-said")).toContainText("Entry");
  await page.screenshot({ path: join(pictures, "checking.png") });
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Check the bundle" })).toBeVisible();
  await check(page, put("inquiry.tar", bundle(whole())));
  await expect(page).toHaveTitle("VALID – Wardroom");
  clean(w);
});

test("files find their place when they are dropped, and the report can be kept", async ({ page }) => {
  const w = await open(page);
  const files = [{ name: "a", b: Buffer.from(bundle(whole())).toString("base64") }, { name: "b", b: readFileSync(policy).toString("base64") }];
  await page.evaluate((all) => {
    const data = new DataTransfer();
    for (const f of all) data.items.add(new File([Uint8Array.from(atob(f.b), (c) => c.charCodeAt(0))], f.name));
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, files);
  await expect(page.locator("#policy-chosen")).toContainText("Chosen: b");
  await page.getByRole("button", { name: "Check the bundle" }).click();
  await expect(page).toHaveTitle("VALID – Wardroom");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the report (JSON)" }).click();
  const report = JSON.parse(readFileSync(await (await saved).path(), "utf8")) as { verdict: string };
  expect(report.verdict).toBe("VALID");
  await page.emulateMedia({ media: "print" });
  await screen(page, "print");
  clean(w);
});
