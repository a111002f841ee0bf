// How grave it is, who says so, and who must agree before it is said to be
// less: from the opening of a room to its time line of severity.
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

type Grade = { at: number; or?: number };
const level3 = "NHS level 3: regional coordination";
const level4 = "NHS level 4: national command and control";

/** Sets a severity without the form, for stories that begin with one. */
async function assess(by: Person, room: Room, grade: Grade, reason: string, scale = "nhs_level"): Promise<void> {
  const answer = await by.ask("POST", `/rooms/${room.room}/severity`, { scale, grade, criteria: [], reason });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
}

/** The room's severity as it stands at the top of its log, wherever the reader is. */
const bar = (p: Person) => p.page.locator(".room__severity");

/** What stands, with what one may do about it: beside the log, and on a phone on the severity's own page. */
const fact = (p: Person) => p.page.locator(".severity").filter({ visible: true });

async function severityPage(p: Person, room: Room): Promise<void> {
  await p.goto(`/rooms/${room.room}/severity`);
  await expect(p.page.getByRole("heading", { name: "Severity over time" })).toBeVisible();
  await expect(p.page.locator(".board .loading")).toHaveCount(0);
}

for (const on of ["desktop", "phone"] as const) {
  test(`a lead opens an incident, is not sure between two levels, and the other host is called in, on a ${on}`, async ({ come }) => {
    const lead = await come("lead", { on });
    const { page } = lead;
    await lead.signIn();
    await page.getByRole("link", { name: "Open an incident room" }).click();
    await page.getByLabel("Incident: this is happening").check();
    await page.getByLabel("Title").fill("Ransomware, several ambulance trusts");
    await page.getByLabel("A major incident has been declared").check();
    await page.getByLabel("Type of incident").fill("Ransomware on ambulance dispatch");
    await page.getByLabel("Exact location").fill("Northmoor and Fellside; dispatch network of the north");
    await page.getByLabel("Hazards").fill("Shared imaging network, infusion pumps");
    await page.getByLabel("Access").fill("E-mail is not safe. Telephone is.");
    await page.getByLabel("Number affected").fill("Two control rooms, about 900 calls a day");
    await page.getByLabel("Emergency services and partners").fill("Police control room told");

    // The scale is the one that her organisation is configured to set.
    const grades = page.getByRole("group", { name: /^NHS level/ });
    await expect(grades).toBeVisible();
    await expect(page.getByText("NCSC category")).toHaveCount(0);
    await grades.getByLabel("Not sure between NHS level 3 and 4").check();
    await expect(page.getByText("It counts as NHS level 4 (national command and control).")).toBeVisible();
    await expect(page.getByText("You are not sure between two: the graver counts")).toBeVisible();
    await page.getByLabel("It reaches beyond one region").check();
    await page.getByRole("button", { name: "Open the room" }).click();
    await expect(page.getByRole("alert")).toContainText("Say why you hold it to be so grave.");
    await lead.screen("open-severity");
    await page.getByRole("alert").getByRole("link", { name: /^Say why/ }).click();
    await expect(page.getByLabel("Reason")).toBeFocused();
    await page.getByLabel("Reason").fill("Two regions divert calls; a third may");
    await page.getByRole("button", { name: "Open the room" }).click();
    await lead.dialog("Open a real INCIDENT?").getByRole("button", { name: "Open the incident" }).click();

    // The room: its reference, its first entry, what it counts as and why.
    await expect(lead.feed).toBeVisible();
    const reference = (await page.locator(".header__reference").innerText()).replace("INCIDENT ", "");
    expect(reference).toMatch(/^INC-\d{4}-\d{4}$/);
    const room = { room: new URL(page.url()).pathname.split("/")[2] ?? "", reference };
    await expect(lead.entry(1)).toContainText(`Room opened as ${reference}`);
    await expect(lead.entryWith("M/ETHANE report")).toContainText("Police control room told");
    await expect(bar(lead)).toHaveText(level4);
    const assessed = lead.entryWith("Severity assessed");
    await expect(assessed).toContainText(level4);
    await expect(assessed).toContainText("not sure between NHS level 3 and 4. It counts as the graver of the two.");
    await expect(assessed).toContainText("It reaches beyond one region");
    await expect(lead.entryWith("Two regions divert calls; a third may")).toContainText("Reason for entry");
    await expect(lead.entryWith("National Cyber Security Centre was called in because of the severity")).toBeVisible();
    await expect(lead.entryWith("invited Ewan Doyle (National Cyber Security Centre) as liaison")).toBeVisible();
    await lead.screen("opened-at-level-4");
    await lead.part("Brief");
    await expect(fact(lead)).toContainText("Assessed by Priya Anand, Data Security Centre, since");
    const due = page.getByRole("region", { name: "What is due" }).filter({ visible: true });
    await expect(due).toContainText(/Next meeting\s*.*\d\d:\d\d (GMT|BST) · every 2 hours/);
    await expect(due).toContainText(/SITREP\s*.*\d\d:\d\d (GMT|BST) · every 2 hours/);
    await expect(fact(lead)).toContainText("They are not sure between NHS level 3 and 4: the graver counts.");
    await expect(fact(lead)).toContainText("National Cyber Security Centre was called in because of the severity. Nobody of it is in the room yet.");
    await lead.screen("severity-fact");

    // Whom NCSC has on call finds the room among what waits for them; their colleague does not.
    const ncsc2 = await come("ncsc2", { on });
    await ncsc2.signIn();
    await expect(ncsc2.page.getByText(reference)).toHaveCount(0);
    expect(await ncsc2.heard(reference)).toBe(false);
    const ncsc = await come("ncsc", { on });
    await ncsc.signIn();
    const invitation = ncsc.page.getByRole("link", { name: reference });
    await expect(invitation).toContainText("Ransomware, several ambulance trusts");
    await ncsc.screen("called-in");
    await invitation.click();
    await ncsc.page.getByRole("button", { name: "Accept the rules and join" }).click();
    await expect(ncsc.feed).toBeVisible();
    await expect(bar(ncsc)).toHaveText(level4);
    await expect(ncsc.entry(1)).toContainText("Room opened as");

    // To anybody else it does not exist.
    const outsider = await come("outsider", { on });
    await outsider.signIn();
    outsider.expects(/^refused: 404 \/api\/v1\/rooms\//);
    for (const path of ["", "/severity", "/decisions"]) {
      await outsider.goto(`/rooms/${room.room}${path}`);
      await expect(outsider.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
    }
    expect((await outsider.ask("GET", `/rooms/${room.room}/record/severity`)).status).toBe(404);
    await outsider.goto("/search");
    await outsider.page.getByLabel("Words").fill("ambulance");
    await outsider.page.getByRole("button", { name: "Search" }).click();
    await expect(outsider.page.getByText("Nothing found")).toBeVisible();
    for (const secret of [reference, "several ambulance trusts"]) expect(await outsider.heard(secret), secret).toBe(false);
  });
}

test("severity is raised by one and lowered by two: everyone in the room is told at once", async ({ come }) => {
  test.setTimeout(240_000);
  const { lead, room, guests } = await meeting(come, "Raised and lowered", [
    { who: "nightlead", role: "deputy", on: "phone" },
    { who: "ciso", on: "phone" },
  ]);
  const [night, ciso] = guests as [Person, Person];
  await expect(fact(lead)).toContainText("No NHS level has been set yet.");
  await lead.screen("severity-none");
  await assess(lead, room, { at: 3 }, "One region diverts calls");
  for (const p of [night, ciso]) await expect(bar(p)).toHaveText(level3);

  // Raised: it needs nobody.
  await fact(lead).getByRole("button", { name: "Raise or assess again (NHS level)" }).click();
  const raise = lead.dialog("Assess again: NHS level");
  await expect(raise).toContainText("It takes effect at once and needs nobody else.");
  await raise.getByLabel("NHS level 2: coordination by the ICB").check();
  await raise.getByRole("button", { name: "Set it" }).click();
  await expect(raise.getByRole("alert")).toContainText("That is lower than what stands. Close this and choose “Ask to lower”");
  await expect(raise.getByRole("alert")).toContainText("Say why.");
  await lead.screen("raise-refused");
  await raise.getByLabel("NHS level 4: national command and control").check();
  await raise.getByLabel("It needs national coordination").check();
  await raise.getByLabel("Reason").fill("A second region has lost dispatch");
  await raise.getByRole("button", { name: "Set it" }).click();
  await expect(raise).toBeHidden();
  for (const p of [night, ciso]) {
    await expect(bar(p)).toHaveText(level4);
    await expect(p.entryWith("Severity assessed again")).toContainText(level4);
    await expect(p.entryWith("A second region has lost dispatch")).toBeVisible();
  }
  await ciso.screen("raised");
  await expect(fact(lead)).toContainText("National Cyber Security Centre was called in because of the severity. Nobody of it is in the room yet.");
  // A guest does not set it, nor ask for less.
  await severityPage(ciso, room);
  await expect(fact(ciso)).toContainText("Assessed by Priya Anand, Data Security Centre, since");
  await expect(fact(ciso).getByRole("button")).toHaveCount(0);
  ciso.expects(/^refused: 403 /);
  expect((await ciso.ask("POST", `/rooms/${room.room}/severity`, { scale: "nhs_level", grade: { at: 4 }, criteria: [], reason: "Ours too" })).status).toBe(403);

  // Lowered: it asks why, and stands until a second person has agreed.
  await fact(lead).getByRole("button", { name: "Ask to lower the NHS level" }).click();
  const ask = lead.dialog("Ask to lower the severity");
  await expect(ask).toContainText("goes on standing until a second person agrees: one tier above you. Nobody in the room can yet");
  await expect(ask.getByLabel(level4)).toHaveCount(0);
  await ask.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(ask.getByRole("alert")).toContainText("Choose the lower grade, or withdraw the assessment.");
  await expect(ask.getByRole("alert")).toContainText("Say why.");
  await lead.screen("lowering-refused");
  await ask.getByLabel(level3).check();
  await ask.getByLabel("Reason").fill("The second region dispatches again");
  await ask.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(ask).toBeHidden();
  await expect(fact(lead)).toContainText("asks to lower it to NHS level 3 (regional coordination)");
  await expect(fact(lead)).toContainText("Because: The second region dispatches again");
  await expect(fact(lead)).toContainText("It stands until a second person agrees. Nobody in the room can yet: a lead gives somebody the strategic tier, under People.");
  await expect(fact(lead).getByRole("button", { name: "Agree" })).toHaveCount(0);
  await lead.screen("lowering-asked");
  await expect(bar(ciso)).toHaveText(level4);

  // Not by who asked, not by one of the same tier.
  const root = await lead.seqOf("Severity assessed");
  lead.expects(/^refused: 403 /);
  night.expects(/^refused: 403 /, /^refused: 401 .*agree-lowering$/);
  const { seq: seen } = await lead.snapshot(room);
  const own = await lead.ask<{ detail: string }>("POST", `/rooms/${room.room}/entries/${root}/agree-lowering`, { seen });
  expect(own.status).toBe(403);
  expect(own.body.detail).toBe("You asked for this yourself. A second person must agree. Nobody here can yet: a lead gives somebody the tier.");
  await severityPage(night, room);
  await expect(fact(night)).toContainText("It stands until a second person agrees.");
  await expect(fact(night).getByRole("button", { name: "Agree" })).toHaveCount(0);
  const same = await night.ask<{ detail: string }>("POST", `/rooms/${room.room}/entries/${root}/agree-lowering`, { seen });
  expect(same.status).toBe(403);
  expect(same.body.detail).toContain("This was asked at the tactical tier, and you are at the tactical tier. A second person one tier up must agree.");

  // A lead gives somebody the tier; what waits for him is before him at once.
  await lead.page.getByRole("button", { name: "Actions for Tom Okafor" }).click();
  await lead.page.getByRole("menuitem", { name: "Change tier" }).click();
  const tier = lead.dialog("Tier of Tom Okafor");
  await tier.getByLabel("Strategic").check();
  await lead.screen("tier");
  await tier.getByRole("button", { name: "Change the tier" }).click();
  await expect(tier).toBeHidden();
  await expect(lead.entryWith("Priya Anand put Tom Okafor (Data Security Centre) at the strategic tier")).toBeVisible();
  await expect(fact(lead)).toContainText("It stands until a second person agrees. Tom Okafor (strategic tier) can.");
  await expect(fact(night).getByRole("button", { name: "Agree" })).toBeVisible();
  await expect(fact(night)).toContainText("Because: The second region dispatches again");
  await expect(night.page.getByText("Catching up")).toHaveCount(0); // his own tier has changed: the room comes to him anew, and stays live
  await expect(night.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /^Record \d waiting for you$/ })).toBeVisible();
  await night.goto("/");
  await night.page.getByRole("link", { name: `One thing waits for you in ${room.reference}` }).click();
  await expect(night.page.getByRole("heading", { name: "Needs you" }).filter({ visible: true })).toBeVisible();
  await expect(night.page.getByText("No decision has been recorded")).toBeVisible();
  await night.screen("needs-lowering");
  await night.page.getByRole("link", { name: /^Agree or refuse/ }).filter({ visible: true }).click();
  await expect(fact(night).getByRole("button", { name: "Agree" })).toBeVisible();
  await expect(night.page.getByRole("row").filter({ hasText: "Asked to lower it to NHS level 3" })).toBeVisible();
  await night.screen("lowering-to-agree");
  await fact(night).getByRole("button", { name: "Agree" }).click();
  const confirm = night.dialog("Confirm that it is you");
  await expect(confirm).toContainText("Agreeing to lower the severity takes your second factor.");
  await night.screen("lowering-second-factor");
  await expect(bar(lead)).toHaveText(level4);
  await confirm.getByRole("link", { name: "Confirm with my second factor" }).click();
  await night.secondFactor();
  await expect(night.page.getByRole("heading", { name: "Severity over time" })).toBeVisible();
  await fact(night).getByRole("button", { name: "Agree" }).click();
  await expect(fact(night)).toContainText(level3);
  for (const p of [lead, ciso]) await expect(bar(p)).toHaveText(level3);
  await expect(lead.entryWith("Severity lowered")).toContainText("Tom Okafor agreed to what Priya Anand asked.");
  await expect(lead.entryWith("Severity lowered")).toContainText(level3);

  // Another time it is refused, and says why; and once the question is taken back.
  const lower = async (to: string, why: string) => {
    await fact(lead).getByRole("button", { name: "Ask to lower the NHS level" }).click();
    await lead.dialog("Ask to lower the severity").getByLabel(to).check();
    await lead.dialog("Ask to lower the severity").getByLabel("Reason").fill(why);
    await lead.dialog("Ask to lower the severity").getByRole("button", { name: "Ask", exact: true }).click();
    await expect(lead.dialog("Ask to lower the severity")).toBeHidden();
  };
  await lower("NHS level 2: coordination by the ICB", "Only one board’s area is left");
  await fact(night).getByRole("button", { name: "Refuse" }).click();
  await night.dialog("Refuse the lowering?").getByLabel(/^Reason/).fill("Fellside has not confirmed");
  await night.screen("refuse-lowering");
  await night.dialog("Refuse the lowering?").getByRole("button", { name: "Refuse" }).click();
  await expect(lead.entryWith("Lowering refused")).toContainText("The severity stays where it is.");
  await expect(lead.entryWith("Fellside has not confirmed")).toBeVisible();
  await expect(fact(lead).getByRole("button", { name: "Ask to lower the NHS level" })).toBeVisible();
  await lower("NHS level 1: within an organisation’s own plans", "Asked too early");
  await fact(lead).getByRole("button", { name: "Take the question back" }).click();
  await expect(lead.entryWith("Question taken back")).toBeVisible();
  await expect(fact(night).getByRole("button", { name: "Agree" })).toHaveCount(0);

  // Withdrawn altogether: nothing stands.
  await fact(lead).getByRole("button", { name: "Ask to lower the NHS level" }).click();
  await ask.getByLabel("Withdraw our assessment altogether").check();
  await ask.getByLabel("Reason").fill("It was no attack");
  await lead.screen("withdraw-assessment");
  await ask.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(fact(night)).toContainText("asks to withdraw this assessment");
  await fact(night).getByRole("button", { name: "Agree" }).click();
  await expect(fact(lead)).toContainText("No NHS level stands any more.");
  await expect(bar(ciso)).toHaveCount(0);
  await expect(lead.entryWith("The assessment is withdrawn")).toBeVisible();
  await night.screen("severity-steps");
  await severityPage(lead, room);
  await expect(lead.page.getByRole("heading", { name: "NHS level: none stands" })).toBeVisible();
  await lead.screen("severity-steps");
  for (const [what, from] of [
    ["Agreed: the assessment is withdrawn", "None"],
    ["Refused to lower it to NHS level 2 (coordination by the ICB)", "Level 3: regional coordination"],
    ["Assessed again as NHS level 4 (national command and control)", "Level 4: national command and control"],
    ["Assessed as NHS level 3 (regional coordination)", "Level 3: regional coordination"],
  ] as const) {
    const row = lead.page.getByRole("row").filter({ hasText: what });
    await expect(row).toHaveCount(1);
    await expect(row.getByRole("cell").last()).toHaveText(from);
  }
});

test("two who ask to lower at once: one question stands, and the other is told what changed and what to do", async ({ come }) => {
  test.setTimeout(180_000);
  const { lead, room, guests } = await meeting(come, "Two at once", [
    { who: "nightlead", role: "deputy" },
    { who: "comms", role: "deputy" },
  ]);
  const [night, comms] = guests as [Person, Person];
  await assess(lead, room, { at: 4 }, "Two regions divert calls");
  const ask = async (p: Person, to: string, why: string) => {
    await fact(p).getByRole("button", { name: "Ask to lower the NHS level" }).click();
    await p.dialog("Ask to lower the severity").getByLabel(to).check();
    await p.dialog("Ask to lower the severity").getByLabel("Reason").fill(why);
  };
  await ask(lead, level3, "Dispatch is back in one region");
  await ask(night, "NHS level 2: coordination by the ICB", "It never reached beyond one board");
  const both = [lead, night];
  for (const p of both) p.expects(/^refused: 409 /);
  await Promise.all(both.map((p) => p.dialog("Ask to lower the severity").getByRole("button", { name: "Ask", exact: true }).click()));
  const told = (p: Person) => p.dialog("Ask to lower the severity").getByRole("alert");
  const outcome = async (p: Person) => {
    await expect(told(p).or(p.page.locator("body:not(:has(dialog[open], [role=dialog]))"))).toBeVisible();
    return (await told(p).count()) > 0;
  };
  const lost = await Promise.all(both.map(outcome));
  expect(lost.filter(Boolean)).toHaveLength(1);
  const [winner, loser] = lost[0] ? [night, lead] : [lead, night];
  await expect(told(loser)).toContainText(/A lowering waits for a second person already\. Entry \d+ asked to lower it to NHS level \d .*Take it back first, or wait for the answer\./);
  await loser.screen("lowering-lost");
  await loser.page.keyboard.press("Escape");
  for (const p of [...both, comms]) {
    await expect(p.entryWith("Asked to lower the severity")).toHaveCount(1);
    await expect(fact(p)).toContainText(`${winner.account.name}, Data Security Centre (tactical tier) asks to lower it`);
  }

  // Agreed by one as it is taken back by another: one of them.
  await lead.page.getByRole("button", { name: "Actions for Marcus Reid" }).click();
  await lead.page.getByRole("menuitem", { name: "Change tier" }).click();
  await lead.dialog("Tier of Marcus Reid").getByLabel("Strategic").check();
  await lead.dialog("Tier of Marcus Reid").getByRole("button", { name: "Change the tier" }).click();
  await expect(fact(comms).getByRole("button", { name: "Agree" })).toBeVisible();
  await comms.goto(`/auth/step-up?return=/rooms/${room.room}`);
  await comms.secondFactor();
  await comms.enter(room.room);
  comms.expects(/^refused: 409 /);
  const root = await lead.seqOf("Severity assessed");
  const { seq: seen } = await comms.snapshot(room);
  const answers = await Promise.all([
    comms.ask<{ detail?: string }>("POST", `/rooms/${room.room}/entries/${root}/agree-lowering`, { seen }),
    winner.ask<{ detail?: string }>("POST", `/rooms/${room.room}/entries/${root}/drop-lowering`, { seen }),
  ]);
  expect(answers.map((a) => a.status).toSorted()).toEqual([200, 409]);
  expect(answers.find((a) => a.status === 409)?.body.detail).toMatch(/^No lowering waits for an answer here\. Entry \d+ (set it: it is now|took the question back; it stays) NHS level \d/);
  for (const p of [...both, comms]) await expect(p.entryWith(/Severity lowered|Question taken back/)).toHaveCount(1);
});

test("each organisation assesses on its own scale, the gravest of a scale operates, and scales are never compared", async ({ come }) => {
  test.setTimeout(240_000);
  // Law enforcement, which the deployment does not know yet, categorises too.
  const admin = await come("admin");
  await admin.signIn("/admin/organisations");
  const { page } = admin;
  await page.getByRole("button", { name: "Add an organisation" }).click();
  await admin.dialog("Add an organisation").getByLabel("Code", { exact: true }).fill("ROCU");
  await admin.dialog("Add an organisation").getByLabel("Name").fill("Northern Regional Crime Unit");
  await admin.dialog("Add an organisation").getByLabel("Type").selectOption("law_enforcement");
  await admin.dialog("Add an organisation").getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("cell", { name: "Northern Regional Crime Unit", exact: true })).toBeVisible();
  const { body } = await admin.ask<{ people: { id: string; name: string; orgs: string[] }[] }>("GET", "/admin/people");
  const ruth = body.people.find((p) => p.name === "Ruth Adeyemi");
  expect((await admin.ask("POST", `/admin/people/${ruth?.id}/orgs`, { orgs: ["ROCU"] })).status).toBe(200);
  await admin.goto("/admin/deployment");
  await expect(page.getByLabel("Who sets NHS levels")).toHaveValue("DSC");
  await page.getByLabel("Who sets NCSC categories").fill("NCSC ROCU");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await admin.screen("admin-assessors");
  try {
    const lead = await come("lead");
    await lead.signIn();
    const room = await lead.makeRoom("Two scales");
    const ncsc = await come("ncsc");
    await ncsc.signIn("/open");
    // Whoever opens a room is asked for what their organisation is configured to set.
    await expect(ncsc.page.getByRole("group", { name: /^NCSC category/ })).toBeVisible();
    await expect(ncsc.page.getByText("NHS level")).toHaveCount(0);
    await ncsc.screen("open-category");
    await lead.bring(room, ncsc, "liaison");
    const police = await come("auditor", { on: "phone" });
    await police.signIn();
    const known = await lead.ask("POST", `/rooms/${room.room}/members`, { name: "Ruth Adeyemi", person: ruth?.id, org: "ROCU", role: "representative", history: "from_join" });
    expect(known.status, JSON.stringify(known.body)).toBe(201);
    await police.goto("/");
    await police.page.getByRole("link", { name: room.reference }).click();
    await police.page.getByRole("button", { name: "Accept the rules and join" }).click();
    await expect(police.feed).toBeVisible();
    for (const p of [lead, ncsc]) await p.enter(room.room);

    // A category is not DSC's to set: no form, and no other way.
    await expect(fact(lead).getByRole("button", { name: "Assess (NHS level)" })).toBeVisible();
    await expect(fact(lead)).not.toContainText("NCSC category");
    lead.expects(/^refused: 403 /);
    const refused = await lead.ask<{ detail: string }>("POST", `/rooms/${room.room}/severity`, { scale: "ncsc_category", grade: { at: 2 }, criteria: [], reason: "Grave" });
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toBe("Your organisation does not assess severity on this scale.");

    await fact(ncsc).getByRole("button", { name: "Assess (NCSC category)" }).click();
    const set = ncsc.dialog("Assess NCSC category");
    await set.getByLabel("NCSC category 3: significant", { exact: true }).check();
    await set.getByLabel("Reason").fill("One large organisation");
    await ncsc.screen("assess-category");
    await set.getByRole("button", { name: "Set it" }).click();
    await expect(set).toBeHidden();
    await assess(lead, room, { at: 2 }, "One board coordinates");
    await expect(fact(lead)).toContainText("NCSC category 3: significant");

    // Graver on the same scale: it operates, and the screen says why.
    await severityPage(police, room);
    await fact(police).getByRole("button", { name: "Assess (NCSC category)" }).click();
    const theirs = police.dialog("Assess NCSC category");
    await theirs.getByLabel("Not sure between NCSC category 1 and 2").check();
    await expect(theirs.getByText("It counts as NCSC category 1 (national cyber emergency).")).toBeVisible();
    await theirs.getByLabel("Lives are lost or at risk").check();
    await theirs.getByLabel("Reason").fill("Emergency calls go unanswered");
    await theirs.getByRole("button", { name: "Set it" }).click();
    await expect(theirs).toBeHidden();
    for (const p of [lead, ncsc, police]) {
      await expect(fact(p)).toContainText("NCSC category 1: national cyber emergency");
      await expect(fact(p)).toContainText("They are not sure between NCSC category 1 and 2: the graver counts.");
      await expect(fact(p)).toContainText("It operates because it is the gravest that stands. National Cyber Security Centre assess it as NCSC category 3 (significant), since");
      await expect(fact(p)).toContainText("NHS level 2: coordination by the ICB");
    }
    await expect(fact(police)).toContainText("Assessed by Ruth Adeyemi, Northern Regional Crime Unit, since");
    await police.screen("two-scales");
    await lead.screen("two-scales-log");
    // On a phone both scales are read in full above the log.
    await police.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: "Log" }).click();
    for (const words of ["NHS level 2: coordination by the ICB", "NCSC category 1: national cyber emergency"]) {
      const line = bar(police).getByText(words, { exact: true });
      await expect(line).toBeVisible();
      expect(await line.evaluate((el) => el.scrollWidth <= el.clientWidth + 1)).toBe(true);
    }
    await police.screen("two-scales-bar");

    // The time line keeps the scales apart, and prints.
    await severityPage(lead, room);
    await expect(lead.page.getByRole("heading", { name: "NHS level 2: coordination by the ICB" })).toBeVisible();
    await expect(lead.page.getByRole("heading", { name: "NCSC category 1: national cyber emergency" })).toBeVisible();
    const table = lead.page.getByRole("table", { name: "NCSC category, step by step" });
    await expect(table.getByRole("row")).toHaveCount(3);
    await expect(table).toContainText("Lives are lost or at risk.");
    await expect(table).toContainText("Because: Emergency calls go unanswered");
    await expect(table).not.toContainText("One board coordinates");
    await expect(lead.page.getByRole("img", { name: /^NCSC category over time: NCSC category 3 \(significant\) from .*; NCSC category 1 \(national cyber emergency\) from/ })).toBeVisible();
    await lead.screen("time-line");
    await severityPage(police, room);
    await police.screen("time-line");
    await lead.page.emulateMedia({ media: "print" });
    await expect(lead.page.locator(".print-head")).toContainText(`INCIDENT ${room.reference}, Two scales. Printed by Priya Anand`);
    await expect(table).toBeVisible();
    for (const gone of [".room__facts", ".room__rooms", ".room__views", ".composer", ".header", ".tabs"]) await expect(lead.page.locator(gone)).toBeHidden();
    await lead.page.screenshot({ path: test.info().outputPath("time-line-printed.png") });
  } finally {
    await admin.ask("POST", `/admin/people/${ruth?.id}/orgs`, { orgs: ["AUD"] });
    await page.getByLabel("Who sets NCSC categories").fill("NCSC");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Saved.")).toBeVisible();
  }
});
