// The list of entries with its filters. The worker finds them; here a page of
// them is shown.
import type { Done, Filter, Gap, Listed, Question, Row } from "../talk";
import { byId, clear, el } from "./dom";
import { entry, gap } from "./entry";
import { plain } from "./hostile";
import { count, kindWords } from "./words";

const perPage = 100;

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
  const status = el("p", { id: "f-status" });
  const rows = el("ol", { class: "entries", "aria-label": "Entries" });
  const earlier = el("button", { type: "button", class: "button button-quiet" }, "Earlier entries");
  const later = el("button", { type: "button", class: "button button-quiet" }, "Later entries");
  const pager = el("div", { class: "row no-print" }, earlier, later);
  const element = el("section", { "aria-labelledby": "entries" }, el("h2", { id: "entries", tabindex: -1 }, "The entries"), filters, error, status, rows, pager);

  let id = 0;
  let offset = 0;
  let goal: number | null = null;
  let moved = false;
  let filter: Filter = { kind: null, actor: null, words: "", from: null, to: null, whole: false };

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
    const number = (s: string) => (s === "" ? null : Number(s));
    filter = { kind: number(kind.value), actor: number(actor.value), words: words.value.trim(), from: times[0], to: times[1], whole: shown.value === "part" };
    list(0);
  };
  filters.addEventListener("submit", read);
  filters.addEventListener("reset", (e) => {
    // After the controls have their first values again.
    queueMicrotask(() => {
      for (const s of [kind, actor, shown]) s.selectedIndex = 0;
      for (const i of [words, from, to]) i.value = "";
      read(e);
    });
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

  list(0);
  return {
    element,
    take(listed) {
      if (listed.id !== id) return;
      offset = listed.offset;
      clear(rows);
      rows.append(...listed.rows.map((r: Row | Gap) => (r.type === "gap" ? gap(r, goal !== null && r.first <= goal && goal <= r.last) : entry(r, goal === r.seq))));
      const last = offset + listed.rows.length;
      const what = listed.total === 0 ? "Nothing matches." : listed.total <= perPage ? `${count(listed.total, "line")}.` : `Lines ${(offset + 1).toLocaleString("en-GB")} to ${last.toLocaleString("en-GB")} of ${listed.total.toLocaleString("en-GB")}.`;
      status.textContent = what;
      say(what);
      earlier.disabled = offset === 0;
      later.disabled = last >= listed.total;
      pager.hidden = listed.total <= perPage;
      if (goal !== null) {
        const to = rows.querySelector<HTMLElement>(".entry-first");
        goal = null;
        to?.focus();
        to?.scrollIntoView({ block: "center" });
      } else if (moved) {
        byId("entries", HTMLElement).focus();
        byId("entries", HTMLElement).scrollIntoView();
      }
      moved = false;
    },
    go(seq) {
      goal = seq;
      filters.reset();
      filter = { kind: null, actor: null, words: "", from: null, to: null, whole: false };
      ask({ type: "find", id: ++id, seq, limit: perPage });
    },
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
