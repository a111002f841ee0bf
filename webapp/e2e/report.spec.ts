// An ambulance trust is hit at night: its contact says so on a phone, the lead
// opens a room of it, and what is reported by telephone afterwards joins it.
import { expect, test } from "./test";

interface Reports {
  readonly reports: readonly { readonly id: string; readonly reference: string; readonly state: string; readonly orgName: string }[];
}

const words = "Call handling screens ask for money since 21:10";

test("a contact reports on a phone, the lead opens a room of it and adds what is told by telephone; rooms are linked", async ({ come }) => {
  test.setTimeout(420_000);
  const contact = await come("contact", { on: "phone" });
  await contact.signIn();
  await contact.screen("report-home");
  await contact.page.getByRole("link", { name: "Report an incident" }).click();
  await expect(contact.page.getByText("For Fellside Ambulance Service NHS Trust.")).toBeVisible();
  await contact.page.getByRole("button", { name: "Send the report" }).click();
  await expect(contact.page.getByRole("alert")).toContainText("Say whether e-mail is safe. If you do not know, choose not sure.");
  await contact.page.getByLabel("What is it?").selectOption({ label: "Ransomware: files locked, or money asked for" });
  await contact.page.getByLabel("What is happening?").fill(words);
  await contact.page.getByLabel("Where?").fill("Both control rooms");
  await contact.page.getByLabel("Not sure").check();
  await contact.page.getByText("Say more, if you can").click();
  await contact.page.getByLabel("What does not work?").fill("Dispatch is on paper");
  await contact.page.getByLabel("Ring me on").fill("07700 900964");
  // The battery goes, or the page is loaded again: what was typed is back.
  await expect.poll(() => contact.page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((done, failed) => {
      const opening = indexedDB.open("wardroom");
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => failed(new Error("no shelf"));
    });
    const all = await new Promise<{ kind: string; sealed: ArrayBuffer }[]>((done) => {
      const asking = db.transaction("boxes").objectStore("boxes").getAll();
      asking.onsuccess = () => done(asking.result as { kind: string; sealed: ArrayBuffer }[]);
    });
    db.close();
    return all.filter((b) => b.kind === "form").map((b) => new TextDecoder("latin1").decode(b.sealed).includes("Call handling"));
  })).toEqual([false]); // there, and not to be read on the device
  await contact.page.waitForTimeout(500);
  await contact.page.reload();
  await expect(contact.page.getByText("What you had written here and not sent is back.")).toBeVisible();
  await expect(contact.page.getByLabel("What is happening?")).toHaveValue(words);
  await expect(contact.page.getByLabel("Not sure")).toBeChecked();
  await expect(contact.page.getByLabel("Ring me on")).toHaveValue("07700 900964");
  await contact.screen("report-form");
  await contact.page.getByRole("button", { name: "Send the report" }).click();
  await expect(contact.page.getByRole("status").filter({ hasText: "Received" })).toBeVisible();
  await contact.screen("report-sent");
  const id = new URL(contact.page.url()).pathname.split("/").at(-1) ?? "";

  // Nobody else learns of it: not a colleague of another trust, nor the wire of one.
  const outsider = await come("outsider");
  await outsider.signIn();
  outsider.expects(/^refused: 40[34] /);
  const there = await outsider.ask("GET", `/reports/${id}`);
  const nowhere = await outsider.ask("GET", `/reports/${"a".repeat(26)}`);
  expect([there.status, there.body]).toEqual([404, nowhere.body]);
  expect((await outsider.ask("GET", "/reports")).status).toBe(403);
  expect((await outsider.ask<Reports>("GET", "/my-reports")).body.reports).toEqual([]);

  // The lead sees that it waits, and takes it.
  const lead = await come("lead");
  await lead.signIn();
  const other = await lead.makeRoom("Slow systems in the north");
  await lead.goto("/");
  await lead.page.getByRole("link", { name: /wait.* that nobody looks at/ }).click();
  await expect(lead.page.getByRole("list", { name: "Reports" })).toContainText(words);
  await lead.screen("reports");
  await lead.page.getByRole("link", { name: words }).click();
  await lead.page.getByRole("button", { name: "I am looking at it" }).click();
  await expect(lead.page.getByRole("status").filter({ hasText: "A host is looking at it" })).toBeVisible();
  await expect(contact.page.getByText("Somebody of the hosts is looking at it.")).toBeVisible({ timeout: 20_000 });
  await expect(lead.page.getByRole("button", { name: "Call …964" })).toBeVisible();
  await lead.page.getByRole("button", { name: "Call …964" }).click();
  await expect(lead.dialog(/^Call/).getByRole("link", { name: "07700 900964" })).toBeVisible();
  await lead.screen("report-call");
  await lead.page.keyboard.press("Escape");
  await lead.page.getByRole("button", { name: "Answer" }).click();
  await lead.dialog(/^Answer/).getByLabel("What should they know or do?").fill("Keep the machines on and unplug the network. We ring you in ten minutes.");
  await lead.dialog(/^Answer/).getByRole("button", { name: "Send the answer" }).click();
  await expect(contact.page.getByText("Keep the machines on and unplug the network.")).toBeVisible({ timeout: 20_000 });
  await contact.screen("report-answered");
  await lead.screen("report");

  // A room of it: the form is filled in, and the room has its words for the hosts.
  await lead.page.getByRole("link", { name: "Open a room of it" }).click();
  await expect(lead.page.getByLabel("Exact location")).toHaveValue(/Fellside Ambulance Service NHS Trust \(X3F\)\nBoth control rooms/);
  await lead.page.getByLabel("Title").fill("Ransomware, one trust");
  await lead.screen("report-open");
  await lead.page.getByRole("button", { name: "Open the room" }).click();
  await lead.dialog("Open a real INCIDENT?").getByRole("button", { name: "Open the incident" }).click();
  await expect(lead.feed).toContainText(words);
  await lead.screen("report-in-room");
  const room = new URL(lead.page.url()).pathname.split("/").at(-1) ?? "";
  await lead.goto(`/reports/${id}`);
  await expect(lead.page.getByRole("link", { name: /INC-\d+-\d+, Ransomware, one trust/ })).toBeVisible();
  await expect(lead.page.getByRole("link", { name: "Open a room of it" })).toHaveCount(0);
  expect(await contact.heard(room)).toBe(false); // whoever reported it is not told of a room

  // Another, taken by telephone, for the same trust: opening warns, and it joins the room.
  await lead.goto("/reports/telephone");
  await lead.page.getByLabel("Which organisation rings?").fill("fellside");
  await lead.page.getByRole("button", { name: /Fellside Ambulance Service/ }).click();
  await lead.page.getByLabel("What is it?").selectOption({ label: "A system that is down, attack suspected" });
  await lead.page.getByLabel("What is happening?").fill("Radio terminals do not log in");
  await lead.page.getByLabel("No", { exact: true }).check();
  await lead.page.getByLabel("Who rang?").fill("Duty manager");
  await lead.page.getByLabel("Ring them back on").fill("07700 900965");
  await lead.screen("report-telephone");
  await lead.page.getByRole("button", { name: "File the report" }).click();
  await expect(lead.page.getByText("Telephone, taken by Priya Anand")).toBeVisible();
  await lead.page.getByRole("link", { name: "Open a room of it" }).click();
  await expect(lead.page.getByText(/rooms? that you are in (is|are) about the same organisations?\./)).toBeVisible();
  await lead.screen("report-alike");
  await lead.page.getByRole("link", { name: "add the report to one of them" }).click();
  await lead.page.getByRole("button", { name: "Add to a room" }).click();
  const adding = lead.dialog("Add to a room");
  await adding.getByLabel("Room").selectOption({ value: room });
  await adding.getByRole("button", { name: "Add the report" }).click();
  await expect(lead.page.getByRole("link", { name: /Ransomware, one trust/ })).toBeVisible();
  await lead.enter(room);
  await expect(lead.feed).toContainText("Radio terminals do not log in");

  // The two rooms are linked, and a guest of the one is not told.
  const guest = await come("director", { on: "phone" });
  await guest.signIn();
  await lead.bring({ room, reference: await reference(room) }, guest, "representative", "full");
  const links = lead.page.getByRole("region", { name: "Linked rooms" });
  await links.getByRole("button", { name: /^Link/ }).click();
  await lead.dialog("Link with another room").getByLabel("Room").selectOption({ value: other.room });
  await lead.dialog("Link with another room").getByRole("button", { name: "Link the rooms" }).click();
  await expect(links.getByRole("link", { name: other.reference })).toBeVisible();
  await links.scrollIntoViewIfNeeded();
  await lead.screen("linked");
  await guest.enter(room);
  await expect(guest.feed).toBeVisible();
  expect(await guest.heard(other.reference)).toBe(false);
  expect(await guest.heard(words)).toBe(false);
  await links.getByRole("link", { name: other.reference }).click();
  await expect(lead.page.getByRole("region", { name: "Linked rooms" })).toContainText("Ransomware, one trust");
  await lead.page.getByRole("region", { name: "Linked rooms" }).getByRole("button", { name: /^Unlink/ }).click();
  await lead.dialog(/^End the link/).getByRole("button", { name: "End the link" }).click();
  await expect(lead.page.getByRole("region", { name: "Linked rooms" })).toContainText("None.");

  // Both are closed, so that the inbox is as it was.
  for (const r of (await lead.ask<Reports>("GET", "/reports")).body.reports.filter((x) => x.orgName.startsWith("Fellside"))) {
    await lead.goto(`/reports/${r.id}`);
    await lead.page.getByRole("button", { name: "Close", exact: true }).click();
    await lead.dialog("Close this report?").getByLabel("Why?").fill("It is in the room");
    await lead.screen("report-close");
    await lead.dialog("Close this report?").getByRole("button", { name: "Close the report" }).click();
    await expect(lead.page.getByRole("status").filter({ hasText: "Closed" })).toBeVisible();
  }
  await contact.goto("/reports");
  await expect(contact.page.getByRole("list", { name: "My reports" })).toContainText("Closed");
  await contact.screen("my-reports");
  expect(await contact.heard("It is in the room")).toBe(false);

  async function reference(of: string): Promise<string> {
    const { body } = await lead.ask<{ rooms: { id: string; reference: string }[] }>("GET", "/rooms");
    return body.rooms.find((r) => r.id === of)?.reference ?? "";
  }
});
