// Who receives it is shown before it is sent; what does not belong here is
// stopped before it is stored.
import { meeting } from "./meeting";
import { expect, test } from "./test";
import type { Person } from "./person";

const panel = (p: Person) => p.page.getByRole("group", { name: /receives? this/ });

async function address(p: Person, label: string, ...names: string[]): Promise<void> {
  if (label !== "") await p.page.getByRole("combobox", { name: "Label" }).selectOption(label);
  await p.page.getByRole("button", { name: /^Audience/ }).click();
  const dialog = p.dialog("Who receives this");
  if (label !== "TLP:RED") await dialog.getByLabel("Named people and organisations").check();
  for (const name of names) await dialog.getByLabel(name, { exact: true }).check();
  await dialog.getByRole("button", { name: "Done" }).click();
}

test("RED shows exactly the people named, ordinary chat shows nobody, and Enter sends", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Named people", [{ who: "ciso" }, { who: "director", on: "phone" }]);
  const [ciso, director] = guests as [Person, Person];

  const asked: string[] = [];
  lead.page.on("request", (r) => {
    if (r.url().endsWith("/preflight")) asked.push(r.url());
  });
  await lead.say("Ordinary chat goes at once");
  expect(asked).toEqual([]);

  await address(lead, "TLP:RED", "Dr Hannah Osei");
  await lead.composer.fill("For one pair of eyes");
  await lead.composer.press("Enter");
  await expect(panel(lead)).toContainText("1 person in 1 organisation receives this");
  await expect(panel(lead).getByRole("listitem")).toHaveText([/^Dr Hannah Osei Representative ?Joined in the last 10 minutes$/]);
  await expect(panel(lead)).toContainText("Northmoor NHS Trust");
  await expect(panel(lead)).not.toContainText("Alan Whitcombe");
  expect(asked).toHaveLength(1);
  await lead.screen("preflight-red");

  await lead.page.keyboard.press("Escape");
  await expect(panel(lead)).toHaveCount(0);
  await expect(lead.composer).toHaveValue("For one pair of eyes");
  await lead.composer.press("Enter");
  await expect(panel(lead).getByRole("button", { name: "Send", exact: true })).toBeFocused();
  await lead.page.keyboard.press("Enter");
  const red = lead.page.locator("article[data-seq]", { hasText: "TLP:RED" }).last();
  await expect(red).toBeVisible();
  await expect(ciso.entry(Number(await red.getAttribute("data-seq")))).toContainText("TLP:RED");
  await expect(lead.composer).toHaveValue("");
  expect(await director.heard("For one pair of eyes")).toBe(false);

  await address(director, "", "Data Security Centre");
  await director.composer.fill("For the Data Security Centre");
  await director.page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(panel(director)).toContainText("and later joiners, if they may see earlier entries");
  await director.screen("preflight-organisation");
  await panel(director).getByRole("button", { name: "Send", exact: true }).click();
  await lead.seqOf("For the Data Security Centre");
});

test("who came in since is named, nothing is lost, and one key sends it to them too", async ({ come }) => {
  const { lead, room } = await meeting(come, "Somebody came in", [{ who: "ciso" }]);
  await address(lead, "", "Northmoor NHS Trust");
  await lead.composer.fill("The patch is on the share");
  await lead.composer.press("Enter");
  await expect(panel(lead)).toContainText("1 person in 1 organisation receives this");

  const jo = await come("colleague", { on: "phone" });
  await jo.signIn();
  await lead.bring(room, jo, "representative");
  await jo.enter(room.room);

  lead.expects(/^refused: 409 .*\/messages$/);
  await panel(lead).getByRole("button", { name: "Send", exact: true }).press("Enter");
  await expect(panel(lead)).toContainText("Not sent: since you looked, Jo Lindqvist of Northmoor NHS Trust came in.");
  await expect(panel(lead)).toContainText("2 people in 1 organisation receive this");
  await expect(panel(lead).getByRole("listitem").first()).toContainText("Jo Lindqvist Representative Came in since you looked");
  await expect(panel(lead).getByRole("button", { name: "Send to them too" })).toBeFocused();
  await lead.screen("preflight-gained");
  await lead.page.keyboard.press("Enter");
  const seq = await lead.seqOf("The patch is on the share");
  await expect(jo.entry(seq)).toContainText("The patch is on the share");
  await expect(panel(lead)).toHaveCount(0);
});

test("a decision, an action and a line of a log for chosen people go to nobody who came in unshown", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "For a few of the record", [{ who: "loggist", role: "loggist", history: "full" }, { who: "ciso", on: "phone" }]);
  const [loggist, ciso] = guests as [Person, Person];

  // On a phone, with one hand.
  await ciso.goto(`/rooms/${room.room}/actions`);
  await ciso.page.getByRole("button", { name: "Raise an action" }).click();
  const raise = ciso.dialog("Raise an action");
  await raise.getByLabel("What is to be done").fill("Ring the supplier");
  await raise.getByLabel("By whom").selectOption({ label: "Data Security Centre: anyone who speaks for it" });
  await raise.getByText("Label and audience").click();
  await raise.getByLabel("Hosts only").check();
  await raise.getByRole("button", { name: "Raise it" }).click();
  await expect(panel(ciso)).toContainText("2 people in 1 organisation receive this");
  await ciso.screen("preflight-action");
  await panel(ciso).getByRole("button", { name: "Raise it" }).click();
  await expect(ciso.page.locator("article.sheet")).toContainText("Ring the supplier");

  // The loggist sees who reads the log while she writes, and is asked nothing.
  const opened = await loggist.ask<{ seq: number }>("POST", `/rooms/${room.room}/books`, { maker: await loggist.memberNumber(room, "lead"), signal: "She says so", audience: { kind: "named", orgs: ["DSC", "X1N"] } });
  await loggist.goto(`/rooms/${room.room}/books/${opened.body.seq}`);
  const readers = loggist.page.locator(".desk__readers");
  await expect(readers).toContainText("2 people in 2 organisations receive this");
  const field = loggist.page.getByRole("textbox", { name: "Log entry" });
  await field.fill("Elin takes it down");
  await field.press("Enter");
  await expect(loggist.page.locator('tr[data-line="1"]')).toContainText("Elin takes it down");

  await lead.goto(`/rooms/${room.room}/decisions`);
  await lead.page.getByRole("button", { name: "Record a decision" }).click();
  const form = lead.dialog("Record a decision");
  await form.getByRole("textbox", { name: "Decision" }).fill("Cut the link to pathology");
  await form.getByRole("textbox", { name: "Rationale" }).fill("It spreads there");
  await form.getByText("Label and audience").click();
  await form.getByLabel("Named people and organisations").check();
  await form.getByLabel("Northmoor NHS Trust", { exact: true }).check();
  await form.getByRole("button", { name: "Record it" }).click();
  await expect(panel(lead)).toContainText("1 person in 1 organisation receives this");
  await lead.screen("preflight-decision");

  const jo = await come("colleague");
  await jo.signIn();
  await lead.bring(room, jo, "representative");
  await jo.enter(room.room);

  lead.expects(/^refused: 409 .*\/decisions$/);
  await panel(lead).getByRole("button", { name: "Record it" }).press("Enter");
  await expect(panel(lead)).toContainText("Jo Lindqvist of Northmoor NHS Trust came in");
  await expect(panel(lead).getByRole("button", { name: "Record it to them too" })).toBeFocused();
  await lead.page.keyboard.press("Enter");
  await expect(lead.page.getByRole("article", { name: "Cut the link to pathology" })).toBeVisible();

  loggist.expects(/^refused: 409 .*\/lines$/);
  await field.fill("She decides");
  await field.press("Enter");
  await expect(panel(loggist)).toContainText("Jo Lindqvist of Northmoor NHS Trust came in");
  await loggist.screen("preflight-line");
  expect(await jo.heard("She decides")).toBe(false);
  await expect(panel(loggist).getByRole("button", { name: "Save it to them too" })).toBeFocused();
  await loggist.page.keyboard.press("Enter");
  await expect(loggist.page.locator('tr[data-line="2"]')).toContainText("She decides");
  await expect(readers).toContainText("3 people in 2 organisations receive this");
});

test("widening shows who will see it, suppliers unmistakable", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Widening", [{ who: "ciso" }, { who: "supplier", on: "phone", history: "full" }, { who: "ncsc", role: "liaison", history: "full" }]);
  const [, supplier] = guests as [Person, Person];
  await lead.page.getByRole("button", { name: /^Audience/ }).click();
  await lead.dialog("Who receives this").getByLabel("Hosts only").check();
  await lead.dialog("Who receives this").getByRole("button", { name: "Done" }).click();
  await lead.composer.fill("The share’s passwords were changed");
  await lead.composer.press("Enter");
  await expect(panel(lead)).toContainText("1 person in 1 organisation receives this");
  await lead.page.keyboard.press("Enter");
  const seq = await lead.seqOf("The share’s passwords were changed");

  await lead.act(seq, "Widen label or audience");
  const dialog = lead.dialog(`Widen entry ${seq}`);
  await dialog.getByLabel("Everyone in the room").check();
  await dialog.getByLabel("Reason").fill("They need it now");
  await dialog.getByRole("button", { name: "Widen" }).click();
  await expect(dialog).toContainText("2 people in 2 organisations gain sight of this; 1 person has it already");
  await expect(dialog).toContainText("Goes to a supplier");
  await expect(dialog.locator(".preflight__org", { hasText: "Calder Systems Ltd" })).toContainText("Supplier");
  await lead.screen("preflight-widening");

  const director = await come("director");
  await director.signIn();
  await lead.bring(room, director, "representative", "full");
  lead.expects(/^refused: 409 .*\/widen$/);
  await dialog.getByRole("button", { name: "Widen" }).press("Enter");
  await expect(dialog).toContainText("Alan Whitcombe of Eastmere General Hospital NHS Trust came in");
  await dialog.getByRole("button", { name: "Widen to them too" }).press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(supplier.entry(seq)).toContainText("The share’s passwords were changed");
});

test("a protective marking stops a guest, and a host who gives a reason goes on", async ({ come }) => {
  const { lead, guests } = await meeting(come, "Markings", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  const text = "UK SECRET\n\nThe actor came in by the update.";
  for (const p of [lead, ciso]) p.expects(/^refused: 422 /);

  await ciso.say("The secret is out, and no top secret plan was in it");
  await ciso.composer.fill(text);
  await ciso.page.getByRole("button", { name: "Send", exact: true }).click();
  const stopped = ciso.page.locator(".entry--failed");
  await expect(stopped).toContainText("This bears the marking “UK SECRET”");
  await expect(stopped.getByRole("button", { name: "Change it" })).toBeVisible();
  await expect(stopped.getByRole("button", { name: /reason/ })).toHaveCount(0);
  await ciso.screen("marking-guest");
  await stopped.getByRole("button", { name: "Change it" }).click();
  await expect(ciso.composer).toHaveValue(text);
  await ciso.composer.fill("The actor came in by the update.");
  await ciso.page.getByRole("button", { name: "Send", exact: true }).click();
  await lead.seqOf("The actor came in by the update.");
  expect(await lead.heard("UK SECRET")).toBe(false);

  await lead.composer.fill(text);
  await lead.composer.press("Enter");
  await lead.screen("marking-host");
  await lead.page.getByLabel("Why it may stand here all the same").fill("Declassified at 14:10 by its owner");
  await lead.page.getByRole("button", { name: "Send it with this reason" }).click();
  const seq = await ciso.seqOf("UK SECRET");
  for (const p of [lead, ciso]) await expect(p.entry(seq)).toContainText("It bears a protective marking and was written all the same: Declassified at 14:10 by its owner (Priya Anand)");
  await lead.screen("marking-overruled");

  await lead.page.getByRole("button", { name: /the situation brief/ }).click();
  const brief = lead.dialog(/situation brief/);
  await brief.getByLabel(/happened/i).first().fill("SECRET");
  await brief.getByRole("button", { name: /Save as version/ }).click();
  await expect(brief.getByRole("alert").first()).toContainText("This bears the marking “SECRET”");
  await brief.getByLabel("Why it may stand here all the same").fill("It is what the ransom note says");
  await lead.screen("marking-brief");
  await brief.getByRole("button", { name: "Save it with this reason" }).click();
  await expect(brief).toHaveCount(0);
});

test("an NHS number is warned about before it is sent and taken out at one press", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Patient data", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [Person];
  await ciso.composer.fill("Bed 4 is 943 476 5919, ring 07700 900123");
  await ciso.page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(ciso.page.getByRole("alert")).toContainText("943 476 5919 reads as an NHS number");
  await ciso.screen("nhs-number");
  await ciso.page.getByRole("button", { name: "Remove it" }).click();
  await expect(ciso.composer).toHaveValue("Bed 4 is [NHS number removed], ring 07700 900123");
  await ciso.page.getByRole("button", { name: "Send", exact: true }).click();
  await lead.seqOf("Bed 4 is [NHS number removed]");
  expect(await lead.heard("943 476 5919")).toBe(false);

  await lead.goto(`/rooms/${room.room}/actions`);
  await lead.page.getByRole("button", { name: "Raise an action" }).click();
  const form = lead.dialog("Raise an action");
  await form.getByLabel("What is to be done").fill("Call the ward about 4010232137");
  await form.getByLabel("By whom").selectOption({ label: "Northmoor NHS Trust: anyone who speaks for it" });
  await form.getByRole("button", { name: "Raise it" }).click();
  await expect(form.getByRole("alert")).toContainText("Not sent. 4010232137 reads as an NHS number");
  await lead.screen("nhs-number-form");
  await form.getByRole("button", { name: "Remove it" }).click();
  await expect(form.getByLabel("What is to be done")).toHaveValue("Call the ward about [NHS number removed]");
  await form.getByRole("button", { name: "Raise it" }).click();
  await expect(form).toHaveCount(0);
  expect(await ciso.heard("4010232137")).toBe(false);
});
