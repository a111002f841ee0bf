// The log's own rules, as far as they can be checked where entries are shown.
// Entries are taken in order; a fact is used only where the slots that state it
// are shown; the first contradiction ends the replay. In each entry, in order:
//
//  1. Slots 0, 1, 2, and slot 4 of the kinds that are read here, are canonical
//     JSON objects; slot 0 has a kind and a root, recorded of slot 2 is written
//     as 2026-03-01T02:14:00.000Z, and a member in slot 1 is a number. Slot 6
//     lists attachments or is empty.
//  2. The root is not after the entry; if it is before it, and its slot 0 was
//     shown, it is a root itself.
//  3. Entry 0 is the genesis, and no other is.
//  4. No entry was recorded before one above it.
//  5. The genesis names this format and this log.
//  6. In a room, a member's number is given once, and its bearer has not acted
//     before, but for opening the room.
//  7. In a room, whoever acts has joined and has not left; unless they open the
//     room, or an entry above that is not shown may be their joining.
//  8. In a room, a move begins where the room stands, if that is known.
//
// Besides, every slot that is listed as erased has its entry: after the one it
// was in, shown, of kind entry.erased, and naming that entry and those slots.
import { bytesOf } from "./bytes";
import { canonical, isCount, isList, isObject, type JsonObject, member } from "./json";
import type { Opening } from "./openings";
import type { WithheldLine } from "./withheld";

export interface Finding {
  readonly seq: number;
  readonly slot: number; // -1: of no slot
  readonly what: string;
}

/** What an entry says, as far as it is shown and read here. */
export interface Facts {
  readonly kind: string | null; // null: slot 0 is not shown
  readonly root: number;
  readonly member: number; // 0: nobody, or not shown
  readonly recorded: string | null;
  readonly body: JsonObject | null; // of the kinds below; null: not shown
  readonly acts: boolean; // slot 1 is shown
  readonly files: readonly Attached[];
  readonly bad: number; // the first slot that has not its form; -1: none
}

/** A file as an entry lists it. */
export interface Attached {
  readonly sum: string; // SHA-256 of its content, in hex
  readonly size: number;
  readonly salt: string; // base64
  readonly commitment: string; // base64
}

const base64Hash = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** The attachments that slot 6 lists; null if it has not its form. */
function attachedIn(value: string): readonly Attached[] | null {
  if (value === "") return [];
  const v = object(value);
  const list = v && member(v, "files");
  if (!isList(list)) return null;
  const files: Attached[] = [];
  for (const f of list) {
    if (!isObject(f)) return null;
    const [sum, size, salt, commitment] = [member(f, "sha256"), member(f, "size"), member(f, "salt"), member(f, "commitment")];
    if (typeof sum !== "string" || !/^[0-9a-f]{64}$/.test(sum) || !isCount(size)) return null;
    if (typeof salt !== "string" || !base64Hash.test(salt) || typeof commitment !== "string" || !base64Hash.test(commitment)) return null;
    files.push({ sum, size: Number(size), salt, commitment });
  }
  return files;
}

const bodies: Readonly<Record<string, (b: JsonObject) => boolean>> = {
  genesis: (b) => typeof member(b, "format") === "string" && typeof member(b, "origin") === "string",
  "member.joined": (b) => isCount(member(b, "number")),
  "room.moved": (b) => typeof member(b, "from") === "string" && typeof member(b, "to") === "string",
  "entry.erased": (b) => {
    const list = member(b, "slots");
    return isCount(member(b, "entry")) && isList(list) && list.length > 0 && list.every((s) => isCount(s) && s < 8);
  },
};

function object(value: string): JsonObject | null {
  const read = canonical(bytesOf(value));
  return "value" in read && isObject(read.value) ? read.value : null;
}

/** Reads what the rules need; who keeps an entry's number and name for people reads them too. */
export function factsOf(o: Opening): Facts {
  let bad = -1;
  const of = (slot: number, right: (v: JsonObject) => boolean): JsonObject | null => {
    const s = o.shown[slot];
    if (!s) return null;
    const v = object(s.value);
    if (v && right(v)) return v;
    if (bad < 0) bad = slot;
    return null;
  };
  const head = of(0, (v) => typeof member(v, "kind") === "string" && member(v, "kind") !== "" && isCount(member(v, "root")));
  const by = of(1, (v) => member(v, "member") === undefined || isCount(member(v, "member")));
  const times = of(2, (v) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(member(v, "recorded"))) && typeof member(v, "recorded") === "string");
  const kind = head ? String(member(head, "kind")) : null;
  const right = kind !== null && Object.hasOwn(bodies, kind) ? bodies[kind] : undefined;
  const body = right ? of(4, right) : null;
  const files = o.shown[6] ? attachedIn(o.shown[6].value) : [];
  if (files === null && bad < 0) bad = 6;
  return {
    kind,
    root: Number(head ? member(head, "root") : 0),
    member: Number((by && member(by, "member")) ?? 0),
    recorded: times ? String(member(times, "recorded")) : null,
    body,
    acts: o.shown[1] !== null,
    files: files ?? [],
    bad,
  };
}

interface Bearer {
  joined: boolean;
  acted: number; // the entry in which somebody acted under the number before it was seen given
  left: number; // the entry by which they left; 0: none
}

export class Replay {
  /** The first contradiction. */
  found: Finding | null = null;
  readonly #origin: string;
  readonly #room: boolean;
  readonly #inner = new Bits(); // entries that are shown not to be roots
  readonly #bearers = new Map<number, Bearer>();
  readonly #byRoot = new Map<number, Bearer>();
  readonly #due = new Map<number, WithheldLine[]>(); // erasures, by the entry that must record them
  readonly #gone: WithheldLine[] = [];
  #last = "";
  #hidden = false; // an entry above may be a joining that is not shown
  #stands = ""; // where the room stands; "": not known

  constructor(origin: string) {
    this.#origin = origin;
    this.#room = origin.split("/").at(-2) === "room";
  }

  /** Notes that a line calls slots erased. */
  erasure(w: WithheldLine): void {
    if (w.event <= w.first) this.#gone.push(w);
    else this.#due.set(w.event, [...(this.#due.get(w.event) ?? []), w]);
  }

  /** Takes the next entry; null: nothing of it is shown. */
  entry(seq: number, f: Facts | null): void {
    for (const w of this.#due.get(seq) ?? []) {
      const list = f?.kind === "entry.erased" && f.bad < 0 && f.body ? member(f.body, "slots") : null;
      const ok = isList(list ?? undefined) && member(f?.body ?? {}, "entry") === w.first && w.slots.every((s) => (list as readonly unknown[]).includes(s));
      if (!ok) this.#gone.push(w);
    }
    this.#due.delete(seq);
    if (this.found) return;
    const found = f ? this.#judge(seq, f) : this.#unseen();
    if (found) this.found = { seq, slot: found[0], what: found[1] };
  }

  /** The slots said to be erased of which the record does not say so. */
  get unrecorded(): readonly Finding[] {
    return [...this.#gone, ...[...this.#due.values()].flat()].map((w) => ({
      seq: w.first,
      slot: w.slots[0] ?? -1,
      what: `It is said to be erased by entry ${w.event}, and no entry that is shown says so.`,
    }));
  }

  #unseen(): null {
    this.#hidden = true;
    this.#stands = "";
    return null;
  }

  #judge(seq: number, f: Facts): [slot: number, what: string] | null {
    if (f.bad >= 0) return [f.bad, "It does not have the form that the log’s own rules give it."];
    if (f.kind !== null) {
      if (f.root !== seq) this.#inner.set(seq);
      if (f.root > seq) return [0, `It belongs to entry ${f.root}, which comes after it.`];
      if (f.root < seq && this.#inner.has(f.root)) return [0, `It belongs to entry ${f.root}, which does not begin anything.`];
      if ((f.kind === "genesis") !== (seq === 0)) return [0, "A log has one beginning, entry 0, and this is not as it must be."];
    }
    if (f.recorded !== null) {
      if (f.recorded < this.#last) return [2, "It was recorded before an entry above it."];
      this.#last = f.recorded;
    }
    if (f.kind === "genesis" && f.body && (member(f.body, "format") !== "WARDROOM/1" || member(f.body, "origin") !== this.#origin)) {
      return [4, "The first entry names another log, or another format."];
    }
    return this.#room ? this.#inRoom(seq, f) : null;
  }

  #inRoom(seq: number, f: Facts): [slot: number, what: string] | null {
    if (f.kind === null || (f.kind === "member.joined" && !f.body)) this.#hidden = true;
    if (f.kind === "member.joined" && f.body) {
      const number = Number(member(f.body, "number"));
      const was = this.#bearers.get(number);
      if (number === 0) return [4, "Somebody joins without a number."];
      if (was?.joined) return [4, `Member ${number} joins a second time.`];
      if (was) return [4, `Member ${number} joins here, and acted before, in entry ${was.acted}.`];
      const bearer = { joined: true, acted: seq, left: 0 };
      this.#bearers.set(number, bearer);
      this.#byRoot.set(f.root, bearer);
    }
    if (f.member > 0 && f.kind !== null && f.acts) {
      const bearer = this.#bearers.get(f.member);
      if (bearer && bearer.left > 0) return [1, `Member ${f.member} acts after leaving in entry ${bearer.left}.`];
      if (!bearer && f.kind !== "room.opened") {
        if (!this.#hidden) return [1, `Member ${f.member} acts and has not joined.`];
        this.#bearers.set(f.member, { joined: false, acted: seq, left: 0 });
      }
    }
    switch (f.kind) {
      case null:
        this.#stands = "";
        break;
      case "member.left":
      case "member.removed": {
        const bearer = this.#byRoot.get(f.root);
        if (bearer && bearer.left === 0) bearer.left = seq;
        break;
      }
      case "room.opened":
      case "room.reopened":
        this.#stands = "open";
        break;
      case "room.moved": {
        const from = f.body ? String(member(f.body, "from")) : "";
        if (f.body && this.#stands !== "" && this.#stands !== from) return [4, `The room moves on from ${from}, and stood at ${this.#stands}.`];
        this.#stands = f.body ? String(member(f.body, "to")) : "";
        break;
      }
    }
    return null;
  }
}

/** A set of numbers, a bit each. */
class Bits {
  #words = new Uint32Array(256);
  set(n: number): void {
    const at = Math.floor(n / 32);
    if (at >= this.#words.length) {
      const next = new Uint32Array(Math.max(at + 1, this.#words.length * 2));
      next.set(this.#words);
      this.#words = next;
    }
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (n % 32));
  }
  has(n: number): boolean {
    return ((this.#words[Math.floor(n / 32)] ?? 0) & (1 << (n % 32))) !== 0;
  }
}
