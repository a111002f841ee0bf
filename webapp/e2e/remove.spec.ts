// Somebody's account is reported stolen: out, now, everywhere.
import { meeting } from "./meeting";
import { expect, test } from "./test";

test("removed: her screen is cut within a second, and everything later is not found", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Removal", [{ who: "ciso", on: "phone" }, { who: "colleague" }]);
  const [ciso, colleague] = guests as [(typeof guests)[0], (typeof guests)[0]];
  const hers = await ciso.say("Chrysoprase, said by her before");
  await lead.act(hers, "Noted");
  await ciso.composer.fill("Half a thought about jasmine");
  await lead.page.getByRole("button", { name: "Actions for Dr Hannah Osei" }).click();
  await lead.page.getByRole("menuitem", { name: "Remove now" }).click();
  const dialog = lead.dialog("Remove Dr Hannah Osei?");
  await dialog.getByLabel(/^Reason/).fill("Her account is reported stolen");
  await lead.screen("remove");
  ciso.expects(/^refused: 404 \/api\/v1\/rooms\//);

  const asked = Date.now();
  const cut = ciso.page.evaluate(
    () =>
      new Promise<number>((gone) => {
        const look = () => {
          if (!document.querySelector("[role=feed]")) gone(Date.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
  await dialog.getByRole("button", { name: "Remove now" }).click();
  expect((await cut) - asked).toBeLessThan(1_000);
  await expect(ciso.page.getByRole("heading", { name: /no longer in this room|nothing here for you/ })).toBeVisible();
  await expect(ciso.page.getByText("Chrysoprase, said by her before")).toHaveCount(0);
  await ciso.screen("removed");

  // The others are told, her own people so that nobody can miss it, and what she said stays hers.
  await expect(colleague.page.locator(".colleagues")).toContainText("Priya Anand removed Dr Hannah Osei (Northmoor NHS Trust)");
  await colleague.screen("colleague-removed");
  await expect(colleague.entryWith("Priya Anand removed Dr Hannah Osei (Northmoor NHS Trust)")).toBeVisible();
  await expect(colleague.page.getByText("Her account is reported stolen")).toHaveCount(0);
  expect(await colleague.heard("reported stolen")).toBe(false);
  await expect(colleague.entry(hers)).toContainText("Dr Hannah Osei");
  await expect(colleague.entry(hers)).toContainText("Chrysoprase, said by her before");

  // Nothing more comes to her, and nothing more is hers to read: not her own draft either.
  const later = await lead.say("Said afterwards: peridot");
  await expect(colleague.entry(later)).toBeVisible();
  expect(await ciso.heard("peridot")).toBe(false);
  expect((await ciso.ask("GET", `/rooms/${room.room}/draft-key`)).status).toBe(404);
  await ciso.page.reload();
  await expect(ciso.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  await expect(ciso.page.getByText("jasmine")).toHaveCount(0);
  const stored = await ciso.page.evaluate(async () => {
    const open = indexedDB.open("wardroom");
    const db = await new Promise<IDBDatabase>((ok) => (open.onsuccess = () => ok(open.result)));
    const all = db.transaction("boxes").objectStore("boxes").getAll();
    const boxes = await new Promise<{ sealed: ArrayBuffer }[]>((ok) => (all.onsuccess = () => ok(all.result)));
    db.close();
    return boxes.map((b) => new TextDecoder().decode(b.sealed)).join() + JSON.stringify({ ...localStorage, ...sessionStorage });
  });
  expect(stored).not.toContain("jasmine");
  await ciso.goto("/");
  await expect(ciso.page.getByText(room.reference)).toHaveCount(0);
  await ciso.goto("/search");
  await ciso.page.getByLabel("Words").fill("chrysoprase");
  await ciso.page.getByRole("button", { name: "Search" }).click();
  await expect(ciso.page.getByText("Nothing found")).toBeVisible();
  for (const path of [`/rooms/${room.room}`, `/rooms/${room.room}/log`, `/rooms/${room.room}/search`, `/rooms/${room.room}/entries/${hers}`]) {
    await ciso.goto(path);
    await expect(ciso.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible();
  }
  expect(await ciso.heard("peridot")).toBe(false);

  // Back only by a new invitation.
  await lead.bring(room, ciso, "representative");
  await ciso.goto(`/rooms/${room.room}`);
  await expect(ciso.composer).toBeVisible();
  await expect(ciso.page.getByText("Chrysoprase, said by her before")).toHaveCount(0); // from when she joined again
});

test("a session ended elsewhere is cut off, and what was written is kept for its owner", async ({ come }) => {
  const { lead, room } = await meeting(come, "Sessions", []);
  const again = await come("lead", { on: "phone", otherName: true });
  await again.signIn();
  await again.enter(room.room);
  await again.composer.fill("On the other device");
  await lead.goto("/sessions");
  await expect(lead.page.getByRole("heading", { name: "My sessions" })).toBeVisible();
  await lead.screen("sessions");
  await lead.page.getByRole("button", { name: /^End the session on .*Android/ }).first().click(); // newest first
  again.expects(/^refused: 401 /);
  const before = Date.now();
  await lead.dialog("End this session?").getByRole("button", { name: "End it" }).click();
  const socket = again.sockets.at(-1);
  await expect.poll(() => socket?.closed ?? 0, { intervals: [20] }).toBeGreaterThan(0);
  expect(socket!.closed - before).toBeLessThan(1_000);
  await expect(again.page.getByText(/signed out|Sign in/).first()).toBeVisible();
  await again.screen("session-ended");
  await again.goto(`/rooms/${room.room}`);
  await again.signInHere();
  await expect(again.composer).toHaveValue("On the other device");
});
