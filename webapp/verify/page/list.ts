// The list of entries with its filters. The worker finds them; here a page of
// them is shown.
import type { Done, Filter, Gap, Listed, Question, Row } from "../talk";
import { byId, clear, el } from "./dom";
import { type Around, entry, gap } from "./entry";
import { plain } from "./hostile";
import { count, kindWords, vouched } from "./words";

const perPage = 100;
const nothing: Filter = { kind: null, actor: null, words: "", from: null, to: null, whole: false };

export interface EntryList {
  readonly element: HTMLElement;
  /** Takes the worker's answer. */
  take(listed: Listed): void;
  /** Shows the page on which an entry stands, and goes to it. */
  go(seq: number): void;
}

/** The list of a checked bundle; ask sends a question to the worker, say speaks to a screen reader. */
export function entryList(d: Done, ask: (q: Question) => void, say: (words: string) => void): EntryList {
  const select = (id: string, all: string, options: readonly { value: string; label: string }[]) =>
    el("select", { id }, el("option", { value: "" }, all), ...options.map((o) => el("option", { value: o.value }, o.label)));
  const kind = select("f-kind", "All kinds", d.kinds.map((k, i) => ({ value: String(i), label: `${plain(kindWords(k.name))} (${k.count})` })).toSorted((a, b) => (a.label < b.label ? -1 : 1)));
  const actor = select("f-actor", "Everybody", d.people.map((p) => ({ value: String(p.member), label: plain(`M-${p.member} ${p.person.name}, ${p.person.org}`) })));
  const shown = el("select", { id: "f-shown" }, el("option", { value: "" }, "All entries"), el("option", { value: "part" }, "Those with parts not shown"));
  const words = el("input", { type: "text", id: "f-words", autocomplete: "off" });
  const from = el("input", { type: "text", id: "f-from", autocomplete: "off", placeholder: "2026-05-12 15:00", "aria-describedby": "f-error" });
  const to = el("input", { type: "text", id: "f-to", autocomplete: "off", placeholder: "2026-05-12 16:00", "aria-describedby": "f-error" });
  const error = el("p", { class: "error", id: "f-error", hidden: true });
  const field = (label: string, control: HTMLElement) => el("div", {}, el("label", { for: control.id }, label), control);
  const filters = el(
    "form",
    { class: "filters", role: "search", "aria-label": "Filter the entries" },
    field("Kind", kind), field("By", actor), field("Shown", shown), field("Words in it", words), field("Recorded from (UTC)", from), field("Recorded until (UTC)", to),
    el("div", {}, el("button", { type: "submit", class: "button button-quiet" }, "Apply")),
    el("div", {}, el("button", { type: "reset", class: "button button-quiet" }, "Clear")),
  );
  const number = el("input", { type: "text", inputmode: "numeric", id: "f-number", autocomplete: "off", "aria-describedby": "f-error" });
  const jump = el("form", { class: "filters", "aria-label": "Go to an entry" }, field("Entry number", number), el("div", {}, el("button", { type: "submit", class: "button button-quiet" }, "Go to it")));
  const warning = vouched(d.report) ? null : el("p", { class: "stop" }, el("strong", {}, "Do not rely on what stands below. "), "It is what the bundle says, and the bundle did not pass the check.");
  const status = el("p", { id: "f-status" });
  const rows = el("ol", { class: "entries", "aria-label": "Entries" });
  const earlier = el("button", { type: "button", class: "button button-quiet" }, "Earlier entries");
  const later = el("button", { type: "button", class: "button button-quiet" }, "Later entries");
  const pager = el("div", { class: "row no-print" }, earlier, later);
  const element = el("section", { "aria-labelledby": "entries" }, el("h2", { id: "entries", tabindex: -1 }, "The entries"), warning, filters, error, jump, status, rows, pager);

  let id = 0;
  let offset = 0;
  let goal: number | null = null;
  let moved = false;
  let drawn = 0; // the answer that is being drawn
  const people = new Map(d.people.map((p) => [p.member, p.person]));
  let filter = nothing;

  const list = (at: number) => {
    offset = Math.max(0, at);
    status.textContent = "Looking …";
    ask({ type: "list", id: ++id, filter, offset, limit: perPage });
  };
  const read = (e: Event) => {
    e.preventDefault();
    const times = [utc(from.value), utc(to.value)] as const;
    error.hidden = times.every((t) => t !== undefined);
    error.textContent = error.hidden ? "" : "Write times as 2026-05-12 15:10, in UTC.";
    from.setAttribute("aria-invalid", String(times[0] === undefined));
    to.setAttribute("aria-invalid", String(times[1] === undefined));
    if (times[0] === undefined || times[1] === undefined) return void (times[0] === undefined ? from : to).focus();
    const chosen = (s: string) => (s === "" ? null : Number(s));
    filter = { kind: chosen(kind.value), actor: chosen(actor.value), words: words.value.trim(), from: times[0], to: times[1], whole: shown.value === "part" };
    list(0);
  };
  filters.addEventListener("submit", read);
  const clearFilters = () => {
    for (const s of [kind, actor, shown]) s.selectedIndex = 0;
    for (const i of [words, from, to]) i.value = "";
    filter = nothing;
  };
  filters.addEventListener("reset", (e) => {
    e.preventDefault();
    clearFilters();
    read(e);
  });
  for (const s of [kind, actor, shown]) s.addEventListener("change", read);
  earlier.addEventListener("click", () => {
    moved = true;
    list(offset - perPage);
  });
  later.addEventListener("click", () => {
    moved = true;
    list(offset + perPage);
  });

  const go = (seq: number) => {
    goal = seq;
    clearFilters();
    status.textContent = "Looking …";
    ask({ type: "find", id: ++id, seq, limit: perPage });
  };
  jump.addEventListener("submit", (e) => {
    e.preventDefault();
    const text = number.value.trim();
    const good = /^\d{1,15}$/.test(text) && Number(text) < d.report.counts.leaves;
    error.hidden = good;
    error.textContent = good ? "" : `There are entries 0 to ${d.report.head.toLocaleString("en-GB")}.`;
    number.setAttribute("aria-invalid", String(!good));
    if (good) go(Number(text));
    else number.focus();
  });

  /** Draws a page of the list, a few rows at a time, so that the page never stands still. */
  const draw = async (listed: Listed) => {
    const turn = ++drawn;
    offset = listed.offset;
    clear(rows);
    const around: Around = { people, vouched: vouched(d.report), bad: d.report.first, goal };
    for (let i = 0; i < listed.rows.length; i += 10) {
      rows.append(...listed.rows.slice(i, i + 10).map((r: Row | Gap) => (r.type === "gap" ? gap(r, around) : entry(r, around))));
      await new Promise((next) => setTimeout(next));
      if (turn !== drawn) return; // another page has been asked for
    }
    const last = offset + listed.rows.length;
    const what =
      listed.total === 0 ? "Nothing matches."
      : listed.total <= perPage ? `${count(listed.total, "row")}, all on this page.`
      : `Rows ${(offset + 1).toLocaleString("en-GB")} to ${last.toLocaleString("en-GB")} of ${listed.total.toLocaleString("en-GB")}.`;
    status.textContent = what;
    say(what);
    earlier.disabled = offset === 0;
    later.disabled = last >= listed.total;
    pager.hidden = listed.total <= perPage;
    const to = goal === null ? (moved ? byId("entries", HTMLElement) : null) : document.getElementById(`entry-${goal}`);
    to?.focus({ preventScroll: true });
    to?.scrollIntoView({ block: goal === null ? "start" : "center" });
    goal = null;
    moved = false;
  };

  list(0);
  return {
    element,
    take(listed) {
      if (listed.id === id) void draw(listed);
    },
    go,
  };
}

/** "2026-05-12 15:10" in UTC, in milliseconds; null for nothing, undefined for anything else. */
export function utc(s: string): number | null | undefined {
  const text = s.trim();
  if (text === "") return null;
  const m = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?\s*(?:Z|UTC)?$/i.exec(text);
  if (!m) return undefined;
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, sec = 0] = m.slice(1).map((x) => Number(x ?? 0));
  const t = new Date(Date.UTC(y, mo - 1, d, h, mi, sec));
  const same = t.getUTCFullYear() === y && t.getUTCMonth() === mo - 1 && t.getUTCDate() === d && t.getUTCHours() === h && t.getUTCMinutes() === mi;
  return same ? t.getTime() : undefined;
}
