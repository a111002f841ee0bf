// The page: takes the files, has a worker check them, shows what it found.
import workerScript from "virtual:worker";
import { encode, type Json } from "../core/json";
import type { Answer, Check, Done, Question } from "../talk";
import { byId, clear, el, said } from "./dom";
import { plain } from "./hostile";
import { entryList, utc, type EntryList } from "./list";
import { about, bounds, contents, keys, meaning, remarks, signatures, verdict, withheld } from "./report";
import { instant, moment } from "./time";
import { verdictWords } from "./words";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}

const form = byId("form", HTMLFormElement);
const work = byId("work", HTMLElement);
const bar = byId("work-bar", HTMLProgressElement);
const workSaid = byId("work-said", HTMLElement);
const spoken = byId("spoken", HTMLElement);
const result = byId("result", HTMLElement);
const roles = ["bundle", "policy", "since"] as const;
type Role = (typeof roles)[number];

const chosen: Record<Role, File | null> = { bundle: null, policy: null, since: null };
let worker: Worker | null = null;
let list: EntryList | null = null;

/** The address of the worker's script, made once; under Trusted Types only this one is let through. */
const startWorker = (() => {
  const url = URL.createObjectURL(new Blob([workerScript], { type: "text/javascript" }));
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("wardroom-verify", {
    createScriptURL(asked) {
      if (asked !== url) throw new TypeError("not the worker's script");
      return asked;
    },
  });
  // The DOM types do not know TrustedScriptURL; a browser with Trusted Types takes nothing else.
  return () => new Worker((policy ? policy.createScriptURL(url) : url) as string, { name: "verify" });
})();

function say(words: string): void {
  spoken.textContent = words;
}

function choose(role: Role, file: File | null): void {
  chosen[role] = file;
  const p = byId(`${role}-chosen`, HTMLElement);
  clear(p);
  p.hidden = file === null;
  if (file) p.append("Chosen: ", said(file.name), ` (${size(file.size)})`);
  if (role === "since" && file) byId("more", HTMLDetailsElement).open = true;
  if (role === "bundle") fault("bundle", "");
}

function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes.toLocaleString("en-GB")} bytes`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000).toLocaleString("en-GB")} KB` : `${Math.round(bytes / 1_000_000).toLocaleString("en-GB")} MB`;
}

/** Shows what is wrong with a field, or nothing for "". */
function fault(id: string, words: string): void {
  const p = byId(`${id}-error`, HTMLElement);
  p.textContent = words;
  p.hidden = words === "";
  const input = byId(id, HTMLInputElement);
  if (words === "") input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
}

for (const role of roles) {
  const input = byId(role, HTMLInputElement);
  input.addEventListener("change", () => choose(role, input.files?.[0] ?? null));
}

/** Files that are dropped find their place by what they are. */
async function drop(files: readonly File[]): Promise<void> {
  for (const file of files) {
    const head = new TextDecoder().decode(await file.slice(0, 200).arrayBuffer().catch(() => new ArrayBuffer(0)));
    const role: Role = head.startsWith("wardroom/policy/1\n") ? "policy" : /^[^\n]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n— /.test(head) ? "since" : "bundle";
    choose(role, file);
    byId(role, HTMLInputElement).value = "";
  }
  if (files.length > 0) say(`Taken: ${files.map((f) => plain(f.name)).join(", ")}.`);
}

document.addEventListener("dragover", (e) => {
  e.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (e) => {
  if (e.relatedTarget === null) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (e) => {
  e.preventDefault();
  document.body.classList.remove("dropping");
  if (worker === null || !result.hidden) {
    if (!result.hidden) again();
    void drop([...(e.dataTransfer?.files ?? [])]);
  }
});

form.addEventListener("submit", (e) => {
  e.preventDefault();
  const least = byId("min-size", HTMLInputElement).value.trim();
  const notBefore = utc(byId("not-before", HTMLInputElement).value);
  fault("bundle", chosen.bundle ? "" : "Choose the bundle to check.");
  fault("min-size", /^\d{0,15}$/.test(least) ? "" : "Write a whole number, in digits.");
  fault("not-before", notBefore === undefined ? "Write date and time as 2026-05-12 15:10, in UTC." : "");
  const wrong = ["bundle", "min-size", "not-before"].find((id) => !byId(`${id}-error`, HTMLElement).hidden);
  if (wrong !== undefined) {
    if (wrong !== "bundle") byId("more", HTMLDetailsElement).open = true;
    return byId(wrong, HTMLInputElement).focus();
  }
  if (chosen.bundle) start({ type: "check", bundle: chosen.bundle, policy: chosen.policy, since: chosen.since, minSize: Number(least || 0), notBefore: notBefore ?? null });
});

function start(check: Check): void {
  stop();
  form.hidden = true;
  byId("lead", HTMLElement).hidden = true;
  work.hidden = false;
  bar.value = 0;
  workSaid.replaceChildren("Reading ", said(check.bundle instanceof File ? check.bundle.name : ""), " …");
  byId("work-title", HTMLElement).focus();
  worker = startWorker();
  worker.addEventListener("message", (e: MessageEvent<Answer>) => take(e.data));
  worker.addEventListener("error", (e) => {
    e.preventDefault();
    failed("This browser could not start or finish the check. Try a newer one, or check the bundle with the program wardroom-verify.");
  });
  ask(check);
}

function ask(q: Question): void {
  worker?.postMessage(q);
}

function stop(): void {
  worker?.terminate();
  worker = null;
  list = null;
}

/** Back to choosing files. */
function again(): void {
  stop();
  work.hidden = true;
  result.hidden = true;
  clear(result);
  form.hidden = false;
  byId("lead", HTMLElement).hidden = false;
  document.title = "Check an inquiry bundle – Wardroom";
  byId("bundle", HTMLInputElement).focus();
}
byId("cancel", HTMLButtonElement).addEventListener("click", () => {
  again();
  say("Cancelled.");
});

let tenth = 0;
function take(a: Answer): void {
  switch (a.type) {
    case "progress": {
      bar.value = Math.floor(a.done * 1000);
      workSaid.textContent = a.of > 0 ? `Entry ${a.entries.toLocaleString("en-GB")} of ${a.of.toLocaleString("en-GB")}` : "Reading the file";
      const now = Math.floor(a.done * 10);
      if (now > tenth && now < 10) say(`${now * 10} per cent checked`);
      tenth = now;
      return;
    }
    case "failed":
      return failed(a.why);
    case "done":
      return done(a);
    case "listed":
      return list?.take(a);
  }
}

function failed(why: string): void {
  stop();
  show(
    "Could not be read – Wardroom",
    el(
      "div",
      { class: "verdict bad" },
      el("p", { class: "sign" }, "NOT CHECKED"),
      el("h2", { id: "verdict", tabindex: -1 }, "This could not be read as a bundle"),
      el("p", {}, said(why)),
      el("p", {}, "Nothing was proved, and nothing was disproved. If the file came by mail or on a stick, fetch it again and compare its size."),
    ),
    el("div", { class: "row no-print" }, anotherButton()),
  );
}

function done(d: Done): void {
  const words = verdictWords(d.report, d.asked);
  list = entryList(d, ask, say);
  const first = d.report.first;
  const to = first && first.seq < d.report.counts.leaves ? el("button", { type: "button", class: "button button-quiet" }, `Go to entry ${first.seq}`) : null;
  to?.addEventListener("click", () => list?.go(first?.seq ?? 0));
  const save = el("button", { type: "button", class: "button button-quiet" }, "Save the report (JSON)");
  save.addEventListener("click", () => saveReport(d));
  const print = el("button", { type: "button", class: "button button-quiet" }, "Print");
  print.addEventListener("click", () => globalThis.print());
  const sections = [about(d), remarks(d.report), signatures(d), keys(d), withheld(d.report), bounds(d.report), list.element];
  show(
    `${d.report.verdict} – Wardroom`,
    verdict(words, d.report, d.trust ?? ""),
    el("div", { class: "row no-print" }, to, print, save, anotherButton()),
    meaning(words),
    asked(d),
    contents(sections),
    ...sections,
  );
}

/** What the record was compared with, so that a print says it. */
function asked(d: Done): HTMLElement {
  const items = [d.asked.policy ? "Judged by the policy file that you chose." : "No policy file was chosen."];
  if (d.asked.since) items.push("Compared with the earlier checkpoint that you chose.");
  if (d.asked.minSize > 0) items.push(`Asked to be signed for at least ${d.asked.minSize.toLocaleString("en-GB")} entries.`);
  if (d.asked.notBefore !== null) items.push(`Asked to be sealed at or after ${moment(new Date(d.asked.notBefore))}.`);
  items.push(`Checked on this computer on ${moment(new Date())}, by this page; the program wardroom-verify checks the same, and was written apart from it.`);
  return el("p", { class: "small" }, items.join(" "));
}

function anotherButton(): HTMLElement {
  const b = el("button", { type: "button", class: "button button-quiet" }, "Check another bundle");
  b.addEventListener("click", again);
  return b;
}

function show(title: string, ...parts: readonly (Node | null)[]): void {
  work.hidden = true;
  clear(result);
  result.append(...parts.filter((p) => p !== null));
  result.hidden = false;
  document.title = title;
  const heading = byId("verdict", HTMLElement);
  heading.focus();
  scrollTo(0, 0);
}

function saveReport(d: Done): void {
  const url = URL.createObjectURL(new Blob([`${encode(d.report as unknown as Json)}\n`], { type: "application/json" }));
  const at = instant(d.report.sealed.at);
  const a = el("a", { href: url, download: `report-${d.report.size}${at ? `-${at.toISOString().slice(0, 10)}` : ""}.json` });
  a.click();
  // The download has begun with the click; the address is no longer needed once this turn of the page is over.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
