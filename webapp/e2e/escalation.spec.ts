// Authority moves: what is asked of the strategic tier goes to whoever is on
// call, from one to the next when nobody answers, and is decided on a phone.
import { expect, test } from "./test";
import type { Person } from "./person";

const ask = "Disconnect Northmoor from the national network until 06:00";

/** A rota of the hosts that names these people for the strategic tier, now. */
async function onCall(lead: Person, ...names: string[]): Promise<void> {
  const { body } = await lead.ask<{ people: { id: string; name: string }[] }>("GET", "/organisations/DSC/people");
  const rotas = await lead.ask<{ rotas: { org: string; tier: string; version: number }[] }>("GET", "/deployment/rotas");
  const version = rotas.body.rotas.find((r) => r.org === "DSC" && r.tier === "strategic")?.version;
  const shifts = names.map((name, i) => ({ person: body.people.find((p) => p.name === name)?.id, from: new Date(Date.now() - 3_600_000).toISOString(), until: new Date(Date.now() + 36_000_000).toISOString(), seniority: i + 1 }));
  expect(await lead.ask("PUT", "/deployment/rotas/DSC/strategic", { version, shifts })).toMatchObject({ status: 204 });
}

/** What the hosts have set, with a minute for whoever is asked to disconnect something. */
async function aMinute(lead: Person): Promise<void> {
  await lead.goto(`/auth/step-up?${new URLSearchParams({ return: "/who-decides" }).toString()}`);
  await lead.secondFactor();
  await expect(lead.page.getByRole("heading", { name: "Who decides what" })).toBeVisible();
  const { body } = await lead.ask<{ version: number; rows: { condition: string; minutes: number }[] }>("GET", "/deployment/matrix");
  const rows = body.rows.map((r) => (r.condition === "disconnect_network" ? { ...r, minutes: 1 } : r));
  expect((await lead.ask("PUT", "/deployment/matrix", { rows, seen: body.version })).status).toBe(200);
}

test("nobody answers in time, so the next is asked, who accepts on a phone: it is then decided", async ({ come }) => {
  test.setTimeout(240_000);
  const lead = await come("lead");
  await lead.signIn();
  await aMinute(lead);
  await onCall(lead, "Tom Okafor", "Marcus Reid"); // the first of the two does not look
  const room = await lead.makeRoom("Ransomware at two trusts");
  const asks = await come("loggist");
  await asks.signIn();
  await lead.bring(room, asks, "loggist");

  // Raised in under a minute, by somebody of the operational tier.
  await asks.goto(`/rooms/${room.room}/escalations`);
  await asks.page.getByRole("button", { name: "Escalate" }).click();
  const form = asks.dialog("Escalate");
  await form.getByRole("button", { name: "Escalate" }).click();
  await expect(form.getByRole("alert")).toContainText("Say what you want decided.");
  await form.getByLabel("What do you ask for?").selectOption({ label: "Disconnect from a network" });
  await form.getByLabel("Situation").fill("Imaging spreads it to a second site; calls are diverted");
  await form.getByLabel("Assessment").fill("Cut off: no results for six hours. Stay on: a third site by morning");
  await form.getByLabel("Recommendation").fill(ask);
  await asks.screen("escalate");
  await form.getByRole("button", { name: "Escalate" }).click();
  await expect(asks.page.getByRole("heading", { name: ask })).toBeVisible();
  await expect(asks.page.getByText("Tom Okafor is asked")).toBeVisible();
  await expect(asks.page.getByText(/left\. If Tom Okafor does nothing, at \d\d:\d\d \w+ it goes to Marcus Reid/)).toBeVisible();
  await asks.screen("escalated");
  const seq = Number(new URL(asks.page.url()).pathname.split("/").at(-1));

  // Neither whoever asked nor a lower tier approves it.
  await expect(asks.page.getByRole("button", { name: "Accept" })).toHaveCount(0);
  asks.expects(/^refused: 403 /);
  lead.expects(/^refused: 403 /);
  const answer = { rationale: "yes", seen: seq };
  const own = await asks.ask<{ detail: string }>("POST", `/rooms/${room.room}/escalations/${seq}/accept`, answer);
  expect([own.status, own.body.detail]).toEqual([403, "You asked for this. Somebody else must answer it."]);
  const lower = await lead.ask<{ detail: string }>("POST", `/rooms/${room.room}/escalations/${seq}/accept`, answer);
  expect(lower.status).toBe(403);
  expect(lower.body.detail).toContain("This goes to the strategic tier, and you act at the tactical one.");

  // While the minute runs: a post is given and taken, and its duties are at hand.
  await lead.enter(room.room);
  const facts = lead.page.locator(".posts");
  await expect(facts.getByText("Nobody holds it")).toHaveCount(4);
  await facts.getByRole("button", { name: "Actions for the post of tactical commander" }).click();
  await lead.page.getByRole("menuitem", { name: "Give it to somebody" }).click();
  await lead.dialog("Tactical commander: who holds it?").getByLabel("Holder").selectOption({ label: "Elin Hughes" });
  await lead.dialog("Tactical commander: who holds it?").getByLabel("Deputy").selectOption({ label: "Priya Anand (you)" });
  await lead.dialog("Tactical commander: who holds it?").getByRole("button", { name: "Give them the post" }).click();
  await expect(facts).toContainText("Elin Hughes has not acknowledged it yet.");
  await asks.page.locator(".posts").getByRole("button", { name: "Take the post of tactical commander" }).click();
  await expect(facts).toContainText("Elin Hughes · deputy Priya Anand · since");
  await lead.screen("posts");
  await facts.getByRole("button", { name: "Actions for the post of tactical commander" }).click();
  await lead.page.getByRole("menuitem", { name: "Assume command" }).click();
  await lead.dialog(/^Assume command/).getByLabel("Reason").fill("She keeps the log");
  await lead.dialog(/^Assume command/).getByRole("button", { name: "Assume command" }).click();
  await expect(asks.page.locator(".posts")).toContainText("Priya Anand · since");

  // Who would be woken at 03:00 on a Sunday for level 4?
  await lead.goto("/who-decides");
  await lead.page.getByLabel("For", { exact: true }).selectOption({ label: "Disconnect from a network" });
  await expect(lead.page.getByLabel("On", { exact: true })).toHaveValue(/^\d{4}-\d\d-\d\d$/);
  const sunday = new Date(Date.now() + (14 - new Date().getUTCDay()) * 86_400_000).toISOString().slice(0, 10); // when nobody is on shift
  await lead.page.getByLabel("On", { exact: true }).fill(sunday);
  await lead.page.getByRole("button", { name: "Try it" }).click();
  await expect(lead.page.getByRole("status").filter({ hasText: "strategic tier" })).toContainText("Tom Okafor, DSC · strategic, on call for their organisation, at 03:00");
  await lead.screen("matrix");

  // The next on the rota sees nothing until the first one's time is over.
  const director = await come("comms", { on: "phone" });
  await director.signIn();
  await expect(director.page.getByText(room.reference)).toHaveCount(0);
  await expect(asks.page.getByText("No answer in time: Marcus Reid is asked")).toBeVisible({ timeout: 70_000 });
  await director.page.getByRole("link", { name: room.reference }).click();
  await director.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await director.part("Log");
  await director.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /Record/ }).click();
  await director.page.getByRole("link", { name: /Accept or refuse/ }).filter({ visible: true }).click();
  await expect(director.page.getByRole("heading", { name: ask })).toBeVisible();
  await expect(director.page.getByRole("heading", { name: "It is yours to decide" })).toBeVisible();
  await expect(director.page.getByText(/If you do nothing, at \d\d:\d\d/)).toBeVisible();
  await expect(director.page.getByRole("button", { name: "Accept" })).toBeInViewport();
  await expect(director.page.getByRole("button", { name: "Refuse" })).toBeInViewport();
  await director.screen("asked");
  await director.page.getByRole("button", { name: "Accept" }).click();
  await director.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await director.secondFactor();
  await expect(director.page.getByText("Your second factor is confirmed")).toBeVisible();
  await director.page.getByRole("button", { name: "Accept" }).click();
  const decide = director.dialog("Accept: this is then decided");
  await decide.getByLabel("Rationale").fill("A third site would cost more than six hours without results");
  await decide.getByRole("button", { name: "Accept and decide" }).click();
  await expect(director.page.getByText(/Recorded as decision \d+, .+ after it was asked\. Marcus Reid acts at the strategic tier\./)).toBeVisible();
  await director.screen("accepted");

  // It is a decision of the record, confirmed, with its reason, at the tier that was asked for.
  await asks.page.getByRole("link", { name: /^decision \d+$/ }).click();
  await expect(asks.page.getByRole("heading", { name: ask })).toBeVisible();
  await expect(asks.page.locator(".sheet")).toContainText("A third site would cost more than six hours without results");
  await expect(asks.page.locator(".sheet")).toContainText("Confirmed");
  await asks.screen("decided");
  await lead.enter(room.room);
  await expect(lead.entryWith("Marcus Reid (Data Security Centre) acts at the strategic tier now")).toBeVisible();
  await lead.screen("told");
});
