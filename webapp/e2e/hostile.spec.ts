// Text that would like to be something else: in messages, titles, names,
// briefs and addresses. Nothing of it runs, and all of it is legible.
import { meeting } from "./meeting";
import { expect, test } from "./test";

const mark = "__ran";
const corpus = [
  `<script>window.${mark}=1</script>`,
  `<img src=x onerror=window.${mark}=1>`,
  `<svg/onload=window.${mark}=1>`,
  `"><iframe srcdoc="<script>parent.${mark}=1</script>">`,
  `<a href="javascript:window.${mark}=1">here</a>`,
  `[here](javascript:window.${mark}=1)`,
  `[here](data:text/html,<script>window.${mark}=1</script>)`,
  `[here](vbscript:x) [there](JaVaScRiPt:window.${mark}=1) [tab](java\tscript:window.${mark}=1)`,
  `![image](https://evil.example/x.png)`,
  `<javascript:window.${mark}=1>`,
  `<style>*{display:none}</style>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=window.${mark}=1>`,
  `\`\`\`html\n<script>window.${mark}=1</script>\n\`\`\``,
  `&lt;script&gt;window.${mark}=1&lt;/script&gt; &#60;img src=x onerror=window.${mark}=1&#62;`,
  `{{constructor.constructor('window.${mark}=1')()}} \${window.${mark}=1}`,
  `<base href="https://evil.example/"><form action="https://evil.example/"><input name=x>`,
  `<meta http-equiv="refresh" content="0;url=https://evil.example/">`,
  `https://evil.example/"onmouseover="window.${mark}=1`,
];

test("hostile text is text: in messages, replies, corrections, pins and search", async ({ come }) => {
  const { lead, room, guests } = await meeting(come, "Hostile <b>title</b><img src=x onerror=window.__ran=1>", [{ who: "ciso", on: "phone" }]);
  const [ciso] = guests as [(typeof guests)[0]];
  for (const person of [lead, ciso]) {
    person.page.on("request", (r) => {
      if (!r.url().startsWith(person.url) && !r.url().startsWith("blob:") && !r.url().startsWith("data:")) person.problems.push(`asked for ${r.url()}`);
    });
  }
  await expect(ciso.page.getByRole("heading", { name: "Hostile <b>title</b>" })).toBeVisible();
  let last = 0;
  for (const text of corpus) last = await lead.post(room, { text, ...(last > 0 ? { replyTo: last } : {}) });
  await lead.ask("POST", `/rooms/${room.room}/entries/${last}/correct`, { text: corpus[1], mentions: [] });
  await lead.ask("POST", `/rooms/${room.room}/entries/${last}/pin`, {});
  await lead.ask("POST", `/rooms/${room.room}/brief`, { lines: { happened: corpus[0], affects: corpus[1], doing: corpus[2], need: corpus[4], next: corpus[5] }, seen: last + 2 });
  await expect(ciso.entryWith("set the situation brief")).toBeVisible();
  // In the room, and in the plain pages, which hold all of it at once.
  for (const person of [lead, ciso]) {
    for (const path of [`/rooms/${room.room}/entries/${last}`, `/rooms/${room.room}/log`]) {
      await person.goto(path);
      await expect(person.entry(last).locator("del")).toBeVisible();
      expect(await person.page.evaluate((m) => Reflect.get(window, m), mark)).toBeUndefined();
      const main = person.page.locator("main");
      expect(await main.locator("script, iframe, style, base, meta, img, object, embed, form[action], math").count()).toBe(0);
      const links = await main.locator("a[href]").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).protocol));
      expect(links.filter((p) => p !== "http:" && p !== "https:" && p !== "mailto:" && p !== "tel:")).toEqual([]);
      expect(await main.locator("*").evaluateAll((all) => all.flatMap((el) => el.getAttributeNames().filter((n) => n.startsWith("on"))))).toEqual([]);
    }
    await expect(person.entry(last)).toContainText(corpus[1] ?? "");
    await expect(person.page.getByText(corpus[0] ?? "").first()).toBeVisible(); // legible, as it was written
  }

  await lead.goto(`/rooms/${room.room}/search`);
  await lead.page.getByLabel("Words").fill("onerror");
  await lead.page.getByRole("button", { name: "Search" }).click();
  await expect(lead.page.locator(".result", { hasText: "<img src=x" }).first()).toBeVisible();
  await lead.goto("/");
  await expect(lead.page.getByText("Hostile <b>title</b>").first()).toBeVisible();
  expect(await lead.page.evaluate((m) => Reflect.get(window, m), mark)).toBeUndefined();
});

test("a hostile name is a name, on its invitation and in the room", async ({ come }) => {
  const { lead, room } = await meeting(come, "Names", []);
  const name = "Ann <img src=x onerror=window.__ran=1>";
  const answer = await lead.ask<{ link: string }>("POST", `/rooms/${room.room}/members`, { name, org: "X4S", role: "representative", history: "from_join", email: "dan.pryce@saltmarsh.example" });
  expect(answer.status).toBe(201);
  await expect(lead.entryWith(`invited ${name}`)).toBeVisible();
  const dan = await come("outsider", { on: "phone" });
  await dan.goto(answer.body.link.slice(new URL(answer.body.link).origin.length));
  await dan.signInHere();
  await expect(dan.page.getByText(name)).toBeVisible();
  await dan.page.getByRole("button", { name: "Accept the rules and join" }).click();
  await expect(dan.composer).toBeVisible();
  const seq = await dan.say("Said under that name");
  await expect(lead.entry(seq)).toContainText(name);
  await lead.composer.fill("");
  await lead.composer.pressSequentially("@Ann");
  await expect(lead.page.getByRole("option", { name: /Ann/ })).toBeVisible();
  await lead.page.keyboard.press("Enter");
  await lead.page.keyboard.press("Enter");
  await expect(dan.page.getByText("Mentions you")).toBeVisible();
  for (const person of [lead, dan]) expect(await person.page.evaluate((m) => Reflect.get(window, m), mark)).toBeUndefined();
});
