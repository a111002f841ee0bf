// An organisation's own systems read here by TAXII: let in by a lead, known of
// to whoever shares, and out at once.
import { meeting } from "./meeting";
import type { Person } from "./person";
import { expect, test } from "./test";

const taxii = "application/taxii+json;version=2.1";

test("a lead lets an organisation's machine read by TAXII; what it is given is known of, and it is out when that is ended", async ({ come, house }) => {
  const { lead, room, guests } = await meeting(come, "Machines read", [{ who: "ciso", on: "phone", history: "full" }]);
  const ciso = guests[0] as Person;

  // Issued: the second factor first, then the token once, beside the address.
  await lead.goto(`/rooms/${room.room}/people`);
  await expect(lead.page.getByText("No machine reads here.")).toBeVisible();
  await lead.screen("feeds-empty");
  await lead.page.getByRole("button", { name: "Let a machine read" }).click();
  await lead.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await lead.secondFactor();
  await lead.page.getByRole("button", { name: "Let a machine read" }).click();
  const form = lead.dialog("Let a machine read");
  await form.getByLabel("Whose machine").selectOption({ label: "Northmoor NHS Trust" });
  await form.getByLabel("What it is").fill("SIEM");
  await form.getByRole("button", { name: "Issue the token" }).click();
  const once = lead.dialog("The token");
  await expect(once).toContainText("shown once");
  const [address, token] = await once.locator("code").allTextContents();
  await lead.screen("feeds-issued");
  await once.getByRole("button", { name: "I have put it where it belongs" }).click();
  await expect(lead.page.getByText("never asked yet")).toBeVisible();

  // A client of TAXII, with the two and nothing else.
  const get = (path: string, accept = taxii) => fetch(new URL(path, house.url), { headers: { Accept: accept, Authorization: `Basic ${Buffer.from(`wardroom:${token}`).toString("base64")}` } });
  const root = new URL(address ?? "").pathname;
  expect(((await (await get("/taxii2/")).json()) as { api_roots: string[] }).api_roots.map((r) => new URL(r).pathname)).toEqual([root]);
  expect((await get(root, "application/json")).status).toBe(406);
  const { collections } = (await (await get(`${root}collections/`)).json()) as { collections: { id: string; can_read: boolean; can_write: boolean }[] };
  expect(collections).toMatchObject([{ can_read: true, can_write: false }]);
  const objects = async (after = ""): Promise<{ text: string; last: string | null }> => {
    const answer = await get(`${root}collections/${collections[0]!.id}/objects/${after === "" ? "" : `?added_after=${encodeURIComponent(after)}`}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(taxii);
    return { text: await answer.text(), last: answer.headers.get("x-taxii-date-added-last") };
  };
  const share = async (title: string): Promise<number> => {
    const { status, body } = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/items`, { title, text: "What is known.", tlp: "TLP:AMBER", indicators: [{ kind: "domain", value: `${title.toLowerCase()}.example` }] });
    expect(status, JSON.stringify(body)).toBe(201);
    return body.seq;
  };
  const first = await share("Vermilion");
  const got = await objects();
  expect(got.text).toContain("vermilion.example");
  await share("Cerulean");
  const more = await objects(got.last ?? "");
  expect(more.text).toContain("cerulean.example");
  expect(more.text).not.toContain("vermilion.example");

  // Its originator knows, before sharing and after; recall takes it away.
  await lead.goto(`/rooms/${room.room}/intel`);
  await lead.page.getByRole("button", { name: "Share intelligence" }).click();
  const sheet = lead.dialog("Share intelligence");
  await sheet.getByLabel("Title").fill("Told of before");
  await sheet.getByLabel("What is known").fill("Words.");
  await sheet.getByRole("button", { name: "Share it" }).click();
  await expect(lead.page.getByText("Machines, by TAXII")).toBeVisible();
  await expect(lead.page.getByRole("list", { name: "Machines, by TAXII" }).getByRole("listitem")).toHaveText(/^SIEM Northmoor NHS Trust/);
  await lead.screen("feeds-preflight");
  await lead.goto(`/rooms/${room.room}/intel/${first}`);
  await lead.page.getByRole("button", { name: "Show who opened it and who took it away" }).click();
  await expect(lead.page.getByRole("heading", { name: "Given to machines" })).toBeVisible();
  await expect(lead.page.getByText("SIEM, Northmoor NHS Trust")).toBeVisible();
  await lead.screen("feeds-receipt");
  expect((await lead.ask("POST", `/rooms/${room.room}/entries/${first}/recall`, { reason: "It was wrong." })).status).toBe(200);
  expect((await objects()).text).not.toContain("vermilion.example");

  // Its own organisation sees that it reads, on a phone; only a lead ends it.
  await ciso.goto(`/rooms/${room.room}/people`);
  await expect(ciso.page.getByRole("region", { name: "Machines" })).toContainText("SIEM · Northmoor NHS Trust");
  await expect(ciso.page.getByRole("button", { name: /^End / })).toHaveCount(0);
  await ciso.screen("feeds-theirs");
  await lead.goto(`/rooms/${room.room}/people`);
  await lead.page.getByRole("button", { name: "End SIEM of Northmoor NHS Trust" }).click();
  await lead.dialog("End SIEM?").getByRole("button", { name: "End it now" }).click();
  await expect(lead.page.getByText(/^Ended /)).toBeVisible();
  expect((await get(root)).status).toBe(401);
});
