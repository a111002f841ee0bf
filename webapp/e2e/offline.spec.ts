// Trains, tunnels and servers that are restarted.
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("offline in the middle of it: queued, shown as queued, and sent once and in order", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "On a train", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  ciso.expects(/ERR_INTERNET_DISCONNECTED/);
  await ciso.say("Before the tunnel");
  await ciso.composer.fill("First from the tunn");
  await ciso.context.setOffline(true);
  await expect(ciso.page.getByText("You are offline.")).toBeVisible();
  await ciso.composer.fill("First from the tunnel");
  await expect(ciso.page.getByRole("button", { name: "Queue" })).toBeVisible();
  await ciso.composer.press("Enter");
  for (const n of ["Second", "Third"]) {
    await ciso.composer.fill(`${n} from the tunnel`);
    await ciso.composer.press("Enter");
  }
  await expect(ciso.page.getByText("Queued. It will be sent once when you are back.")).toHaveCount(3);
  await ciso.screen("offline");
  await expect(lead.page.getByText("from the tunnel")).toHaveCount(0);
  const meanwhile = await lead.say("Said meanwhile");

  await ciso.context.setOffline(false);
  await expect(ciso.page.getByText("Queued.")).toHaveCount(0);
  const seqs = [];
  for (const n of ["First", "Second", "Third"]) {
    await expect(lead.entryWith(`${n} from the tunnel`)).toHaveCount(1);
    seqs.push(await lead.seqOf(`${n} from the tunnel`));
    await expect(ciso.entryWith(`${n} from the tunnel`)).toHaveCount(1);
  }
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  await expect(ciso.entry(meanwhile)).toBeVisible();
  await expect(ciso.page.getByText("You are offline.")).toHaveCount(0);
  const { body } = await lead.ask<{ entries: { slots: string[] }[] }>("GET", `/rooms/${room.room}/entries?after=0&limit=200`);
  expect(body.entries.filter((e) => e.slots.some((s) => s.includes("from the tunnel")))).toHaveLength(3);
});

test("what was queued survives closing the page", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Battery", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  ciso.expects(/ERR_INTERNET_DISCONNECTED/);
  await ciso.page.clock.install();
  await ciso.page.reload();
  await expect(ciso.composer).toBeVisible();
  await ciso.context.setOffline(true);
  await expect(ciso.page.getByText("You are offline.")).toBeVisible();
  await ciso.page.clock.setSystemTime(new Date(Date.now() - 17 * 60_000)); // what she writes now was written 17 minutes before it arrives
  await ciso.composer.fill("Written without a network");
  await ciso.composer.press("Enter");
  await expect(ciso.page.getByText("Queued. It will be sent once when you are back.")).toBeVisible();
  const waiting = ciso.page.locator(".entry--pending time");
  await expect(waiting).toHaveText(/^\d\d:\d\d (GMT|BST)$/);
  const [written, shown] = [await waiting.getAttribute("datetime"), await waiting.innerText()];
  await ciso.screen("queued-before");
  await ciso.page.goto("about:blank");
  await ciso.context.setOffline(false);
  await expect(lead.page.getByText("Written without a network")).toHaveCount(0);
  await ciso.goto(`/rooms/${room.room}`);
  await expect(ciso.entryWith("Written without a network")).toHaveCount(1);
  await expect(lead.entryWith("Written without a network")).toHaveCount(1);
  // The log says when it was recorded and when it was written, and nothing of the kind of what she writes now.
  for (const person of [lead, ciso]) await expect(person.entryWith("Written without a network")).toContainText(new RegExp(`Happened (\\d+ \\w+, )?${shown}, recorded \\d\\d:\\d\\d`));
  const now = await ciso.say("Back on the network");
  await expect(lead.entry(now)).toBeVisible();
  await expect(lead.entry(now)).not.toContainText("Happened");
  await lead.screen("happened");
  const { body } = await lead.ask<{ entries: { slots: string[] }[] }>("GET", `/rooms/${room.room}/entries?after=0&limit=200`);
  const times = (text: string) => JSON.parse(body.entries.find((e) => e.slots.some((s) => s.includes(text)))!.slots[2]!) as { occurred?: string };
  expect(times("Written without a network").occurred).toBe(written);
  expect(times("Back on the network").occurred).toBeUndefined();
});

for (const how of ["SIGINT", "SIGKILL"] as const) {
  test(`the server is ${how === "SIGINT" ? "restarted" : "killed"} in the middle of it: nothing lost, nothing twice`, async ({ come, house }) => {
    test.setTimeout(120_000);
    const { lead, room, guests } = await meeting(come, "Restart", [{ who: "ciso", on: "phone" }]);
    const [ciso] = guests as [(typeof guests)[0]];
    for (const person of [lead, ciso]) person.expects(/ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|WebSocket connection/, /^refused: 50[023] /);
    await lead.say("Before it went");
    await ciso.composer.fill("Sent as it went");
    await Promise.all([house.stop(how), ciso.composer.press("Enter")]);
    await lead.composer.fill("Written while it was away");
    await lead.composer.press("Enter");
    await expect(lead.page.getByText(/connection was lost|offline/i).first()).toBeVisible({ timeout: 20_000 });
    await lead.screen("server-away");
    await house.start();
    for (const text of ["Sent as it went", "Written while it was away"]) {
      for (const person of [lead, ciso]) await expect(person.entryWith(text)).toHaveCount(1, { timeout: 45_000 });
      expect(await lead.seqOf(text)).toBe(await ciso.seqOf(text));
    }
    await ciso.say("And after it came back");
    await expect(lead.entryWith("And after it came back")).toHaveCount(1);
    const { body } = await lead.ask<{ entries: { slots: string[] }[] }>("GET", `/rooms/${room.room}/entries?after=0&limit=200`);
    for (const text of ["Before it went", "Sent as it went", "Written while it was away", "And after it came back"])
      expect(body.entries.filter((e) => e.slots.some((s) => s.includes(text)))).toHaveLength(1);
  });
}
