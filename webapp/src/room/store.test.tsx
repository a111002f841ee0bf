import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { localProver } from "../proof/prover";
import { type Api, createApi } from "../protocol/api";
import { toBase64 } from "../protocol/base64";
import type { Received } from "../protocol/types";
import { createConnection } from "../stream/connection";
import { memoryShelf } from "../stream/shelf";
import { fakeNetwork, type FakeSocket, turn } from "../stream/testing";
import { createRooms, type RoomStore } from "./store";
import { facts, message, open, room, stub } from "./testing";
import { useRoom, useRoomPart } from "./useRoom";

const raw = ({ fragment }: Received) => ({ ...fragment, form: undefined });

/** A server of one room: what it holds, and what it was asked. */
class FakeServer {
  readonly log: Received[] = [];
  readonly asked: string[] = [];
  refusals: { readonly status: number; readonly body: unknown }[] = [];
  hold: Promise<void> | null = null;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input), "https://wardroom.example");
    this.asked.push(`${init?.method} ${url.pathname.replace("/api/v1", "")}${url.search}`);
    const refusal = this.refusals.shift();
    if (refusal) return Response.json(refusal.body, { status: refusal.status });
    const answer = JSON.stringify(this.answer(url, String(init?.body ?? "")));
    await this.hold;
    return new Response(answer);
  };

  answer(url: URL, body: string): unknown {
    const head = this.log.length;
    if (url.pathname.endsWith("/draft-key")) return { key: toBase64(new Uint8Array(32)) };
    if (url.pathname.endsWith("/entries")) {
      const n = (name: string) => Number(url.searchParams.get(name) ?? 0);
      const limit = n("limit");
      const from = n("before") ? Math.max(1, n("before") - limit) : url.searchParams.has("after") ? n("after") + 1 : Math.max(1, n("around") - limit / 2);
      const to = n("before") ? n("before") - 1 : from + limit - 1;
      return { entries: this.log.slice(from - 1, to).map(raw), related: [], head, size: head + 1 };
    }
    if (url.pathname.endsWith("/messages")) {
      const { text } = JSON.parse(body) as { text: string };
      this.log.push(message(head + 1, text));
      return { seq: head + 1 };
    }
    if (url.pathname.endsWith("/at")) return { seq: 3 };
    return { seq: head };
  }
}

async function house(entries = 3) {
  const net = fakeNetwork();
  const server = new FakeServer();
  for (let seq = 1; seq <= entries; seq++) server.log.push(message(seq));
  const api: Api = createApi({ fetch: server.fetch as typeof fetch });
  const connection = createConnection(net.deps);
  const rooms = createRooms({
    api, connection, clock: net.clock, random: () => 0, shelf: memoryShelf(), person: "p", deployment: "wardroom.example", prover: localProver, keyMemory: { read: () => null, write: () => {} }, skew: 5_000,
  });
  connection.start();
  const socket = await net.admit();
  socket.welcomes();
  const store = rooms.open(room, { readTo: 1 });
  return { net, server, connection, rooms, socket, store };
}

const snapshot = (socket: FakeSocket, seq: number) =>
  socket.says({ type: "snapshot", room, seq, frontier: { size: seq + 1, hashes: hashes(seq + 1) }, state: facts() });
const hashes = (size: number): string[] =>
  [...size.toString(2)].filter((b) => b === "1").map(() => toBase64(new Uint8Array(32)));
const live = (socket: FakeSocket, ...list: Received[]) => socket.says({ type: "events", room, events: list.map(raw) });

/** Resolves when the view is as wanted. */
function until(store: RoomStore, wanted: () => boolean): Promise<void> {
  if (wanted()) return Promise.resolve();
  return new Promise((go) => {
    const stop = store.subscribe(() => {
      if (wanted()) {
        stop();
        go();
      }
    });
  });
}
const keys = (store: RoomStore) => store.getView().rows.filter((r) => r.type !== "day").map((r) => r.key);

afterEach(cleanup);

describe("a room's store", () => {
  it("takes the snapshot, fetches the newest page and goes on live", async () => {
    const { server, socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    live(socket, message(4));
    socket.says({ type: "caught_up", room, seq: 4 });
    await until(store, () => store.getView().caughtUp);
    expect(keys(store)).toEqual(["e1", "e2", "e3", "e4"]);
    expect(server.asked.filter((a) => a.includes("/entries?"))).toEqual([`GET /rooms/${room}/entries?before=4&limit=100`]);
  });

  it("takes a burst of frames without a view for each, and loses none", async () => {
    const { socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    await new Promise((go) => setTimeout(go, 150)); // a pause: what was before does not count
    let views = 0;
    const stop = store.subscribe(() => views++);
    for (let seq = 4; seq < 304; seq++) {
      live(socket, message(seq));
      for (let i = 0; i < 4; i++) await Promise.resolve(); // turn follows upon turn
    }
    const drawn = views; // without any pause in which a page could be drawn
    await until(store, () => keys(store).includes("e303"));
    stop();
    expect(drawn).toBeGreaterThan(0);
    expect(drawn).toBeLessThan(50);
    expect(keys(store).filter((k) => k.startsWith("e"))).toHaveLength(303);
  });

  it("says of what is written while cut off when it was written, and of nothing else", async () => {
    const { net, server, connection, socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    const bodies: string[] = [];
    const answer = server.answer.bind(server);
    server.answer = (url, body) => {
      if (url.pathname.endsWith("/messages")) bodies.push(body);
      return answer(url, body);
    };
    store.send({ text: "live" });
    await until(store, () => store.getView().pending[0]?.state === "sent");
    connection.network(false);
    server.refusals = [{ status: 503, body: { fault: "unavailable", detail: "Not now." } }];
    store.send({ text: "cut off" });
    store.send({ text: "told when", occurred: "2026-02-03T01:00:00.000Z" });
    await until(store, () => store.getView().pending.some((p) => p.problem !== null));
    net.clock.advance(600_000);
    await until(store, () => store.getView().pending.every((p) => p.state === "sent"));
    expect(bodies.map((b) => JSON.parse(b) as unknown)).toEqual([
      { text: "live" },
      { text: "cut off", occurred: "2026-02-03T04:05:11.000Z" },
      { text: "told when", occurred: "2026-02-03T01:00:00.000Z" },
    ]);
  });

  it("says of a log's line written while cut off when it was written", async () => {
    const { net, server, connection, socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    const bodies: unknown[] = [];
    const answer = server.answer.bind(server);
    server.answer = (url, body) => {
      if (!url.pathname.endsWith("/lines")) return answer(url, body);
      bodies.push(JSON.parse(body));
      return { seq: 3 + bodies.length };
    };
    const write = (line: { text: string; occurred?: string }) => store.write({ what: "line", book: 2, line });
    write({ text: "live" });
    await until(store, () => store.getView().lines[0]?.state === "sent");
    connection.network(false);
    server.refusals = [{ status: 503, body: { fault: "unavailable", detail: "Not now." } }];
    write({ text: "cut off" });
    write({ text: "told when", occurred: "2026-02-03T01:00:00.000Z" });
    await until(store, () => store.getView().lines.some((p) => p.problem !== null));
    net.clock.advance(600_000);
    await until(store, () => store.getView().lines.every((p) => p.state === "sent"));
    expect(bodies).toEqual([{ text: "live" }, { text: "cut off", occurred: "2026-02-03T04:05:11.000Z" }, { text: "told when", occurred: "2026-02-03T01:00:00.000Z" }]);
  });

  it("shows a message as sending until its event arrives", async () => {
    const { server, socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    const key = store.send({ text: "hello" });
    await until(store, () => store.getView().pending[0]?.state === "sent");
    expect(store.getView().rows.some((r) => r.key === "e4")).toBe(false);
    live(socket, open({ seq: 4, kind: "message.posted", body: { text: "hello" }, key }));
    await until(store, () => keys(store).includes("e4"));
    expect(store.getView().pending).toEqual([]);
    expect(server.log).toHaveLength(4);
  });

  it("does not take another member's event with the same key for its own", async () => {
    const { server, socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    server.refusals = [{ status: 403, body: { fault: "forbidden", detail: "You may not." } }];
    const key = store.send({ text: "hello" });
    await until(store, () => store.getView().pending[0]?.state === "failed");
    live(socket, open({ seq: 4, kind: "message.posted", body: { text: "other" }, by: { member: 2 }, key }));
    await until(store, () => keys(store).includes("e4"));
    expect(store.getView().pending).toMatchObject([{ key, state: "failed", problem: { sentence: "You may not." } }]);
  });

  it("fills gaps from either end and loads around an entry or a moment, asking once for what is asked twice", async () => {
    const { server, socket, store } = await house(450);
    snapshot(socket, 450);
    await until(store, () => keys(store).includes("e351"));
    const gap = () => {
      const row = store.getView().rows.find((r) => r.type === "gap");
      if (row?.type !== "gap") throw new Error("no gap");
      return row;
    };
    expect(gap()).toMatchObject({ from: 1, to: 350 });
    await Promise.all([store.fill(gap(), "newer"), store.fill(gap(), "newer")]);
    expect(gap()).toMatchObject({ from: 1, to: 250 });
    await store.fill(gap(), "older");
    expect(gap()).toMatchObject({ from: 101, to: 250 });
    await store.loadOlder();
    await store.loadAround({ seq: 120 });
    expect(store.getView().rows.some((r) => r.type === "gap")).toBe(false);
    expect(await store.loadAround({ time: "2026-02-03T04:05:06.000Z" })).toBe(3);
    expect(server.asked.filter((a) => a.includes("/entries?")).map((a) => a.split("?")[1])).toEqual([
      "before=451&limit=100", "before=351&limit=100", "after=0&limit=100", "before=251&limit=100", "around=120&limit=100",
    ]);
  });

  it("says why a page would not load, and forgets it when the next one does", async () => {
    const { server, socket, store } = await house();
    server.refusals = [{ status: 503, body: { fault: "unavailable", detail: "Not now." } }, { status: 503, body: { fault: "unavailable", detail: "Not now." } }];
    snapshot(socket, 3);
    await until(store, () => store.getView().failure !== null);
    await until(store, () => !store.getView().loading);
    expect(store.getView().failure).toMatchObject({ fault: "unavailable", message: "Not now." });
    server.refusals = [];
    await store.loadOlder();
    await until(store, () => keys(store).includes("e1"));
    expect(store.getView().failure).toBeNull();
  });

  it("does not go blank when a new snapshot comes, and drops a page asked for before it", async () => {
    const { server, socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    let release: () => void = () => {};
    server.hold = new Promise((go) => {
      release = go;
    });
    server.log.splice(1, 1, stub(2));
    snapshot(socket, 3);
    await turn();
    expect(store.getView().epoch).toBe(2);
    expect(keys(store)).toEqual(["e1", "e2", "e3"]);
    release();
    await until(store, () => keys(store).includes("s2"));
    expect(keys(store)).toEqual(["e1", "s2", "e3"]);
  });

  it("keeps nothing of a room that is not this person's any more", async () => {
    const { socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    socket.says({ type: "revoked", room });
    await until(store, () => store.getView().phase === "revoked");
    expect(store.getView()).toMatchObject({ facts: null, rows: [] });
  });

  it("is missing when the server says that there is nothing", async () => {
    const { socket, store } = await house();
    socket.says({ type: "error", room, fault: "not_found", detail: "There is nothing here for you." });
    await until(store, () => store.getView().phase === "missing");
    expect(store.getView().failure?.fault).toBe("not_found");
  });

  it("is not up to date while the stream is cut, and knows nobody present", async () => {
    const { socket, store } = await house();
    snapshot(socket, 3);
    socket.says({ type: "caught_up", room, seq: 3 });
    socket.says({ type: "presence", room, here: [1], typing: [1] });
    await until(store, () => store.getView().caughtUp && keys(store).includes("e3"));
    socket.ends(1006);
    await until(store, () => !store.getView().caughtUp);
    expect(store.getView().presence).toEqual({ here: [], typing: [] });
    expect(keys(store)).toEqual(["e1", "e2", "e3"]);
  });

  it("moves the read marker forward only, here and by the stream, and counts what is left", async () => {
    const { socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    live(socket, message(4, "x", { by: { member: 2 } }), message(5, "x", { by: { member: 2 } }));
    await until(store, () => store.getView().unread === 2);
    store.markRead(4);
    store.markRead(2);
    await until(store, () => store.getView().unread === 1);
    expect(socket.sent.filter((f) => (f as { type: string }).type === "read")).toEqual([{ type: "read", room, seq: 4 }]);
    socket.says({ type: "read", room, seq: 5 });
    await until(store, () => store.getView().unread === 0);
  });

  it("says so when what it is shown is not what the log commits to", async () => {
    const { socket, store } = await house();
    snapshot(socket, 3);
    await until(store, () => store.getView().integrity.status !== "checking");
    live(socket, stub(4));
    await until(store, () => store.getView().integrity.status === "broken");
    expect(store.getView().integrity.why).toContain("entry 4");
  });

  it("is shared by those who open it, and let go by the last", async () => {
    const { rooms, socket, store } = await house();
    expect(rooms.open(room)).toBe(store);
    store.release();
    snapshot(socket, 3);
    await until(store, () => keys(store).includes("e3"));
    store.release();
    expect(socket.sent.at(-1)).toEqual({ type: "unsubscribe", room });
    expect(rooms.open(room)).not.toBe(store);
  });
});

describe("useRoom", () => {
  it("draws what is there, and a part only when the part changes", async () => {
    const { socket, store } = await house();
    let draws = 0;
    function Title() {
      draws++;
      return <h1>{useRoomPart(store, (v) => v.facts?.room.title ?? "opening")}</h1>;
    }
    function Count() {
      return <p>{useRoom(store).rows.filter((r) => r.type === "entry").length} entries</p>;
    }
    render(
      <>
        <Title />
        <Count />
      </>,
    );
    expect(screen.getByRole("heading").textContent).toBe("opening");
    await act(async () => {
      snapshot(socket, 3);
      await until(store, () => keys(store).includes("e3"));
    });
    expect(screen.getByRole("heading").textContent).toBe("A test");
    const before = draws;
    await act(async () => {
      live(socket, message(4));
      await until(store, () => keys(store).includes("e4"));
    });
    expect(screen.getByText("4 entries")).toBeTruthy();
    expect(draws).toBe(before);
  });
});
