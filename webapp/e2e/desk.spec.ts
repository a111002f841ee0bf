// The auditor's desk: what happened, who knew of it and when, what is missing,
// and how it went; on a desktop, on a phone and on paper.
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

test.describe.configure({ timeout: 180_000 }); // several people, each at a browser of their own

interface Told {
  readonly lead: Person;
  readonly ciso: Person;
  readonly auditor: Person;
  readonly room: Room;
  readonly n: Readonly<Record<"first" | "hosts" | "red" | "fact" | "decided" | "second" | "action" | "late", number>>;
}

/** A room in which enough has happened to ask about. */
async function story(come: Parameters<typeof meeting>[0], on: "desktop" | "phone"): Promise<Told> {
  const { lead, room, guests } = await meeting(come, "Ransomware at Eastmere and beyond", [{ who: "ciso", history: "full" }, { who: "auditor", on, role: "auditor", history: "full" }]);
  const [ciso, auditor] = guests as [Person, Person];
  const made = async (who: Person, path: string, body: unknown): Promise<number> => {
    const answer = await who.ask<{ seq: number }>("POST", `/rooms/${room.room}${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body.seq;
  };
  const mine = await lead.memberNumber(room, "lead");
  const hers = await lead.memberNumber(room, "ciso");
  await made(lead, "/severity", { scale: "nhs_level", grade: { at: 2 }, criteria: [], reason: "Two trusts" });
  const first = await lead.post(room, { text: "Imaging is down at Eastmere since ten to two", occurred: new Date(Date.now() - 20 * 60_000).toISOString() });
  const hosts = await lead.post(room, { text: "Cobalt: between the hosts", audience: { kind: "hosts" } });
  const red = await lead.post(room, { text: "Vermilion: the address of the actor’s server", tlp: "TLP:RED", audience: { kind: "named", members: [mine, hers].toSorted((a, b) => a - b) } });
  const fact = await lead.post(room, { text: "It is the variant of last spring" });
  const decided = await made(lead, "/decisions", { decision: "Cut the imaging network off from the north", rationale: "It spreads through it", maker: mine, deliberation: { relied: [fact, hosts] } });
  await made(lead, `/entries/${fact}/correct`, { text: "It is a variant nobody has seen", mentions: [] });
  const last = await lead.post(room, { text: "The south has it too" });
  const second = await made(lead, "/decisions", { decision: "Cut all imaging networks off", rationale: "The south has it too", maker: mine, supersedes: decided, deliberation: { relied: [last] } });
  await made(lead, `/entries/${last}/withhold`, {});
  const action = await made(lead, "/actions", { text: "Send the images of two machines", for: { org: ciso.account.organisation } });
  await made(lead, "/severity", { scale: "nhs_level", grade: { at: 4 }, criteria: [], reason: "National coordination" });
  // Refused once, then opened with the second factor: both are lines of the access log.
  ciso.expects(/^refused: 401 .*\/open$/);
  expect((await ciso.ask("POST", `/rooms/${room.room}/entries/${red}/open`, {})).status).toBe(401);
  await ciso.goto(`/auth/step-up?${new URLSearchParams({ return: `/rooms/${room.room}` })}`);
  await ciso.secondFactor();
  await ciso.enter(room.room);
  expect((await ciso.ask("POST", `/rooms/${room.room}/entries/${red}/open`, {})).status).toBe(200);
  const late = await lead.post(room, { text: "Northmoor reports the same" });
  await expect(ciso.entry(late)).toBeVisible();
  return { lead, ciso, auditor, room, n: { first, hosts, red, fact, decided, second, action, late } };
}

const row = (p: Person, seq: number) => p.page.getByRole("row").filter({ has: p.page.getByRole("link", { name: `Entry ${seq} in its room` }) });
const open = (p: Person, part: string) => p.page.getByRole("navigation", { name: "Parts of the desk" }).getByRole("link", { name: part }).click();

test("an auditor reads the timeline, follows an entry's history, and asks who knew what and when", async ({ come }) => {
  const { lead, ciso, auditor, room, n } = await story(come, "desktop");
  const exercise = await lead.makeRoom("Rehearsal", { mode: "exercise" });
  await lead.bring(exercise, auditor, "auditor", "full");
  const { page } = auditor;
  await auditor.goto("/");
  await page.getByRole("link", { name: "Auditor’s desk" }).click();
  await expect(page.getByRole("heading", { name: "Auditor’s desk" })).toBeVisible();
  await expect(page.getByText("some of these rooms are exercises")).toBeVisible();

  // One room: everything she may see, in order, and runs of what she may not.
  await page.getByRole("checkbox", { name: /Rehearsal/ }).uncheck();
  await expect(page.getByText("EXERCISE: ")).toHaveCount(0);
  for (let more = page.getByRole("button", { name: "More", exact: true }); await more.isVisible(); ) await more.click();
  await expect(row(auditor, n.first)).toContainText("Imaging is down at Eastmere");
  await expect(row(auditor, n.first)).toContainText("Happened");
  await expect(row(auditor, n.first)).toContainText(/\d\d:\d\d:\d\d (GMT|BST)/);
  await expect(row(auditor, n.first)).toContainText(/\d\d:\d\d:\d\d UTC/);
  await expect(row(auditor, n.first)).toContainText("Data Security Centre");
  await expect(page.getByText(`Entries you may not see (${n.hosts}–${n.red})`)).toBeVisible();
  await auditor.screen("desk-timeline");

  // Filters stand in the address, so that it can be sent and loaded again.
  await page.getByLabel("Kind").selectOption({ label: "Decisions" });
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(row(auditor, n.decided)).toBeVisible();
  await expect(row(auditor, n.first)).toHaveCount(0);
  await expect(page).toHaveURL(/kinds=decision/);
  await page.reload();
  await expect(row(auditor, n.decided)).toBeVisible();
  await expect(row(auditor, n.first)).toHaveCount(0);
  await page.getByRole("button", { name: "Show everything" }).click();
  await page.getByLabel("Label now").selectOption("TLP:RED");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await auditor.screen("desk-nothing");
  await page.goBack();
  await expect(row(auditor, n.first)).toBeVisible();

  // An object with all that became of it.
  await page.getByRole("link", { name: `History of entry ${n.decided}` }).first().click();
  await expect(page.getByRole("heading", { name: new RegExp(`^Entry ${n.decided} of`) })).toBeVisible();
  await expect(page.getByText(`Its place was taken by: entry ${n.second}`)).toBeVisible();
  await expect(page.getByText(`It rests on: entry ${n.fact}`)).toBeVisible();
  await expect(page.getByText("It is the variant of last spring")).toBeVisible();
  await expect(page.getByText("It is a variant nobody has seen")).toBeVisible();
  await expect(page.getByText(`It rests on: entry ${n.hosts}`)).toBeVisible();
  await expect(page.getByText("An entry you may not see. Its number stands").first()).toBeVisible();
  await auditor.screen("desk-history");

  // Who knew what, when. Deliveries are written down every few seconds.
  await expect
    .poll(async () => {
      const { body } = await auditor.ask<{ facts: { from: number; given?: object }[] }>("GET", `/desk/known?room=${room.room}&member=${await lead.memberNumber(room, "ciso")}&entry=${n.late}`);
      return body.facts.find((f) => f.from === n.late)?.given !== undefined;
    })
    .toBe(true);
  await open(auditor, "Who knew what, when");
  await expect(page.getByText("Choose a person and a moment")).toBeVisible();
  await page.getByLabel("Room", { exact: true }).selectOption({ label: `${room.reference} Ransomware at Eastmere and beyond` });
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Choose a person.");
  await page.getByLabel("Person").selectOption({ label: `${ciso.account.name}, ${ciso.account.organisationName}` });
  await page.getByLabel("or when this entry was the newest").fill(String(n.late));
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(row(auditor, n.late)).toContainText("Yes, all of it");
  await expect(row(auditor, n.late)).toContainText("live");
  await expect(row(auditor, n.late)).toContainText("Not a sealed entry");
  await expect(page.getByText("Version 2, in force then and now")).toBeVisible();
  await expect(page.getByText(`Entries you may not see (${n.hosts}–${n.red})`)).toBeVisible();
  await auditor.screen("desk-known");
  await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: test.info().outputPath("desk-known-paper.png"), fullPage: true });
  await page.pdf({ path: test.info().outputPath("desk-known.pdf"), format: "A4", landscape: true, preferCSSPageSize: false });
  await page.emulateMedia({ media: "screen" });

  // Nothing of what is not hers ever came over the wire.
  expect(await auditor.heard("Cobalt")).toBe(false);
  expect(await auditor.heard("Vermilion")).toBe(false);
});

test("what is missing, how it went and who opened what are lists, a drawing with tables, and print", async ({ come }) => {
  const { auditor, ciso, room, n } = await story(come, "desktop");
  const { page } = auditor;
  await auditor.goto(`/desk/gaps?rooms=${room.room}`);
  await expect(page.getByRole("heading", { name: /^Actions that nobody has accepted/ })).toBeVisible();
  await expect(page.getByText("Send the images of two machines").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Decisions without other options/ })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Roles that nobody holds/ })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Decisions that rest on what no longer stands/ })).toBeVisible();
  await expect(page.getByText(/^Entry \d+: you may not see it$/)).toBeVisible();
  await auditor.screen("desk-gaps");

  await open(auditor, "How it went");
  const drawing = page.getByRole("img", { name: new RegExp(`^How ${room.reference} went`) });
  await expect(drawing).toBeVisible();
  await expect(page.getByRole("row", { name: /NHS level 4 \(national command and control\)/ })).toBeVisible();
  await expect(page.getByRole("row", { name: new RegExp(ciso.account.organisationName) })).toContainText("Still in the room");
  await auditor.screen("desk-chart");
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".print-head")).toContainText("How it went");
  await expect(page.getByRole("navigation", { name: "Parts of the desk" })).toBeHidden();
  await page.screenshot({ path: test.info().outputPath("desk-chart-paper.png"), fullPage: true });
  await page.pdf({ path: test.info().outputPath("desk-chart.pdf"), format: "A4" });
  await page.emulateMedia({ media: "screen" });

  await open(auditor, "Access log");
  const lines = page.getByRole("row", { name: /Dr Hannah Osei/ });
  await expect(lines).toHaveCount(2);
  await expect(lines.first()).toContainText("Opened");
  await expect(lines.first()).toContainText(`Entry ${n.red}, which you may not see`);
  await expect(lines.last()).toContainText("Was refused: no second factor of the last hour");
  await auditor.screen("desk-access");

  await open(auditor, "Search");
  await page.getByLabel("Words").fill("variant");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.locator(".result", { hasText: room.reference })).toContainText(`entry ${n.fact}`);
  await auditor.screen("desk-search");

  // To a guest there is no desk of this room, and no way to it.
  await ciso.goto("/");
  await expect(ciso.page.getByRole("heading", { name: "My rooms" })).toBeVisible();
  await expect(ciso.page.getByRole("link", { name: "Auditor’s desk" })).toHaveCount(0);
  await ciso.goto("/desk");
  await expect(ciso.page.getByText("No room to look at")).toBeVisible();
  await ciso.screen("desk-none");
  ciso.expects(/^refused: 404 \/api\/v1\/desk\//);
  for (const path of [`/timeline?room=${room.room}`, `/known?room=${room.room}&member=1&entry=1`, `/access?room=${room.room}`, `/gaps?room=${room.room}`, `/chart?room=${room.room}`, `/history?room=${room.room}&entry=1`]) {
    expect((await ciso.ask("GET", `/desk${path}`)).status, path).toBe(404);
  }

  // What could not be had says so, and can be asked for again.
  auditor.expects(/Failed to load resource: net::ERR_FAILED/);
  await page.route("**/api/v1/desk/chart**", (r) => r.abort());
  await auditor.goto(`/desk/chart?room=${room.room}`);
  await expect(page.getByText("The chart could not be loaded")).toBeVisible();
  await auditor.screen("desk-failed");
  await page.unroute("**/api/v1/desk/chart**");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(drawing).toBeVisible();
});

test("on a phone the desk is narrow, and nothing of it is cut off", async ({ come }) => {
  const { auditor, lead, room, n } = await story(come, "phone");
  const { page } = auditor;
  await auditor.goto(`/desk?rooms=${room.room}`);
  await expect(row(auditor, n.first)).toBeVisible();
  await auditor.screen("desk-timeline");
  await auditor.goto(`/desk/known?room=${room.room}&member=${await lead.memberNumber(room, "ciso")}&entry=${n.late}`);
  await expect(row(auditor, n.late)).toBeVisible();
  await row(auditor, n.late).scrollIntoViewIfNeeded();
  await auditor.screen("desk-known");
  await auditor.goto(`/desk/chart?room=${room.room}`);
  await expect(page.getByRole("img", { name: /^How / })).toBeVisible();
  await auditor.screen("desk-chart");
  await auditor.goto(`/desk/gaps?rooms=${room.room}`);
  await expect(page.getByRole("heading", { name: /^Actions that nobody has accepted/ })).toBeVisible();
  await auditor.screen("desk-gaps");
});
