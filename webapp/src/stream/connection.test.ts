import { noCadence } from "../protocol/cadence";
import { describe, expect, it } from "vitest";
import { ApiError } from "../protocol/problem";
import type { RoomFrame } from "../protocol/types";
import { type Connection, createConnection, type Defect, limits } from "./connection";
import { fakeNetwork, type FakeSocket, turn } from "./testing";

const R = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
const stub = (seq: number) => ({ seq, leaf: "AAAA" });
const events = (...seqs: number[]) => ({ type: "events", room: R, events: seqs.map(stub) });
const state = {
  room: {
    id: R, reference: "EX-2026-0001", title: "t", mode: "exercise", lifecycle: "open", section: 1, roster: "names", tlp: "TLP:CLEAR", hosts: [], assessors: [], called: [], cell: null,
    opened: "2026-02-03T04:05:06.000Z", clock: null, earlier: null, ended: null,
  },
  you: 1, members: [], rules: null, brief: null, report: null, pins: [], assessments: [], books: [], retention: { years: 20, seq: 0, by: {}, at: null }, holds: [], erasures: [], posts: [], cadence: noCadence,
};
const snapshot = (seq: number) => ({ type: "snapshot", room: R, seq, frontier: { size: seq + 1, hashes: [] }, state });

function follow(c: Connection, from: number | null = null) {
  const frames: RoomFrame[] = [];
  const refusals: string[] = [];
  const stop = c.subscribe(R, { frame: (f) => frames.push(f), refused: (fault) => refusals.push(fault) }, from);
  return { frames, refusals, stop, seqs: () => frames.flatMap((f) => (f.type === "events" ? f.events.map((e) => e.entry.seq) : [])) };
}

async function live() {
  const net = fakeNetwork();
  const c = createConnection(net.deps);
  const defects: Defect[] = [];
  c.onDefect((d) => defects.push(d));
  const room = follow(c);
  c.start();
  const socket = await net.admit();
  socket.welcomes();
  return { net, c, room, socket, defects };
}

const subscribes = (s: FakeSocket) => s.sent.filter((f) => (f as { type: string }).type === "subscribe").map((f) => (f as { after: unknown }).after);

describe("the connection", () => {
  it("asks for a ticket, says hello with it, and is live when welcomed", async () => {
    const net = fakeNetwork();
    const c = createConnection(net.deps);
    const names: string[] = [];
    c.onState((s) => names.push(s.name));
    expect(c.state.name).toBe("idle");
    c.start();
    const socket = await net.admit();
    socket.onopen?.();
    expect(socket.sent).toEqual([{ type: "hello", ticket: "ticket 1" }]);
    socket.says({ type: "welcome", now: "2026-02-03T05:05:06.000Z" });
    expect(names).toEqual(["ticket", "connecting", "live"]);
    expect(new Date(c.serverNow()).toISOString()).toBe("2026-02-03T05:05:06.000Z");
  });

  it("subscribes every room when it becomes live, and resumes from the last entry", async () => {
    const { net, room, socket } = await live();
    expect(subscribes(socket)).toEqual([null]);
    socket.says(snapshot(5));
    socket.says(events(6, 7));
    socket.ends(1006);
    net.clock.advance(limits.firstWait);
    const second = await net.admit();
    second.welcomes();
    expect(subscribes(second)).toEqual([7]);
    second.says(events(8));
    expect(room.seqs()).toEqual([6, 7, 8]);
  });

  it("drops what is already here", async () => {
    const { room, socket, defects } = await live();
    socket.says(snapshot(5));
    socket.says(events(4, 5, 6));
    socket.says(events(5, 6));
    expect(room.seqs()).toEqual([6]);
    expect(defects).toEqual([]);
  });

  it("takes a hole for a defect: reports it and subscribes from the last entry, once", async () => {
    const { room, socket, defects } = await live();
    socket.says(snapshot(5));
    socket.says(events(7));
    socket.says(events(8));
    expect(defects[0]).toEqual({ what: "gap", room: R, last: 5, got: 7 });
    expect(subscribes(socket)).toEqual([null, 5]);
    socket.says(events(6, 7, 8));
    socket.says(events(9));
    expect(room.seqs()).toEqual([6, 7, 8, 9]);
  });

  it("takes a hole inside a group for one", async () => {
    const { room, socket, defects } = await live();
    socket.says(snapshot(5));
    socket.says(events(6, 8));
    expect(defects).toEqual([{ what: "gap", room: R, last: 5, got: 8 }]);
    expect(room.seqs()).toEqual([]);
  });

  it("notices at caught_up that something never came, and ends with a snapshot if resuming does not bring it", async () => {
    const { socket, defects } = await live();
    socket.says(snapshot(5));
    for (let i = 0; i < 3; i++) socket.says({ type: "caught_up", room: R, seq: 9 });
    expect(defects.map((d) => d.what)).toEqual(["ahead", "ahead", "ahead"]);
    expect(subscribes(socket)).toEqual([null, 5, 5, null]);
  });

  it("waits longer after each failure, with chance in it, and not for ever", async () => {
    const net = fakeNetwork();
    const c = createConnection(net.deps);
    c.start();
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      const socket = await net.admit();
      socket.ends(1006);
      if (c.state.name !== "waiting" || c.state.until === null) throw new Error(c.state.name);
      waits.push(c.state.until - net.clock.now());
      net.clock.advance(c.state.until - net.clock.now());
    }
    expect(waits.slice(0, 4)).toEqual([250, 500, 1000, 2000]); // half of the bound: chance decides all of it
    expect(Math.max(...waits)).toBe(limits.longestWait / 2);
  });

  it("spreads over the whole of its bound", async () => {
    const waits: number[] = [];
    for (const chance of [0, 0.5, 0.999]) {
      const net = fakeNetwork();
      const c = createConnection({ ...net.deps, random: () => chance });
      c.start();
      (await net.admit()).ends(1006);
      if (c.state.name !== "waiting" || c.state.until === null) throw new Error(c.state.name);
      waits.push(c.state.until - net.clock.now());
    }
    expect(waits[0]).toBe(0);
    expect(waits[1]).toBe(limits.firstWait / 2);
    expect(waits[2]).toBeGreaterThan(limits.firstWait * 0.99);
  });

  it("comes back within a second of the network, also where the device's clock was put back meanwhile", async () => {
    const { net, c } = await live();
    c.network(false);
    net.clock.putBack(17 * 60_000);
    const before = net.tickets.length;
    c.network(true);
    net.clock.advance(limits.between);
    await turn();
    expect(net.tickets.length).toBe(before + 1);
  });

  it("does not hammer, however often the network or the page comes back", async () => {
    const net = fakeNetwork();
    const c = createConnection(net.deps);
    c.start();
    for (let i = 0; i < 600; i++) { // a minute
      await turn();
      const asked = net.tickets.at(-1);
      if (c.state.name === "ticket") asked?.refuse(new Error("no way through"));
      await turn();
      c.network(false);
      c.network(true);
      c.wake();
      net.clock.advance(100);
    }
    expect(net.tickets.length).toBeLessThanOrEqual(61);
    expect(net.tickets.length).toBeGreaterThan(30);
  });

  it("forgets its failures only after it has been live for a while", async () => {
    const { net, c, socket } = await live();
    socket.ends(1006);
    net.clock.advance(limits.firstWait);
    const second = await net.admit();
    second.welcomes();
    second.ends(1006);
    expect(c.state).toMatchObject({ name: "waiting", attempts: 2 });
    net.clock.advance(2000);
    const third = await net.admit();
    third.welcomes();
    net.clock.advance(limits.settled);
    third.ends(1006);
    expect(c.state).toMatchObject({ name: "waiting", attempts: 1 });
  });

  it("gives up on a ticket and on a welcome that never come", async () => {
    const net = fakeNetwork();
    const c = createConnection(net.deps);
    c.start();
    net.clock.advance(limits.hello);
    expect(c.state.name).toBe("waiting");
    net.tickets[0]?.give("too late");
    await turn();
    expect(net.sockets).toHaveLength(0);
    net.clock.advance(limits.firstWait);
    const socket = await net.admit();
    socket.onopen?.();
    net.clock.advance(limits.hello);
    expect(c.state.name).toBe("waiting");
    expect(socket.closed).toBe(true);
  });

  it("hears nothing more from a socket it has let go", async () => {
    const { c, room, socket } = await live();
    socket.says(snapshot(5));
    const { onmessage } = socket;
    c.lock();
    onmessage?.({ data: JSON.stringify(events(6)) });
    expect(c.state.name).toBe("locked");
    expect(room.frames).toHaveLength(1);
  });

  it("is locked until unlocked, and then resumes", async () => {
    const { net, c, socket } = await live();
    socket.says(snapshot(5));
    c.lock();
    net.clock.advance(3_600_000);
    c.wake();
    c.network(true);
    expect(c.state.name).toBe("locked");
    c.unlock();
    const second = await net.admit();
    second.welcomes();
    expect(subscribes(second)).toEqual([5]);
  });

  it("is signed out when the ticket is refused for it, and starts again when told", async () => {
    const net = fakeNetwork();
    const c = createConnection(net.deps);
    c.start();
    net.tickets[0]?.refuse(new ApiError("signed_out", "You are signed out.", 401));
    await turn();
    expect(c.state.name).toBe("signedOut");
    net.clock.advance(3_600_000);
    expect(net.tickets).toHaveLength(1);
    c.start();
    expect(net.tickets).toHaveLength(2);
  });

  it("does not try while the browser says that there is no network, and tries at once when there is", async () => {
    const { net, c, socket } = await live();
    socket.says(snapshot(5));
    c.network(false);
    expect(c.state).toMatchObject({ name: "waiting", until: null });
    socket.ends(1006); // whenever the dead one says so
    net.clock.advance(3_600_000);
    expect(net.tickets).toHaveLength(1);
    c.network(true);
    expect(c.state.name).toBe("ticket");
    const second = await net.admit();
    second.welcomes();
    expect(subscribes(second)).toEqual([5]);
  });

  it("does not wait any longer when the page comes to the front", async () => {
    const { net, c, socket } = await live();
    net.clock.advance(limits.between);
    socket.ends(1001);
    expect(c.state.name).toBe("waiting");
    c.wake();
    expect(c.state.name).toBe("ticket");
    expect(net.tickets).toHaveLength(2);
  });

  it("passes on revocation, refusal and the word that the list of rooms changed", async () => {
    const { c, room, socket } = await live();
    let lists = 0;
    c.onRooms(() => lists++);
    socket.says(snapshot(5));
    socket.says({ type: "rooms" });
    socket.says({ type: "revoked", room: R });
    socket.says({ type: "error", room: R, fault: "not_found", detail: "There is nothing here for you." });
    expect(lists).toBe(1);
    expect(room.frames.map((f) => f.type)).toEqual(["snapshot", "revoked"]);
    expect(room.refusals).toEqual(["not_found"]);
  });

  it("asks again for a room that was refused only for now", async () => {
    const { net, socket } = await live();
    socket.says({ type: "error", room: R, fault: "unavailable", detail: "" });
    expect(subscribes(socket)).toEqual([null]);
    net.clock.advance(limits.roomRetry * 2);
    expect(subscribes(socket)).toEqual([null, null]);
  });

  it("comes back on a fresh connection after a frame that cannot be read, and ignores a type it does not know", async () => {
    const { c, socket, defects } = await live();
    socket.says({ type: "weather", room: R });
    expect(c.state.name).toBe("live");
    socket.says("{");
    expect(c.state.name).toBe("waiting");
    expect(defects).toEqual([{ what: "malformed", room: null, last: null, got: null }]);
  });

  it("says that someone is typing at most every three seconds", async () => {
    const { net, c, socket } = await live();
    const typed = () => socket.sent.filter((f) => (f as { type: string }).type === "typing").length;
    c.typing(R);
    c.typing(R);
    expect(typed()).toBe(1);
    net.clock.advance(limits.typing);
    c.typing(R);
    expect(typed()).toBe(2);
  });

  it("leaves no timer behind when it stops", async () => {
    const { net, c, socket } = await live();
    socket.ends(1006);
    c.stop();
    expect(net.clock.timers).toBe(0);
    c.wake();
    expect(c.state.name).toBe("stopped");
  });
});

describe("a close code", () => {
  const table = [
    { code: 1000, leads: "waiting", least: 0 },
    { code: 1001, leads: "waiting", least: 0 },
    { code: 1006, leads: "waiting", least: 0 },
    { code: 1011, leads: "waiting", least: 0 },
    { code: 4000, leads: "waiting", least: 0 },
    { code: 4400, leads: "stopped", least: 0 },
    { code: 4401, leads: "signedOut", least: 0 },
    { code: 4408, leads: "ticket", least: 0 },
    { code: 4409, leads: "ticket", least: 0 },
    { code: 4429, leads: "waiting", least: limits.later },
  ];
  for (const { code, leads, least } of table) {
    it(`of ${code} leads to ${leads}`, async () => {
      const { net, c, socket } = await live();
      socket.ends(code);
      expect(c.state.name).toBe(leads);
      if (c.state.name === "waiting") expect((c.state.until ?? 0) - net.clock.now()).toBeGreaterThan(least);
      if (leads === "stopped" || leads === "signedOut") {
        net.clock.advance(3_600_000);
        c.wake();
        c.network(true);
        expect(c.state.name).toBe(leads);
      }
    });
  }

  it("of 4000 keeps the wait that goaway asked for", async () => {
    const { net, c, socket } = await live();
    socket.says({ type: "goaway", wait: 7_000 });
    socket.ends(4000);
    if (c.state.name !== "waiting") throw new Error(c.state.name);
    const left = (c.state.until ?? 0) - net.clock.now();
    expect(left).toBeGreaterThan(7_000);
    expect(left).toBeLessThanOrEqual(7_000 + limits.afterGoaway); // and no longer: the wait was its own
  });

  it("of 4408 comes back at once the first time only", async () => {
    const { net, c, socket } = await live();
    socket.ends(4408);
    const second = await net.admit();
    second.welcomes();
    second.ends(4408);
    expect(c.state.name).toBe("waiting");
  });
});
