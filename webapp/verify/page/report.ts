// The report on the page: the verdict first, in words, then what it rests on.
import type { Report, Withheld } from "../core/report";
import type { Done, NamedKey } from "../talk";
import { clear, el, said } from "./dom";
import { instant, moment } from "./time";
import { count, parts, vouched, type Words, whys } from "./words";

const algorithms: Readonly<Record<number, string>> = { 1: "Ed25519", 4: "Ed25519, says when", 6: "ML-DSA-44, says when" };

export function verdict(words: Words, r: Report, elsewhere: string): HTMLElement {
  const sign = { good: "✓", warn: "!", bad: "✕" }[words.tone];
  return el(
    "div",
    { class: `verdict ${words.tone}` },
    el("p", { class: "sign" }, el("span", { "aria-hidden": true }, `${sign} `), r.verdict),
    el("h2", { id: "verdict", tabindex: -1 }, words.title),
    el("p", {}, words.summary),
    r.first && (r.verdict === "TAMPERED" || r.verdict === "INCONSISTENT" || r.verdict === "INCOMPLETE") && el("p", {}, "Found: ", said(r.first.what)),
    elsewhere !== "" && el("p", {}, said(elsewhere)),
  );
}

export function meaning(words: Words): HTMLElement {
  const list = (title: string, items: readonly string[]) => el("div", {}, el("h3", {}, title), el("ul", {}, ...items.map((i) => el("li", {}, i))));
  return el("section", { class: "sides", "aria-label": "What this verdict means" }, list("What this means", words.means), list("What it does not mean", words.not));
}

export function about(d: Done): HTMLElement {
  const r = d.report;
  const facts = el("dl", { class: "facts" });
  const fact = (name: string, ...value: readonly (Node | string)[]) => facts.append(el("dt", {}, name), el("dd", {}, ...value));
  if (d.about.reference !== "" || d.about.title !== "") fact("Named by the exporter", said([d.about.reference, d.about.title].filter((s) => s !== "").join(" · ")));
  if (d.about.recipient !== "") fact("Made for", said(d.about.recipient), d.about.basis === "" ? "" : ", on the basis of ", d.about.basis === "" ? "" : said(d.about.basis));
  if (d.about.exporter !== "") fact("Made by", said(d.about.exporter));
  fact("Log", said(r.log, "code"));
  fact("Entries", entries(r));
  fact("Signed for", `${count(r.size, "entry", "entries")}: number 0 to ${r.size - 1}`);
  fact("Fingerprint of the whole record", print(r.root), el("p", { class: "small" }, "The root of the checkpoint. It is the same in every true copy of this record, and the witness can show it too."));
  fact("Fingerprint of this file", print(d.bundleHash), el("p", { class: "small" }, "SHA-256 of the bundle. The access log names the bundle by it."));
  return el("section", { "aria-labelledby": "about" }, el("h2", { id: "about" }, "What was checked"), facts);
}

function entries(r: Report): string {
  const c = r.counts;
  const said = [count(c.leaves, "entry", "entries") + " in all", `${c.open} shown in full`, `${c.part} shown in part`, `${c.withheld} not shown`];
  if (c.erased > 0) said.push(`${c.erased} with something erased`);
  if (c.tail > 0) said.push(`${c.tail} not yet signed for`);
  return `${said.join(", ")}.`;
}

/** A fingerprint in groups of four, four groups to a piece that is not broken. */
export function print(fingerprint: string): HTMLElement {
  const pieces = fingerprint.replaceAll(" ", "").match(/.{1,16}/g) ?? [];
  return el("span", { class: "print" }, ...pieces.flatMap((p) => [el("span", {}, (p.match(/.{1,4}/g) ?? []).join(" ")), " "]));
}

export function signatures(d: Done): HTMLElement {
  const r = d.report;
  const section = el("section", { "aria-labelledby": "signed" }, el("h2", { id: "signed" }, "Who signed, and when"));
  if (r.sealed.by.length > 0) {
    section.append(
      table("Signatures on the checkpoint that were checked and are good", ["Name", "Key", "Signed"], r.sealed.by.map((b) => {
        const at = instant(b.at);
        return [said(b.name), el("code", {}, b.hash), at ? moment(at) : "this kind of signature has no time"];
      })),
    );
    const at = instant(r.sealed.at);
    if (!vouched(r)) section.append(el("p", { class: "stop" }, r.verdict === "UNTRUSTED-KEY" ? "These are the keys that the bundle names itself: that they signed proves nothing until you know whose they are." : "They signed the checkpoint that is in the bundle. The bundle’s entries did not pass the check against it."));
    else if (at) section.append(el("p", {}, `The witness had cosigned it by ${moment(at)}, by its own clock. Nothing in it can be younger.`));
  } else if (d.asked.policy) {
    section.append(el("p", {}, "The signatures that your policy file asks for are not all there, or not good."));
  } else {
    section.append(el("p", {}, "No signature was checked, since no policy file was given."));
  }
  return section;
}

export function keys(d: Done): HTMLElement {
  const section = el("section", { "aria-labelledby": "keys" }, el("h2", { id: "keys" }, "Fingerprints to compare"));
  const mine = d.keys.filter((k) => k.inPolicy);
  const theirs = d.keys.filter((k) => !k.inPolicy);
  section.append(
    el("p", {}, "The verdict is worth as much as the keys. Ring the log’s operator and the witness’s operator, each at a number that you know from elsewhere and not from this bundle, and have them read their fingerprints out. Every group must be the same."),
  );
  if (mine.length > 0) section.append(el("h3", {}, "In your policy file"), ...mine.map(key));
  if (theirs.length > 0) {
    section.append(
      el("h3", {}, mine.length > 0 ? "Named by the bundle, but not by your policy file" : "Named by the bundle itself"),
      el("p", {}, "Whoever made the bundle wrote these. They prove nothing until you have compared them."),
      ...theirs.map(key),
    );
  }
  if (d.keys.length === 0) section.append(el("p", {}, "The bundle names no keys that can be read."));
  return section;
}

function key(k: NamedKey): HTMLElement {
  return el(
    "div",
    { class: "key" },
    el("p", {}, el("strong", {}, k.witness ? "Witness: " : "Operator: "), said(k.name), " ", el("span", { class: "small" }, `${algorithms[k.algorithm] ?? ""}${k.inPolicy ? (k.inBundle ? "; the bundle names it too" : "; the bundle does not name it") : ""}`)),
    el("p", {}, print(k.print)),
  );
}

export function bounds(r: Report): HTMLElement | null {
  if (r.bounds.length === 0 || !vouched(r)) return null;
  const section = el("section", { "aria-labelledby": "bounds" }, el("h2", { id: "bounds" }, "How old the entries are at least"));
  section.append(el("p", {}, "The witness signed for the log from time to time. Each line says: these entries were there by then, whatever the operator’s clock said."));
  section.append(long(r.bounds, 12, (some, from) =>
    table("Time bounds", ["Entries", "There by"], some.map((b, i) => {
      const first = from + i === 0 ? 0 : (r.bounds[from + i - 1]?.size ?? 0);
      const at = instant(b.at);
      return [first === b.size - 1 ? `${first}` : `${first} to ${b.size - 1}`, at ? moment(at) : said(b.at)];
    }))));
  return section;
}

export function withheld(r: Report): HTMLElement | null {
  if (r.withheld.length === 0 && r.erased.length === 0) return null;
  const section = el("section", { "aria-labelledby": "withheld" }, el("h2", { id: "withheld" }, "What is not shown, and why"));
  section.append(el("p", {}, "The reasons are the exporter’s own words: the log does not prove them. That nothing else is left out is proved."));
  if (r.erased.length > 0) {
    section.append(table("Erased, by a decision in the record", ["Entry", "What", "Ground", "Recorded in"], r.erased.map((e) => [`${e.seq}`, parts(e.slots), e.ground ? said(e.ground) : "none given", `entry ${e.event}`])));
  }
  const rest = r.withheld.filter((w) => w.why !== "erased");
  if (rest.length > 0) {
    section.append(long(rest, 20, (some) => table("Left out of this bundle", ["Entries", "What", "Why", "Ground and reason"], some.map((w) => [range(w.first, w.last), parts(w.slots), whys[w.why], grounds(w)]))));
  }
  return section;
}

export function range(first: number, last: number): string {
  return first === last ? `${first}` : `${first} to ${last}`;
}

function grounds(w: Withheld): Node | string {
  if (!w.ground && !w.reason) return "none given";
  const both = el("span", {});
  if (w.ground) both.append(el("span", { class: "tag" }, said(w.ground)), " ");
  if (w.reason) both.append(said(w.reason));
  return both;
}

/** Where what stands on the page. */
export function contents(parts: readonly (HTMLElement | null)[]): HTMLElement {
  const links = parts.flatMap((p) => [...(p?.querySelectorAll("h2[id]") ?? [])]).map((h) => el("li", {}, el("a", { href: `#${h.id}` }, h.textContent ?? "")));
  return el("nav", { class: "contents no-print", "aria-label": "On this page" }, el("ul", {}, ...links));
}

export function remarks(r: Report): HTMLElement | null {
  if (r.remarks.length === 0) return null;
  return el("section", { "aria-labelledby": "remarks" }, el("h2", { id: "remarks" }, "Remarks"), el("ul", {}, ...r.remarks.map((s) => el("li", {}, said(s)))));
}

type Cell = Node | string;

function table(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): HTMLElement {
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: "stack" },
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", { scope: "col" }, h)))),
      el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((c, i) => el("td", { "data-name": heads[i] }, c))))),
    ),
  );
}

/** A long list: its beginning, and a button for more of it. */
function long<T>(all: readonly T[], first: number, draw: (some: readonly T[], from: number) => HTMLElement): HTMLElement {
  const box = el("div", {});
  const show = (n: number) => {
    clear(box);
    box.append(draw(all.slice(0, n), 0));
    if (n < all.length) {
      const more = el("button", { type: "button", class: "button button-quiet" }, `Show more: ${count(all.length - n, "line")} left`);
      more.addEventListener("click", () => {
        show(n + 500);
        box.querySelector("button")?.focus();
      });
      box.append(el("p", { class: "no-print" }, more));
      box.append(el("p", { class: "small" }, `${count(n, "line")} of ${all.length.toLocaleString("en-GB")}. The report as JSON has all of them.`));
    }
  };
  show(first);
  return box;
}
