// From a state to the rows of its timeline. A row keeps its identity from one
// state to the next while nothing about it changed, so that drawing is cheap.
import { inRecord } from "../protocol/kinds";
import type { By, Facts, MemberNo, Seq, VisibleEntry } from "../protocol/types";
import { type Author, type NotedRow, type Row, rowTypeOf, type StubsRow } from "./row";
import { authorOf, dayOf, mentions, type Quoted, quotedIn, replyOf } from "./select";
import type { RoomState } from "./state";

const none: readonly Quoted[] = [];

export interface Timeline {
  readonly rows: readonly Row[];
  /** Loaded entries after readTo that are in sight and not the viewer's own. */
  readonly unread: number;
  /** Those of them that mention the viewer. */
  readonly mentions: number;
}

/** Returns a function from state to rows that remembers its last answer. divider: the unread line stands after this entry. */
export function createTimeline(): (state: RoomState, readTo: Seq, divider: Seq) => Timeline {
  let last: ReadonlyMap<string, Row> = new Map();
  let lastRows: readonly Row[] = [];
  const authors = new Map<string, Author>();

  const intern = (facts: Facts, by: By): Author => {
    const author = authorOf(facts, by);
    const key = JSON.stringify(author);
    const known = authors.get(key);
    if (known) return known;
    authors.set(key, author);
    return author;
  };

  return (state, readTo, divider) => {
    const { facts } = state;
    if (!facts) {
      last = new Map();
      lastRows = [];
      return { rows: lastRows, unread: 0, mentions: 0 };
    }
    const built = build(state, facts, readTo, divider, intern);
    const rows = built.rows.map((row) => {
      const old = last.get(row.key);
      return old && same(old, row) ? old : row;
    });
    if (rows.length !== lastRows.length || rows.some((row, i) => row !== lastRows[i])) {
      last = new Map(rows.map((row) => [row.key, row]));
      lastRows = rows;
    }
    return { ...built, rows: lastRows };
  };
}

/**
 * Returns a function that gives the rows of the record alone: entries that
 * pages brought, and those that came by the stream since. from: what is older
 * is not loaded; null: nothing is.
 */
export function recordRows(): (view: { readonly state: RoomState; readonly readTo: Seq }, loaded: readonly Seq[], from: Seq | null) => readonly Row[] {
  let last: { readonly state: RoomState; readonly loaded: readonly Seq[]; readonly from: Seq | null; readonly rows: readonly Row[] } | null = null;
  const draw = createTimeline();
  return ({ state, readTo }, loaded, from) => {
    if (last && last.state === state && last.loaded === loaded && last.from === from) return last.rows;
    const held = new Set(loaded);
    // The newest stretch is the stream's: what it brought is whole.
    const tail = state.spans.at(-1);
    const end = tail && from !== null ? tail.to : 0;
    for (let seq = Math.max(tail?.from ?? 1, from ?? 1); seq <= end; seq++) {
      const entry = state.entries.get(seq)?.entry;
      if (entry && entry.form !== "stub" && inRecord(entry.kind)) held.add(seq);
    }
    const spans = [...held].filter((seq) => state.entries.get(seq)?.entry.form !== "stub").toSorted((a, b) => a - b).map((seq) => ({ from: seq, to: seq }));
    const { rows } = draw({ ...state, spans }, readTo, 0);
    const shown = rows.filter((r) => r.type !== "gap" && r.type !== "stubs" && r.type !== "unread");
    const first = spans[0]?.from ?? state.seq + 1;
    const gap: readonly Row[] = (from !== null && from <= 1) || first <= 1 ? [] : [{ type: "gap", key: "record-gap", from: 1, to: first - 1 }];
    last = { state, loaded, from, rows: [...gap, ...shown] };
    return last.rows;
  };
}

function build(state: RoomState, facts: Facts, readTo: Seq, divider: Seq, intern: (facts: Facts, by: By) => Author): Timeline {
  const rows: Row[] = [];
  let unread = 0;
  let mentioned = 0;
  let day = "";
  let divided = divider <= 0; // everything is new: no line says so
  let end = 0; // the last number accounted for
  for (const span of state.spans) {
    const from = Math.max(1, span.from); // the genesis is nobody's to read
    if (from > end + 1) rows.push({ type: "gap", key: `g${end + 1}`, from: end + 1, to: from - 1 });
    for (let seq = from; seq <= span.to; seq++) {
      const entry = state.entries.get(seq)?.entry ?? { form: "stub" as const, seq };
      if (entry.form === "stub") {
        stub(rows, seq);
        continue;
      }
      const today = dayOf(entry.times.recorded);
      if (today !== day) {
        day = today;
        rows.push({ type: "day", key: `d${day}`, at: entry.times.recorded });
      }
      const mine = entry.by.member === facts.you;
      const isNew = seq > readTo && !mine;
      if (!divided && seq > divider && !mine) {
        divided = true;
        rows.push({ type: "unread", key: "unread" });
      }
      const type = rowTypeOf(entry);
      if (type === "noted") {
        noted(rows, entry);
        continue;
      }
      const author = intern(facts, entry.by);
      const object = state.objects.get(entry.root);
      if (type === "about" || !object) {
        rows.push({ type: "about", key: `a${seq}`, seq, root: entry.root, entry, author, mine, unread: isNew });
        continue;
      }
      const mentionsMe = mentions(object, facts.you);
      if (isNew) {
        unread++;
        if (mentionsMe) mentioned++;
      }
      const quotes = entry.form === "open" && entry.refs.quotes ? entry.refs.quotes.map((q) => quotedIn(state, q)) : none;
      const replyTo = entry.form === "open" ? entry.refs.replyTo : undefined;
      rows.push({
        type: "entry", key: `e${seq}`, seq, entry, object, author, reply: replyTo ? replyOf(state, replyTo) : null, quotes, mentionsMe, mine,
        unread: isNew,
      });
    }
    end = Math.max(end, span.to);
  }
  return { rows, unread, mentions: mentioned };
}

function stub(rows: Row[], seq: Seq): void {
  const last = rows.at(-1);
  if (last?.type === "stubs" && last.to === seq - 1) rows[rows.length - 1] = { ...last, to: seq } satisfies StubsRow;
  else rows.push({ type: "stubs", key: `s${seq}`, from: seq, to: seq });
}

function noted(rows: Row[], entry: VisibleEntry): void {
  const member: MemberNo = entry.by.member ?? 0;
  const last = rows.at(-1);
  if (last?.type === "noted" && last.to === entry.seq - 1) {
    rows[rows.length - 1] = {
      ...last, to: entry.seq, root: last.root === entry.root ? last.root : null,
      members: last.members.includes(member) ? last.members : [...last.members, member],
    } satisfies NotedRow;
  } else {
    rows.push({ type: "noted", key: `n${entry.seq}`, from: entry.seq, to: entry.seq, root: entry.root, members: [member] });
  }
}

/** Equal down to three levels: rows hold references to what is already shared, and small values of their own. */
function same(a: unknown, b: unknown, depth = 3): boolean {
  if (Object.is(a, b)) return true;
  if (depth === 0 || typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((k) => k !== "object" && k !== "entry" ? same((a as Obj)[k], (b as Obj)[k], depth - 1) : Object.is((a as Obj)[k], (b as Obj)[k]))
  );
}
type Obj = Readonly<Record<string, unknown>>;
