// Intelligence that comes in files, and what becomes of an item: corrected,
// with a tear-line, merged with another.
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

test.describe.configure({ timeout: 120_000 });

const receivers = (p: Person) => p.page.getByRole("group", { name: /receives? this/ });

/** Brings a file in as far as what it would become. */
async function bring(p: Person, room: Room, name: string, mimeType: string, text: string) {
  await p.goto(`/rooms/${room.room}/intel`);
  await p.page.getByRole("button", { name: "Bring in a file" }).click();
  const dialog = p.dialog("Bring in a file");
  await dialog.getByLabel("File").setInputFiles({ name, mimeType, buffer: Buffer.from(text) });
  return dialog;
}

test("a MISP event and a table are shown before they are shared, on a phone too, and a bundle of 5,000 objects says how far it is", async ({ come }) => {
  const { room, guests } = await meeting(come, "Files", [{ who: "ncsc", role: "liaison", history: "full" }, { who: "ciso", on: "phone" }]);
  const [ncsc, ciso] = guests as [Person, Person];

  const attribute = (type: string, value: string, more = {}) => ({ type, value, category: "Network activity", to_ids: true, ...more });
  const event = { Event: { info: "Mailers of the Juniper crew", date: "2026-11-20", Tag: [{ name: "tlp:green" }], Attribute: [attribute("domain", "juniper.example"), attribute("ip-dst", "192.0.2.44"), attribute("whois-registrant-phone", "0")] } };
  const misp = await bring(ciso, room, "event.json", "application/json", JSON.stringify(event, null, 2));
  await expect(misp.getByText(/^event.json: 1 item understood/)).toBeVisible();
  await expect(misp.getByRole("checkbox", { name: "Mailers of the Juniper crew" })).toBeVisible();
  await expect(misp.getByText("juniper[.]example").first()).toBeVisible();
  await expect(misp.getByText(/whois-registrant-phone/).first()).toBeVisible();
  await ciso.screen("file-misp");
  await misp.getByRole("button", { name: "Share it" }).click();
  await expect(receivers(ciso)).toContainText("2 people in 2 organisations receive this");
  await ciso.screen("file-misp-receivers");
  await receivers(ciso).getByRole("button", { name: "Share it" }).click();
  await expect(ciso.page.locator(".board-row", { hasText: "Mailers of the Juniper crew" })).toContainText("TLP:AMBER+STRICT");

  const table = await bring(ncsc, room, "seen.csv", "text/csv", "type,value,title,tlp\ndomain,larch.example,Larch servers,TLP:AMBER\nipv4,198.51.100.7,Larch servers,TLP:AMBER\nsha256,not-a-hash,Larch servers,TLP:AMBER\n");
  await expect(table.getByText(/^seen.csv: 1 item understood/)).toBeVisible();
  await expect(table.getByText("larch[.]example").first()).toBeVisible();
  await expect(table.getByText("not-a-hash").or(table.getByText(/Left out/)).first()).toBeVisible();
  await ncsc.screen("file-csv");

  const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  const at = "2026-11-20T10:00:00.000Z";
  const objects = Array.from({ length: 5_000 }, (_, n) => ({ type: "indicator", spec_version: "2.1", id: `indicator--${id(n)}`, created: at, modified: at, valid_from: at, name: `Host ${n}`, pattern_type: "stix", pattern: `[domain-name:value = 'h${n}.spruce.example']` }));
  const slow = await ncsc.page.context().newCDPSession(ncsc.page);
  await slow.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 500_000 });
  const big = await bring(ncsc, room, "spruce.json", "application/json", JSON.stringify({ type: "bundle", id: `bundle--${id(9_999)}`, objects }));
  await expect(big.getByRole("progressbar")).toBeVisible();
  await expect(big.getByRole("status")).toContainText(/Sending spruce.json: [1-9]\d* %/);
  await ncsc.screen("file-progress");
  await slow.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await expect(big.getByText(/^spruce.json: \d+ items? understood/)).toBeVisible({ timeout: 30_000 });
  await ncsc.screen("file-spruce");
  await big.getByRole("button", { name: /^Share (it|all \d+)$/ }).click();
  await receivers(ncsc).getByRole("button", { name: /^Share (it|all \d+)$/ }).click();
  await expect(big).toHaveCount(0, { timeout: 30_000 });
  const { body } = await ncsc.ask<{ roots: number[]; entries: unknown[] }>("GET", `/rooms/${room.room}/items`);
  expect(new Set(JSON.stringify(body.entries).match(/h\d+\.spruce\.example/g)).size).toBe(5_000);
});

test("an item is corrected with the old wording legible, gets a tear-line, and takes another in with the sources of both", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "One thing", [{ who: "ncsc", role: "liaison", history: "full" }, { who: "ciso", on: "phone" }]);
  const [ncsc, ciso] = guests as [Person, Person];
  const share = async (title: string, name: string) => {
    const { status, body } = await ncsc.ask<{ seq: number }>("POST", `/rooms/${room.room}/items`, { title, text: "Seen twice.", indicators: [], sources: [{ reliability: "B", credibility: "2", name }] });
    expect(status).toBe(201);
    return body.seq;
  };
  const one = await share("Bracken, first seen", "The first partner");
  const other = await share("Bracken, again", "The second partner");

  await ncsc.goto(`/rooms/${room.room}/intel/${one}`);
  await ncsc.page.getByRole("button", { name: "Correct it" }).click();
  const sheet = ncsc.page.getByRole("dialog");
  await sheet.getByLabel("What is known").fill("Seen three times.");
  await sheet.getByRole("button", { name: "Correct it" }).click();
  await expect(sheet).toHaveCount(0);
  await expect(ncsc.entry(one)).toContainText("Seen three times.");

  await ncsc.goto(`/rooms/${room.room}/intel/${one}`);
  await ncsc.page.getByRole("button", { name: "Add a tear-line" }).click();
  const tear = ncsc.dialog(`Add a tear-line to entry ${one}`);
  await tear.getByRole("button", { name: "Add it" }).click();
  await expect(tear.getByRole("alert").first()).toContainText("Write what others may have.");
  await tear.getByLabel("The words that may go further").fill("Patch this week.");
  await tear.getByRole("button", { name: "Add it" }).click();
  await expect(receivers(ncsc)).toContainText("2 people in 2 organisations receive this");
  await ncsc.screen("item-tear-receivers");
  await receivers(ncsc).getByRole("button", { name: "Add it" }).click();
  await expect(ncsc.page.getByRole("region", { name: "Tear-line" })).toContainText("Patch this week.");

  await ncsc.page.getByRole("button", { name: "Merge another into it" }).click();
  const merge = ncsc.dialog(`Merge another item into entry ${one}`);
  await merge.getByLabel("The other item").selectOption({ label: `${other}: Bracken, again` });
  await ncsc.screen("item-merge");
  await merge.getByRole("button", { name: "Merge them" }).click();
  for (const p of [ncsc, ciso]) {
    await p.goto(`/rooms/${room.room}/intel/${one}`);
    const from = p.page.getByRole("region", { name: "Where it comes from" });
    for (const source of ["The first partner", "The second partner"]) await expect(from).toContainText(source);
    await p.page.getByText("Earlier wordings (1)").click();
    await expect(p.page.locator("del", { hasText: "Seen twice." })).toBeVisible();
    await p.page.locator("del", { hasText: "Seen twice." }).scrollIntoViewIfNeeded();
    await p.screen("item-corrected");
    await p.goto(`/rooms/${room.room}/intel/${other}`);
    await expect(p.page.getByRole("link", { name: new RegExp(`${one}`) }).first()).toBeVisible();
  }
  await lead.goto(`/rooms/${room.room}`);
  await expect(lead.entryWith("Patch this week.")).toBeVisible();
});
