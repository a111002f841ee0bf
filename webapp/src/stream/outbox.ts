// What of a room is not in its log yet, and a draft: its messages, or the
// lines of a loggist's books. A message leaves when the event with its key arrives or its POST is answered. Until
// then it is on the shelf, so that a reload, a crash or a dead battery costs
// nothing: the same key is sent again, and the log takes a key once.
import { isRecord, text } from "../protocol/guard";
import { ApiError } from "../protocol/problem";
import type { FieldError, MessageDraft, Receipt } from "../protocol/rest";
import type { Fault, Key, PersonID, RoomID, Seq } from "../protocol/types";
import { newKey } from "../protocol/ulid";
import type { Clock } from "./connection";
import { createSealer, type Sealer } from "./seal";
import type { Shelf } from "./shelf";

/** Why a message was refused. Its text is kept. */
export interface Refusal {
  readonly fault: Fault | "offline";
  readonly sentence: string;
  readonly fields: readonly FieldError[];
  /** Names a refusal that has an answer of its own; absent in what an older version kept. */
  readonly code?: string;
}

export interface Pending<M = MessageDraft> {
  readonly key: Key;
  readonly room: RoomID;
  readonly message: M;
  /** Milliseconds since 1970, by this device. */
  readonly at: number;
  /** queued: waits its turn or for the network; sent: in the log, not yet on the screen. */
  readonly state: "queued" | "sending" | "sent" | "failed";
  readonly problem: Refusal | null;
}

export interface OutboxDeps<M> {
  readonly owner: PersonID;
  readonly room: RoomID;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly random: () => number;
  readonly post: (room: RoomID, message: M, key: Key) => Promise<Receipt>;
  /** What it carries, and whether something kept is such a thing. */
  readonly kind: "message" | "line";
  readonly holds: (kept: unknown) => kept is M;
  /** The room's draft key, base64. */
  readonly draftKey: () => Promise<string>;
}

export type Outbox<M = MessageDraft> = ReturnType<typeof createOutbox<M>>;

/** Milliseconds between attempts. */
export const patience = { first: 1_000, longest: 30_000 };

interface ItemOf<M> extends Pending<M> {
  readonly order: number;
  readonly seq: Seq | null; // once answered
}

export function createOutbox<M>(deps: OutboxDeps<M>) {
  const { owner, room, shelf, clock, kind, holds } = deps;
  const draftKind = kind === "message" ? "draft" : "lineDraft";
  type Item = ItemOf<M>;
  let items: readonly Item[] = [];
  let draft: M | null = null;
  let draftTouched = false; // what is typed now wins over what was kept
  let sealer: Sealer | null = null;
  let loading: Promise<void> | null = null;
  let opening = true; // until the shelf has been read, or could not be
  let busy = false;
  let paused = false;
  let failures = 0;
  let shownTo: Seq = -1; // the newest entry that the stream has brought
  let cancelWait: (() => void) | null = null;
  let writes: Promise<unknown> = Promise.resolve(); // one at a time, in order
  let draftQueued = false;
  const listeners = new Set<() => void>();
  const draftID = `${draftKind} ${owner} ${room}`;
  const nameOf = (id: string) => `${owner}\n${room}\n${id}`;

  function change(next: readonly Item[]): void {
    items = next;
    for (const listen of [...listeners]) listen();
  }
  function update(key: Key, part: Partial<Item>): void {
    change(items.map((i) => (i.key === key ? { ...i, ...part } : i)));
  }
  const find = (key: Key) => items.find((i) => i.key === key);

  /** Runs shelf work after what is already queued. A shelf that fails costs the reload, not the message. */
  function write(work: () => Promise<void>): Promise<unknown> {
    writes = writes.then(work).catch(() => undefined);
    return writes;
  }

  function keep(item: Item): Promise<unknown> {
    return write(async () => {
      const now = find(item.key);
      if (!sealer || !now || now.state === "sent") return; // gone meanwhile, or kept when the key comes
      const { message, at, problem } = now;
      const box = await sealer.seal(nameOf(item.key), { message, at, problem });
      await shelf.put({ id: item.key, owner, room, kind, order: item.order, ...box });
    });
  }

  function forget(key: Key): void {
    void write(() => shelf.remove(key));
  }

  function keepDraft(): void {
    if (!sealer || draftQueued) return;
    draftQueued = true;
    void write(async () => {
      draftQueued = false;
      if (!sealer) return;
      if (draft === null) await shelf.remove(draftID);
      else await shelf.put({ id: draftID, owner, room, kind: draftKind, order: 0, ...(await sealer.seal(nameOf(draftID), draft)) });
    });
  }

  /** Fetches the key, brings back what was kept, and goes on sending. Safe to call again after a failure. */
  function load(): Promise<void> {
    loading ??= (async () => {
      const fresh = await createSealer(await deps.draftKey());
      const boxes = await shelf.list(owner, room);
      const kept: Item[] = [];
      let keptDraft: M | null = null;
      for (const box of boxes) {
        if (box.kind !== kind && box.kind !== draftKind) continue; // another outbox's
        let value: unknown;
        try {
          value = await fresh.open(nameOf(box.id), box);
        } catch {
          continue; // sealed under another key: not ours to read
        }
        if (box.kind === draftKind) keptDraft = holds(value) ? value : null;
        else if (isRecord(value) && holds(value["message"])) kept.push(restored(box.id, box.order, room, value, value["message"]));
      }
      sealer = fresh;
      const here = new Set(items.map((i) => i.key));
      const unkept = items;
      // What was kept is older than anything written since this page began.
      if (!draftTouched) draft = keptDraft;
      change([...kept.filter((i) => !here.has(i.key)), ...items]);
      for (const item of unkept) void keep(item);
      if (draftTouched) keepDraft();
    })();
    const mine = loading;
    const ended = (ok: boolean) => () => {
      opening = false;
      if (!ok) loading = null;
      pump();
    };
    if (!sealer) opening = true;
    mine.then(ended(true), ended(false));
    return mine;
  }

  function pump(): void {
    if (busy || paused || cancelWait || opening) return; // what was kept goes before what is new
    const next = items.find((i) => i.state === "queued");
    if (!next) return;
    busy = true;
    update(next.key, { state: "sending", problem: null });
    void deliver(next).finally(() => {
      busy = false;
      pump();
    });
  }

  async function deliver(item: Item): Promise<void> {
    // On the shelf first: a crash after this line sends it again, a crash before it had shown nothing as sent.
    if (sealer) await keep(item);
    if (!find(item.key)) return; // taken back, or arrived by the stream
    try {
      const { seq } = await deps.post(room, item.message, item.key);
      failures = 0;
      forget(item.key); // it is in the log; a crash before this sends the same key once more
      // A veiled message bears no key: where the stream was quicker than the answer, only the number tells.
      if (seq <= shownTo) drop(item.key);
      else if (find(item.key)) update(item.key, { state: "sent", seq });
    } catch (e) {
      if (!find(item.key)) return; // the stream brought it though the answer was lost
      refuse(item, e instanceof ApiError ? e : new ApiError("internal", "Something went wrong on this device."));
    }
  }

  function refuse(item: Item, e: ApiError): void {
    const problem: Refusal = { fault: e.fault, sentence: e.message, fields: e.fields, code: e.code };
    if (e.fault === "signed_out") {
      paused = true; // until resume: nobody's fault, and nothing is lost
      update(item.key, { state: "queued", problem });
      return;
    }
    if (!e.passing) {
      failures = 0;
      update(item.key, { state: "failed", problem });
      void keep(item);
      return;
    }
    update(item.key, { state: "queued", problem });
    const most = Math.min(patience.longest, patience.first * 2 ** Math.min(failures, 16));
    failures++;
    cancelWait = clock.after(Math.max(e.retryAfter ?? 0, most / 2 + (deps.random() * most) / 2), () => {
      cancelWait = null;
      pump();
    });
  }

  function drop(key: Key): void {
    if (!find(key)) return;
    forget(key);
    change(items.filter((i) => i.key !== key));
  }

  return {
    load,
    get items(): readonly Pending<M>[] {
      return items;
    },
    subscribe(listen: () => void): () => void {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },

    /** Takes a message in; it goes out after those before it. */
    send(message: M): Key {
      const key = newKey(clock.now());
      const order = Math.max(clock.now(), (items.at(-1)?.order ?? 0) + 1);
      const item: Item = { key, room, message, at: clock.now(), state: "queued", problem: null, order, seq: null };
      change([...items, item]);
      if (sealer) void keep(item);
      pump();
      return key;
    },
    /** Sends a refused one again, unchanged and under its own key. */
    retry(key: Key): void {
      if (find(key)?.state === "failed") update(key, { state: "queued", problem: null });
      failures = 0;
      cancelWait?.();
      cancelWait = null;
      pump();
    },
    /** Sends a refused one again, changed, under its own key: a refusal stored nothing. */
    resend(key: Key, message: M): void {
      const item = find(key);
      if (item?.state !== "failed") return;
      update(key, { message, state: "queued", problem: null });
      void keep({ ...item, message });
      failures = 0;
      cancelWait?.();
      cancelWait = null;
      pump();
    },
    /** Takes one back that has not gone out; false if it is on its way or there. Returns with its text for the composer. */
    discard(key: Key): M | null {
      const item = find(key);
      if (!item || item.state === "sending" || item.state === "sent") return null;
      drop(key);
      return item.message;
    },
    /** The event with this key arrived by the stream. */
    delivered: drop,
    /** The stream has reached this entry: what was answered up to there is on the screen. */
    reached(seq: Seq): void {
      shownTo = Math.max(shownTo, seq);
      if (items.some((i) => i.seq !== null && i.seq <= seq)) change(items.filter((i) => i.seq === null || i.seq > seq));
    },
    /** The network or the session is back: do not wait any longer. */
    resume(): void {
      paused = false;
      failures = 0;
      cancelWait?.();
      cancelWait = null;
      if (!sealer) void load().catch(() => undefined);
      pump();
    },
    /** Stops sending: locked or signed out. What is kept stays kept. */
    pause(): void {
      paused = true;
      cancelWait?.();
      cancelWait = null;
    },

    get draft(): M | null {
      return draft;
    },
    saveDraft(next: M | null): void {
      draft = next;
      draftTouched = true;
      keepDraft();
      for (const listen of [...listeners]) listen();
    },
    /** Resolves when everything asked of the shelf so far is done. */
    settled: (): Promise<unknown> => writes,
  };
}

/** Whether something kept is a message. */
export function isMessage(v: unknown): v is MessageDraft {
  return isRecord(v) && text(v["text"]);
}

function restored<M>(key: Key, order: number, room: RoomID, value: Record<string, unknown>, message: M): ItemOf<M> {
  const problem = isRecord(value["problem"]) ? (value["problem"] as unknown as Refusal) : null;
  const at = typeof value["at"] === "number" ? value["at"] : order;
  // Refused stays refused until the person says so; anything else may or may not have arrived, and goes again.
  const failed = problem !== null && !["signed_out", "offline", "unavailable", "too_many", "internal"].includes(problem.fault);
  return { key, room, message, at, order, state: failed ? "failed" : "queued", problem: failed ? problem : null, seq: null };
}
