// What was decided, by whom, why, on what, and what became of it.
import { atOnce } from "./atonce";
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

test.describe.configure({ timeout: 120_000 }); // several people, each at a browser of their own

/** The board of decisions or actions, by the way people go to it. */
async function board(who: Person, room: Room, noun: "decisions" | "actions" = "decisions"): Promise<void> {
  await who.goto(`/rooms/${room.room}/${noun}`);
  await expect(who.page.getByRole("heading", { name: noun === "decisions" ? "Decisions" : "Actions", exact: true })).toBeVisible();
}

/** Records a decision of one's own by the form, and returns its number once its page is there. */
async function record(who: Person, decision: string, why: string, edit?: (form: ReturnType<Person["dialog"]>) => Promise<void>, toFew = false): Promise<number> {
  await who.page.getByRole("button", { name: "Record a decision" }).click();
  const form = who.dialog("Record a decision");
  await form.getByRole("textbox", { name: "Decision" }).fill(decision);
  await form.getByRole("textbox", { name: "Rationale" }).fill(why);
  await edit?.(form);
  await form.getByRole("button", { name: "Record it" }).click();
  if (toFew) await receivers(form).getByRole("button", { name: "Record it" }).click();
  await expect(form).toBeHidden();
  return pageOf(who, decision);
}

async function pageOf(who: Person, decision: string): Promise<number> {
  await expect(who.page.getByRole("article", { name: decision })).toBeVisible();
  const found = /\/decisions\/(\d+)$/.exec(new URL(who.page.url()).pathname)?.[1];
  return Number(found);
}

/** Who is shown to receive it, before it goes. */
const receivers = (form: ReturnType<Person["dialog"]>) => form.getByRole("group", { name: /receives? this/ });

const sheet = (who: Person) => who.page.locator("article.sheet");
const part = (who: Person, title: string) => sheet(who).locator("section.part", { has: who.page.getByRole("heading", { name: title, exact: true }) });
const row = (who: Person, text: string | RegExp) => who.page.locator(".board-row", { hasText: text });
const filter = (who: Person, name: string) => who.page.getByRole("group", { name: /^Which / }).getByRole("button", { name, exact: true });

/** Confirms on the decision's page, with the second factor where it is asked for. */
async function confirm(who: Person): Promise<void> {
  who.expects(/^refused: 401 .*\/confirm$/); // the answer that asks for the second factor
  await who.page.getByRole("button", { name: "Confirm", exact: true }).click();
  const asked = who.dialog("Confirm that it is you");
  await expect(asked).toBeVisible();
  await asked.getByRole("link", { name: "Confirm with my second factor" }).click();
  await who.secondFactor();
  await who.page.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(sheet(who)).toContainText("Confirmed");
}

test("a decision needs what, why, who and when; gaps are listed, block nothing, and are filled with times of their own", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Four fields", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  await lead.page.getByRole("navigation", { name: "The log and the record" }).getByRole("link", { name: "Decisions" }).click();
  await expect(lead.page.getByText("No decision has been recorded yet")).toBeVisible();
  await lead.screen("decisions-empty");

  // Nothing of the four is left out, and nothing else is asked for.
  await lead.page.getByRole("button", { name: "Record a decision" }).click();
  const form = lead.dialog("Record a decision");
  await expect(form.getByLabel("Decision-maker")).toHaveValue(/^[1-9]/); // whoever records, until they choose another
  await form.getByLabel("Decision-maker").selectOption({ label: "Choose" });
  await form.getByRole("button", { name: "Record it" }).click();
  await expect(form.getByRole("alert").getByRole("listitem")).toHaveText(["Say what was decided.", "Say why, in a sentence. The rest can follow.", "Choose who decided."]);
  await lead.screen("decision-refused");
  await form.getByRole("link", { name: "Choose who decided." }).click();
  await expect(form.getByLabel("Decision-maker")).toBeFocused();
  await form.getByLabel("Decision-maker").selectOption({ label: "Priya Anand (you), Data Security Centre, tactical" });
  await form.getByRole("textbox", { name: "Decision" }).fill("Cut the link to the national network");
  await form.getByRole("textbox", { name: "Rationale" }).fill("It spreads by it, and nothing else stops it tonight.");
  await form.getByRole("textbox", { name: "Time, 24-hour" }).first().fill("25");
  await form.getByRole("button", { name: "Record it" }).click();
  await expect(form.getByRole("alert").getByRole("listitem")).toHaveText(["Four figures on the 24-hour clock, for example 1610."]);
  await form.getByRole("textbox", { name: "Time, 24-hour" }).first().fill("");
  await lead.screen("decision-form");
  await form.getByRole("button", { name: "Record it" }).click();
  const n = await pageOf(lead, "Cut the link to the national network");
  await expect(sheet(lead)).toContainText("Taken, awaiting confirmation");
  await expect(sheet(lead)).toContainText(/Taken.*recorded by Priya Anand, Data Security Centre/);
  await expect(sheet(lead).locator(".gaps")).toContainText("Not in its record yet: the question, information relied on, risks, powers and policies, options considered, who was consulted, dissent, expected outcome, review time and actual outcome.");
  await lead.screen("decision-taken");

  // Everybody knows it at a glance.
  await expect(ciso.entry(n)).toContainText("Decision");
  await expect(ciso.entry(n)).toContainText("Taken, awaiting confirmation");
  await expect(ciso.entry(n)).toContainText("Because: It spreads by it");
  await expect(ciso.entry(n)).toContainText("10 gaps in its record");
  await ciso.screen("decision-card");

  // With every gap there is, it is confirmed.
  await confirm(lead);
  await expect(sheet(lead)).toContainText("Not in its record yet");

  await lead.page.getByRole("button", { name: "Add them" }).click();
  const add = lead.dialog(`Add to the record of decision ${n}`);
  await add.getByRole("textbox", { name: "What had to be decided" }).fill("Do we stay connected tonight?");
  await add.getByRole("textbox", { name: "Risks" }).fill("Pathology results go by telephone.");
  await add.getByRole("textbox", { name: "Powers, policies and authority" }).fill("Network operating agreement, clause 9.");
  await add.getByRole("button", { name: "Add an option" }).click();
  await add.getByLabel("Option 1", { exact: true }).fill("Block the port only");
  await add.getByLabel(/^Why it was not taken/).fill("Half of the sites cannot do it before morning.");
  await add.getByRole("button", { name: "Add another option" }).click();
  await add.getByLabel("Option 2", { exact: true }).fill("Cut the link");
  await add.getByRole("textbox", { name: "Dissent" }).fill("None");
  await add.getByRole("button", { name: "In 4 hours" }).click();
  await lead.screen("decision-add");
  await add.getByRole("button", { name: "Add to the record" }).click();
  await expect(add).toBeHidden();
  const page = sheet(lead);
  await expect(page.locator(".gaps")).toContainText("Not in its record yet: information relied on, who was consulted, expected outcome and actual outcome.");
  await expect(part(lead, "Risks")).toContainText(/Pathology results go by telephone\.\s*Added later: Priya Anand, /);
  await expect(page.locator(".sheet__options li")).toHaveText([/Block the port only.*Not taken: Half of the sites.*Added later: Priya Anand/s, /Cut the link.*Added later/s]);
  await expect(page).toContainText(/Look again\s*By .*\d\d:\d\d/);
  await expect(page).toContainText("Confirmed");
  await lead.screen("decision-added");

  // The same on a phone, from the record's own tab.
  await ciso.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: "Record" }).click();
  await expect(row(ciso, "Cut the link")).toContainText("Confirmed");
  await expect(row(ciso, "Cut the link")).toContainText("4 gaps");
  await ciso.screen("decisions");
  await row(ciso, "Cut the link").getByRole("link").click();
  await expect(sheet(ciso)).toContainText("Not taken: Half of the sites");
  for (const name of ["Supersede", "Reverse", "Review"]) await expect(sheet(ciso).getByRole("button", { name })).toHaveCount(0); // what the hosts decide is theirs
  await ciso.screen("decision");
  await board(lead, room);
  await lead.screen("decisions");
});

test("what a decision relied on stays as it stood: corrected since, or late, nothing is rewritten", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Relied on", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  const first = await ciso.say("Two scanners are down");
  await expect(lead.entry(first)).toBeVisible();
  await board(lead, room);
  const n = await record(lead, "Divert imaging to Eastmere", "Two scanners are down", async (form) => {
    await form.getByText("Gather information and intelligence").click();
    await form.getByLabel("Information relied on").fill(`${first}, 9999`);
    await form.getByRole("button", { name: "Record it" }).click();
    await expect(form.getByRole("alert")).toContainText("Entry 9999 is not there for you.");
    await form.getByLabel("Information relied on").fill(String(first));
  });
  lead.expects(/^refused: 422 /);
  const relied = part(lead, "Information relied on").getByRole("listitem");
  await expect(relied).toHaveText([new RegExp(`#${first}.*Dr Hannah Osei.*Two scanners are down`)]);

  await ciso.act(first, "Correct");
  await ciso.page.getByRole("textbox", { name: `Corrected text of entry ${first}` }).fill("Nine scanners are down");
  await ciso.page.getByRole("button", { name: "Save correction" }).click();
  await expect(relied).toHaveText([/Two scanners are down.*Corrected since\. This is what it said then\./]);
  await expect(sheet(lead)).not.toContainText("Nine scanners");

  const late = await ciso.say("Eastmere cannot take more than four an hour");
  await lead.page.getByRole("button", { name: "Add to the record" }).click();
  const add = lead.dialog(`Add to the record of decision ${n}`);
  await add.getByText("Gather information and intelligence").click();
  await add.getByLabel("Information relied on").fill(`${late} ${first}`);
  await add.getByRole("button", { name: "Add to the record" }).click();
  await expect(add).toBeHidden();
  await expect(relied).toHaveText([
    /Two scanners are down.*Corrected since/,
    /Nine scanners are down.*Added later; the decision did not rest on it\./,
    /Eastmere cannot take.*Added later; the decision did not rest on it\./,
  ]);
  await lead.screen("decision-relied");

  // And so it is for whoever opens the page anew.
  await ciso.goto(`/rooms/${room.room}/decisions/${n}`);
  await expect(part(ciso, "Information relied on").getByRole("listitem").first()).toHaveText(/Two scanners are down.*Corrected since/);
  await ciso.screen("decision-relied");
});

test("the maker is told, confirms on a phone with a second factor, and everybody sees it", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "To be confirmed", [{ who: "ciso", on: "phone" }, { who: "colleague" }]);
  const [ciso, colleague] = guests as [Person, Person];
  await ciso.goto("/");
  await expect(ciso.page.getByRole("heading", { name: "My rooms" })).toBeVisible();
  await expect(ciso.page.getByRole("link", { name: new RegExp(`for you in ${room.reference}`) })).toHaveCount(0);
  await board(lead, room);
  const n = await record(lead, "Northmoor runs imaging on paper", "Said on the 16:00 call", async (form) => {
    await form.getByLabel("Decision-maker").selectOption({ label: "Dr Hannah Osei, Northmoor NHS Trust, operational" });
    await form.getByRole("textbox", { name: "Time, 24-hour" }).first().fill("~0001");
    await expect(form.getByText(/^About .*00:01/)).toBeVisible();
  });
  await expect(sheet(lead)).toContainText(/Taken\s*About .*00:01/);
  await expect(sheet(lead).getByRole("heading", { name: "Is this what you decided?" })).toHaveCount(0); // it is not hers

  await ciso.page.reload();
  await expect(ciso.page.getByRole("link", { name: new RegExp(`One thing waits for you in ${room.reference}`) })).toBeVisible();
  await ciso.screen("needs-rooms");
  await ciso.page.getByRole("link", { name: new RegExp(`One thing waits for you in ${room.reference}`) }).click();
  await expect(ciso.page.getByRole("region", { name: "Needs you 1" }).getByRole("link", { name: /Confirm or dispute.*Northmoor runs imaging on paper/ })).toBeVisible();
  await expect(ciso.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /Record.*1 waiting for you/ })).toBeVisible();
  await ciso.screen("needs-board");
  await ciso.page.getByRole("region", { name: "Needs you 1" }).getByRole("link").click();
  await expect(ciso.page.getByRole("heading", { name: "Is this what you decided?" })).toBeVisible();
  await ciso.screen("decision-confirm");
  await confirm(ciso);
  await ciso.screen("decision-confirmed");
  await expect(sheet(lead)).toContainText(/Confirmed\s*Dr Hannah Osei, /);
  await expect(colleague.entry(n)).toContainText("Confirmed");
  await expect(ciso.page.getByRole("button", { name: "Confirm", exact: true })).toHaveCount(0);
  await board(ciso, room);
  await expect(ciso.page.getByRole("region", { name: /^Needs you/ })).toHaveCount(0);

  // Only its maker is asked, and only they are heard.
  const m = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/decisions`, { decision: "A second one", rationale: "x", maker: await lead.memberNumber(room, "ciso") });
  colleague.expects(/^refused: 403 /);
  lead.expects(/^refused: 403 /);
  for (const who of [colleague, lead]) expect((await who.ask("POST", `/rooms/${room.room}/entries/${m.body.seq}/confirm`, { seen: m.body.seq })).status).toBe(403);
});

test("a decision disputed by its maker, superseded by another, which is reversed", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "What became of them", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  await board(lead, room);
  const n = await record(lead, "Close the front door", "Said by telephone", async (form) => {
    await form.getByLabel("Decision-maker").selectOption({ label: "Dr Hannah Osei, Northmoor NHS Trust, operational" });
  });
  await ciso.goto(`/rooms/${room.room}/decisions/${n}`);
  await ciso.page.getByRole("button", { name: "Dispute it" }).click();
  const dispute = ciso.dialog("This is not what you decided?");
  await dispute.getByRole("button", { name: "Dispute it" }).click();
  await expect(dispute.getByRole("alert")).toContainText("Say what is wrong with it.");
  await dispute.getByLabel("What is wrong with it").fill("I said the back door.");
  await ciso.screen("decision-dispute");
  await dispute.getByRole("button", { name: "Dispute it" }).click();
  await expect(dispute).toBeHidden();
  await expect(sheet(lead)).toContainText("Disputed by its maker");
  await expect(sheet(lead)).toContainText("Dr Hannah Osei disputes it: I said the back door.");
  await lead.screen("decision-disputed");

  await lead.page.getByRole("button", { name: "Supersede" }).click();
  const other = lead.dialog(`Put another decision in place of ${n}`);
  await expect(other).toContainText("It stands in place of: “Close the front door”. The old one stays in the record.");
  await other.getByRole("textbox", { name: "Decision" }).fill("Close the back door");
  await other.getByRole("textbox", { name: "Rationale" }).fill("What was meant");
  await lead.screen("decision-supersede");
  await other.getByRole("button", { name: "Record it" }).click();
  const m = await pageOf(lead, "Close the back door");
  await expect(sheet(lead)).toContainText(new RegExp(`In place of\\s*decision ${n}`));
  await expect(sheet(ciso)).toContainText(`Superseded by decision ${m}.`);
  await expect(sheet(ciso)).toContainText(/Disputed\s*I said the back door\. · Dr Hannah Osei, /); // that it was is not lost
  await expect(sheet(ciso).locator(".gaps")).not.toContainText("review time"); // nobody looks at it again
  await ciso.screen("decision-superseded");

  await lead.page.getByRole("button", { name: "Reverse" }).click();
  const back = lead.dialog(`Reverse decision ${m}`);
  await back.getByRole("textbox", { name: "Decision" }).fill("Both doors stay open");
  await back.getByRole("textbox", { name: "Rationale" }).fill("The fire officer objects");
  await back.getByRole("button", { name: "Record it" }).click();
  const r = await pageOf(lead, "Both doors stay open");
  await expect(sheet(lead)).toContainText(new RegExp(`Undoes\\s*decision ${m}`));
  await lead.page.getByRole("link", { name: `decision ${m}` }).click();
  await expect(sheet(lead)).toContainText(`Reversed by decision ${r}.`);
  await expect(sheet(lead).getByRole("button", { name: "Supersede" })).toHaveCount(0);
  await lead.screen("decision-reversed");
  await board(lead, room);
  await expect(lead.page.locator(".board-row__title")).toHaveText(["Both doors stay open", "Close the back door", "Close the front door"]);
  await filter(lead, "Replaced").click();
  await expect(lead.page.locator(".board-row__title")).toHaveText(["Close the back door", "Close the front door"]);
  await expect(row(lead, "Close the front door")).toContainText("Superseded");
  await expect(row(lead, "Close the back door")).toContainText("Reversed");
});

test("a proposal is taken in the words it is taken in, a message is made a decision, and the board sorts them", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Put forward", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  // A guest puts a question to the lead; she takes it, in the words she takes it in.
  await board(ciso, room);
  await ciso.page.getByRole("button", { name: "Propose one" }).click();
  const put = ciso.dialog("Propose a decision");
  await put.getByRole("textbox", { name: "What should be decided" }).fill("Open the reserve pharmacy");
  await ciso.screen("decision-propose");
  await put.getByRole("button", { name: "Propose it" }).click();
  const p = await pageOf(ciso, "Open the reserve pharmacy");
  await expect(sheet(ciso)).toContainText("Proposed, not taken");
  await expect(sheet(ciso)).toContainText("For anyone to take");
  await lead.goto(`/rooms/${room.room}/decisions/${p}`);
  await lead.page.getByRole("button", { name: "Take it" }).click();
  const take = lead.dialog(`Take the decision of entry ${p}`);
  await expect(take.getByRole("textbox", { name: "Decision" })).toHaveValue("Open the reserve pharmacy");
  await take.getByRole("textbox", { name: "Decision" }).fill("Open the reserve pharmacy until 06:00");
  await take.getByRole("textbox", { name: "Rationale" }).fill("Stock is enough for one night");
  await take.getByRole("button", { name: "Take it" }).click();
  await expect(sheet(lead)).toContainText("Taken, awaiting confirmation");
  await expect(sheet(ciso)).toContainText("Open the reserve pharmacy until 06:00");
  await expect(sheet(ciso)).toContainText("Priya Anand, tactical tier");

  // A message that was a decision.
  await ciso.goto(`/rooms/${room.room}`);
  const said = await ciso.say("We isolate ward 4 now");
  await lead.goto(`/rooms/${room.room}`);
  await lead.act(said, "Make a decision of this");
  const from = lead.dialog(`Make a decision of entry ${said}`);
  await expect(from.getByRole("textbox", { name: "Decision" })).toHaveValue("We isolate ward 4 now");
  await from.getByLabel("Decision-maker").selectOption({ label: "Dr Hannah Osei, Northmoor NHS Trust, operational" });
  await from.getByRole("textbox", { name: "Rationale" }).fill("Two infected machines there");
  await lead.screen("decision-from");
  await from.getByRole("button", { name: "Record it" }).click();
  await pageOf(lead, "We isolate ward 4 now");
  await expect(sheet(lead)).toContainText(new RegExp(`Made of\\s*entry ${said}`));

  // All of them, by where they stand.
  expect((await ciso.ask("POST", `/rooms/${room.room}/decisions/proposals`, { decision: "Shut the canteen" })).status).toBe(201);
  await board(lead, room);
  for (const [name, texts] of [
    ["All", ["Shut the canteen", "We isolate ward 4 now", "Open the reserve pharmacy until 06:00"]],
    ["To be confirmed", ["We isolate ward 4 now", "Open the reserve pharmacy until 06:00"]],
    ["Waiting for me", ["Open the reserve pharmacy until 06:00"]],
    ["Proposed", ["Shut the canteen"]],
    ["Disputed", []],
    ["Replaced", []],
  ] as const) {
    await filter(lead, name).click();
    await expect(filter(lead, name)).toHaveAttribute("aria-pressed", "true");
    await expect(lead.page.locator(".board-row__title")).toHaveText([...texts]);
    if (texts.length === 0) await expect(lead.page.getByText("No decision is like that now")).toBeVisible();
  }
  await filter(lead, "All").click();
  await expect(row(lead, "Shut the canteen")).toContainText("For anyone to take");
  await expect(row(lead, "Shut the canteen")).toContainText("Proposed, not taken");
  await lead.screen("decisions-many");
  await board(ciso, room);
  await expect(row(ciso, "We isolate ward 4")).toContainText("Taken, awaiting confirmation");
  await ciso.screen("decisions-many");
});

test("what is decided above one's tier is refused, and it says who is at that tier", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Tiers", [{ who: "ncsc", role: "liaison", history: "full" }]);
  const [ncsc] = guests as [Person];
  await board(lead, room);
  const n = await record(lead, "Disconnect pathology", "It is spreading");
  ncsc.expects(/^refused: 422 /);
  lead.expects(/^refused: 422 /);
  await ncsc.goto(`/rooms/${room.room}/decisions/${n}`);
  await ncsc.page.getByRole("button", { name: "Reverse" }).click();
  const form = ncsc.dialog(`Reverse decision ${n}`);
  await form.getByRole("textbox", { name: "Decision" }).fill("Reconnect pathology");
  await form.getByRole("textbox", { name: "Rationale" }).fill("It is clean");
  await form.getByLabel("Decision-maker").selectOption({ label: "Ewan Doyle (you), National Cyber Security Centre, operational" });
  await form.getByRole("button", { name: "Record it" }).click();
  await expect(form.getByRole("alert")).toContainText(`Decision ${n} was taken at the tactical tier; one at a lower tier does not end it. At that tier here: Priya Anand.`);
  await expect(form.getByRole("textbox", { name: "Decision" })).toHaveValue("Reconnect pathology");
  await ncsc.screen("decision-wrong-tier");
  await expect(sheet(lead)).toContainText("Taken, awaiting confirmation");

  // No form offers more than the maker's tier; the interface refuses it all the same.
  const maker = await lead.memberNumber(room, "lead");
  const asked = await lead.ask<{ errors: { name: string; message: string }[] }>("POST", `/rooms/${room.room}/decisions`, { decision: "x", rationale: "x", maker, tier: "strategic" });
  expect(asked.status).toBe(422);
  expect(JSON.stringify(asked.body)).toMatch(/Priya Anand is at the tactical tier, and decides nothing at the strategic one\. Nobody you know of is at that tier here; a lead can give it\./);
});

test("a review that is overdue by the exercise's clock is seen by all who see the decision, until it is reviewed", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Looked at again", [{ who: "ciso", on: "phone" }], { mode: "exercise" });
  const [ciso] = guests as [Person];
  const clock = (at: string) => lead.ask("POST", `/rooms/${room.room}/clock`, { at, factor: 1, paused: true });
  expect((await clock("2017-05-12T15:00:00Z")).status).toBe(200);
  await expect(lead.entryWith("Exercise clock stopped at 12 May 2017, 16:00 BST")).toBeVisible();
  await board(lead, room);
  const n = await record(lead, "Imaging stays on paper", "Until it is clean", async (form) => {
    await form.getByText("Take action and review what happened").click();
    await form.getByRole("button", { name: "In 2 hours" }).click();
  });
  await expect(sheet(lead)).toContainText(/Look again\s*By 18:00 BST/);
  await expect(sheet(lead)).not.toContainText("Review overdue");
  await board(ciso, room);
  await expect(row(ciso, "Imaging stays on paper")).toContainText("look again by 18:00 BST");

  expect((await clock("2017-05-12T17:30:00Z")).status).toBe(200);
  await expect(sheet(lead)).toContainText("Review overdue");
  await expect(row(ciso, "Imaging stays on paper")).toContainText("Review overdue");
  await filter(ciso, "Review overdue").click();
  await expect(row(ciso, "Imaging stays on paper")).toBeVisible();
  await ciso.screen("decisions-overdue");
  await ciso.goto(`/rooms/${room.room}`);
  await expect(ciso.entry(n)).toContainText("Review overdue");

  await lead.screen("decision-overdue");
  await lead.page.getByRole("button", { name: "Review", exact: true }).click();
  const review = lead.dialog(`Review decision ${n}`);
  await review.getByLabel("What you found").fill("Half of the scanners are clean.");
  await review.getByRole("button", { name: "In 24 hours" }).click();
  await lead.screen("decision-review");
  await review.getByRole("button", { name: "It still stands" }).click();
  await expect(review).toBeHidden();
  await expect(sheet(lead)).not.toContainText("Review overdue");
  await expect(part(lead, "Reviews")).toContainText(/Half of the scanners are clean\..*Priya Anand, 18:30 BST.*to look again by/s);
  await expect(ciso.entry(n)).not.toContainText("Review overdue");
  await lead.screen("decision-reviewed");
});

test("confirmed and disputed at once on two screens of its maker: one of the two, and the other is told", async ({ come }) => {
  const { lead, room } = await meeting(come, "Two screens", []);
  const phone = await come("lead", { on: "phone" });
  await phone.signIn();
  await board(lead, room);
  const first = await record(lead, "Hold the announcement", "Not all trusts know yet");
  await confirm(lead); // her second factor now covers an hour
  await expect(lead.page.locator(".board-row")).toHaveCount(0);

  for (const [i, n] of [first + 2, first + 4].entries()) {
    const asked = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/decisions`, { decision: `Contested ${i}`, rationale: "x", maker: await lead.memberNumber(room, "lead") });
    expect(asked.body.seq).toBe(n);
    await lead.goto(`/rooms/${room.room}/decisions/${n}`);
    await phone.goto(`/rooms/${room.room}/decisions/${n}`);
    await phone.page.getByRole("button", { name: "Dispute it" }).click();
    const dispute = phone.dialog("This is not what you decided?");
    await dispute.getByLabel("What is wrong with it").fill("Not in those words.");
    const yes = lead.page.getByRole("button", { name: "Confirm", exact: true });
    await expect(yes).toBeVisible();
    lead.expects(/^refused: 409 /);
    phone.expects(/^refused: 409 /);
    const yours = { who: lead, does: () => yes.click() };
    const mine = { who: phone, does: () => dispute.getByRole("button", { name: "Dispute it" }).click() };
    const said = await atOnce(/\/(confirm|dispute)$/, i === 0 ? [yours, mine] : [mine, yours]);
    expect([...said].toSorted()).toEqual([200, 409]);
    const confirmed = said[i] === 200;
    for (const who of [lead, phone]) await expect(sheet(who)).toContainText(confirmed ? "Confirmed" : "Disputed by its maker");
    const loser = confirmed ? phone : lead;
    await expect(loser.page.getByRole("alert")).toContainText(`Decision ${n} was ${confirmed ? "confirmed" : "disputed"} by its maker in entry ${n + 1}.`);
    await loser.screen(`race-lost-${i}`);
  }
});

test("a decision of the hosts is no card, no row and no number to a guest, nor is what comes of it", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Hosts decide", [{ who: "ncsc", role: "liaison", history: "full" }, { who: "ciso", on: "phone" }]);
  const [ncsc, ciso] = guests as [Person, Person];
  await board(ciso, room);
  await expect(ciso.page.getByText("No decision has been recorded yet")).toBeVisible();
  await board(lead, room);
  const n = await record(lead, "Carmine: we do not tell the supplier", "They may be the way in", async (form) => {
    await form.getByText("Label and audience").click();
    await form.getByLabel("Hosts only").check();
    await expect(form.getByText("TLP:AMBER+STRICT, hosts only")).toBeVisible();
  }, true);
  await expect(sheet(lead)).toContainText("to hosts only");
  // What stands in its place, or comes of it, goes no further by itself.
  await lead.page.getByRole("button", { name: "Raise an action" }).click();
  const raise = lead.dialog(`Raise an action from decision ${n}`);
  await expect(raise).toContainText("TLP:AMBER+STRICT, hosts only");
  await raise.getByLabel("What is to be done").fill("Carmine: watch their accounts");
  await raise.getByLabel("By whom").selectOption({ label: "National Cyber Security Centre: anyone who speaks for it" });
  await raise.getByRole("button", { name: "Raise it" }).click();
  await receivers(raise).getByRole("button", { name: "Raise it" }).click();
  await expect(sheet(lead)).toContainText("to hosts only");
  await lead.goto(`/rooms/${room.room}/decisions/${n}`);
  await lead.page.getByRole("button", { name: "Supersede" }).click();
  const other = lead.dialog(`Put another decision in place of ${n}`);
  await expect(other).toContainText("TLP:AMBER+STRICT, hosts only");
  await other.getByRole("textbox", { name: "Decision" }).fill("Carmine: we tell the supplier tomorrow");
  await other.getByRole("textbox", { name: "Rationale" }).fill("Carmine: once their accounts are shut");
  await other.getByRole("button", { name: "Record it" }).click();
  await receivers(other).getByRole("button", { name: "Record it" }).click();
  const m = await pageOf(lead, "Carmine: we tell the supplier tomorrow");
  await expect(sheet(lead)).toContainText("to hosts only");
  // Nor does an action made of what was said among the hosts.
  const said = await lead.post(room, { text: "Carmine: ring them at nine", audience: { kind: "hosts" } });
  await lead.goto(`/rooms/${room.room}`);
  await lead.act(said, "Raise an action from this");
  const ring = lead.dialog("Raise an action");
  await expect(ring).toContainText("TLP:AMBER+STRICT, hosts only");
  await ring.getByLabel("By whom").selectOption({ label: "Data Security Centre: anyone who speaks for it" });
  await ring.getByRole("button", { name: "Raise it" }).click();
  await receivers(ring).getByRole("button", { name: "Raise it" }).click();
  await expect(sheet(lead)).toContainText("to hosts only");
  const last = Number(/\/actions\/(\d+)$/.exec(new URL(lead.page.url()).pathname)?.[1]);

  await board(ncsc, room);
  await expect(row(ncsc, "Carmine")).toHaveCount(2);
  for (const text of ["we do not tell", "we tell the supplier"]) await expect(row(ncsc, text)).toContainText("TLP:AMBER+STRICT to hosts only");

  // To the guest they are numbers that are not hers.
  const after = await lead.post(room, { text: "For everyone" });
  await expect(ciso.page.getByText("No decision has been recorded yet")).toBeVisible();
  await board(ciso, room, "actions");
  await expect(ciso.page.getByText("No action has been raised yet")).toBeVisible();
  await ciso.goto(`/rooms/${room.room}`);
  await expect(ciso.entry(after)).toBeVisible();
  await expect(ciso.page.locator(".record--decision, .record--action")).toHaveCount(0);
  await ciso.page.getByRole("button", { name: "The record only" }).click();
  await expect(ciso.page.getByText("Nothing is in the record yet")).toBeVisible();
  await ciso.goto(`/rooms/${room.room}/decisions/${n}`);
  await expect(ciso.page.getByText("There is no decision of this number here for you")).toBeVisible();
  await ciso.screen("decision-not-here");
  ciso.expects(/^refused: 404 /);
  for (const noun of ["decision", "action"]) expect((await ciso.ask<{ roots: number[]; entries: unknown[]; more: boolean }>("GET", `/rooms/${room.room}/record/${noun}`)).body).toMatchObject({ roots: [], entries: [], more: false });
  const { body } = await ciso.ask<{ rooms: { reference: string; needs: number }[] }>("GET", "/rooms");
  expect(body.rooms.find((r) => r.reference === room.reference)?.needs).toBe(0);
  expect((await ciso.ask("POST", `/rooms/${room.room}/entries/${n}/confirm`, { seen: n })).status).toBe(404);
  expect(await ciso.heard("Carmine")).toBe(false);
  expect(await ciso.heard('"decision.recorded"')).toBe(false);
  for (let seq = n; seq <= last; seq++) for (const form of ciso.forms(seq)) expect(form).toEqual(["leaf", "seq"]);
  expect(ciso.forms(m).length).toBeGreaterThan(0);
});

test("where guests are not told of one another, a guest's decision and action go to the hosts and their own people by themselves", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Quiet roster", [{ who: "ciso", on: "phone" }, { who: "colleague" }, { who: "director" }], { roster: "hosts" });
  const [ciso, colleague, director] = guests as [Person, Person, Person];
  await board(ciso, room);
  const n = await record(ciso, "Cobalt: ward 4 is shut", "Two infected machines there", async (form) => {
    await form.getByLabel("Decision-maker").selectOption({ label: "Jo Lindqvist, Northmoor NHS Trust, operational" });
    await expect(form.getByText("TLP:AMBER+STRICT, the hosts and Northmoor NHS Trust")).toBeVisible();
    await ciso.screen("decision-guest-audience");
  });
  await expect(sheet(ciso)).toContainText("Taken, awaiting confirmation");
  await ciso.page.getByRole("button", { name: "Raise an action" }).click();
  const raise = ciso.dialog(`Raise an action from decision ${n}`);
  await raise.getByLabel("What is to be done").fill("Cobalt: tape off the doors");
  await raise.getByLabel("By whom").selectOption({ label: "Northmoor NHS Trust: anyone who speaks for it" });
  await raise.getByRole("button", { name: "Raise it" }).click();
  await receivers(raise).getByRole("button", { name: "Raise it" }).click();
  await expect(sheet(ciso)).toContainText("Waiting for an answer");
  await board(ciso, room, "actions");
  await ciso.page.getByRole("button", { name: "Raise an action" }).click();
  const alone = ciso.dialog("Raise an action");
  await expect(alone.getByText("TLP:AMBER+STRICT, the hosts and Northmoor NHS Trust")).toBeVisible();
  await alone.getByLabel("What is to be done").fill("Cobalt: count the machines");
  await alone.getByLabel("By whom").selectOption({ label: "Jo Lindqvist" });
  await alone.getByRole("button", { name: "Raise it" }).click();
  await expect(sheet(ciso)).toContainText("Cobalt: count the machines");

  for (const who of [lead, colleague]) {
    await board(who, room, "actions");
    await expect(row(who, "Cobalt")).toHaveCount(2);
    await board(who, room);
    await expect(row(who, "Cobalt: ward 4 is shut")).toBeVisible();
  }
  // A host who asks a guest does so without telling the others.
  await board(lead, room, "actions");
  await lead.page.getByRole("button", { name: "Raise an action" }).click();
  const asked = lead.dialog("Raise an action");
  await expect(asked.getByText("TLP:AMBER+STRICT, everyone in the room")).toBeVisible();
  await asked.getByLabel("What is to be done").fill("Cobalt: send the images");
  await asked.getByLabel("By whom").selectOption({ label: "Northmoor NHS Trust: anyone who speaks for it" });
  await expect(asked.getByText("TLP:AMBER+STRICT, the hosts and Northmoor NHS Trust")).toBeVisible();
  await asked.getByRole("button", { name: "Raise it" }).click();
  await expect(sheet(lead)).toContainText("Cobalt: send the images");
  await board(ciso, room, "actions");
  await expect(row(ciso, "Cobalt: send the images")).toBeVisible();
  const after = await lead.post(room, { text: "For everyone" });
  await expect(director.entry(after)).toBeVisible();
  await board(director, room);
  await expect(director.page.getByText("No decision has been recorded yet")).toBeVisible();
  expect(await director.heard("Cobalt")).toBe(false);
  expect(await director.heard("Northmoor")).toBe(false);
});

test("a decision is recorded, added to and confirmed with the keyboard alone, and prints whole", async ({ come }) => {
  const { lead, room } = await meeting(come, "By keys", []);
  const { page } = lead;
  await lead.feed.locator("article").last().focus();
  await page.keyboard.press("d");
  const form = lead.dialog("Record a decision");
  await expect(form).toBeVisible();
  const reach = async (target: import("@playwright/test").Locator) => {
    await expect(target).toBeVisible();
    for (let i = 0; i < 80; i++) {
      if (await target.evaluate((el) => el === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`80 presses of Tab do not reach ${target.toString()}`);
  };
  await reach(form.getByRole("textbox", { name: "Decision" }));
  await page.keyboard.type("Call in the second shift");
  await reach(form.getByRole("textbox", { name: "Rationale" }));
  await page.keyboard.type("Nobody has slept, and the next eight hours are worse.");
  await reach(form.getByText("Identify options and contingencies"));
  await page.keyboard.press("Enter");
  await reach(form.getByRole("textbox", { name: "Who was consulted" }));
  await page.keyboard.type("Both night leads");
  await reach(form.getByRole("button", { name: "Record it" }));
  await page.keyboard.press("Enter");
  const n = await pageOf(lead, "Call in the second shift");
  await reach(page.getByRole("button", { name: "Confirm", exact: true }));
  lead.expects(/^refused: 401 .*\/confirm$/);
  await page.keyboard.press("Enter");
  await reach(lead.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }));
  await page.keyboard.press("Enter");
  await lead.secondFactor();
  await reach(page.getByRole("button", { name: "Confirm", exact: true }));
  await page.keyboard.press("Enter");
  await expect(sheet(lead)).toContainText("Confirmed");
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await expect(page.getByRole("heading", { name: "Decisions", exact: true })).toBeVisible();
  await reach(row(lead, "Call in the second shift").getByRole("link"));
  await page.keyboard.press("Enter");
  await pageOf(lead, "Call in the second shift");

  // On paper: who printed it, what is missing, and none of the buttons.
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".print-head")).toContainText(`INCIDENT ${room.reference}, By keys. Printed by Priya Anand`);
  await expect(sheet(lead)).toContainText("Both night leads");
  await expect(sheet(lead).locator(".gaps")).toBeVisible();
  for (const gone of [page.getByRole("button", { name: "Supersede" }), page.getByRole("navigation", { name: "Parts of this room" }), page.getByRole("banner")]) await expect(gone).toBeHidden();
  await page.screenshot({ path: test.info().outputPath("print-decision.png"), fullPage: true });
  await page.emulateMedia({ media: "screen" });
  await board(lead, room);
  await expect(row(lead, "Call in the second shift")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(row(lead, "Call in the second shift")).toContainText(String(n));
  await expect(row(lead, "Call in the second shift").getByText("TLP:AMBER+STRICT")).toBeVisible();
  await expect(row(lead, "Call in the second shift").getByText(/taken.*\d{1,2} \w+ \d{4}, \d\d:\d\d/)).toBeVisible(); // with its date: paper is read years later
  await expect(page.getByRole("button", { name: "Record a decision" })).toBeHidden();
  await page.screenshot({ path: test.info().outputPath("print-decisions.png"), fullPage: true });
});
