// For tests: a clock that moves when told, and sockets that do as told.
import type { Clock, ConnectionDeps, Socket } from "./connection";

export class FakeClock implements Clock {
  #now = Date.parse("2026-02-03T04:05:06.000Z");
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** Moves time on, running what falls due in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter((t) => t.at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((t) => t !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }

  /** The device's clock is set back; what it waits for comes as soon as it would have. */
  putBack(ms: number): void {
    this.#now -= ms;
    for (const t of this.#timers) t.at -= ms;
  }

  get timers(): number {
    return this.#timers.length;
  }
}

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((e: { readonly data: unknown }) => void) | null = null;
  onclose: ((e: { readonly code: number }) => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(): void {
    this.closed = true;
  }
  /** The server says something. */
  says(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  /** The server opens the connection and welcomes. */
  welcomes(): void {
    this.onopen?.();
    this.says({ type: "welcome", now: "2026-02-03T04:05:06.000Z" });
  }
  /** The server or the network ends it. */
  ends(code: number): void {
    this.onclose?.({ code });
  }
}

/** Everything a connection needs, under the test's hand. */
export function fakeNetwork() {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const tickets: { readonly give: (ticket: string) => void; readonly refuse: (e: unknown) => void }[] = [];
  const deps: ConnectionDeps = {
    clock,
    random: () => 0.5,
    socket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    ticket: () => new Promise<string>((give, refuse) => tickets.push({ give, refuse })),
  };
  return {
    clock, deps, sockets, tickets,
    /** Answers the newest request for a ticket and returns the socket that opens. */
    async admit(): Promise<FakeSocket> {
      tickets.at(-1)?.give(`ticket ${tickets.length}`);
      await turn();
      const socket = sockets.at(-1);
      if (!socket) throw new Error("no socket was opened");
      return socket;
    },
  };
}

/** Lets every promise that can settle do so. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
