// A shift ends: the severity goes up and the next meeting comes at once, one
// that nobody held goes in the log, and command passes when the night lead
// accepts it, on a phone.
import { expect, test } from "./test";

test("severity raised 3 to 4, a handover drafted from the log, and accepted by the night lead", async ({ come }) => {
  test.setTimeout(300_000);
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom("Ransomware at Northmoor");
  const night = await come("nightlead", { on: "phone" });
  await night.signIn();
  await lead.bring(room, night, "liaison", "full");
  const must = async (path: string, body: unknown) => {
    const answer = await lead.ask<{ seq: number }>("POST", `/rooms/${room.room}${path}`, body);
    expect(answer.status, path).toBeLessThan(300);
    return answer.body.seq;
  };

  // Nothing is due until somebody says how severe it is; then both appear.
  await lead.enter(room.room);
  const due = lead.page.getByRole("region", { name: "What is due" });
  await expect(due).toContainText("Nothing is due until somebody assesses how severe this is.");
  const assess = (level: number, seen?: number) => must("/severity", { scale: "nhs_level", grade: { at: level }, criteria: ["service_loss"], reason: "Imaging is down", ...(seen ? { seen } : {}) });
  await assess(3);
  await expect(due).toContainText(/Next meeting\s*.*\d\d:\d\d \w+ · every 4 hours/);
  await expect(due).toContainText(/SITREP\s*.*\d\d:\d\d \w+ · every 4 hours/);

  // Graver: at once every two hours, and everybody is told.
  await assess(4);
  await expect(due).toContainText(/Next meeting\s*.*\d\d:\d\d \w+ · every 2 hours · brought forward/);
  await night.enter(room.room);
  await night.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name: /Record/ }).click();
  await expect(night.page.getByRole("link", { name: /Next meeting \d\d:\d\d.*Brought forward: meetings are every 2 hours now/ }).filter({ visible: true })).toBeVisible();

  // What there is to hand over.
  await must("/brief", { lines: { happened: "Imaging at Northmoor is encrypted", affects: "Radiology", doing: "Contain it to one site", need: "Call-back numbers", next: "At 18:00" }, seen: 0 });
  const decision = await must("/decisions", { decision: "Keep Northmoor off the network", rationale: "It spreads by imaging", maker: 1, deliberation: { risks: "No results for six hours" }, seen: 1 });
  const action = await must("/actions", { text: "Ring round the wards", for: { org: "DSC" } });

  // The lead hands over.
  await lead.page.getByRole("link", { name: "Handover", exact: true }).click();
  await expect(lead.page.getByText("Nothing has been handed over yet")).toBeVisible();
  await lead.page.getByRole("button", { name: "Hand over" }).click();
  await expect(lead.page.getByRole("heading", { name: "Hand over: incident lead" })).toBeVisible();
  await expect(lead.page.getByLabel("Method")).toHaveValue(new RegExp(`#${decision} Keep Northmoor off the network`));
  await expect(lead.page.getByLabel("Administration")).toHaveValue(new RegExp(`#${action} Ring round the wards`));
  await expect(lead.page.getByLabel("Administration")).toHaveValue(/Next meeting: .*every 2 hours/);
  await expect(lead.page.getByLabel("Risk assessment")).toHaveValue(/No results for six hours/);
  await expect(lead.page.getByRole("region", { name: "What it is made of" })).toContainText(`#${decision}`);
  const nightName = night.account.name;
  await lead.page.getByLabel("Who takes over").selectOption({ label: `${nightName}, Data Security Centre` });
  await lead.page.getByLabel("Information").fill("");
  await lead.page.getByRole("button", { name: "See who receives it" }).click();
  await expect(lead.page.getByRole("alert")).toContainText("Say something under information");
  await lead.page.getByLabel("Information").fill("Imaging at Northmoor is encrypted, nowhere else");
  await lead.page.getByLabel("Intent").fill("Keep it to one site until the morning");
  await lead.screen("draft");
  await lead.page.getByRole("button", { name: "See who receives it" }).click();
  await expect(lead.page.getByRole("heading", { name: "Who receives this handover" })).toBeVisible();
  await lead.screen("who-receives");
  lead.expects(/^refused: 401 /);
  await lead.page.getByRole("button", { name: "Sign and hand over" }).click();
  const [tab] = await Promise.all([lead.context.waitForEvent("page"), lead.dialog("Confirm that it is you").getByRole("link", { name: /Confirm with my second factor/ }).click()]);
  await expect(tab.getByTestId("second-factor-code")).not.toHaveValue("");
  await tab.getByTestId("second-factor-submit").click();
  await tab.waitForURL((u) => u.origin === lead.url);
  await tab.close();
  await lead.page.getByRole("button", { name: "See who receives it" }).click();
  await lead.page.getByRole("button", { name: "Sign and hand over" }).click();
  await expect(lead.page.getByText(`${nightName} has not accepted yet`)).toBeVisible();
  await expect(lead.page.getByText("You stay incident lead until then.")).toBeVisible();
  await lead.screen("signed");

  // Until it is accepted the lead stays lead; the night lead reads it on a phone and accepts.
  const role = async (of: "lead" | "night") => (await lead.snapshot(room)).state.members.find((m) => m.number === (of === "lead" ? 1 : 2)) as { role?: string } | undefined;
  expect((await role("night"))?.role).toBe("liaison");
  await night.page.getByRole("link", { name: /Accept or decline.*hands over to you/ }).filter({ visible: true }).click();
  await expect(night.page.getByRole("heading", { name: "It is yours to accept" })).toBeVisible();
  await expect(night.page.getByText("Keep it to one site until the morning")).toBeVisible();
  await night.screen("asked");
  await night.page.getByRole("button", { name: "Accept" }).click();
  await night.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
  await night.secondFactor();
  await night.page.getByRole("button", { name: "Accept" }).click();
  await expect(night.page.getByText(/accepted it/)).toBeVisible();
  await night.screen("accepted");
  expect((await role("night"))?.role).toBe("lead");
  await lead.enter(room.room);
  await expect(lead.page.locator(".posts")).toContainText(`${nightName} · since`);
  await lead.screen("passed");

  // The next one is the night lead's to write, and covers what came since.
  await expect(lead.page.getByRole("button", { name: "Hand over" })).toHaveCount(0);
});
