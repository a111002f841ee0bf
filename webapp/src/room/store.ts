// One store per room: joins the stream, pages of history, the outbox and the
// prover into one view. The state itself changes only in apply.
import { createKeyring, type Keyring, type KeyMemory, type KeysView, linesOf } from "../proof/keys";
import type { Ask, Integrity, Known, ProofCheck, Prover, ProverFactory } from "../proof/prover";
import { unchecked } from "../proof/prover";
import type { Api } from "../protocol/api";
import type { Post } from "../protocol/escalation";
import type { ItemBody, ItemDraft, ReleaseAsk, ReleaseReply, SightingDraft, TearLineDraft } from "../protocol/intel";
import { ApiError } from "../protocol/problem";
import type { EntryProof, Seal } from "../protocol/proof";
import type {
  ActionDraft, Assessing, Board, BoardQuery, BookDraft, DecisionDraft, DecisionTaking, ErasureDraft, Lowering, MessageDraft, Overriding, PreflightAsk, Page, ProposalDraft, SearchQuery, Tightening, Widening,
} from "../protocol/rest";
import type { Assignee, Deliberation, Facts, Fault, Instant, Key, MemberNo, Noun, PersonID, Received, RoomFrame, RoomID, Seq, Tier } from "../protocol/types";
import type { Clock, Connection, ConnectionState } from "../stream/connection";
import { createOutbox, isMessage, type Outbox, type Pending } from "../stream/outbox";
import { createDrafts, type Drafts } from "../stream/drafts";
import type { Shelf } from "../stream/shelf";
import { createUploads, type Upload, type Uploads } from "../stream/uploads";
import { inRecord, onBoards } from "../protocol/kinds";
import { authorityActs } from "./authority";
import { statutoryActs } from "./statutory";
import { apply } from "./apply";
import { roomTime } from "./clock";
import { deeds } from "./deeds";
import { isLetter, type Letter } from "./letter";
import { createNaming } from "./naming";
import type { GapRow, Row } from "./row";
import { emptyRoom, type Phase, type Presence, type RoomState } from "./state";
import { createTimeline, recordRows, type Timeline } from "./timeline";
import { createUnsealed } from "./unsealed";

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
  /** Lines of loggists' books, and corrections of them, that are not in the log yet. */
  readonly lines: readonly Pending<Letter>[];
  /** What is being written at the loggist's desk. */
  readonly lineDraft: Letter | null;
  /** The last entry that changed the record or a board of intelligence, or who may see it: boards read before it may have more to show. */
  readonly record: Seq;
  readonly draft: MessageDraft | null;
  /** Files on their way, which the next message is to have. */
  readonly uploads: readonly Upload[];
  readonly integrity: Integrity;
  readonly keys: KeysView;
  /** When the first entry came that is not under a seal yet (the witness's, where there is one); null: all are. */
  readonly unsealed: Instant | null;
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
  /** Where this browser remembers the deployment's public keys. */
  readonly keyMemory: KeyMemory;
  /** The server's time less this device's, in milliseconds. */
  readonly skew: number;
}

/** A page of a board: its objects are in the state. */
export interface BoardPage {
  /** Newest first. */
  readonly roots: readonly Seq[];
  readonly more: boolean;
  /** The log's head when it was read. */
  readonly head: Seq;
  readonly epoch: number;
}

export interface OpenOptions {
  /** This person's read marker, from the list of rooms. */
  readonly readTo?: Seq;
}

/** Entries per page of history. */
export const pageSize = 100;
const longestReload = 200; // the server's bound on a page
const atOnce = 25; // views without waiting, then one in a picture's time until a pause is over
const pause = 100; // milliseconds
const picture = 16; // milliseconds
const askAgain = 10_000; // milliseconds until keys that were not to be had are asked for again

export type Rooms = ReturnType<typeof createRooms>;
export type RoomStore = ReturnType<typeof createStore>;

/** The rooms of one signed-in person. */
export function createRooms(deps: RoomsDeps) {
  const stores = new Map<RoomID, { store: RoomStore; holders: number }>();
  const outboxes = new Map<RoomID, Outboxes>();
  const everyUpload = () => [...outboxes.values()].flatMap((o) => [o.uploads, o.itemUploads]);
  const keys = new Map<RoomID | "", () => Promise<string>>();
  // One key for all that is kept of a room; asked for again after a failure.
  const keyOf = (room: RoomID | ""): (() => Promise<string>) => {
    const known = keys.get(room);
    if (known) return known;
    let asked: Promise<string> | null = null;
    const ask = () =>
      (asked ??= (room === "" ? deps.api.ownDraftKey() : deps.api.draftKey(room)).catch((e: unknown) => {
        asked = null;
        throw e;
      }));
    keys.set(room, ask);
    return ask;
  };
  const drafts = new Map<RoomID | "", Drafts>();
  const outboxOf = (room: RoomID): Outboxes => {
    let both = outboxes.get(room);
    if (!both) {
      const { api, shelf, clock, random, person } = deps;
      const draftKey = keyOf(room);
      const common = { owner: person, room, shelf, clock, random, draftKey };
      const sending = { room, clock, random, begin: api.beginUpload, put: api.putChunk, state: api.upload, drop: api.dropUpload };
      both = {
        messages: createOutbox({ ...common, kind: "message", holds: isMessage, post: api.post }),
        uploads: createUploads(sending),
        itemUploads: createUploads(sending),
        lines: createOutbox<Letter>({ ...common, kind: "line", holds: isLetter, post: (to, letter, key) => postLetter(api, to, letter, key) }),
      };
      outboxes.set(room, both);
    }
    return both;
  };
  const keyring = createKeyring(deps.api.proofKeys, deps.keyMemory);
  // What a room's log was when its page was left, and any alarm: kept until the page is loaded anew.
  const known = new Map<RoomID, Known>();
  const everyOutbox = () => [...outboxes.values()].flatMap((o) => [o.messages, o.lines]);
  const unfollow = deps.connection.onState((state) => {
    for (const outbox of [...everyOutbox(), ...everyUpload()]) {
      if (state.name === "live") outbox.resume();
      if (state.name === "locked" || state.name === "signedOut" || state.name === "stopped") outbox.pause();
    }
  });
  // Messages that a closed page left behind go out, whichever room is opened first.
  void deps.shelf.rooms(deps.person).then(
    (rooms) =>
      rooms.forEach((room) => {
        const { messages, lines } = outboxOf(room);
        for (const outbox of [messages, lines]) void outbox.load().catch(() => undefined);
      }),
    () => undefined,
  );
  return {
    /** What is being written in a room's forms, or ("") in those of no room. */
    drafts(room: RoomID | ""): Drafts {
      const known = drafts.get(room);
      if (known) return known;
      const made = createDrafts({ owner: deps.person, room, shelf: deps.shelf, draftKey: keyOf(room) });
      drafts.set(room, made);
      return made;
    },
    /** The room's store; release it when its page is left. */
    open(room: RoomID, options: OpenOptions = {}): RoomStore {
      const open = stores.get(room);
      if (open) {
        open.holders++;
        return open.store;
      }
      const proof = { keyring, known: known.get(room) ?? null, learn: (k: Known) => void known.set(room, k) };
      const store = createStore(deps, room, outboxOf(room), proof, options.readTo ?? 0, () => {
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
      for (const outbox of [...everyOutbox(), ...everyUpload()]) outbox.pause();
    },
  };
}

/** What of a room waits to be sent. */
interface Outboxes {
  readonly messages: Outbox;
  readonly uploads: Uploads;
  readonly itemUploads: Uploads;
  readonly lines: Outbox<Letter>;
}

function postLetter(api: Api, room: RoomID, letter: Letter, key: Key) {
  if (letter.what === "line") return api.writeLine(room, letter.book, letter.line, key);
  return api.correctLine(room, letter.seq, letter.text, letter.reason, letter.override === undefined ? {} : { override: letter.override }, key);
}

/** What outlives a room's page: the keys, and what was known of its log. */
interface Proving {
  readonly keyring: Keyring;
  readonly known: Known | null;
  readonly learn: (known: Known) => void;
}

function createStore(deps: RoomsDeps, room: RoomID, { messages: outbox, lines: desk, uploads, itemUploads }: Outboxes, { keyring, known, learn }: Proving, readTo: Seq, released: () => boolean) {
  const { api, connection } = deps;
  const timeline = createTimeline();
  const listeners = new Set<() => void>();
  let state = emptyRoom(room);
  let missing = false;
  let failure: ApiError | null = null;
  let integrity: Integrity = unchecked;
  const unsealed = createUnsealed();
  let divider = readTo;
  let fetching = 0;
  let reloading = false; // a new snapshot has come and its first page has not
  let scheduled = false;
  let burst = 0; // views made since there was a pause
  let disposed = false;
  let record: Seq = 0;
  let recordFrom: Seq | null = null; // the record's entries are here from this one on; null: none were asked for
  let recordLoaded: readonly Seq[] = []; // those that pages brought, ascending
  const rowsOfRecord = recordRows();
  let lines: Timeline = { rows: [], unread: 0, mentions: 0 };
  const naming = createNaming((codes) => api.organisations({ codes }), () => changed());
  let view: RoomView = makeView();
  const pages = new Map<string, Promise<void>>(); // one request for one stretch

  const prover: Prover = deps.prover((next) => {
    if (disposed) return;
    integrity = next;
    if (next.size > 0 || next.alarm) learn({ size: next.size, root: next.root, alarm: next.alarm });
    unsealed.reached(next, keyring.view.keys?.witness !== null);
    for (const ask of next.asks) void prove(ask);
    if (next.wantsKeys > 0) void fetchKeys(next.wantsKeys);
    changed();
  });
  const asking = new Set<string>();
  let keysAsked = 0; // up to which seal that waits for keys
  const origin = `${deps.deployment}/wardroom/1/room/${room}`;
  prover.tell({ type: "origin", line: origin });
  if (known) prover.tell({ type: "known", known });
  if (keyring.view.keys) prover.tell({ type: "keys", keys: linesOf(keyring.view.keys), upTo: 0 });

  /** Has the server show that the log at one size is a beginning of the log at another. */
  async function prove(ask: Ask): Promise<void> {
    const name = `${ask.from} ${ask.to}`;
    if (asking.has(name)) return;
    asking.add(name);
    const path = await api.consistency(room, ask.from, ask.to).catch(() => null);
    asking.delete(name);
    if (!disposed) prover.tell({ type: "path", ask, path });
  }

  async function fetchKeys(upTo: number): Promise<void> {
    if (upTo <= keysAsked) return;
    keysAsked = upTo;
    try {
      const keys = await keyring.refresh();
      if (!disposed) prover.tell({ type: "keys", keys: linesOf(keys), upTo });
    } catch {
      deps.clock.after(askAgain, () => {
        keysAsked = 0;
        if (!disposed && integrity.wantsKeys > 0) void fetchKeys(integrity.wantsKeys);
      });
    }
  }

  function makeView(): RoomView {
    // Until the first page after a snapshot is here, the rows stay: a room must not go blank for a moment because a role changed.
    const named = naming(state);
    if (!reloading || state.phase !== "open") lines = timeline(named, readTo, divider);
    return {
      room, phase: missing ? "missing" : state.phase, facts: named.facts, seq: state.seq,
      caughtUp: state.caughtUp && connection.state.name === "live", epoch: state.epoch, ...lines, readTo, presence: state.presence,
      pending: outbox.items, draft: outbox.draft, uploads: uploads.items, lines: desk.items, lineDraft: desk.draft, record, integrity, keys: keyring.view, unsealed: unsealed.since, connection: connection.state, loading: fetching > 0, failure, state: named,
    };
  }

  /**
   * Many frames in one turn make one view. When turn follows upon turn, as when
   * hundreds are invited at once, a view is made for each picture that the
   * screen shows: what draws it is never driven from one to the next without a
   * pause.
   */
  function changed(): void {
    if (scheduled || disposed) return;
    scheduled = true;
    if (burst === 0) setTimeout(() => (burst = 0), pause);
    if (burst++ < atOnce) queueMicrotask(publish);
    else setTimeout(publish, picture);
  }

  function publish(): void {
    scheduled = false;
    if (disposed) return;
    view = makeView();
    for (const listen of [...listeners]) listen();
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
          unsealed.forget();
          if (frame.seal) sealed(frame.seal);
          reloading = state.phase === "open" && state.spans.length > 0;
          record = frame.seq;
          recordFrom = null;
          recordLoaded = [];
          take(apply(state, frame));
          void reload();
          return;
        case "events":
          prover.tell({ type: "live", fragments: frame.events.map((e) => e.fragment) });
          unsealed.came(frame.events, deps.clock.now() + deps.skew);
          take(apply(state, frame));
          settle(frame.events);
          outbox.reached(state.seq);
          desk.reached(state.seq);
          notice(frame.events);
          return;
        case "opened":
          seen(frame.events);
          record = state.seq;
          break;
        case "withdrawn":
          record = state.seq;
          break;
        case "read":
          readTo = Math.max(readTo, frame.seq);
          changed();
          return;
        case "sealed":
          sealed(frame.seal);
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

  function sealed(seal: Seal): void {
    unsealed.told(seal);
    prover.tell({ type: "seal", seal });
  }

  /** What of this was mine and waiting has arrived. */
  function settle(events: readonly Received[]): void {
    for (const { entry } of events) {
      if (entry.form !== "stub" && entry.by.member === state.facts?.you && entry.form === "open" && entry.authority.key) {
        outbox.delivered(entry.authority.key);
        desk.delivered(entry.authority.key);
      }
    }
  }

  /** Whether any of this is about the record. */
  function notice(events: readonly Received[]): void {
    for (const { entry } of events) {
      if (entry.form !== "stub" && (inRecord(entry.kind) || onBoards(entry.kind) || entry.kind.startsWith("audience."))) record = entry.seq;
    }
  }

  /** A page of the record's own entries, before those that are here. */
  async function fetchRecord(): Promise<void> {
    const epoch = state.epoch;
    fetching++;
    changed();
    try {
      const page = await api.page(room, { before: recordFrom ?? state.seq + 1 }, pageSize, true);
      if (epoch !== state.epoch || disposed) return;
      seen(page.entries);
      seen(page.related);
      failure = null;
      recordLoaded = [...page.entries.map((e) => e.entry.seq), ...recordLoaded];
      recordFrom = page.entries.length < pageSize ? 1 : (page.entries[0]?.entry.seq ?? 1);
      take(apply(state, { type: "page", room, entries: [], related: [...page.entries, ...page.related], head: page.head }));
    } catch (e) {
      failure = asError(e);
      throw failure;
    } finally {
      fetching--;
      changed();
    }
  }

  /** A board's page: its objects are folded here and live on by the stream. */
  async function takeBoard(ask: Promise<Board>): Promise<BoardPage> {
    const epoch = state.epoch;
    const { roots, entries, more, head } = await ask;
    if (epoch === state.epoch && !disposed) {
      seen(entries);
      take(apply(state, { type: "page", room, entries: [], related: entries, head }));
    }
    return { roots, more, head, epoch };
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
  const stopKeys = keyring.subscribe(changed);
  const stopDesk = desk.subscribe(changed);
  const stopUploads = uploads.subscribe(changed);
  for (const o of [outbox, desk]) void o.load().catch(() => undefined); // resume tries again when the connection is live

  function dispose(): void {
    if (disposed) return;
    disposed = true;
    stopFrames();
    stopState();
    stopOutbox();
    stopKeys();
    stopDesk();
    stopUploads();
    prover.close();
    listeners.clear();
  }

  /**
   * What is written while cut off carries when that was, since nobody knows
   * when it will be recorded; set here once, so that key and body stay the same.
   */
  function whenWritten<T extends { readonly occurred?: Instant }>(written: T): T {
    const { facts } = state;
    if (connection.state.name === "live" || written.occurred !== undefined || !facts) return written;
    return { ...written, occurred: roomTime(facts, deps.clock.now() + deps.skew) };
  }

  const seenSeq = () => Math.max(0, state.seq);

  return {
    room,
    /** The log's origin line. */
    origin,
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

    // the record
    /** The record's rows alone, as far as they are here. Same rows for the same view. */
    recordRows: (view: RoomView): readonly Row[] => rowsOfRecord(view, recordLoaded, recordFrom),
    /** Loads the record's newest entries, or the ones before those that are here. */
    loadRecord: fetchRecord,
    board: (noun: Noun, query: BoardQuery) => takeBoard(api.board(room, noun, query)),
    needs: () => takeBoard(api.needs(room)),
    draftHandover: async (post: Post): Promise<BoardPage & { readonly since: Seq }> => {
      const asked = api.draftHandover(room, post);
      return { ...(await takeBoard(asked)), since: (await asked).since };
    },
    /** Loads one object and everything about it, wherever it is in the log. */
    async loadObject(root: Seq): Promise<void> {
      const epoch = state.epoch;
      const head = state.seq;
      const entries = await api.entry(room, root);
      if (epoch !== state.epoch || disposed) return;
      seen(entries);
      take(apply(state, { type: "page", room, entries: [], related: entries, head }));
    },
    assess: (a: Assessing, key?: Key) => api.assess(room, a, key),
    askLowering: (l: Lowering, key?: Key) => api.askLowering(room, l, key),
    agreeLowering: (root: Seq, seq: Seq, key?: Key) => api.agreeLowering(room, root, seq, key),
    refuseLowering: (root: Seq, reason: string, seq: Seq, key?: Key) => api.refuseLowering(room, root, reason, seq, key),
    dropLowering: (root: Seq, seq: Seq, key?: Key) => api.dropLowering(room, root, seq, key),
    setRetention: (years: number, key?: Key) => api.setRetention(room, years, key),
    placeHold: (reference: string, reason: string, key?: Key) => api.placeHold(room, reference, reason, key),
    liftHold: (root: Seq, reason: string, key?: Key) => api.liftHold(room, root, reason, key),
    askErasure: (e: ErasureDraft, key?: Key) => api.askErasure(room, e, key),
    agreeErasure: (root: Seq, key?: Key) => api.agreeErasure(room, root, key),
    refuseErasure: (root: Seq, reason: string, key?: Key) => api.refuseErasure(room, root, reason, key),
    dropErasure: (root: Seq, key?: Key) => api.dropErasure(room, root, key),
    tier: (root: Seq, tier: Tier, key?: Key) => api.tier(room, root, tier, key),
    recordDecision: (d: DecisionDraft, key?: Key) => api.recordDecision(room, d, key),
    proposeDecision: (d: ProposalDraft, key?: Key) => api.proposeDecision(room, d, key),
    takeDecision: (root: Seq, d: DecisionTaking, key?: Key) => api.takeDecision(room, root, d, key),
    addToDecision: (root: Seq, d: Deliberation, by?: Overriding, key?: Key) => api.addToDecision(room, root, d, by, key),
    confirmDecision: (root: Seq, seq: Seq, key?: Key) => api.confirmDecision(room, root, seq, key),
    disputeDecision: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.disputeDecision(room, root, reason, seq, by, key),
    reviewDecision: (root: Seq, finding: string, review: Instant | null, seq: Seq, by?: Overriding, key?: Key) =>
      api.reviewDecision(room, root, finding, review, seq, by, key),
    raiseAction: (a: ActionDraft, key?: Key) => api.raiseAction(room, a, key),
    acceptAction: (root: Seq, seq: Seq, key?: Key) => api.acceptAction(room, root, seq, key),
    declineAction: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.declineAction(room, root, reason, seq, by, key),
    finishAction: (root: Seq, evidence: string, cites: readonly Seq[], seq: Seq, by?: Overriding, key?: Key) =>
      api.finishAction(room, root, evidence, cites, seq, by, key),
    handAction: (root: Seq, to: Assignee, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.handAction(room, root, to, reason, seq, by, key),
    chaseAction: (root: Seq, words: string, by?: Overriding, key?: Key) => api.chaseAction(room, root, words, by, key),
    withdrawAction: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.withdrawAction(room, root, reason, seq, by, key),
    ...authorityActs(api, room),
    ...statutoryActs(api, room),
    openBook: (b: BookDraft, key?: Key) => api.openBook(room, b, key),
    agreeBook: (root: Seq, key?: Key) => api.agreeBook(room, root, key),
    closeBook: (root: Seq, seq: Seq, key?: Key) => api.closeBook(room, root, seq, key),
    /** A line of a book, or a correction of one: in order, once, and kept until the log has it. */
    write: (letter: Letter): Key => desk.send(letter.what === "line" ? { ...letter, line: whenWritten(letter.line) } : letter),
    rewrite: (key: Key): void => desk.retry(key),
    /** Sends a refused one again with what its refusal asked for. */
    resendLine: (key: Key, letter: Letter): void => desk.resend(key, letter),
    /** Takes an unsent line back; null if it is on its way. */
    unwrite: (key: Key): Letter | null => desk.discard(key),
    saveLine: (letter: Letter | null): void => desk.saveDraft(letter),

    // intelligence
    publishItem: (item: ItemDraft, key?: Key) => api.publishItem(room, item, key),
    correctItem: (seq: Seq, item: ItemBody & Overriding, key?: Key) => api.correctItem(room, seq, item, key),
    mergeItem: (seq: Seq, other: Seq, key?: Key) => api.mergeItem(room, seq, other, key),
    addTearLine: (seq: Seq, tear: TearLineDraft & Overriding, key?: Key) => api.addTearLine(room, seq, tear, key),
    markSighting: (seq: Seq, s: SightingDraft, key?: Key) => api.markSighting(room, seq, s, key),
    recall: (seq: Seq, reason: string, by?: Overriding, key?: Key) => api.recall(room, seq, reason, by, key),
    askRelease: (seq: Seq, r: ReleaseAsk, key?: Key) => api.askRelease(room, seq, r, key),
    answerRelease: (root: Seq, r: ReleaseReply, key?: Key) => api.answerRelease(room, root, r, key),
    extract: (words: string) => api.extract(room, words),

    // messages
    send: (message: MessageDraft): Key => outbox.send(whenWritten(message)),
    retry: (key: Key): void => outbox.retry(key),
    /** Takes an unsent message back, for the composer; null if it is on its way. */
    discard: (key: Key): MessageDraft | null => outbox.discard(key),
    saveDraft: (draft: MessageDraft | null): void => outbox.saveDraft(draft),
    /** The files of the next message. */
    uploads,
    /** The files of the item that is being written. */
    itemUploads,
    /** What the scanner says of an entry's attachments; refused as taking them is. */
    scans: (seq: Seq) => api.scans(room, seq),
    filePath: (seq: Seq, n: number): string => api.filePath(room, seq, n),
    typing: (): void => connection.typing(room),
    /** Sends a refused one again, changed, under its own key: what was refused left nothing behind. */
    resend: (key: Key, message: MessageDraft): void => outbox.resend(key, message),
    /** Who would receive it. */
    preflight: (ask: PreflightAsk) => api.preflight(room, ask),
    correct: (seq: Seq, text: string, mentions: readonly MemberNo[], by?: Overriding, key?: Key) => api.correct(room, seq, text, mentions, by, key),
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
    /** An entry's proof, and what came of checking it here. */
    async proveEntry(seq: Seq): Promise<{ readonly proof: EntryProof; readonly check: ProofCheck }> {
      const upTo = integrity.wantsKeys;
      const [proof, keys] = await Promise.all([api.proof(room, seq), keyring.refresh()]);
      prover.tell({ type: "keys", keys: linesOf(keys), upTo });
      if (proof.seq !== seq) throw new ApiError("internal", "The server answered with the proof of another entry.");
      return { proof, check: await prover.check(proof) };
    },
    /** Asks for the deployment's keys again; they are then in the view. */
    loadKeys: async (): Promise<void> => void (await keyring.refresh()),
    /** Somebody has compared the fingerprints of keys that had changed. */
    acceptKeys: (): void => keyring.accept(),

    ...deeds(api, room, () => seenSeq()),

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
