// One store per room: joins the stream, pages of history, the outbox and the
// prover into one view. The state itself changes only in apply.
import type { Integrity, Prover, ProverFactory } from "../proof/prover";
import { unchecked } from "../proof/prover";
import type { Api } from "../protocol/api";
import { ApiError } from "../protocol/problem";
import type {
  BriefLines, Facts, Fault, FiveLines, Instant, Key, Lifecycle, MemberNo, MessageDraft, Methane, NewMember, Page, PersonID, Proposal, Received, Role,
  RoomFrame, RoomID, SearchQuery, Seq, Tightening, Widening,
} from "../protocol/types";
import type { Clock, Connection, ConnectionState } from "../stream/connection";
import { createOutbox, type Outbox, type Pending } from "../stream/outbox";
import type { Shelf } from "../stream/shelf";
import { apply } from "./apply";
import { roomTime } from "./clock";
import { createNaming } from "./naming";
import type { GapRow, Row } from "./row";
import { emptyRoom, type Phase, type Presence, type RoomState } from "./state";
import { createTimeline, type Timeline } from "./timeline";

/** Everything a page draws of a room. Each part keeps its identity while it does not change. */
export interface RoomView {
  readonly room: RoomID;
  /** missing: there is no such room for this person. */
  readonly phase: Phase | "missing";
  readonly facts: Facts | null;
  readonly seq: Seq;
  /** Whether what is shown is up to date: false while the stream is catching up or cut. */
  readonly caughtUp: boolean;
  readonly epoch: number;
  readonly rows: readonly Row[];
  readonly unread: number;
  readonly mentions: number;
  readonly readTo: Seq;
  readonly presence: Presence;
  readonly pending: readonly Pending[];
  readonly draft: MessageDraft | null;
  readonly integrity: Integrity;
  readonly connection: ConnectionState;
  readonly loading: boolean;
  /** Why the room or its last page could not be loaded. */
  readonly failure: ApiError | null;
  /** For select.ts. */
  readonly state: RoomState;
}

export interface RoomsDeps {
  readonly api: Api;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: () => number;
  readonly shelf: Shelf;
  readonly person: PersonID;
  /** The deployment's host name, which is part of every log's origin. */
  readonly deployment: string;
  readonly prover: ProverFactory;
  /** The server's time less this device's, in milliseconds. */
  readonly skew: number;
}

export interface OpenOptions {
  /** This person's read marker, from the list of rooms. */
  readonly readTo?: Seq;
}

/** Entries per page of history. */
export const pageSize = 100;
const longestReload = 200; // the server's bound on a page

export type Rooms = ReturnType<typeof createRooms>;
export type RoomStore = ReturnType<typeof createStore>;

/** The rooms of one signed-in person. */
export function createRooms(deps: RoomsDeps) {
  const stores = new Map<RoomID, { store: RoomStore; holders: number }>();
  const outboxes = new Map<RoomID, Outbox>();
  const outboxOf = (room: RoomID): Outbox => {
    let outbox = outboxes.get(room);
    if (!outbox) {
      const { api, shelf, clock, random, person } = deps;
      outbox = createOutbox({ owner: person, room, shelf, clock, random, post: api.post, draftKey: api.draftKey });
      outboxes.set(room, outbox);
    }
    return outbox;
  };
  const unfollow = deps.connection.onState((state) => {
    for (const outbox of outboxes.values()) {
      if (state.name === "live") outbox.resume();
      if (state.name === "locked" || state.name === "signedOut" || state.name === "stopped") outbox.pause();
    }
  });
  // Messages that a closed page left behind go out, whichever room is opened first.
  void deps.shelf.rooms(deps.person).then(
    (rooms) => rooms.forEach((room) => void outboxOf(room).load().catch(() => undefined)),
    () => undefined,
  );
  return {
    /** The room's store; release it when its page is left. */
    open(room: RoomID, options: OpenOptions = {}): RoomStore {
      const known = stores.get(room);
      if (known) {
        known.holders++;
        return known.store;
      }
      const store = createStore(deps, room, outboxOf(room), options.readTo ?? 0, () => {
        const held = stores.get(room);
        if (!held || --held.holders > 0) return false;
        stores.delete(room);
        return true;
      });
      stores.set(room, { store, holders: 1 });
      return store;
    },
    /** Lets everything go: signed out, or another person signed in. What is on the shelf stays. */
    dispose(): void {
      unfollow();
      for (const { store } of [...stores.values()]) store.dispose();
      stores.clear();
      for (const outbox of outboxes.values()) outbox.pause();
    },
  };
}

function createStore(deps: RoomsDeps, room: RoomID, outbox: Outbox, readTo: Seq, released: () => boolean) {
  const { api, connection } = deps;
  const timeline = createTimeline();
  const listeners = new Set<() => void>();
  let state = emptyRoom(room);
  let missing = false;
  let failure: ApiError | null = null;
  let integrity: Integrity = unchecked;
  let divider = readTo;
  let fetching = 0;
  let reloading = false; // a new snapshot has come and its first page has not
  let scheduled = false;
  let disposed = false;
  let lines: Timeline = { rows: [], unread: 0, mentions: 0 };
  const naming = createNaming((codes) => api.organisations({ codes }), () => changed());
  let view: RoomView = makeView();
  const pages = new Map<string, Promise<void>>(); // one request for one stretch

  const prover: Prover = deps.prover((next) => {
    if (disposed) return;
    integrity = next;
    changed();
  });
  prover.tell({ type: "origin", line: `${deps.deployment}/wardroom/1/room/${room}` });

  function makeView(): RoomView {
    // Until the first page after a snapshot is here, the rows stay: a room must not go blank for a moment because a role changed.
    const named = naming(state);
    if (!reloading || state.phase !== "open") lines = timeline(named, readTo, divider);
    return {
      room, phase: missing ? "missing" : state.phase, facts: named.facts, seq: state.seq,
      caughtUp: state.caughtUp && connection.state.name === "live", epoch: state.epoch, ...lines, readTo, presence: state.presence,
      pending: outbox.items, draft: outbox.draft, integrity, connection: connection.state, loading: fetching > 0, failure, state: named,
    };
  }

  /** Many frames in one turn make one view. */
  function changed(): void {
    if (scheduled || disposed) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      if (disposed) return;
      view = makeView();
      for (const listen of [...listeners]) listen();
    });
  }

  function take(next: RoomState): void {
    if (next === state) return;
    state = next;
    changed();
  }

  const listener = {
    frame(frame: RoomFrame): void {
      missing = false;
      switch (frame.type) {
        case "snapshot":
          prover.tell({ type: "snapshot", seq: frame.seq, frontier: frame.frontier });
          reloading = state.phase === "open" && state.spans.length > 0;
          take(apply(state, frame));
          void reload();
          return;
        case "events":
          prover.tell({ type: "live", fragments: frame.events.map((e) => e.fragment) });
          take(apply(state, frame));
          settle(frame.events);
          outbox.reached(state.seq);
          return;
        case "opened":
          seen(frame.events);
          break;
        case "read":
          readTo = Math.max(readTo, frame.seq);
          changed();
          return;
        case "revoked":
          reloading = false;
          break;
      }
      take(apply(state, frame));
    },
    refused(fault: Fault, detail: string): void {
      if (fault !== "not_found") return; // the connection asks again
      missing = true;
      failure = new ApiError(fault, detail);
      reloading = false;
      take(apply(state, { type: "revoked", room }));
      changed();
    },
  };

  /** What of this was mine and waiting has arrived. */
  function settle(events: readonly Received[]): void {
    for (const { entry } of events) {
      if (entry.form !== "stub" && entry.by.member === state.facts?.you && entry.form === "open" && entry.authority.key) {
        outbox.delivered(entry.authority.key);
      }
    }
  }

  function seen(received: readonly Received[]): void {
    if (received.length > 0) prover.tell({ type: "seen", fragments: received.map((e) => e.fragment) });
  }

  /** The newest page, after a snapshot. As much as was loaded at the end before, so that the place is kept. */
  async function reload(): Promise<void> {
    const epoch = state.epoch;
    try {
      await fetchPage({ before: state.seq + 1 }, longestReload / 2);
    } catch {
      // failure says so, and the gap row offers it again
    }
    if (epoch === state.epoch && reloading) {
      reloading = false;
      changed();
    }
  }

  async function fetchPage(where: { before: Seq } | { after: Seq } | { around: Seq }, limit = pageSize): Promise<void> {
    const name = `${state.epoch} ${JSON.stringify(where)}`;
    const under = pages.get(name);
    if (under) return under;
    const work = (async () => {
      fetching++;
      changed();
      const epoch = state.epoch;
      try {
        const page: Page = await api.page(room, where, limit);
        if (epoch !== state.epoch || disposed) return; // it answers a question about a room that has been read anew
        seen(page.entries);
        seen(page.related);
        failure = null;
        take(apply(state, { type: "page", room, entries: page.entries, related: page.related, head: page.head }));
      } catch (e) {
        failure = asError(e);
        throw failure;
      } finally {
        fetching--;
        pages.delete(name);
        changed();
      }
    })();
    pages.set(name, work);
    return work;
  }

  const stopFrames = connection.subscribe(room, listener);
  const stopState = connection.onState((now) => {
    if (now.name !== "live") take(apply(state, { type: "cut", room }));
    changed();
  });
  const stopOutbox = outbox.subscribe(changed);
  void outbox.load().catch(() => undefined); // resume tries again when the connection is live

  function dispose(): void {
    if (disposed) return;
    disposed = true;
    stopFrames();
    stopState();
    stopOutbox();
    prover.close();
    listeners.clear();
  }

  const seenSeq = () => Math.max(0, state.seq);

  return {
    room,
    getView: (): RoomView => view,
    subscribe(listen: () => void): () => void {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
    /** The page is left. The last one to leave ends the subscription; unsent messages go on by themselves. */
    release(): void {
      if (released()) dispose();
    },
    dispose,

    // history
    /** The page before the oldest entry of the newest stretch; nothing if there is none. */
    async loadOlder(): Promise<void> {
      const tail = state.spans.at(-1);
      if (tail && tail.from > 1) await fetchPage({ before: tail.from });
    },
    /** Part of a gap: the end next to the older entries above it, or next to the newer ones below it. */
    fill: (gap: GapRow, end: "older" | "newer"): Promise<void> =>
      fetchPage(end === "newer" ? { before: gap.to + 1 } : { after: gap.from - 1 }, pageSize),
    /** Loads what surrounds an entry or a moment, unless it is loaded; returns the entry's number. */
    async loadAround(where: { readonly seq: Seq } | { readonly time: Instant }): Promise<Seq> {
      const seq = "seq" in where ? where.seq : await api.entryAt(room, where.time);
      if (!state.spans.some((s) => s.from <= seq && seq <= s.to)) await fetchPage({ around: seq });
      return seq;
    },
    search: (query: SearchQuery) => api.search(room, query),

    // messages
    /** Queues a message. Cut off, nobody knows when it will be recorded: it carries when it was written, set here once, so that key and body stay the same. */
    send(message: MessageDraft): Key {
      const { facts } = state;
      if (connection.state.name === "live" || message.occurred !== undefined || !facts) return outbox.send(message);
      return outbox.send({ ...message, occurred: roomTime(facts, deps.clock.now() + deps.skew) });
    },
    retry: (key: Key): void => outbox.retry(key),
    /** Takes an unsent message back, for the composer; null if it is on its way. */
    discard: (key: Key): MessageDraft | null => outbox.discard(key),
    saveDraft: (draft: MessageDraft | null): void => outbox.saveDraft(draft),
    typing: (): void => connection.typing(room),
    correct: (seq: Seq, text: string, mentions: readonly MemberNo[], key?: Key) => api.correct(room, seq, text, mentions, key),
    note: (seq: Seq, key?: Key) => api.note(room, seq, key),
    pin: (seq: Seq, key?: Key) => api.pin(room, seq, key),
    unpin: (seq: Seq, key?: Key) => api.unpin(room, seq, key),
    tighten: (seq: Seq, to: Tightening, key?: Key) => api.tighten(room, seq, to, key),
    widen: (seq: Seq, to: Widening, key?: Key) => api.widen(room, seq, to, key),
    withhold: (seq: Seq, key?: Key) => api.withhold(room, seq, key),
    restore: (seq: Seq, key?: Key) => api.restore(room, seq, key),
    /** Opens what travels sealed: on the access log first, then here. Kept in this page's memory only. */
    async openEntry(seq: Seq): Promise<void> {
      const epoch = state.epoch;
      const entries = await api.open(room, seq);
      if (epoch !== state.epoch || disposed) return;
      seen(entries);
      take(apply(state, { type: "unsealed", room, entries }));
    },
    opens: (seq: Seq) => api.opens(room, seq),

    // the room
    title: (title: string, key?: Key) => api.title(room, title, key),
    lifecycle: (to: Lifecycle, key?: Key) => api.lifecycle(room, to, seenSeq(), key),
    reopen: (key?: Key) => api.reopen(room, key),
    brief: (brief: BriefLines, key?: Key) => api.brief(room, brief, seenSeq(), key),
    rules: (rules: FiveLines, key?: Key) => api.rules(room, rules, key),
    report: (report: Methane, key?: Key) => api.report(room, report, key),
    clock: (clock: { paused: boolean; factor: number; at?: Instant }, key?: Key) => api.clock(room, clock, key),
    mute: (muted: boolean) => api.mute(room, muted),

    // members
    invite: (member: NewMember, key?: Key) => api.invite(room, member, key),
    propose: (proposal: Proposal, key?: Key) => api.propose(room, proposal, key),
    admit: (root: Seq, key?: Key) => api.admit(room, root, key),
    decline: (root: Seq, key?: Key) => api.decline(room, root, key),
    vouch: (root: Seq, key?: Key) => api.vouch(room, root, key),
    withdraw: (root: Seq, key?: Key) => api.withdraw(room, root, key),
    removeMember: (root: Seq, reason: string, key?: Key) => api.removeMember(room, root, reason, key),
    role: (root: Seq, role: Role, key?: Key) => api.role(room, root, role, key),
    grant: (root: Seq, start: Seq, key?: Key) => api.grant(room, root, start, key),
    newLink: (root: Seq, key?: Key) => api.newLink(room, root, key),
    accept: (rules: number, key?: Key) => api.accept(room, rules, key),
    leave: (key?: Key) => api.leave(room, key),

    // reading
    /** Moves this person's read marker forward, here and on their other devices. */
    markRead(seq: Seq): void {
      if (seq <= readTo || seq > state.seq) return;
      readTo = seq;
      if (!connection.read(room, seq)) void api.read(room, seq).catch(() => undefined); // the next one says more
      changed();
    },
    /** Puts the unread line after what has been read by now: the page came back to the front. */
    moveUnreadLine(): void {
      divider = readTo;
      changed();
    },
  };
}

function asError(e: unknown): ApiError {
  return e instanceof ApiError ? e : new ApiError("internal", "This could not be read. Load the page again.");
}
