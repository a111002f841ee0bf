// Many organisations are invited at once: whom that comes to is shown first,
// the other host agrees, receipts move the rows, and a director comes in from
// the text message on his phone, within a minute, and nobody else by it.
import type { House } from "./house";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

const title = "Ransomware canary at Hawthwaite imaging";

interface Contact {
  readonly name: string;
  readonly role: string;
  readonly phone: string;
  readonly mail?: string;
  readonly verify: boolean;
}

/** Asks again while the interface says that it is too fast: this enters more in a second than people do. */
async function patiently<T>(who: Person, method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  who.expects(/^refused: 429 \/api\/v1\/(directory|admin\/organisations)/);
  for (;;) {
    const answer = await who.ask<T>(method, path, body);
    if (answer.status !== 429) return answer;
    await new Promise((done) => setTimeout(done, 1000));
  }
}

/** Enters contacts whose channels somebody verified by ringing back; returns their ids. */
async function enter(host: Person, org: string, contacts: readonly Contact[]): Promise<string[]> {
  const ids: string[] = [];
  for (const c of contacts) {
    const channels = [{ kind: "sms", value: c.phone }, ...(c.mail ? [{ kind: "email", value: c.mail }] : [])];
    const made = await patiently<unknown>(host, "POST", `/directory/${org}/contacts`, { role: c.role, name: c.name, place: 1, channels });
    expect(made.status, JSON.stringify(made.body)).toBeLessThan(300);
  }
  const { body } = await patiently<{ contacts: { id: string; name: string; channels: { id: string }[] }[] }>(host, "GET", `/directory/${org}/contacts`);
  for (const c of body.contacts) {
    const wanted = contacts.find((x) => x.name === c.name);
    if (!wanted) continue;
    ids.push(c.id);
    if (!wanted.verify) continue;
    for (const ch of c.channels) expect((await patiently(host, "POST", `/directory/${org}/contacts/${c.id}/rung`, { channel: ch.id })).status).toBeLessThan(300);
  }
  return ids;
}

const codeIn = (message: string): string => /code ([A-Z0-9]{5}-[A-Z0-9]{5})/.exec(message)?.[1] ?? "";

const names = ["Alder", "Birch", "Cedar", "Dunn", "Elder", "Frost", "Gale", "Hazel", "Ivy", "Jay", "Knott", "Larch", "Moss", "Nettle", "Oakes", "Pine", "Quill", "Rowan", "Sedge", "Thorn", "Vale"];
const called = (i: number): string => `${["Ada", "Ben", "Cat"][i % 3]} ${names[Math.floor(i / 3) % names.length]}`;

/** 33 organisations of this journey's own with 60 contacts, and Eastmere, with one. */
async function books(admin: Person, lead: Person): Promise<{ codes: string[]; eastmere: string[] }> {
  const codes: string[] = [];
  let n = 0;
  for (let i = 1; i <= 33; i++) {
    const code = `BK${String(i).padStart(2, "0")}`;
    codes.push(code);
    expect((await patiently(admin, "POST", "/admin/organisations", { code, name: `Hawthwaite Practice Group ${i}`, type: "csu" })).status).toBe(201);
    const contacts: Contact[] = [];
    for (let k = 0; k < (i <= 27 ? 2 : 1); k++, n++) {
      // Two have a number that nobody verified; two numbers are known to fail.
      const phone = n === 4 ? "07700 900003" : n === 8 ? "07700 900002" : `07700 900${600 + n}`;
      contacts.push({ name: called(n), role: k === 0 ? "ciso" : "on_call_director", phone, verify: n !== 10 && n !== 21 });
    }
    await enter(lead, code, contacts);
  }
  const eastmere = await enter(lead, "X2E", [{ name: "Alan Whitcombe", role: "ciso", phone: "07700 900599", mail: "alan.whitcombe@eastmere.example", verify: true }]);
  return { codes: [...codes, "X2E"], eastmere };
}

async function factor(who: Person): Promise<void> {
  await who.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await who.secondFactor();
}

const row = (p: Person, name: string) => p.page.getByRole("row", { name: new RegExp(name) });

async function typeCode(who: Person, code: string): Promise<void> {
  await who.goto("/join");
  const signIn = who.page.getByRole("link", { name: "Health and care staff" });
  await expect(signIn.or(who.page.getByLabel("Code")).first()).toBeVisible();
  if (await signIn.isVisible()) await who.signInHere();
  await who.page.getByLabel("Code").fill(code);
  await who.page.getByRole("button", { name: "Continue" }).click();
}

async function deadEnd(person: Person): Promise<void> {
  await expect(person.page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
}

test("34 organisations are invited at once, and one comes in from the message on his phone", async ({ come, house }) => {
  test.setTimeout(420_000);
  const admin = await come("admin");
  await admin.signIn();
  const lead = await come("lead");
  await lead.signIn();
  const { codes, eastmere } = await books(admin, lead);
  const room: Room = await lead.makeRoom(title, { roster: "hosts" });
  const ncsc = await come("ncsc");
  await ncsc.signIn();
  await lead.bring(room, ncsc, "liaison", "full");
  const guest = await come("supplier");
  await guest.signIn();
  await lead.bring(room, guest, "representative", "full");
  await guest.enter(room.room);
  try {
    await walk(lead, ncsc, guest, come, house, room, codes);
  } finally {
    for (const id of eastmere) await lead.ask("POST", `/directory/X2E/contacts/${id}/remove`, {}); // others find the books as they were
  }
});

async function walk(lead: Person, ncsc: Person, guest: Person, come: (who: "director" | "colleague" | "lead" | "outsider", o?: { on: "phone" }) => Promise<Person>, house: House, room: Room, codes: string[]): Promise<void> {
  // From the people of the room; bad codes are named, and what was pasted stays.
  await lead.enter(room.room);
  await lead.page.getByRole("button", { name: "Invite organisations" }).click();
  const form = lead.dialog("Invite organisations into this room");
  await expect(form.getByLabel("Invitations into this room")).toBeChecked();
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByRole("alert")).toContainText("Choose organisations by type, or list their codes.");
  const pasted = `${codes.join("\n").toLowerCase()}\nNOSUCH\n#N/A`;
  await form.getByLabel("And these organisations").fill(pasted);
  lead.expects(/^refused: 422 \/api\/v1\/rooms\/\w+\/broadcasts\/preview$/);
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByText(/Take out what is not one: “#N\/A”/).first()).toBeVisible();
  await expect(form.getByLabel("And these organisations")).toHaveValue(pasted);
  await form.getByLabel("And these organisations").fill(pasted.replace("\n#N/A", ""));
  await form.getByRole("button", { name: "Show whom this reaches" }).click();
  await expect(form.getByRole("heading", { name: "59 contacts at 34 organisations: 59 text messages" })).toBeVisible();
  await expect(form.getByText("There is no open organisation with the code NOSUCH.")).toBeVisible();
  await form.getByText("2 contacts have no verified mobile number").click();
  await expect(form.getByText(`${called(10)}, On-call director`).or(form.getByText(`${called(10)}, CISO`)).first()).toBeVisible();
  await expect(form.getByText(/1 fragment a message, 59 fragments in all/)).toBeVisible();
  await expect(form.getByText(`You are invited to an incident room (${room.reference})`)).toBeVisible();
  for (const word of ["canary", "Hawthwaite", "TLP"]) await expect(form.locator(".broadcast__text")).not.toContainText(word);
  await lead.screen("bulk-preview");

  // The other host agrees; nobody else can, and nothing has gone out yet.
  await form.getByRole("button", { name: "Ask the other host to approve" }).click();
  await expect(lead.page.getByRole("heading", { name: "Somebody of the other host must agree" })).toBeVisible();
  await expect(row(lead, "Alan Whitcombe")).toBeVisible();
  await lead.screen("bulk-asked");
  const seq = Number(new URL(lead.page.url()).pathname.split("/").at(-1));
  lead.expects(/^refused: 403 /);
  expect((await lead.ask("POST", `/rooms/${room.room}/broadcasts/${seq}/approve`, { seen: seq })).status).toBe(403);
  expect(await house.telephone("447700900599")).not.toContain(room.reference);
  await ncsc.enter(room.room);
  await ncsc.page.getByRole("link", { name: /Approve or refuse, by \d\d:\d\d/ }).filter({ visible: true }).click();
  await expect(ncsc.page.getByRole("heading", { name: "Do you agree that they are invited?" })).toBeVisible();
  await ncsc.page.getByRole("button", { name: "Approve" }).click();
  await factor(ncsc);
  await ncsc.page.getByRole("button", { name: "Approve" }).click();
  await ncsc.dialog("Approve: they are invited at once").getByRole("button", { name: "Approve and invite" }).click();
  await expect(ncsc.page.locator(".sheet").getByText("Approved by two")).toBeVisible();

  // Receipts move the rows: each its own message, 57 delivered, one to be tried again, one to be corrected.
  await expect(lead.page.getByText(/59 people invited: 57 delivered, 0 opened, 0 accepted, 2 to mend\./)).toBeVisible({ timeout: 120_000 });
  const failed = row(lead, `${called(4)},.*Practice Group|Practice Group.*${called(4)},`);
  await expect(failed).toContainText("Did not arrive");
  const wrong = row(lead, `${called(8)},`);
  await expect(wrong).toContainText("No such number or address");
  await lead.screen("bulk-board");
  await lead.page.getByRole("button", { name: "To mend 2" }).click();
  await expect(row(lead, "Alan Whitcombe")).toHaveCount(0);
  await lead.screen("bulk-mend");
  await lead.page.getByRole("button", { name: `Retry the text message to ${called(4)}` }).click();
  await expect(failed).toContainText("sent 2 times", { timeout: 30_000 });
  await expect(lead.page.getByRole("link", { name: `Fix contact ${called(8)}, whose text message did not arrive` })).toHaveAttribute("href", "/directory/BK05");
  // The number is corrected in the directory; the message goes there, and the old code is dead.
  const { body: of } = await lead.ask<{ contacts: { id: string; name: string; place: number; role: string; channels: { id: string; kind: string }[] }[] }>("GET", "/directory/BK05/contacts");
  const contact = of.contacts.find((c) => c.name === called(8));
  if (!contact) throw new Error("the contact to be corrected is gone");
  const changed = await lead.ask("PUT", `/directory/BK05/contacts/${contact.id}`, { role: contact.role, name: contact.name, place: 1, channels: [...contact.channels.map((c) => ({ id: c.id, kind: c.kind })), { kind: "sms", value: "07700 900598" }] });
  expect(changed.status, JSON.stringify(changed.body)).toBeLessThan(300);
  const { body: now } = await lead.ask<typeof of>("GET", "/directory/BK05/contacts");
  const added = now.contacts.find((c) => c.id === contact.id)?.channels.find((c) => !contact.channels.some((x) => x.id === c.id));
  expect((await lead.ask("POST", `/directory/BK05/contacts/${contact.id}/rung`, { channel: added?.id })).status).toBeLessThan(300);
  await lead.page.getByRole("button", { name: `Send to the new number of ${called(8)}` }).click({ timeout: 20_000 });
  await expect(async () => expect(await house.telephone("447700900598")).toContain(room.reference)).toPass({ timeout: 30_000 });

  // The message says the reference and a code; each has another.
  const said = await house.telephone("447700900599");
  expect(said).toContain(room.reference);
  for (const word of ["canary", "Hawthwaite", "Whitcombe", "TLP"]) expect(said.includes(word), word).toBe(false);
  const code = codeIn(said);
  const another = codeIn(await house.telephone("447700900600"));
  expect(code).not.toBe("");
  expect(another).not.toBe(code);

  // Forwarded to a colleague: nothing ties her to it, and she is told nothing of the room.
  const colleague = await come("colleague", { on: "phone" });
  await typeCode(colleague, code);
  await expect(colleague.page.getByRole("button", { name: "Ask to be let in" })).toBeVisible();
  expect(await colleague.heard(title)).toBe(false);
  expect(await colleague.heard("Whitcombe")).toBe(false);

  // He comes from the message on his phone, and is in within a minute.
  const director = await come("director", { on: "phone" });
  const begun = Date.now();
  await typeCode(director, code);
  await expect(director.page.getByRole("heading", { name: title })).toBeVisible();
  await expect(director.page.locator("main")).toContainText("Representative of Eastmere General Hospital NHS Trust");
  await expect(director.page.locator("main").locator(".rules-lines li")).toHaveCount(5);
  await director.screen("bulk-join");
  await expect(row(lead, "Alan Whitcombe")).toHaveCount(0); // not among what is to be mended
  await lead.page.getByRole("button", { name: "Everyone" }).click();
  await expect(row(lead, "Alan Whitcombe")).toContainText("Opened", { timeout: 20_000 });
  await director.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(director.feed).toBeVisible();
  expect(Date.now() - begun).toBeLessThan(60_000);
  await expect(row(lead, "Alan Whitcombe")).toContainText("Accepted", { timeout: 20_000 });

  // Used, it is dead for everybody else.
  colleague.expects(/^refused: 404 \/api\/v1\/invitations\/look$/);
  await typeCode(colleague, code);
  await deadEnd(colleague);

  // Who is not in is revoked at once; who is in stays; the codes are dead.
  await lead.page.getByRole("button", { name: "Revoke all that are not accepted" }).click();
  const revoking = lead.dialog("Revoke all that are not accepted");
  await lead.screen("bulk-revoke");
  await revoking.getByLabel("Reason").fill("The rest are told by their region");
  await revoking.getByRole("button", { name: "Revoke them" }).click();
  await expect(row(lead, `${called(0)},`).getByText("Revoked")).toBeVisible({ timeout: 30_000 });
  await expect(row(lead, "Alan Whitcombe")).toContainText("Accepted");
  await typeCode(colleague, another);
  await deadEnd(colleague);

  // The log says it all, to hosts.
  await expect(lead.page.getByText("revoked what was not accepted")).toBeVisible();
  const { body: opened } = await lead.ask<{ rows: { name: string; root: number; opened?: string }[] }>("GET", `/rooms/${room.room}/broadcasts/${seq}/invitations`);
  expect(opened.rows.filter((r) => r.opened).map((r) => r.name)).toEqual(["Alan Whitcombe"]);
  expect(opened.rows).toHaveLength(59);
  expect(await lead.heard("broadcast.reached")).toBe(true);
  await lead.enter(room.room);
  await expect(lead.entryWith("withdrew the invitation of").first()).toBeVisible();
  await lead.screen("bulk-log");

  // A guest in the room, and somebody outside it, have learnt nothing.
  guest.expects(/^refused: 404 /);
  for (const [method, path, body] of [["GET", `broadcasts/${seq}/invitations`, undefined], ["POST", `broadcasts/${seq}/invitations/${opened.rows[0]?.root}/again`, {}], ["GET", `broadcasts/${seq}/recipients`, undefined]] as const)
    expect((await guest.ask(method, `/rooms/${room.room}/${path}`, body)).status).toBe(404);
  await expect(guest.page.getByRole("button", { name: "Invite organisations" })).toHaveCount(0);
  for (const word of [called(0), "broadcast.asked", "broadcast.reached", "Practice Group"]) expect(await guest.heard(word), word).toBe(false);
  const outsider = await come("outsider");
  await outsider.signIn();
  outsider.expects(/^refused: 404 /);
  expect((await outsider.ask("GET", `/rooms/${room.room}/broadcasts/${seq}/invitations`)).status).toBe(404);

  // On a phone.
  const phone = await come("lead", { on: "phone" });
  await phone.signIn();
  await phone.goto(`/rooms/${room.room}/broadcasts/${seq}`);
  await expect(phone.page.getByRole("cell", { name: /Alan Whitcombe/ })).toBeVisible();
  await phone.screen("bulk-board");
}
