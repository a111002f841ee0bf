// Who is asked to do what by when, what they say to it, and what was done.
import { atOnce } from "./atonce";
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

test.describe.configure({ timeout: 120_000 }); // several people, each at a browser of their own

async function board(who: Person, room: Room, noun: "decisions" | "actions" = "actions"): Promise<void> {
  await who.goto(`/rooms/${room.room}/${noun}`);
  await expect(who.page.getByRole("heading", { name: noun === "actions" ? "Actions" : "Decisions", exact: true })).toBeVisible();
}

type Form = ReturnType<Person["dialog"]>;

/** Fills in and sends the form that is open, and returns the action's number once its page is there. */
async function raise(who: Person, form: Form, text: string, whom: string, edit?: (form: Form) => Promise<void>): Promise<number> {
  await form.getByLabel("What is to be done").fill(text);
  await form.getByLabel("By whom").selectOption({ label: whom });
  await edit?.(form);
  await form.getByRole("button", { name: "Raise it" }).click();
  await expect(form).toBeHidden();
  await expect(who.page.getByRole("article", { name: text })).toBeVisible();
  return Number(/\/actions\/(\d+)$/.exec(new URL(who.page.url()).pathname)?.[1]);
}

/** From the board. */
async function raiseAlone(who: Person, room: Room, text: string, whom: string, edit?: (form: Form) => Promise<void>): Promise<number> {
  await board(who, room);
  await who.page.getByRole("button", { name: "Raise an action" }).click();
  return raise(who, who.dialog("Raise an action"), text, whom, edit);
}

const northmoor = "Northmoor NHS Trust: anyone who speaks for it";
const sheet = (who: Person) => who.page.locator("article.sheet");
const row = (who: Person, text: string | RegExp) => who.page.locator(".board-row", { hasText: text });
const filter = (who: Person, name: string) => who.page.getByRole("group", { name: /^Which / }).getByRole("button", { name, exact: true });
const needs = (who: Person) => who.page.getByRole("region", { name: /^Needs you/ }).filter({ visible: true });

test("raised from a decision for an organisation, accepted on a phone, done with evidence", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Asked and done", [{ who: "ciso", on: "phone" }, { who: "colleague" }]);
  const [ciso, colleague] = guests as [Person, Person];
  const { body } = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/decisions`, { decision: "Isolate ward 4", rationale: "Two infected machines there", maker: await lead.memberNumber(room, "lead") });
  const d = body.seq;
  await lead.goto(`/rooms/${room.room}/decisions/${d}`);
  await lead.page.getByRole("button", { name: "Raise an action" }).click();
  const form = lead.dialog(`Raise an action from decision ${d}`);
  await form.getByRole("button", { name: "Raise it" }).click();
  await expect(form.getByRole("alert").getByRole("listitem")).toHaveText(["Say what is to be done.", "Choose who is asked to do it."]);
  await lead.screen("action-refused");
  const n = await raise(lead, form, "Take ward 4 off the network", northmoor, async (f) => {
    await f.getByRole("button", { name: "In 2 hours" }).click();
    await lead.screen("action-form");
  });
  await expect(sheet(lead)).toContainText("Waiting for an answer");
  await expect(sheet(lead)).toContainText(new RegExp(`Carries out\\s*decision ${d}`));
  await expect(sheet(lead)).toContainText(/For\s*Northmoor NHS Trust/);
  await expect(sheet(lead)).toContainText(/Due\s*By (\d+ \w+, )?\d\d:\d\d/);
  await lead.screen("action-raised");

  // It waits for both who speak for the organisation, and for nobody else.
  await expect(ciso.entry(n)).toContainText("Action for Northmoor NHS Trust");
  await expect(ciso.entry(n)).toContainText("Waiting for an answer");
  await ciso.screen("action-card");
  await expect(needs(colleague)).toContainText(/Accept or decline, by .*Take ward 4 off the network/);
  await expect(needs(lead)).not.toContainText("Take ward 4");
  await ciso.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /Record.*1 waiting for you/ }).click();
  await needs(ciso).getByRole("link", { name: /Accept or decline/ }).click();
  await expect(ciso.page.getByRole("heading", { name: "Will you do it?" })).toBeVisible();
  await ciso.screen("action-ask");
  await ciso.page.getByRole("button", { name: "Accept", exact: true }).click();
  await expect(sheet(ciso)).toContainText("You have accepted it");
  await expect(sheet(lead)).toContainText("Accepted");
  await expect(sheet(lead)).toContainText("Dr Hannah Osei, Northmoor NHS Trust accepted it");
  await expect(needs(colleague)).toContainText(/To be done, by .*Take ward 4/);
  await ciso.screen("action-accepted");

  const proof = await colleague.say("Port 12 to 48 on switch N4 are down");
  await ciso.page.getByRole("button", { name: "It is done" }).click();
  const done = ciso.dialog("It is done");
  await done.getByRole("button", { name: "Say that it is done" }).click();
  await expect(done.getByRole("alert")).toBeVisible();
  await done.getByRole("textbox").first().fill("The ward's switch is off; tested from outside.");
  await done.getByLabel(/^Entries that show it/).fill(String(proof));
  await ciso.screen("action-done-form");
  await done.getByRole("button", { name: "Say that it is done" }).click();
  await expect(done).toBeHidden();
  await expect(sheet(ciso)).toContainText("Done");
  await expect(sheet(lead)).toContainText(/says that it is done.*The ward's switch is off; tested from outside\./s);
  await expect(sheet(lead).getByRole("link", { name: `#${proof}` })).toBeVisible();
  await lead.screen("action-done");
  await ciso.screen("action-done");
  await expect(needs(colleague)).toHaveCount(0);
  await lead.goto(`/rooms/${room.room}/decisions/${d}`);
  await expect(sheet(lead).getByRole("listitem").filter({ hasText: "Northmoor NHS Trust: Take ward 4 off the network" })).toContainText("Done");
});

test("for a person: declined with a reason; a host can chase, and is neither offered nor allowed their answer", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Asked and declined", [{ who: "ciso", on: "phone" }, { who: "colleague" }]);
  const [ciso, colleague] = guests as [Person, Person];
  const n = await raiseAlone(lead, room, "Photograph the screens", "Dr Hannah Osei");
  await expect(sheet(lead)).toContainText(/For\s*Dr Hannah Osei, Northmoor NHS Trust/);
  await expect(sheet(lead)).toContainText(/Due\s*No time set/);

  for (const name of ["Accept", "Decline", "Hand on", "It is done"]) await expect(sheet(lead).getByRole("button", { name, exact: true })).toHaveCount(0);
  await expect(sheet(lead).getByRole("button", { name: "Withdraw" })).toBeVisible();
  lead.expects(/^refused: 403 /);
  colleague.expects(/^refused: 403 /);
  for (const who of [lead, colleague]) {
    for (const [act, body] of Object.entries({ accept: {}, decline: { reason: "x" }, done: { evidence: "x" }, hand: { for: { org: "X1N" }, reason: "x" } })) {
      expect((await who.ask("POST", `/rooms/${room.room}/entries/${n}/${act}`, { ...body, seen: n })).status, `${act} by ${who.account.name}`).toBe(403);
    }
  }
  await expect(needs(colleague)).toHaveCount(0); // it is for a person, not for her organisation

  await sheet(lead).getByRole("button", { name: "Chase" }).click();
  const chase = lead.dialog("Chase this action");
  await chase.getByLabel("Reminder").fill("We need it for the 18:00 call.");
  await lead.screen("action-chase");
  await chase.getByRole("button", { name: "Send the reminder" }).click();
  await expect(chase).toBeHidden();
  await expect(sheet(lead)).toContainText(/Priya Anand, Data Security Centre chased it.*We need it for the 18:00 call\./s);
  await expect(ciso.page.getByText("We need it for the 18:00 call.")).toBeVisible();

  await ciso.goto(`/rooms/${room.room}/actions/${n}`);
  await ciso.page.getByRole("button", { name: "Decline", exact: true }).click();
  const no = ciso.dialog(/^Decline/);
  await no.getByRole("button", { name: /^Decline/ }).click();
  await expect(no.getByRole("alert")).toBeVisible();
  await no.getByRole("textbox").fill("Cameras are not allowed on the ward.");
  await ciso.screen("action-decline");
  await no.getByRole("button", { name: /^Decline/ }).click();
  await expect(no).toBeHidden();
  await expect(sheet(lead)).toContainText("Declined");
  await expect(sheet(lead)).toContainText(/declined it.*Cameras are not allowed on the ward\./s);
  await expect(sheet(lead).getByRole("button", { name: "Chase" })).toHaveCount(0);
  await lead.screen("action-declined");
  await ciso.screen("action-declined");
});

test("handed on it waits for another; overdue by the exercise's clock it says so everywhere", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Handed on", [{ who: "ciso", on: "phone" }, { who: "colleague" }], { mode: "exercise" });
  const [ciso, colleague] = guests as [Person, Person];
  const clock = (at: string) => lead.ask("POST", `/rooms/${room.room}/clock`, { at, factor: 1, paused: true });
  expect((await clock("2017-05-12T15:00:00Z")).status).toBe(200);
  await expect(lead.entryWith("Exercise clock stopped at 12 May 2017, 16:00 BST")).toBeVisible();
  const n = await raiseAlone(lead, room, "Count the machines", "Dr Hannah Osei", async (f) => {
    await expect(f.getByText("By the exercise’s clock.")).toBeVisible();
    await f.getByRole("textbox", { name: "Time, 24-hour" }).fill("1730");
    await expect(f.getByText("17:30 BST")).toBeVisible();
  });
  await expect(sheet(lead)).toContainText(/Due\s*By 17:30 BST/);
  await ciso.goto(`/rooms/${room.room}/actions/${n}`);
  await ciso.page.getByRole("button", { name: "Accept", exact: true }).click();
  await expect(sheet(ciso)).toContainText("You have accepted it");
  await ciso.page.getByRole("button", { name: "Hand on" }).click();
  const hand = ciso.dialog(/^Hand/);
  await hand.getByLabel("To whom").selectOption({ label: "Jo Lindqvist" });
  await hand.getByRole("textbox").fill("She has the asset list.");
  await ciso.screen("action-hand");
  await hand.getByRole("button", { name: "Hand it on" }).click();
  await expect(hand).toBeHidden();
  await expect(sheet(ciso)).toContainText(/For\s*Jo Lindqvist, Northmoor NHS Trust/);
  await expect(sheet(ciso)).toContainText("Waiting for an answer");
  await expect(sheet(ciso).getByRole("button", { name: "Accept", exact: true })).toHaveCount(0);
  await expect(sheet(lead)).toContainText(/handed it on to Jo Lindqvist.*She has the asset list\./s);
  await expect(needs(colleague)).toContainText(/Accept or decline, by 17:30 BST.*Count the machines/);
  await lead.screen("action-handed");

  expect((await clock("2017-05-12T17:00:00Z")).status).toBe(200);
  await expect(sheet(lead)).toContainText("Overdue");
  await expect(sheet(ciso)).toContainText(/17:30 BST.*30 minutes ago/s);
  await expect(colleague.entry(n)).toContainText("Overdue");
  await expect(needs(colleague)).toContainText(/Overdue\. Accept or decline/);
  await colleague.screen("action-overdue-needs");
  await board(ciso, room);
  await filter(ciso, "Overdue").click();
  await expect(row(ciso, "Count the machines")).toContainText("Overdue");
  await ciso.screen("actions-overdue");
  await lead.screen("action-overdue");

  // Withdrawn, it is nobody's any more, and not late.
  await sheet(lead).getByRole("button", { name: "Withdraw" }).click();
  const back = lead.dialog("Withdraw this action");
  await back.getByLabel("Reason").fill("The supplier sent the list.");
  await back.getByRole("button", { name: "Withdraw it" }).click();
  await expect(sheet(lead)).toContainText("Withdrawn");
  await expect(sheet(lead)).not.toContainText("Overdue");
  await expect(needs(colleague)).toHaveCount(0);
  await expect(row(ciso, "Count the machines")).toHaveCount(0);
  await expect(ciso.page.getByText("No action is like that now")).toBeVisible();
});

test("accepted by one and declined by another of the organisation at once: one of the two, and the other is told", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Two of them", [{ who: "ciso", on: "phone" }, { who: "colleague" }]);
  const [ciso, colleague] = guests as [Person, Person];
  for (const i of [0, 1]) {
    const { body } = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/actions`, { text: `Contested ${i}`, for: { org: "X1N" } });
    const n = body.seq;
    await ciso.goto(`/rooms/${room.room}/actions/${n}`);
    await colleague.goto(`/rooms/${room.room}/actions/${n}`);
    await colleague.page.getByRole("button", { name: "Decline", exact: true }).click();
    const dialog = colleague.dialog(/^Decline/);
    await dialog.getByRole("textbox").fill("Not ours.");
    const yes = ciso.page.getByRole("button", { name: "Accept", exact: true });
    await expect(yes).toBeVisible();
    ciso.expects(/^refused: 409 /);
    colleague.expects(/^refused: 409 /);
    const will = { who: ciso, does: () => yes.click() };
    const wont = { who: colleague, does: () => dialog.getByRole("button", { name: /^Decline/ }).click() };
    const said = await atOnce(/\/(accept|decline)$/, i === 0 ? [will, wont] : [wont, will]);
    expect([...said].toSorted()).toEqual([200, 409]);
    const accepted = said[i] === 200;
    const loser = accepted ? colleague : ciso;
    await expect(loser.page.getByRole("alert")).toContainText(`Action ${n} was ${accepted ? "accepted" : "declined"} in entry ${n + 1}.`);
    for (const who of [ciso, colleague]) await expect(sheet(who)).toContainText(accepted ? "Accepted" : "Declined");
    await loser.screen(`action-race-lost-${i}`);
  }
});

test("boards by where things stand, whose they are and how late; what needs me; the record alone; and all of it on paper", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "The boards", [{ who: "ciso", on: "phone" }, { who: "director" }], { mode: "exercise" });
  const [ciso, director] = guests as [Person, Person];
  const clock = (at: string) => lead.ask("POST", `/rooms/${room.room}/clock`, { at, factor: 1, paused: true });
  expect((await clock("2017-05-12T15:00:00Z")).status).toBe(200);
  await lead.post(room, { text: "Between the lines" });
  const mine = await lead.memberNumber(room, "lead");
  const ask = async (body: object, what = "actions") => {
    const made = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}/${what}`, body);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    return made.body.seq;
  };
  const d = await ask({ decision: "Divert emergencies to Eastmere", rationale: "Imaging is down", maker: mine }, "decisions");
  const late = await ask({ text: "Tell the ambulance service", for: { org: "X2E" }, due: "2017-05-12T15:30:00Z", decision: d });
  await ask({ text: "Keep a list of diverted patients' numbers, never names", for: { org: "X1N" }, due: "2017-05-12T20:00:00Z" });
  const taken = await ask({ text: "Ring the pathology laboratory", for: { org: "X1N" } });
  await ask({ text: "Publish the holding lines", for: { org: "DSC", member: mine } });
  expect((await ciso.ask("POST", `/rooms/${room.room}/entries/${taken}/accept`, { seen: taken })).status).toBe(200);
  expect((await clock("2017-05-12T17:00:00Z")).status).toBe(200);

  await board(lead, room);
  const titles = (who: Person) => who.page.locator(".board-row__title");
  const all = ["Publish the holding lines", "Ring the pathology laboratory", "Keep a list of diverted patients' numbers, never names", "Tell the ambulance service"];
  await expect(titles(lead)).toHaveText(all);
  await expect(row(lead, "Tell the ambulance service")).toContainText(new RegExp(`Eastmere General Hospital NHS Trust · by 16:30 BST.*decision ${d}.*Waiting for an answer.*Overdue`, "s"));
  await lead.screen("actions");
  for (const [name, texts] of [
    ["Waiting for me", [all[0]]],
    ["My organisation’s", [all[0]]],
    ["Overdue", [all[3]]],
    ["Not answered", [all[0], all[2], all[3]]],
    ["Accepted", [all[1]]],
    ["Finished", []],
  ] as const) {
    await filter(lead, name).click();
    await expect(filter(lead, name)).toHaveAttribute("aria-pressed", "true");
    await expect(titles(lead)).toHaveText(texts.map((t) => t ?? ""));
  }

  // The guest's own, on a phone.
  await board(ciso, room);
  await expect(needs(ciso).getByRole("listitem")).toHaveText([/To be done.*Ring the pathology laboratory/, /Accept or decline.*Keep a list/]);
  await ciso.screen("actions");
  await filter(ciso, "Waiting for me").click();
  await expect(titles(ciso)).toHaveText([all[1] ?? "", all[2] ?? ""]);
  await ciso.goto("/");
  await expect(ciso.page.getByRole("link", { name: new RegExp(`2 things wait for you in EXERCISE ${room.reference}`) })).toBeVisible();
  await ciso.screen("actions-needs-rooms");
  await expect(needs(director)).toContainText(/Overdue\. Accept or decline, by 16:30 BST/);

  // The log, with nothing in it but the record.
  await ciso.goto(`/rooms/${room.room}`);
  await expect(ciso.entryWith("Between the lines")).toBeVisible();
  await ciso.page.getByRole("button", { name: "The record only" }).click();
  await expect(ciso.page.getByText("The record only: severity, decisions, actions and logs.")).toBeVisible();
  await expect(ciso.entry(late)).toContainText("Tell the ambulance service");
  await expect(ciso.entryWith("Between the lines")).toHaveCount(0);
  await expect(ciso.entryWith("joined as")).toHaveCount(0);
  await ciso.screen("record-only");
  await ciso.page.getByRole("button", { name: "Show everything" }).click();
  await expect(ciso.entryWith("Between the lines")).toBeVisible();

  // On paper: with its dates, and without buttons.
  await filter(lead, "All").click();
  await expect(titles(lead)).toHaveText(all);
  await lead.page.emulateMedia({ media: "print" });
  await expect(lead.page.locator(".print-head")).toContainText(new RegExp(`EXERCISE ${room.reference}, The boards\\. Printed by Priya Anand, \\d+ \\w+ 20(?!17)\\d\\d, .*The exercise’s clock said 12 May 2017, 18:00 BST\\.`));
  await expect(lead.page.getByText("Which actions: All")).toBeVisible();
  await expect(row(lead, "Tell the ambulance service").getByText("12 May 2017, 16:30 BST")).toBeVisible();
  await expect(lead.page.getByRole("button", { name: "Raise an action" })).toBeHidden();
  await expect(filter(lead, "Overdue")).toBeHidden();
  await lead.page.screenshot({ path: test.info().outputPath("print-actions.png"), fullPage: true });
  await lead.page.pdf({ path: test.info().outputPath("print-actions.pdf"), preferCSSPageSize: true });
  await lead.goto(`/rooms/${room.room}/actions/${late}`);
  await expect(sheet(lead).getByText("12 May 2017, 16:30 BST")).toBeVisible();
  await lead.page.screenshot({ path: test.info().outputPath("print-action.png"), fullPage: true });
});

test("an action is raised, accepted and finished with the keyboard alone", async ({ come }) => {
  const { lead, room } = await meeting(come, "Actions by keys", []);
  const { page } = lead;
  const reach = async (target: import("@playwright/test").Locator) => {
    await expect(target).toBeVisible();
    for (let i = 0; i < 80; i++) {
      if (await target.evaluate((el) => el === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`80 presses of Tab do not reach ${target.toString()}`);
  };
  await lead.feed.locator("article").last().focus();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page.getByRole("heading", { name: "Actions", exact: true })).toBeVisible();
  await reach(page.getByRole("button", { name: "Raise an action" }));
  await page.keyboard.press("Enter");
  const form = lead.dialog("Raise an action");
  await reach(form.getByLabel("What is to be done"));
  await page.keyboard.type("Ring round the trusts");
  await reach(form.getByLabel("By whom"));
  await page.keyboard.type("Priya");
  await expect(form.getByLabel("By whom")).toHaveValue(/^m\d+$/);
  await reach(form.getByRole("button", { name: "In 1 hour" }));
  await page.keyboard.press("Enter");
  await reach(form.getByRole("button", { name: "Raise it" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("article", { name: "Ring round the trusts" })).toBeVisible();
  await reach(page.getByRole("button", { name: "Accept", exact: true }));
  await page.keyboard.press("Enter");
  await reach(page.getByRole("button", { name: "It is done" }));
  await page.keyboard.press("Enter");
  const done = lead.dialog("It is done");
  await reach(done.getByRole("textbox").first());
  await page.keyboard.type("All 34 reached");
  await reach(done.getByRole("button", { name: "Say that it is done" }));
  await page.keyboard.press("Enter");
  await expect(done).toBeHidden();
  await expect(sheet(lead)).toContainText("All 34 reached");
  expect((await lead.snapshot(room)).seq).toBeGreaterThan(0);
});
