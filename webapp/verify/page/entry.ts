// One entry of the list: number, kind, who, when, label, text, and what is not
// shown. Everything that was recorded goes in as text.
import { isList, isObject, type Json, type JsonObject, member } from "../core/json";
import type { Gap, HiddenPart, Person, Row } from "../talk";
import { el, said } from "./dom";
import { instant, moment } from "./time";
import { range } from "./report";
import { entryFields, fieldWords, kindWords, memberFields, parts, slotNames, whys } from "./words";

/** What the list knows beyond an entry. */
export interface Around {
  readonly people: ReadonlyMap<number, Person>;
  readonly vouched: boolean; // the checkpoint proves the entries
  readonly bad: { readonly seq: number; readonly what: string } | null; // the first place that does not fit
  readonly goal: number | null; // the entry that was asked for
}

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

export function entry(row: Row, around: Around): HTMLElement {
  const bad = around.bad?.seq === row.seq ? around.bad.what : "";
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
  const body = el("div", {}, bad !== "" && el("p", { class: "stop" }, el("strong", {}, "Here something does not fit. "), said(bad)), head, when(times, row, around.vouched));
  if (row.slots[4]) body.append(content(row.slots[4], around.people));
  for (const h of row.hidden) body.append(hidden(h));
  const rest = row.slots.map((s, i) => ({ s, i })).filter(({ s, i }) => s && i !== 4);
  if (rest.length > 0) body.append(all(row));
  return el(
    "li",
    { class: `entry${bad === "" ? "" : " entry-bad"}`, id: `entry-${row.seq}`, tabindex: -1 },
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
  const veiled = text(member(by, "orgType"));
  if (typeof number !== "number" && veiled !== "") return el("span", {}, "veiled: all that is said is the kind of organisation, ", said(veiled.replaceAll("_", " ")));
  if (typeof number !== "number" && person === "") return el("span", {}, "the system itself");
  const s = el("span", {});
  if (row.person) s.append(said(row.person.name), ", ", said(row.person.org), " ");
  else if (person !== "") s.append("person ", said(person), " ");
  s.append(el("span", { class: "small" }, said([typeof number === "number" ? `M-${number}` : "", role, row.person ? "" : org].filter((x) => x !== "").join(", "))));
  return s;
}

function when(times: JsonObject, row: Row, vouched: boolean): HTMLElement {
  const p = el("p", { class: "entry-when" });
  const recorded = instant(member(times, "recorded"));
  p.append(recorded ? `Recorded ${moment(recorded)}` : "When it was recorded is not shown");
  const occurred = instant(member(times, "occurred"));
  if (occurred) p.append(`; happened ${member(times, "about") === true ? "about " : ""}${moment(occurred)}`);
  const exercise = instant(member(times, "exercise"));
  if (exercise) p.append(`; exercise clock ${moment(exercise)}`);
  const bound = instant(row.bound);
  if (!vouched) return p;
  if (bound) p.append(el("br"), `Vouched for by the witness at ${moment(bound)}`);
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

function content(slot: string, people: ReadonlyMap<number, Person>): HTMLElement {
  const v = value(slot);
  if (!isObject(v)) return el("div", { class: "entry-main" }, v === undefined ? said(slot, "div") : fields(v, "", people, 0));
  const box = el("div", {});
  const lead = main.find((name) => typeof member(v, name) === "string");
  if (lead) box.append(el("div", { class: "entry-main" }, said(text(member(v, lead)), "div")));
  const rest = Object.fromEntries(Object.entries(v).filter(([name]) => name !== lead));
  if (Object.keys(rest).length > 0) box.append(fields(rest, "", people, 0));
  return box;
}

function fields(v: Json, name: string, people: ReadonlyMap<number, Person>, depth: number): HTMLElement {
  if (depth > 8) return said(JSON.stringify(v));
  if (isList(v)) {
    if (name === "slots" && v.every((x) => typeof x === "number")) return el("span", {}, parts(v));
    if (v.every((x) => typeof x !== "object" || x === null)) return said(v.map((x) => scalar(x, name, people)).join(", "));
    return el("ul", {}, ...v.map((x) => el("li", {}, fields(x, name, people, depth + 1))));
  }
  if (!isObject(v)) {
    const t = instant(v);
    return t ? el("span", {}, moment(t)) : said(scalar(v, name, people), typeof v === "string" && v.includes("\n") ? "div" : "bdi");
  }
  const dl = el("dl", { class: "fields" });
  for (const [inner, x] of Object.entries(v)) dl.append(el("dt", {}, said(fieldWords(inner))), el("dd", {}, fields(x, inner, people, depth + 1)));
  return dl;
}

function scalar(v: Json, name: string, people: ReadonlyMap<number, Person>): string {
  if (typeof v === "number" && memberFields.has(name)) {
    const person = people.get(v);
    return person ? `M-${v} ${person.name}, ${person.org}` : `M-${v}`;
  }
  if (typeof v === "number" && entryFields.has(name)) return `entry ${v}`;
  return v === true ? "yes" : v === false ? "no" : v === null ? "nothing" : typeof v === "string" ? v : String(v);
}

/** The values, letter for letter. */
function all(row: Row): HTMLElement {
  const d = el("details", {}, el("summary", {}, "Exactly as the bundle has it", el("span", { class: "away" }, `, entry ${row.seq}`)));
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

export function gap(g: Gap, around: Around): HTMLElement {
  const bad = around.bad && g.first <= around.bad.seq && around.bad.seq <= g.last ? around.bad : null;
  return el(
    "li",
    { class: `entry entry-gap${bad ? " entry-bad" : ""}`, id: `entry-${around.goal !== null && g.first <= around.goal && around.goal <= g.last ? around.goal : g.first}`, tabindex: -1 },
    el("div", { class: "entry-number" }, el("span", { class: "away" }, g.first === g.last ? "Entry " : "Entries "), g.first === g.last ? `${g.first}` : `${g.first}–${g.last}`),
    el(
      "div",
      {},
      bad && el("p", { class: "stop" }, el("strong", {}, `At entry ${bad.seq} something does not fit. `), said(bad.what)),
      el("p", { class: "entry-head" }, g.first === g.last ? "Nothing of this entry is shown." : `Nothing of entries ${range(g.first, g.last)} is shown.`),
      ...g.hidden.map(hidden),
      g.more > 0 && el("p", {}, `${g.more} further reasons are listed above.`),
    ),
  );
}
