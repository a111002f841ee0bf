// What should never have been written: asked for by one, agreed to by two, gone
// everywhere at once; and a hold that keeps everything.
import { meeting } from "./meeting";
import type { Person, Room } from "./person";
import { expect, test } from "./test";

const canary = "Mrs Elsie Thornbury, bed 4";

/** Gives the second factor where it is asked for, and comes back. */
async function confirm(who: Person): Promise<void> {
  await who.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await who.secondFactor();
  await expect(who.feed).toBeVisible();
}

/** Agrees to what is asked on a question's card, with a second factor of its own. */
async function agree(who: Person, ask: number, title: string, button: string, picture?: string): Promise<void> {
  await who.entry(ask).getByRole("button", { name: button, exact: true }).click();
  await confirm(who);
  await who.entry(ask).getByRole("button", { name: button, exact: true }).click();
  if (picture) await who.screen(picture);
  await who.dialog(title).getByRole("button", { name: button, exact: true }).click();
  await expect(who.dialog(title)).toHaveCount(0);
}

/** Whether the words stand anywhere in the page, or in what the browser keeps. */
async function stands(who: Person, words: string): Promise<boolean> {
  return who.page.evaluate(async (text) => {
    if (document.documentElement.outerHTML.includes(text)) return true;
    return [localStorage, sessionStorage].some((s) => JSON.stringify(s).includes(text));
  }, words);
}

for (const on of ["desktop", "phone"] as const) {
  test(`patient data entered by mistake is erased by two people of both hosts, under everybody's eyes, on a ${on}`, async ({ come }) => {
    const { lead, guests } = await meeting(come, "Ransomware at Northmoor", [
      { who: "nightlead", role: "liaison", history: "full" },
      { who: "ncsc", role: "liaison", history: "full" },
      { who: "ciso", on },
    ]);
    const [night, ncsc, ciso] = guests as [Person, Person, Person];
    const seq = await ciso.say(`The ransom note names ${canary}`);
    await expect(lead.entry(seq)).toContainText(canary);
    await expect(ncsc.entry(seq)).toContainText(canary);

    // Asking takes a second factor, a ground and a reason.
    await lead.act(seq, "Ask to erase");
    if (on === "desktop") await lead.screen("erase-step-up");
    await confirm(lead);
    await lead.act(seq, "Ask to erase");
    const asking = lead.dialog(`Ask to erase entry ${seq}?`);
    await asking.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(lead.page.getByRole("alert")).toContainText("Choose the ground.");
    await asking.getByLabel("Ground").selectOption({ label: "Patient data entered by mistake" });
    await asking.getByLabel("Reason").fill("A patient is named.");
    await lead.screen("erase-ask");
    await asking.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(asking).toHaveCount(0);
    const ask = await lead.seqOf("Asks to erase");
    await expect(lead.entry(ask)).toContainText("Waits for two people, one of each host.");
    await expect(lead.entry(ask).getByRole("button", { name: "Agree", exact: true })).toHaveCount(0);

    // The guest is told nothing of the question; both hosts' people are.
    await expect(ciso.entryWith(`Entry ${ask} is not addressed to you`)).toBeVisible();
    await expect(night.page.getByText(`Erase something of entry ${seq}`).first()).toBeVisible();
    await agree(night, ask, "Agree to the erasure?", "Agree", "erase-agree");
    await expect(ncsc.entry(ask)).toContainText("Waits for one more, of the other host.");
    await expect(ciso.entry(seq)).toContainText(canary);
    await agree(ncsc, ask, "Agree, and erase now?", "Agree and erase", "erase-agree-last");

    // It is gone for everybody, and says what became of it.
    for (const who of [lead, night, ncsc, ciso]) {
      await expect(who.entry(seq)).toContainText("Erased on");
      await expect(who.entry(seq)).toContainText("patient data entered by mistake");
      expect(await stands(who, canary), `${who.account.name} still has it`).toBe(false);
    }
    await expect(lead.entry(seq)).toContainText("Agreed by");
    await expect(ciso.entry(seq)).toContainText("and a second person, one of each host");
    await lead.screen("erased");
    await ciso.screen("erased-guest");

    // Who comes anew gets what is left, and what erased it.
    ciso.received.length = 0;
    await ciso.page.reload();
    await expect(ciso.entry(seq)).toContainText("Erased on");
    expect(await ciso.heard(canary)).toBe(false);
    expect(await ciso.offers(seq)).not.toContain("Correct");
    await expect(ciso.page.getByText("does not fit together")).toHaveCount(0);
  });

  test(`a hold keeps everything until the other host lifts it, on a ${on}`, async ({ come }) => {
    const { lead, room, guests } = await meeting(come, "Ransomware at Eastmere", [{ who: "ncsc", role: "deputy", history: "full" }, { who: "ciso", on }]);
    const [ncsc, ciso] = guests as [Person, Person];
    const seq = await lead.post(room as Room, { text: "Something to keep" });
    const keeping = (who: Person) => who.page.locator(".keeping").filter({ visible: true });
    await expect(keeping(lead)).toContainText("Kept for 20 years after the room is closed");
    await keeping(lead).getByRole("button", { name: "Put on hold" }).click();
    const dialog = lead.dialog("Put the record on hold?");
    await dialog.getByLabel("Reference").fill("INQ-2026-7");
    await dialog.getByLabel("Reason").fill("A public inquiry has been announced.");
    await lead.screen("hold");
    await dialog.getByRole("button", { name: "Put on hold" }).click();
    await expect(dialog).toHaveCount(0);
    await ciso.part("More");
    await expect(keeping(ciso)).toContainText("On hold: INQ-2026-7.");
    await ciso.screen("held-guest");
    await lead.act(seq, "Ask to erase");
    await expect(lead.page.getByRole("dialog")).toContainText("Nothing is erased until someone of the other host");
    await lead.screen("erase-on-hold");
    await lead.page.keyboard.press("Escape");
    await expect(keeping(lead).getByRole("button", { name: /Lift the hold/ })).toHaveCount(0);

    await keeping(ncsc).getByRole("button", { name: /Lift the hold/ }).click();
    await confirm(ncsc);
    await keeping(ncsc).getByRole("button", { name: /Lift the hold/ }).click();
    const lifting = ncsc.dialog("Lift the hold INQ-2026-7?");
    await lifting.getByLabel("Reason").fill("The inquiry has its copy.");
    await ncsc.screen("lift");
    await lifting.getByRole("button", { name: "Lift it" }).click();
    await expect(keeping(lead)).not.toContainText("On hold");

    await keeping(lead).getByRole("button", { name: "Keep it longer" }).click();
    await confirm(lead);
    await keeping(lead).getByRole("button", { name: "Keep it longer" }).click();
    const longer = lead.dialog("Keep the record longer");
    await longer.getByLabel("Years").fill("30");
    await longer.getByRole("button", { name: "Keep it longer" }).click();
    await expect(keeping(ciso)).toContainText("Kept for 30 years");
  });
}
