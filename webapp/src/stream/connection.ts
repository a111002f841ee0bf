// The socket's state machine. One connection carries every room on the screen;
// a first connection and a reconnection are the same path. Clock, timers,
// chance, socket and ticket are passed in.
//
// Promises, per subscribed room: frames come in order; every entry once (seq
// ≤ last is dropped); no hole (seq > last + 1 subscribes anew from last and is
// reported as a defect). `after` carries no rights: what the server sends is
// what this person may see now.
import { parseFrame, writeFrame } from "../protocol/frame";
import { ApiError } from "../protocol/problem";
import type { ClientFrame, Fault, Instant, RoomFrame, RoomID, Seq, ServerFrame } from "../protocol/types";
import { afterClose } from "./close";

export type ConnectionState =
  | { readonly name: "idle" } // never started
  | { readonly name: "ticket" } // asking for a ticket
  | { readonly name: "connecting" } // socket opening, hello sent
  | { readonly name: "live"; readonly since: number }
  | { readonly name: "waiting"; readonly until: number | null; readonly attempts: number } // until null: for the network to return
  | { readonly name: "locked" }
  | { readonly name: "signedOut" }
  | { readonly name: "stopped" };

/** Something the stream should never do. It names no content. */
export interface Defect {
  readonly what: "gap" | "malformed" | "ahead";
  readonly room: RoomID | null;
  readonly last: Seq | null;
  readonly got: Seq | null;
}

/** What a browser's WebSocket offers of use here. */
export interface Socket {
  send(data: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((e: { readonly data: unknown }) => void) | null;
  onclose: ((e: { readonly code: number }) => void) | null;
}

export interface Clock {
  now(): number;
  /** Runs the function once, after so many milliseconds; returns what calls it off. */
  after(ms: number, run: () => void): () => void;
}

export interface ConnectionDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly socket: () => Socket;
  readonly ticket: () => Promise<string>;
}

export interface RoomListener {
  frame(frame: RoomFrame): void;
  /** The server refused the subscription; not_found is final. */
  refused(fault: Fault, detail: string): void;
}

export type Connection = ReturnType<typeof createConnection>;

/** Milliseconds. */
export const limits = { firstWait: 500, longestWait: 30_000, afterGoaway: 250, between: 1_000, hello: 15_000, settled: 5_000, typing: 3_000, later: 30_000, roomRetry: 2_000 };

interface Subscription {
  readonly room: RoomID;
  readonly listener: RoomListener;
  last: Seq | null; // null: no snapshot yet
  resuming: boolean; // a subscribe is on its way; a further gap asks no further
  gaps: number; // in a row, without progress
  typedAt: number;
  retry: (() => void) | null;
}

export function createConnection(deps: ConnectionDeps) {
  const { clock } = deps;
  let state: ConnectionState = { name: "idle" };
  let socket: Socket | null = null;
  let generation = 0; // of attempts: answers to an abandoned one are dropped
  let attempts = 0; // since it was last settled
  let tried = Number.NEGATIVE_INFINITY; // when the last attempt began
  let goawayWait: number | null = null;
  let offline = false;
  let skew = 0;
  let cancelTimer: (() => void) | null = null;
  const rooms = new Map<RoomID, Subscription>();
  const onState = listeners<ConnectionState>();
  const onRooms = listeners<void>();
  const onDefect = listeners<Defect>();

  function enter(next: ConnectionState): void {
    state = next;
    onState.tell(next);
  }

  /** Lets go of socket and timers; whatever they still say is not heard. */
  function drop(): void {
    generation++;
    cancelTimer?.();
    cancelTimer = null;
    for (const sub of rooms.values()) {
      sub.retry?.();
      sub.retry = null;
      sub.resuming = false;
    }
    const old = socket;
    socket = null;
    if (old) {
      old.onopen = old.onmessage = old.onclose = null;
      old.close(1000);
    }
  }

  function attempt(): void {
    drop();
    if (offline) {
      enter({ name: "waiting", until: null, attempts });
      return;
    }
    const mine = generation;
    tried = clock.now();
    enter({ name: "ticket" });
    // A ticket that never comes must not hold the connection for ever.
    cancelTimer = clock.after(limits.hello, () => wait());
    deps.ticket().then(
      (ticket) => {
        if (mine === generation) open(ticket);
      },
      (e: unknown) => {
        if (mine !== generation) return;
        if (e instanceof ApiError && e.fault === "signed_out") end("signedOut");
        else wait(e instanceof ApiError && e.fault === "too_many" ? Math.max(limits.later, e.retryAfter ?? 0) : (e instanceof ApiError && e.retryAfter) || 0);
      },
    );
  }

  function open(ticket: string): void {
    cancelTimer?.();
    cancelTimer = clock.after(limits.hello, () => wait());
    enter({ name: "connecting" });
    let s: Socket;
    try {
      s = deps.socket();
    } catch {
      wait();
      return;
    }
    socket = s;
    s.onopen = () => s.send(writeFrame({ type: "hello", ticket }));
    // A browser may have queued an event of a socket that was let go in between.
    s.onmessage = (e) => {
      if (socket === s) receive(e.data);
    };
    s.onclose = (e) => {
      if (socket === s) closed(e.code);
    };
  }

  function closed(code: number): void {
    const settled = state.name === "live" && clock.now() - state.since >= limits.settled;
    if (settled) attempts = 0;
    const after = afterClose(code);
    switch (after.next) {
      case "signedOut":
        end("signedOut");
        return;
      case "stop":
        end("stopped");
        return;
      case "later":
        wait(limits.later);
        return;
      case "back":
        if (after.soon && attempts === 0) {
          attempts = 1; // a second cut before it has settled waits like any other
          attempt();
        } else if (goawayWait !== null) {
          wait(goawayWait, limits.afterGoaway); // the server has spread its clients already
        } else {
          wait();
        }
        return;
    }
  }

  /**
   * Waits at least so long, and by chance up to as long again as the bound, which grows with the attempts that failed:
   * clients that were cut together do not come back as one.
   */
  function wait(least = 0, longest = limits.longestWait): void {
    drop();
    goawayWait = null;
    const most = Math.min(longest, limits.firstWait * 2 ** Math.min(attempts, 16));
    attempts++;
    if (offline) {
      enter({ name: "waiting", until: null, attempts });
      return;
    }
    waitFor(least + deps.random() * most);
  }

  function waitFor(ms: number): void {
    cancelTimer?.();
    enter({ name: "waiting", until: clock.now() + ms, attempts });
    cancelTimer = clock.after(ms, attempt);
  }

  /**
   * Tries now, or as soon as a second has passed since the last attempt: a network that comes and goes, or a page that
   * does, is no reason to hammer. Never later than that, also where the device's clock was put back meanwhile.
   */
  function soon(): void {
    if (state.name !== "waiting") return;
    const early = Math.min(limits.between, tried + limits.between - clock.now());
    if (early <= 0) attempt();
    else if (state.until === null || state.until > clock.now() + early) waitFor(early);
  }

  function end(name: "signedOut" | "stopped" | "locked"): void {
    drop();
    attempts = 0;
    goawayWait = null;
    enter({ name });
  }

  function send(frame: ClientFrame): boolean {
    if (state.name !== "live" || !socket) return false;
    socket.send(writeFrame(frame));
    return true;
  }

  function subscribeNow(sub: Subscription): void {
    if (send({ type: "subscribe", room: sub.room, after: sub.last })) sub.resuming = true;
  }

  function receive(data: unknown): void {
    let frame: ServerFrame | null;
    try {
      frame = parseFrame(typeof data === "string" ? data : "");
    } catch {
      onDefect.tell({ what: "malformed", room: null, last: null, got: null });
      // What was in it is lost: the next connection resumes where each room stands.
      wait();
      return;
    }
    if (!frame) return; // a newer server's frame
    switch (frame.type) {
      case "welcome":
        welcome(frame.now);
        return;
      case "goaway":
        goawayWait = frame.wait;
        return;
      case "rooms":
        onRooms.tell();
        return;
      case "error":
        if (frame.room !== undefined) refused(frame.room, frame.fault, frame.detail);
        return;
      default:
        about(frame);
    }
  }

  function welcome(now: Instant): void {
    cancelTimer?.();
    cancelTimer = null;
    const server = Date.parse(now);
    if (Number.isFinite(server)) skew = server - clock.now();
    enter({ name: "live", since: clock.now() });
    for (const sub of [...rooms.values()]) subscribeNow(sub);
  }

  function refused(room: RoomID, fault: Fault, detail: string): void {
    const sub = rooms.get(room);
    if (!sub) return;
    sub.resuming = false;
    if (fault === "unavailable" || fault === "too_many" || fault === "internal") {
      sub.retry?.();
      sub.retry = clock.after(limits.roomRetry * (1 + deps.random()), () => {
        sub.retry = null;
        subscribeNow(sub);
      });
    }
    sub.listener.refused(fault, detail);
  }

  function about(frame: RoomFrame): void {
    const sub = rooms.get(frame.room);
    if (!sub) return; // unsubscribed while it was on its way
    switch (frame.type) {
      case "snapshot":
        sub.last = frame.seq;
        sub.resuming = false;
        sub.gaps = 0;
        break;
      case "events": {
        const events = frame.events.filter(({ entry }) => entry.seq > (sub.last ?? Number.POSITIVE_INFINITY));
        const last = sub.last;
        if (events.length === 0 || last === null) return; // already here, or before the first snapshot
        const hole = events.find(({ entry }, i) => entry.seq !== last + 1 + i);
        if (hole) {
          gap(sub, hole.entry.seq, "gap");
          return;
        }
        sub.last = last + events.length;
        sub.resuming = false;
        sub.gaps = 0;
        sub.listener.frame(events.length === frame.events.length ? frame : { ...frame, events });
        return;
      }
      case "caught_up":
        if (sub.last === null || frame.seq > sub.last) {
          gap(sub, frame.seq, "ahead");
          return;
        }
        sub.resuming = false;
        break;
      case "revoked":
        sub.last = null;
        break;
    }
    sub.listener.frame(frame);
  }

  function gap(sub: Subscription, got: Seq, what: "gap" | "ahead"): void {
    onDefect.tell({ what, room: sub.room, last: sub.last, got });
    if (sub.resuming && what === "gap") return; // the old subscription's frames, still on their way
    sub.gaps++;
    // Resuming did not fill it: begin again from a snapshot; if that does not help either, from a new connection.
    if (sub.gaps === 3) sub.last = null;
    if (sub.gaps > 3) {
      sub.gaps = 0;
      wait();
      return;
    }
    subscribeNow(sub);
  }

  return {
    get state(): ConnectionState {
      return state;
    },
    /** The server's clock, in milliseconds since 1970, as of the last welcome. */
    serverNow: (): number => clock.now() + skew,
    onState: onState.add,
    onRooms: onRooms.add,
    onDefect: onDefect.add,

    /** Connects; also after signing in again. */
    start(): void {
      if (state.name === "idle" || state.name === "signedOut" || state.name === "stopped") attempt();
    },
    /** Lets the socket go and does not come back by itself. */
    stop(): void {
      end("stopped");
    },
    /** The idle lock: nothing more comes in until unlock. */
    lock(): void {
      if (state.name !== "stopped" && state.name !== "signedOut") end("locked");
    },
    unlock(): void {
      if (state.name === "locked") attempt();
    },
    /** Tells that the session has ended, when a request found out first. */
    signedOut(): void {
      if (state.name !== "stopped") end("signedOut");
    },
    /** The browser says that the network is there or not. */
    network(up: boolean): void {
      offline = !up;
      if (up) soon();
      // A socket without a network looks alive until a write has failed, minutes later. Letting it go loses nothing, and
      // coming back begins at once instead of after whatever the dead one would have taken.
      if (!up && (state.name === "ticket" || state.name === "connecting" || state.name === "waiting" || state.name === "live")) {
        drop();
        enter({ name: "waiting", until: null, attempts });
      }
    },
    /** The page came to the front, or the person asks: do not wait any longer. Browsers slow a hidden page's timers down. */
    wake(): void {
      soon();
    },

    /** Follows a room; one listener per room. from: the last entry already here, or null for a snapshot. Returns what ends it. */
    subscribe(room: RoomID, listener: RoomListener, from: Seq | null = null): () => void {
      if (rooms.has(room)) throw new Error("connection: a room is followed once");
      const sub: Subscription = { room, listener, last: from, resuming: false, gaps: 0, typedAt: Number.NEGATIVE_INFINITY, retry: null };
      rooms.set(room, sub);
      subscribeNow(sub);
      return () => {
        if (rooms.get(room) !== sub) return;
        sub.retry?.();
        rooms.delete(room);
        send({ type: "unsubscribe", room });
      };
    },
    /** Says that this person is typing, at most every three seconds. */
    typing(room: RoomID): void {
      const sub = rooms.get(room);
      if (!sub || clock.now() - sub.typedAt < limits.typing) return;
      if (send({ type: "typing", room })) sub.typedAt = clock.now();
    },
    /** Moves this person's read marker; false if there is no connection to say it on. */
    read: (room: RoomID, seq: Seq): boolean => send({ type: "read", room, seq }),
  };
}

function listeners<T>() {
  const all = new Set<(value: T) => void>();
  return {
    add: (listen: (value: T) => void): (() => void) => {
      all.add(listen);
      return () => void all.delete(listen);
    },
    tell: (value: T): void => {
      for (const listen of [...all]) listen(value);
    },
  };
}
