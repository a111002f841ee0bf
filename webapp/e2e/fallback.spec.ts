// The sign-in service does not answer, or is in somebody else's hands: people
// come in by a passkey or by two codes, and an organisation is shut out.
import { issuerName } from "./accounts";
import type { House } from "./house";
import type { Person } from "./person";
import { expect, test } from "./test";

/** Puts an authenticator into somebody's browser: one that checks their finger. */
async function authenticator(person: Person): Promise<void> {
  const cdp = await person.context.newCDPSession(person.page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
}

/** A fresh second factor from the sign-in service; then back at this page. */
async function stepUp(person: Person, back: string): Promise<void> {
  await person.goto(`/auth/step-up?${new URLSearchParams({ return: back }).toString()}`);
  await person.secondFactor();
  await expect(person.page).toHaveURL(person.url + back);
}

/** The six digits that came to a telephone and were not there before. */
async function texted(house: House, number: string, seen: Set<string>): Promise<string> {
  let found = "";
  await expect(async () => {
    const page = await house.telephone(number.replaceAll(" ", ""));
    const codes = [...page.replaceAll(/<[^>]*>/g, "").matchAll(/(\d{3}) ?(\d{3}) is your code/g)].map((m) => `${m[1]}${m[2]}`);
    const fresh = codes.filter((c) => !seen.has(c));
    expect(fresh.length).toBeGreaterThan(0);
    found = fresh[0] ?? "";
  }).toPass({ timeout: 30_000 });
  seen.add(found);
  return found;
}

/** Waits until the sign-in page says that a service is down. */
async function untilDown(person: Person): Promise<void> {
  await expect(async () => {
    await person.goto("/");
    await expect(person.page.getByText("not answering just now")).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
}

/** Waits until the sign-in page says so no more: whoever comes next signs in by it. */
async function untilUp(person: Person): Promise<void> {
  await expect(async () => {
    await person.goto("/");
    await expect(person.page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();
    await expect(person.page.getByText("not answering just now")).toHaveCount(0, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
}

test("her sign-in service does not answer: a passkey signs her in, and confirms that it is her", async ({ come, house }) => {
  test.setTimeout(180_000);
  const ciso = await come("ciso");
  await ciso.signIn();
  await authenticator(ciso);
  await ciso.goto("/sessions");
  ciso.expects(/^refused: 401 \/api\/v1\/passkeys\/begin/);
  await ciso.page.getByLabel("Name of the new passkey").fill("Work laptop");
  await ciso.page.getByRole("button", { name: "Add a passkey" }).click();
  await ciso.page.getByRole("link", { name: /Confirm that it is you with your second factor/ }).click();
  await ciso.secondFactor();
  await expect(ciso.page.getByRole("heading", { name: "My sessions" })).toBeVisible();
  await ciso.page.getByLabel("Name of the new passkey").fill("Work laptop");
  await ciso.page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(ciso.page.getByText("Added. It works from now on.")).toBeVisible();
  await expect(ciso.page.getByRole("listitem").filter({ hasText: "Work laptop" })).toContainText("never used");
  await ciso.screen("passkeys");
  await ciso.page.getByRole("button", { name: "Sign out" }).first().click();
  await expect(ciso.page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();

  const goOn = house.suspend("health");
  try {
    await untilDown(ciso);
    await ciso.screen("sign-in-down");
    await ciso.page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(ciso.page.getByRole("heading", { name: "My rooms" })).toBeVisible();
    await expect(ciso.page.getByText(/^Signed in with a passkey until \d\d:\d\d/)).toBeVisible();
    // The second factor, asked for as everywhere, is hers to give too.
    await ciso.goto("/auth/step-up?return=/sessions");
    await expect(ciso.page.getByRole("heading", { name: "Confirm that it is you" })).toBeVisible();
    await ciso.screen("step-up");
    await ciso.page.getByRole("button", { name: "Use my passkey" }).click();
    await expect(ciso.page).toHaveURL(`${ciso.url}/sessions`);
    await expect(ciso.page.getByText(/Signed in .* with a passkey/)).toBeVisible();
    // And gone when she says so, with the session that it began.
    ciso.expects(/^refused: 401 /);
    await ciso.page.getByRole("button", { name: /^Remove.*the passkey Work laptop/ }).click();
    await ciso.dialog("Remove this passkey?").getByRole("button", { name: "Remove it" }).click();
    await expect(ciso.page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();
    ciso.expects(/^refused: 403 \/api\/v1\/sign-in\/passkey/);
    await ciso.page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(ciso.page.getByRole("alert")).toContainText("This passkey does not sign you in here.");
  } finally {
    goOn();
    await untilUp(ciso);
  }
});

test("neither service nor passkey: two codes, one by text and one read out by a host who rings", async ({ come, house }) => {
  test.setTimeout(240_000);
  const number = "07700 900177";
  const seen = new Set<string>();
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Sign-in is down");
  const before = await come("colleague");
  await before.signIn();
  await lead.bring(room, before, "representative", "full");
  await stepUp(before, "/reach");
  expect((await before.ask("PUT", "/me/reach/sms", { value: number })).status).toBe(200);
  expect((await before.ask("POST", "/me/reach/sms/code", { code: await texted(house, number, seen) })).status).toBe(200);
  await before.goto("/");
  await stepUp(lead, "/coming-in");
  await expect(lead.page.getByText("Nobody asks just now.")).toBeVisible();

  const goOn = house.suspend("health");
  try {
    const late = await come("colleague", { on: "phone" });
    await untilDown(late);
    await late.page.getByRole("button", { name: /does not answer, and you have no passkey/ }).click();
    await late.page.getByRole("button", { name: "Send me a code" }).click();
    await expect(late.page.getByRole("alert")).toContainText("Give your organisation’s code");
    await late.page.getByLabel("Your organisation’s code").fill("x1n");
    await late.page.getByLabel("Your mobile number or e-mail address").fill("+44 7700 900177");
    await late.screen("ask-codes");
    await late.page.getByRole("button", { name: "Send me a code" }).click();
    await late.page.getByLabel("Code").fill(await texted(house, number, seen));
    await late.screen("first-code");
    await late.page.getByRole("button", { name: "Go on" }).click();
    await expect(late.page.getByRole("heading", { name: "2 of 2: the code that is read out to you" })).toBeVisible();

    // A lead is told, rings, and reads out.
    await expect(lead.page.getByText(/Jo Lindqvist asks to come in without their sign-in/)).toBeVisible({ timeout: 20_000 });
    await lead.page.getByRole("button", { name: /^I have rung them.*let Jo Lindqvist in/ }).click();
    const let_in = lead.dialog("Let Jo Lindqvist in?");
    await expect(let_in).toContainText("on a number that was known before");
    await lead.screen("let-in");
    await let_in.getByRole("button", { name: "Show me the code to read out" }).click();
    const digits = lead.page.locator(".comingin__digits");
    await expect(digits).toHaveText(/^\d{3} \d{3}$/);
    await lead.screen("read-out");
    const code = (await digits.textContent()) ?? "";

    late.expects(/^refused: 422 \/api\/v1\/sign-in\/codes\/second/);
    await late.page.getByLabel("Code").fill(code.startsWith("0") ? "111 111" : "000 000");
    await late.page.getByRole("button", { name: "Come in" }).click();
    await expect(late.page.getByRole("alert")).toContainText("This is not the code");
    await late.page.getByLabel("Code").fill(code);
    await late.page.getByRole("button", { name: "Come in" }).click();
    await expect(late.page.getByText(/^Signed in by codes until \d\d:\d\d/)).toBeVisible();
    await late.enter(room.room);
    await expect(late.page.getByText(/^Signed in by codes until/)).toBeVisible();
    await late.say("I am in, by codes");
    await late.screen("in-by-codes");
    late.expects(/^refused: 403 /);
    expect((await late.ask("POST", "/passkeys/begin", {})).status).toBe(403);
    expect((await late.ask("PUT", "/me/reach/sms", { value: "07700 900178" })).status).toBe(403);
    await lead.goto("/coming-in");
    await expect(lead.page.getByRole("heading", { name: "In by codes" })).toBeVisible();
    await lead.screen("in-by-codes-hosts");
  } finally {
    goOn();
    await untilUp(await come("contact"));
  }
  expect((await before.ask("DELETE", "/me/reach/sms")).status).toBe(204);
});

test("an organisation is frozen: its people are out within a second, their record stays, and one is let in again", async ({ come }) => {
  test.setTimeout(240_000);
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Their sign-in is not theirs");
  const ciso = await come("ciso");
  await ciso.signIn();
  await lead.bring(room, ciso, "representative", "full");
  const colleague = await come("colleague");
  await colleague.signIn();
  await lead.bring(room, colleague, "representative", "full");
  await ciso.enter(room.room);
  await colleague.enter(room.room);
  await ciso.say("Said before the freeze");
  const night = await come("nightlead");
  await night.signIn();
  await night.makeRoom("Another room");

  await stepUp(lead, "/coming-in?freeze=X1N");
  await lead.page.getByRole("button", { name: "See what it would do" }).click();
  const freeze = lead.dialog("Freeze X1N?");
  await expect(freeze).toContainText("within a second");
  await freeze.getByLabel("Why").fill("Its sign-in service is in an attacker’s hands");
  await lead.screen("freeze");
  ciso.expects(/^refused: 401 /);
  colleague.expects(/^refused: 401 /);
  const open = [ciso.sockets.at(-1), colleague.sockets.at(-1)];
  expect(open.map((s) => s?.closed)).toEqual([0, 0]);
  const answered = lead.page.waitForResponse((r) => r.url().endsWith("/organisations/X1N/freeze"));
  await freeze.getByRole("button", { name: "Freeze it now" }).click();
  const began = Date.now();
  expect((await answered).status()).toBe(200);
  await expect.poll(() => open.every((s) => (s?.closed ?? 0) > 0), { timeout: 5_000 }).toBe(true);
  expect(Math.max(...open.map((s) => s?.closed ?? Number.POSITIVE_INFINITY)) - began).toBeLessThan(1_000);
  try {
    await expect(ciso.page.getByText(/You are signed out/)).toBeVisible();
    await ciso.page.reload();
    await expect(ciso.page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();
    expect(await ciso.page.content()).not.toContain("Said before the freeze");
    await ciso.page.getByRole("link", { name: issuerName.health }).click();
    await expect(ciso.page.getByRole("alert").or(ciso.page.getByTestId("account-ciso")).or(ciso.page.getByTestId("second-factor-code"))).toBeVisible();
    if (await ciso.page.getByTestId("account-ciso").isVisible()) await ciso.page.getByTestId("account-ciso").click();
    if (!(await ciso.page.getByRole("alert").isVisible())) await ciso.secondFactor();
    await expect(ciso.page.getByRole("alert")).toContainText("Ring the duty number");
    await ciso.screen("shut-out");

    // The record stays; the hosts see who is out.
    await expect(lead.page.getByRole("list", { name: /shut out/ })).toContainText("Jo Lindqvist");
    await lead.screen("frozen");
    await lead.enter(room.room);
    await expect(lead.entryWith("Said before the freeze").first()).toBeVisible();

    await stepUp(lead, "/coming-in");
    await lead.page.getByRole("button", { name: /^Let in again.*Dr Hannah Osei/ }).click();
    const again = lead.dialog("Let Dr Hannah Osei in again?");
    await again.getByLabel("How did you make sure of them?").fill("Rang her on the number in the directory");
    await again.getByRole("button", { name: "Let them in again" }).click();
    await expect(lead.page.getByText("Let in again: Dr Hannah Osei.")).toBeVisible();
    await ciso.signIn();
    await ciso.enter(room.room);
    await expect(ciso.entryWith("Said before the freeze").first()).toBeVisible();
    await colleague.goto("/");
    await expect(colleague.page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();

    // On a phone, too.
    await night.page.setViewportSize({ width: 390, height: 844 });
    await stepUp(night, "/coming-in");
    await expect(night.page.getByRole("heading", { name: "Shut out" })).toBeVisible();
    await night.screen("frozen-phone");
  } finally {
    // Put back: one of the hosts' people asks, another agrees.
    await stepUp(lead, "/coming-in");
    await lead.page.getByRole("button", { name: "Ask that all be let in again" }).click();
    await lead.dialog(/^Ask that all of/).getByLabel("Why").fill("It is theirs again");
    await lead.dialog(/^Ask that all of/).getByRole("button", { name: "Ask", exact: true }).click();
    await expect(lead.page.getByText("You ask that all be let in again:")).toBeVisible();
    await stepUp(night, "/coming-in");
    await night.page.getByRole("button", { name: "Let all in again" }).click();
    await night.dialog(/^Let all of/).getByRole("button", { name: "Let all in again" }).click();
    await expect(night.page.getByText("No organisation is frozen.")).toBeVisible();
  }
  await colleague.signIn();
});
