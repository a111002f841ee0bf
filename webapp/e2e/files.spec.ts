// Files: up over a bad line, down as they were, and never more than a download.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { meeting } from "./meeting";
import type { Person } from "./person";
import { expect, test } from "./test";

const mib = 1 << 20;

/** Bytes that a seed makes, here and in a page alike. */
function content(seed: number, size: number): Buffer {
  const b = Buffer.alloc(size);
  let x = seed;
  for (let i = 0; i < size; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    b[i] = x >>> 24;
  }
  return b;
}

/** A file as the browser holds it in a hand or on the clipboard. */
function held(page: Page, name: string, type: string, bytes: Buffer) {
  return page.evaluateHandle(
    async ({ name, type, base64 }) => {
      const raw = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([raw], name, { type }));
      return data;
    },
    { name, type, base64: bytes.toString("base64") },
  );
}

/** Drops a file onto the page, as from a folder beside it. */
async function dropFile(page: Page, name: string, type: string, bytes: Buffer, onto = ".composer"): Promise<void> {
  const dataTransfer = await held(page, name, type, bytes);
  for (const event of ["dragenter", "dragover", "drop"]) await page.dispatchEvent(onto, event, { dataTransfer });
}

async function download(person: Person, name: string): Promise<Buffer> {
  const [got] = await Promise.all([person.page.waitForEvent("download"), person.page.getByRole("link", { name: new RegExp(`^Download ${name}`) }).click()]);
  expect(got.suggestedFilename()).toBe(name);
  return readFile(await got.path());
}

test("dropped, cut off half way, gone on with, and taken byte for byte by somebody else", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Triage", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  const file = content(7, 8 * mib + 123);
  lead.expects(/ERR_INTERNET_DISCONNECTED/);

  let parts = 0;
  await lead.page.route("**/chunks/*", async (route) => {
    if (++parts === 5) {
      await lead.context.setOffline(true);
      return route.abort("internetdisconnected");
    }
    return route.continue();
  });
  await lead.composer.fill("The triage of the first file server");
  await dropFile(lead.page, "triage.bin", "application/zip", file);
  const row = lead.page.getByRole("list", { name: "Files to send" }).getByRole("listitem");
  await expect(row).toContainText("triage.bin");
  await expect(row).toContainText("Waiting for the connection, 49% is there");
  await lead.screen("cut-off");
  await lead.composer.press("Enter");
  await expect(lead.page.getByRole("alert")).toContainText("triage.bin is not all there yet");

  await lead.context.setOffline(false);
  await expect(row).toContainText("Attached");
  expect(parts).toBe(10); // nine parts, and the one that was cut off twice: none of the first four went again
  await lead.screen("attached");
  await lead.composer.press("Enter");
  const seq = await ciso.seqOf("The triage of the first file server");
  await expect(ciso.entry(seq).getByRole("list", { name: "Attached files" })).toContainText("triage.bin");
  await expect(ciso.entry(seq)).toContainText("8.4 MB · application/octet-stream · Not scanned");
  await expect(lead.page.getByRole("list", { name: "Files to send" })).toHaveCount(0);
  await expect(lead.page.getByRole("alert")).toHaveCount(0);
  await ciso.entry(seq).getByText("SHA-256").click();
  await expect(ciso.entry(seq)).toContainText(createHash("sha256").update(file).digest("hex"));
  await ciso.screen("files");
  await lead.screen("files");
  expect((await download(ciso, "triage.bin")).equals(file)).toBe(true);
});

test("the page reloaded half way: what was sent stays, and the same file goes on", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Reloaded", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  const [whole, half] = [content(8, 1_000), content(9, 4 * mib)];
  ciso.expects(/ERR_(INTERNET_DISCONNECTED|FAILED|ABORTED)/);
  await ciso.composer.fill("Two files");
  await ciso.page.getByLabel("Files to attach").setInputFiles({ name: "whole.txt", mimeType: "text/plain", buffer: whole });
  const rows = ciso.page.getByRole("list", { name: "Files to send" }).getByRole("listitem");
  await expect(rows.first()).toContainText("Attached");
  let parts = 0;
  await ciso.page.route("**/chunks/*", (route) => (++parts > 2 ? route.abort("internetdisconnected") : route.continue()));
  await ciso.page.getByLabel("Files to attach").setInputFiles({ name: "half.bin", mimeType: "", buffer: half });
  await expect(rows.nth(1)).toContainText("Waiting for the connection, 50% is there");
  await ciso.page.unroute("**/chunks/*");
  await ciso.page.reload();

  await expect(ciso.composer).toHaveValue("Two files");
  await expect(rows.first()).toContainText("whole.txt");
  await expect(rows.first()).toContainText("Attached");
  await expect(rows.nth(1)).toContainText("50% is there. Choose the same file again to go on.");
  await ciso.screen("reloaded");
  await ciso.page.getByRole("button", { name: "Choose it again" }).click();
  await ciso.page.getByLabel("The same file again").setInputFiles({ name: "other.bin", mimeType: "", buffer: half.subarray(1) });
  await expect(ciso.page.getByRole("alert")).toContainText("This is another file");
  await ciso.page.getByRole("button", { name: "Choose it again" }).click();
  await ciso.page.getByLabel("The same file again").setInputFiles({ name: "half.bin", mimeType: "", buffer: half });
  await expect(rows.nth(1)).toContainText("Attached");
  await ciso.composer.press("Enter");
  const seq = await lead.seqOf("Two files");
  await expect(lead.entry(seq).getByRole("listitem")).toHaveCount(2);
  expect((await download(lead, "half.bin")).equals(half)).toBe(true);
  expect((await download(lead, "whole.txt")).equals(whole)).toBe(true);
});

const polyglot = `GIF89a/*<svg xmlns="http://www.w3.org/2000/svg" onload="top.ran=1;parent.ran=1"><script>window.name='ran';fetch('/api/v1/session');document.documentElement.innerHTML='RAN'</script></svg>
<!doctype html><html><body onload="document.title='RAN'"><img src=x onerror="document.title='RAN'"></body></html>*/=1;self.ran=1;`;

test("a file that is a page, a picture and a script at once is a download and nothing else; a removed member's link is dead", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Polyglot", [{ who: "ciso" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  const names = ["page.html", "picture.svg", "code.js"];
  for (const name of names) await ciso.page.getByLabel("Files to attach").setInputFiles({ name, mimeType: "text/html", buffer: Buffer.from(polyglot) });
  await expect(ciso.page.getByRole("list", { name: "Files to send" }).getByText("Attached", { exact: true })).toHaveCount(3);
  await ciso.composer.fill("Three faces");
  await ciso.composer.press("Enter");
  const seq = await lead.seqOf("Three faces");
  for (const name of names) expect((await download(lead, name)).toString()).toBe(polyglot);

  // Whichever way a page of this very origin asks for it, nothing of it runs.
  lead.expects(/.*/); // the browser complains of each try, and should
  const path = (n: number) => `/api/v1/rooms/${room.room}/entries/${seq}/files/${n}`;
  for (const n of [1, 2, 3]) {
    const tab = await lead.context.newPage();
    const [got] = await Promise.all([tab.waitForEvent("download"), tab.goto(lead.url + path(n)).catch(() => null)]); // it is no page to go to
    expect(got.suggestedFilename()).toBe(names[n - 1]);
    expect(await tab.title()).not.toBe("RAN");
    await tab.close();
  }
  const bare = await lead.context.newPage(); // without the app's own policy, so that the file's headers stand alone
  await bare.route("**/bare", (r) => r.fulfill({ contentType: "text/html", body: "<!doctype html><title>bare</title>" }));
  await bare.goto(`${lead.url}/bare`);
  const ran = await bare.evaluate(async (paths) => {
    const tried: Promise<string>[] = [];
    for (const src of paths) {
      for (const [tag, attribute] of [["script", "src"], ["img", "src"], ["iframe", "src"], ["object", "data"], ["embed", "src"], ["link", "href"]] as const) {
        const el = document.createElement(tag);
        if (tag === "link") el.setAttribute("rel", "stylesheet");
        el.setAttribute(attribute, src);
        tried.push(
          new Promise((done) => {
            el.addEventListener("load", () => done(`${tag} load`));
            el.addEventListener("error", () => done(`${tag} error`));
            setTimeout(() => done(`${tag} silent`), 1_500); // a frame that becomes a download fires nothing
          }),
        );
        document.body.append(el);
      }
    }
    const ended = await Promise.all(tried);
    return { ended, ran: Reflect.get(globalThis, "ran") as unknown, title: document.title, text: document.body.innerText };
  }, [1, 2, 3].map(path));
  expect({ ran: ran.ran, title: ran.title, text: ran.text.trim() }).toEqual({ ran: undefined, title: "bare", text: "" });
  expect(ran.ended.filter((e) => /^(script|img|link) load/.test(e))).toEqual([]);
  await bare.close();

  ciso.expects(/refused: 404/, /ERR_/);
  expect((await ciso.page.request.get(ciso.url + path(1))).status()).toBe(200);
  await lead.page.getByRole("button", { name: "Actions for Dr Hannah Osei" }).click();
  await lead.page.getByRole("menuitem", { name: "Remove now" }).click();
  await lead.dialog("Remove Dr Hannah Osei?").getByLabel(/^Reason/).fill("Her account is reported stolen");
  await lead.dialog("Remove Dr Hannah Osei?").getByRole("button", { name: "Remove now" }).click();
  await expect(ciso.page.getByRole("heading", { name: /no longer in this room|nothing here for you/ })).toBeVisible();
  const dead = await ciso.page.request.get(ciso.url + path(1));
  const never = await ciso.page.request.get(`${ciso.url}/api/v1/rooms/${"a".repeat(26)}/entries/1/files/1`);
  expect(dead.status()).toBe(404);
  expect(await dead.text()).toBe(await never.text());
});

test("a file of a TLP:RED entry is named to nobody before it is opened, and taking it is recorded", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Red file", [{ who: "ciso", on: "phone" }, { who: "colleague" }]);
  const [ciso, colleague] = guests as [(typeof guests)[0], (typeof guests)[0]];
  const file = content(11, 5_000);
  await lead.page.getByRole("combobox", { name: "Label" }).selectOption("TLP:RED");
  await lead.page.getByLabel("Files to attach").setInputFiles({ name: "vermilion-list.xlsx", mimeType: "", buffer: file });
  await expect(lead.page.getByRole("list", { name: "Files to send" })).toContainText("Attached");
  await lead.composer.fill("Vermilion: the accounts that are for sale");
  await lead.composer.press("Enter");
  const dialog = lead.dialog("Who receives this");
  await dialog.getByLabel("Dr Hannah Osei").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await lead.sendShown();

  const red = await ciso.seqOf("Opening it is recorded");
  ciso.expects(/^refused: 401 /);
  expect((await ciso.page.request.get(`${ciso.url}/api/v1/rooms/${room.room}/entries/${red}/files/1`)).status()).toBe(401);
  expect(await ciso.heard("vermilion-list")).toBe(false);
  await ciso.entry(red).getByRole("button", { name: "Open" }).click();
  await ciso.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await ciso.secondFactor();
  expect((await ciso.page.request.get(`${ciso.url}/api/v1/rooms/${room.room}/entries/${red}/files/1`)).status()).toBe(403); // not opened yet
  await ciso.entry(red).getByRole("button", { name: "Open" }).click();
  await expect(ciso.entry(red).getByRole("list", { name: "Attached files" })).toContainText("vermilion-list.xlsx");
  await ciso.screen("red-file");
  expect((await download(ciso, "vermilion-list.xlsx")).equals(file)).toBe(true);
  const { body } = await lead.ask<{ lines: { kind: string; member: number; file?: number }[] }>("GET", `/desk/access?room=${room.room}`);
  expect(body.lines.filter((l) => l.kind === "file.taken")).toMatchObject([{ file: 1 }]);
  expect(await colleague.heard("vermilion-list")).toBe(false);
  expect((await colleague.page.request.get(`${colleague.url}/api/v1/rooms/${room.room}/entries/${red}/files/1`)).status()).toBe(404);
});

test("an item is shared with files that were picked, dropped and pasted over a bad line; they are taken byte for byte, and by nobody once it is recalled", async ({ come }) => {
  const { room, guests } = await meeting(come, "Samples", [{ who: "ncsc", role: "liaison", history: "full" }, { who: "ciso", on: "phone" }]);
  const [ncsc, ciso] = guests as [Person, Person];
  const sample = content(12, 3 * mib + 5);
  ncsc.expects(/ERR_INTERNET_DISCONNECTED/);
  ciso.expects(/refused: 404/, /ERR_/); // her page looks for what is gone, in vain
  await ncsc.goto(`/rooms/${room.room}/intel`);
  await ncsc.page.getByRole("button", { name: "Share intelligence" }).click();
  const sheet = ncsc.dialog("Share intelligence");
  await sheet.getByLabel("Title").fill("The dropper, as it was found");
  await sheet.getByLabel("What is known").fill("Run it nowhere but in a sandbox.");
  await sheet.getByLabel("Files to attach").setInputFiles({ name: "iocs.txt", mimeType: "text/plain", buffer: Buffer.from("192.0.2.7") });
  let parts = 0;
  await ncsc.page.route("**/chunks/*", async (route) => {
    if (++parts !== 3) return route.continue();
    await ncsc.context.setOffline(true);
    return route.abort("internetdisconnected");
  });
  const rows = sheet.getByRole("list", { name: "Files to send" }).getByRole("listitem");
  await expect(rows.first()).toContainText("Attached");
  await dropFile(ncsc.page, "sample.bin", "", sample, ".dialog .file-field");
  await expect(rows.nth(1)).toContainText("Waiting for the connection, 33% is there");
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(sheet.getByRole("alert").first()).toContainText("sample.bin is not all there yet");
  await ncsc.context.setOffline(false);
  await expect(rows.nth(1)).toContainText("Attached");
  await expect(sheet.getByText("sample.bin is not all there yet")).toHaveCount(0);
  await sheet.getByLabel("Title").focus();
  const clipboard = await held(ncsc.page, "screen.png", "image/png", Buffer.from("89504e470d0a1a0a", "hex"));
  await sheet.getByLabel("Title").evaluate((el, data) => el.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })), clipboard);
  await expect(rows.nth(2)).toContainText("screen.png");
  await expect(rows.nth(2)).toContainText("Attached");
  await rows.nth(2).scrollIntoViewIfNeeded();
  await ncsc.screen("item-attached");
  await sheet.getByRole("button", { name: "Share it" }).click();
  await sheet.getByRole("group", { name: /receive this/ }).getByRole("button", { name: "Share it" }).click();

  const seq = await ciso.seqOf("The dropper, as it was found");
  const card = ciso.entry(seq).getByRole("list", { name: "Attached files" });
  await expect(card.getByRole("listitem")).toHaveCount(3);
  await expect(card).toContainText("screen.png 8 bytes · image/png · Not scanned");
  await ciso.screen("item-files-card");
  await expect(ncsc.page.locator(".composer").getByRole("list", { name: "Files to send" })).toHaveCount(0); // none of them went to what is written beside it
  await ciso.goto(`/rooms/${room.room}/intel/${seq}`);
  expect((await download(ciso, "sample.bin")).equals(sample)).toBe(true);
  await ciso.screen("item-files");

  expect((await ncsc.ask("POST", `/rooms/${room.room}/entries/${seq}/recall`, { reason: "Given to us in confidence" })).status).toBe(200);
  await expect(ciso.page.getByRole("list", { name: "Attached files" })).toHaveCount(0);
  const path = `/api/v1/rooms/${room.room}/entries/${seq}/files`;
  expect((await ciso.page.request.get(`${ciso.url}${path}/2`)).status()).toBe(404);
  expect((await ciso.page.request.get(ciso.url + path)).status()).toBe(404);
  await ncsc.goto(`/rooms/${room.room}/intel/${seq}`); // it stays its originator's to read, without them
  await expect(ncsc.page.locator(".sheet")).toContainText("Given to us in confidence");
  await expect(ncsc.page.locator(".sheet").getByRole("list", { name: "Attached files" })).toHaveCount(0);
});
