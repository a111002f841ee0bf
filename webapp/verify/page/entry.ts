// One entry of the list: number, kind, who, when, label, text, and what is not
// shown. Everything that was recorded goes in as text.
import { isList, isObject, type Json, type JsonObject, member } from "../core/json";
import type { Gap, HiddenPart, Row } from "../talk";
import { el, said } from "./dom";
import { instant, moment } from "./time";
import { fieldWords, kindWords, parts, slotNames, whys } from "./words";
import { range } from "./report";

/** A slot's value, or null if it is not JSON: then it is shown as it is. */
function value(slot: string | null | undefined): Json | undefined {
  if (!slot) return undefined;
  try {
    return JSON.parse(slot) as Json;
  } catch {
    return undefined;
  }
}

function object(slot: string | null | undefined): JsonObject {
  const v = value(slot);
  return isObject(v) ? v : {};
}

const text = (v: Json | undefined): string => (typeof v === "string" ? v : typeof v === "number" ? String(v) : "");

export function entry(row: Row, marked: boolean): HTMLElement {
  const kind = object(row.slots[0]);
  const times = object(row.slots[2]);
  const marking = object(row.slots[3]);
  const root = member(kind, "root");
  const name = text(member(kind, "kind"));
  const head = el("p", { class: "entry-head" });
  const tlp = text(member(marking, "tlp"));
  if (tlp !== "") head.append(el("span", { class: `tlp ${tlpClass(tlp)}` }, said(tlp)), " ");
  for (const more of ["pap", "caveat"]) if (text(member(marking, more)) !== "") head.append(el("span", { class: "tag" }, said(text(member(marking, more)))), " ");
  head.append(el("strong", {}, name === "" ? "Kind not shown" : said(kindWords(name))));
  if (typeof root === "number" && root !== row.seq) head.append(` · about entry ${root}`);
  head.append(" · ", who(row));
  const body = el("div", {}, head, when(times, row));
  if (row.slots[4]) body.append(content(row.slots[4]));
  for (const h of row.hidden) body.append(hidden(h));
  const rest = row.slots.map((s, i) => ({ s, i })).filter(({ s, i }) => s && i !== 4);
  if (rest.length > 0) body.append(all(row));
  return el(
    "li",
    { class: `entry${marked ? " entry-first" : ""}`, id: `entry-${row.seq}`, tabindex: -1 },
    el("div", { class: "entry-number" }, el("span", { class: "away" }, "Entry "), `${row.seq}`),
    body,
  );
}

function who(row: Row): Node {
  if (row.slots[1] === null) return el("span", {}, "by whom is not shown");
  const by = object(row.slots[1]);
  const number = member(by, "member");
  const role = text(member(by, "role"));
  const org = text(member(by, "org"));
  const person = text(member(by, "person"));
  if (typeof number !== "number" && person === "") return el("span", {}, "the system itself");
  const s = el("span", {});
  if (row.person) s.append(said(row.person.name), ", ", said(row.person.org), " ");
  else if (person !== "") s.append("person ", said(person), " ");
  s.append(el("span", { class: "small" }, said([typeof number === "number" ? `M-${number}` : "", role, row.person ? "" : org].filter((x) => x !== "").join(", "))));
  return s;
}

function when(times: JsonObject, row: Row): HTMLElement {
  const p = el("p", { class: "entry-when" });
  const recorded = instant(member(times, "recorded"));
  p.append(recorded ? `Recorded ${moment(recorded)}` : "When it was recorded is not shown");
  const occurred = instant(member(times, "occurred"));
  if (occurred) p.append(`; happened ${member(times, "about") === true ? "about " : ""}${moment(occurred)}`);
  const exercise = instant(member(times, "exercise"));
  if (exercise) p.append(`; exercise clock ${moment(exercise)}`);
  const bound = instant(row.bound);
  if (bound) p.append(el("br"), `Witnessed by ${moment(bound)}`);
  else if (!row.sealed) p.append(el("br"), "Nobody has signed for it yet");
  return p;
}

function tlpClass(tlp: string): string {
  if (tlp === "TLP:RED") return "tlp-red";
  if (tlp.startsWith("TLP:AMBER")) return "tlp-amber";
  return tlp === "TLP:GREEN" ? "tlp-green" : "";
}

/** The fields that are the entry's text, before the others. */
const main = ["text", "title", "decision", "reason"];

function content(slot: string): HTMLElement {
  const v = value(slot);
  if (!isObject(v)) return el("div", { class: "entry-main" }, v === undefined ? said(slot, "div") : fields(v, 0));
  const box = el("div", {});
  const lead = main.find((name) => typeof member(v, name) === "string");
  if (lead) box.append(el("div", { class: "entry-main" }, said(text(member(v, lead)), "div")));
  const rest = Object.fromEntries(Object.entries(v).filter(([name]) => name !== lead));
  if (Object.keys(rest).length > 0) box.append(fields(rest, 0));
  return box;
}

function fields(v: Json, depth: number): HTMLElement {
  if (depth > 8) return said(JSON.stringify(v));
  if (isList(v)) {
    if (v.every((x) => typeof x !== "object" || x === null)) return said(v.map((x) => String(x)).join(", "));
    return el("ul", {}, ...v.map((x) => el("li", {}, fields(x, depth + 1))));
  }
  if (!isObject(v)) {
    const t = instant(v);
    return t ? el("span", {}, moment(t)) : said(v === true ? "yes" : v === false ? "no" : v === null ? "nothing" : String(v), typeof v === "string" && v.includes("\n") ? "div" : "bdi");
  }
  const dl = el("dl", { class: "fields" });
  for (const [name, x] of Object.entries(v)) dl.append(el("dt", {}, said(fieldWords(name))), el("dd", {}, fields(x, depth + 1)));
  return dl;
}

/** The exact bytes that the leaf commits to. */
function all(row: Row): HTMLElement {
  const d = el("details", {}, el("summary", {}, "Exactly as recorded", el("span", { class: "away" }, `, entry ${row.seq}`)));
  d.addEventListener("toggle", () => {
    if (!d.open || d.children.length > 1) return;
    const dl = el("dl", { class: "fields raw" });
    row.slots.forEach((s, i) => dl.append(el("dt", {}, slotNames[i] ?? ""), el("dd", {}, s === null ? "not shown" : s === "" ? "empty" : said(s, "code"))));
    d.append(dl);
  });
  return d;
}

export function hidden(h: HiddenPart): HTMLElement {
  const box = el("div", { class: "hidden-part" });
  const why = el("p", {}, `Not shown: ${parts(h.slots)}. ${whys[h.why]}`);
  if (h.ground !== "") why.append(", ", said(h.ground));
  why.append(h.event > 0 ? `, by entry ${h.event}.` : ".");
  box.append(why);
  if (h.reason !== "") box.append(el("p", {}, "Reason: ", said(h.reason)));
  for (const w of h.wording) {
    box.append(el("p", {}, el("strong", {}, "The exporter’s wording instead, which cannot be checked: ")), el("p", {}, said(readable(w.text), "div")));
  }
  return box;
}

/** The wording given in place of a slot may be a slot's value with parts taken out: then its text is what is read. */
function readable(wording: string): string {
  const t = text(member(object(wording), "text"));
  return t === "" ? wording : t;
}

export function gap(g: Gap, marked: boolean): HTMLElement {
  return el(
    "li",
    { class: `entry entry-gap${marked ? " entry-first" : ""}`, id: `entry-${g.first}`, tabindex: -1 },
    el("div", { class: "entry-number" }, el("span", { class: "away" }, g.first === g.last ? "Entry " : "Entries "), g.first === g.last ? `${g.first}` : `${g.first}–${g.last}`),
    el(
      "div",
      {},
      el("p", { class: "entry-head" }, g.first === g.last ? "Nothing of this entry is shown." : `Nothing of entries ${range(g.first, g.last)} is shown.`),
      ...g.hidden.map(hidden),
      g.more > 0 && el("p", {}, `${g.more} further reasons are listed above.`),
    ),
  );
}
