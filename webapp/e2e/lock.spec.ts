// A page that nobody uses locks; a sign-in service that is down stops nobody
// who is in.
import { issuerName } from "./accounts";
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("idle for 30 minutes: warned, then locked: nothing is shown, place and draft are kept", async ({ come }) => {
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Idle");
  await lead.page.clock.install();
  await lead.page.reload();
  await lead.enter(room.room);
  const seq = await lead.say("Amaranth is confidential");
  await lead.composer.fill("An unfinished sentence");
  await lead.page.clock.fastForward("28:30");
  await expect(lead.dialog("Are you still there?")).toBeVisible();
  await lead.screen("lock-warning");
  await lead.dialog("Are you still there?").getByRole("button", { name: "I am still here" }).click();
  await expect(lead.dialog("Are you still there?")).toBeHidden();
  await expect(lead.entry(seq)).toBeVisible();

  await lead.page.clock.fastForward("28:30");
  await expect(lead.dialog("Are you still there?")).toBeVisible();
  await lead.page.clock.fastForward("02:00");
  await expect(lead.page.getByRole("heading", { name: "Locked" })).toBeVisible();
  await expect(lead.page.getByRole("heading", { name: "Locked" })).toBeFocused();
  expect(await lead.page.content()).not.toContain("Amaranth");
  expect(await lead.page.content()).not.toContain("An unfinished sentence");
  expect(await lead.page.title()).not.toContain(room.reference);
  await expect.poll(() => lead.sockets.at(-1)?.closed).toBeGreaterThan(0);
  await lead.screen("locked");

  // Loading it again, or asking with its cookie, opens nothing.
  lead.expects(/^refused: 401 /);
  await lead.page.reload();
  await expect(lead.page.getByRole("heading", { name: "Locked" })).toBeVisible();
  expect((await lead.ask("GET", `/rooms/${room.room}`)).status).toBe(401);
  expect((await lead.ask("GET", "/rooms")).status).toBe(401);
  expect(await lead.page.content()).not.toContain("Priya Anand");
  await lead.screen("locked-again");
  await lead.page.getByRole("button", { name: "Sign in again" }).click();
  const here = lead.page.getByTestId("account-lead");
  await expect(here.or(lead.page.getByTestId("second-factor-code")).or(lead.feed)).toBeVisible();
  if (await here.isVisible()) await here.click();
  if (!(await lead.feed.isVisible())) await lead.secondFactor();
  await expect(lead.page).toHaveURL(new RegExp(`/rooms/${room.room}$`));
  await expect(lead.entry(seq)).toContainText("Amaranth");
  await expect(lead.composer).toHaveValue("An unfinished sentence");
});

test("a sign-in service that does not answer is named, and those who are in go on", async ({ come, house }) => {
  test.setTimeout(90_000);
  const { lead, room, guests } = await meeting(come, "Issuer down", [{ who: "ncsc", role: "liaison", history: "full" }]);
  const [ncsc] = guests as [(typeof guests)[0]];
  const goOn = house.suspend("ncsc");
  try {
    const late = await come("ncsc2", { on: "phone" });
    await expect(async () => {
      await late.goto("/");
      await expect(late.page.getByText(`${issuerName.ncsc} is not answering just now`)).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 45_000 }); // what was known of it counts for a quarter of a minute
    await expect(late.page.getByRole("link", { name: new RegExp(issuerName.ncsc) })).toContainText("Not answering");
    await expect(late.page.getByRole("link", { name: new RegExp(issuerName.health) })).toContainText("Sign in");
    await late.screen("issuer-down");
    await late.page.getByRole("link", { name: new RegExp(issuerName.ncsc) }).click();
    await expect(late.page.getByRole("heading", { name: "You are not signed in" })).toBeVisible({ timeout: 20_000 });
    await expect(late.page.getByText("Your sign-in service does not answer.")).toBeVisible();
    await expect(late.page.getByText("020 7946 0160")).toBeVisible();
    await late.screen("issuer-refused");

    const said = await ncsc.say("Still here without my sign-in service");
    await expect(lead.entry(said)).toBeVisible();
    await ncsc.page.reload();
    await expect(ncsc.entry(said)).toBeVisible();
    const other = await come("director", { on: "phone" });
    await other.signIn(); // the other service is not affected
    await lead.bring(room, other, "representative");
  } finally {
    goOn();
  }
});
