import { describe, expect, it } from "vitest";
import vectors from "../../../server/evidence/testdata/proofs.json";
import { localProver } from "../proof/prover";
import { frontierAt, provedFrom, rehearsedLeaf } from "../proof/testing";
import { createApi } from "../protocol/api";
import { toBase64 } from "../protocol/base64";
import { createConnection } from "../stream/connection";
import { memoryShelf } from "../stream/shelf";
import { fakeNetwork } from "../stream/testing";
import { createRooms, type RoomStore } from "./store";
import { facts } from "./testing";

const room = "nb2hi4dthixs653xo4xho2ltovqq"; // the log of the vectors
const keys = {
  deployment: "wardroom.dsc.example", policy: "",
  notary: [{ generation: 1, name: "n", verifiers: vectors.notary[0], fingerprints: [], listed: "2026-02-03T04:05:06Z" }],
  witness: { name: "w", verifiers: vectors.witness, fingerprints: [], address: "" },
};
type Name = keyof typeof vectors.notes;
const seal = (name: Name, more: object = {}) => ({ size: Number(name.split(" ").at(-1)), note: vectors.notes[name], cosigned: name.startsWith("cosigned"), at: "2026-02-03T04:05:06Z", ...more });
const stub = (seq: number, other = false) => ({ seq, leaf: toBase64(rehearsedLeaf(seq, other)) });

async function house() {
  const net = fakeNetwork();
  const asked: string[] = [];
  const fetch = (input: RequestInfo | URL): Promise<Response> => {
    const url = new URL(String(input), "https://wardroom.example");
    const path = url.pathname.replace("/api/v1", "");
    asked.push(path + (path.endsWith("/consistency") ? url.search : ""));
    const n = (name: string) => Number(url.searchParams.get(name));
    if (path === "/proof/keys") return Promise.resolve(Response.json(keys));
    if (path.endsWith("/consistency")) return Promise.resolve(Response.json({ path: provedFrom(n("from"), n("to")) }));
    if (path.endsWith("/entries")) return Promise.resolve(Response.json({ entries: [], related: [], head: 0, size: 1 }));
    return Promise.resolve(Response.json({ key: toBase64(new Uint8Array(32)) }));
  };
  const connection = createConnection(net.deps);
  const rooms = createRooms({
    api: createApi({ fetch: fetch as typeof globalThis.fetch }), connection, clock: net.clock, random: () => 0, shelf: memoryShelf(), person: "p",
    deployment: keys.deployment, prover: localProver, keyMemory: { read: () => null, write: () => {} }, skew: 0,
  });
  connection.start();
  const socket = await net.admit();
  socket.welcomes();
  const snapshot = (size: number, of?: object, other = false) =>
    socket.says({ type: "snapshot", room, seq: size - 1, frontier: frontierAt(size, other), state: facts(), ...(of ? { seal: of } : {}) });
  const live = (from: number, to: number, other = false) => socket.says({ type: "events", room, events: Array.from({ length: to - from }, (_, i) => stub(from + i, other)) });
  return { rooms, socket, asked, snapshot, live, sealed: (of: object) => socket.says({ type: "sealed", room, seal: of }) };
}

function until(store: RoomStore, wanted: () => boolean): Promise<void> {
  if (wanted()) return Promise.resolve();
  return new Promise((go) => {
    const stop = store.subscribe(() => {
      if (!wanted()) return;
      stop();
      go();
    });
  });
}

describe("a room's seals", () => {
  it("are checked with keys that are asked for once, as they come with the snapshot and after", async () => {
    const h = await house();
    const store = h.rooms.open(room);
    h.snapshot(7, seal("cosigned 7"));
    await until(store, () => store.getView().integrity.cosigned?.size === 7);
    h.live(7, 20);
    await until(store, () => store.getView().unsealed !== null);
    h.sealed(seal("cosigned 20"));
    await until(store, () => store.getView().integrity.cosigned?.size === 20);
    expect(store.getView()).toMatchObject({ unsealed: null, integrity: { status: "ok", alarm: null }, keys: { changes: [] } });
    expect(h.asked.filter((a) => a === "/proof/keys")).toHaveLength(1);
    expect(h.asked.filter((a) => a.includes("consistency"))).toEqual([]);
  });

  it("say since when entries wait, by the server's word or by what was seen", async () => {
    const h = await house();
    const store = h.rooms.open(room);
    h.snapshot(20, seal("signed 20", { since: "2026-02-03T02:14:00Z" }));
    await until(store, () => store.getView().integrity.signed?.size === 20);
    expect(store.getView()).toMatchObject({ unsealed: "2026-02-03T02:14:00Z", integrity: { cosigned: null } });
    h.sealed(seal("cosigned 20"));
    await until(store, () => store.getView().unsealed === null);
  });

  it("prove what came while nobody listened to be the same log going on", async () => {
    const h = await house();
    const store = h.rooms.open(room);
    h.snapshot(7, seal("cosigned 7"));
    await until(store, () => store.getView().integrity.cosigned?.size === 7);
    h.snapshot(20, seal("cosigned 20"));
    await until(store, () => h.asked.some((a) => a.endsWith("/consistency?from=7&to=20")));
    await until(store, () => store.getView().integrity.asks.length === 0);
    expect(store.getView().integrity).toMatchObject({ alarm: null, unlinked: false, cosigned: { size: 20 } });
  });

  it("raise an alarm that outlives the room's page, and so does what was followed", async () => {
    const h = await house();
    const store = h.rooms.open(room);
    h.snapshot(7, seal("cosigned 7"));
    h.live(7, 8);
    h.sealed(seal("other history 8"));
    await until(store, () => store.getView().integrity.alarm !== null);
    const { alarm } = store.getView().integrity;
    expect(alarm).toMatchObject({ kind: "fork", size: 8 });
    store.release();
    const again = h.rooms.open(room);
    h.snapshot(20, seal("cosigned 20"));
    await until(again, () => again.getView().phase === "open");
    expect(again.getView().integrity).toMatchObject({ status: "broken", alarm });

    const other = await house();
    const first = other.rooms.open(room);
    other.snapshot(20, seal("cosigned 20"));
    await until(first, () => first.getView().integrity.cosigned !== null);
    first.release();
    const second = other.rooms.open(room);
    other.snapshot(8, seal("cosigned 8"));
    await until(second, () => second.getView().integrity.alarm !== null);
    expect(second.getView().integrity.alarm).toMatchObject({ kind: "fork", why: "the log now ends at entry 7; this browser was shown entry 19 before" });
  });
});
