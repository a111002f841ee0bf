import "fake-indexeddb/auto";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { toBase64 } from "../protocol/base64";
import { ApiError, unreachable } from "../protocol/problem";
import type { MessageDraft, Receipt } from "../protocol/rest";
import type { Key } from "../protocol/types";
import { createOutbox, isMessage, type Outbox, patience } from "./outbox";
import { indexedShelf, memoryShelf, type Shelf } from "./shelf";
import { FakeClock } from "./testing";

const R = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
const me = "pppppppppppppppppppppppppp";
const draftKey = toBase64(new Uint8Array(32).fill(7));

/** A server that takes each key once, and whose answers the test gives. */
class FakeLog {
  readonly entries: { readonly key: Key; readonly text: string }[] = [];
  readonly asked: Key[] = [];
  answer: (n: number) => "yes" | "lost" | ApiError = () => "yes";
  readonly #waiting: (() => void)[] = [];

  readonly post = async (_room: string, message: MessageDraft, key: Key): Promise<Receipt> => {
    this.asked.push(key);
    const say = this.answer(this.asked.length);
    for (const go of this.#waiting.splice(0)) go();
    if (say instanceof ApiError) throw say;
    let at = this.entries.findIndex((e) => e.key === key);
    if (at < 0) at = this.entries.push({ key, text: message.text }) - 1;
    if (say === "lost") throw unreachable();
    return { seq: at + 1 };
  };

  /** Resolves at the next request. */
  next(): Promise<void> {
    return new Promise((go) => this.#waiting.push(go));
  }
  get texts(): string[] {
    return this.entries.map((e) => e.text);
  }
}

let names = 0;
let shelf: Shelf;
let clock: FakeClock;
let log: FakeLog;

const box = (more: Partial<Parameters<typeof createOutbox<MessageDraft>>[0]> = {}): Outbox =>
  createOutbox({ kind: "message", holds: isMessage, owner: me, room: R, shelf, clock, random: () => 0, post: log.post, draftKey: async () => draftKey, ...more });

/** Resolves when the outbox is as wanted. */
function until(outbox: Outbox, wanted: () => boolean): Promise<void> {
  if (wanted()) return Promise.resolve();
  return new Promise((go) => {
    const stop = outbox.subscribe(() => {
      if (wanted()) {
        stop();
        go();
      }
    });
  });
}

const states = (o: Outbox) => o.items.map((i) => i.state);
const allSent = (o: Outbox) => () => o.items.every((i) => i.state === "sent");

beforeEach(async () => {
  shelf = await indexedShelf(`test ${++names}`);
  clock = new FakeClock();
  log = new FakeLog();
});

describe("the outbox", () => {
  it("keeps lines of a book apart from messages, on one shelf", async () => {
    const away = { post: () => Promise.reject(unreachable()) };
    const messages = box(away);
    const lines = box({ ...away, kind: "line" });
    await Promise.all([messages.load(), lines.load()]);
    messages.send({ text: "a message" });
    lines.send({ text: "a line" });
    messages.saveDraft({ text: "half a message" });
    lines.saveDraft({ text: "half a line" });
    await Promise.all([messages.settled(), lines.settled()]);
    expect(await shelf.rooms(me)).toEqual([R]);
    const again = [box(away), box({ ...away, kind: "line" })];
    await Promise.all(again.map((o) => o.load()));
    expect(again.map((o) => [o.items.map((i) => i.message.text), o.draft?.text])).toEqual([[["a message"], "half a message"], [["a line"], "half a line"]]);
  });

  it("sends in order, one at a time", async () => {
    const outbox = box();
    await outbox.load();
    for (const text of ["one", "two", "three"]) outbox.send({ text });
    expect(states(outbox)).toEqual(["sending", "queued", "queued"]);
    await until(outbox, allSent(outbox));
    expect(log.texts).toEqual(["one", "two", "three"]);
  });

  it("keeps a message until its event arrives by the stream", async () => {
    const outbox = box();
    await outbox.load();
    const key = outbox.send({ text: "one" });
    await until(outbox, allSent(outbox));
    expect(outbox.items).toHaveLength(1);
    outbox.delivered(key);
    expect(outbox.items).toHaveLength(0);
  });

  it("or until the stream has reached the entry its answer named", async () => {
    const outbox = box();
    await outbox.load();
    outbox.send({ text: "one" });
    await until(outbox, allSent(outbox));
    outbox.reached(0);
    expect(outbox.items).toHaveLength(1);
    outbox.reached(1);
    expect(outbox.items).toHaveLength(0);
  });

  it("sends again under the same key when the answer was lost, and nothing is said twice", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = (n) => (n === 1 ? "lost" : "yes");
    outbox.send({ text: "one" });
    outbox.send({ text: "two" });
    await until(outbox, () => outbox.items[0]?.problem?.fault === "offline");
    expect(states(outbox)).toEqual(["queued", "queued"]);
    clock.advance(patience.first);
    await until(outbox, allSent(outbox));
    expect(log.texts).toEqual(["one", "two"]);
    expect(log.asked[0]).toBe(log.asked[1]);
  });

  it("does not send again what arrived by the stream though the answer was lost", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = () => "lost";
    const key = outbox.send({ text: "one" });
    await until(outbox, () => outbox.items[0]?.problem !== null);
    outbox.delivered(key);
    clock.advance(patience.longest);
    expect(log.asked).toHaveLength(1);
  });

  it("keeps the text of a refused message with the sentence, and goes on with the next", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = (n) => (n === 1 ? new ApiError("forbidden", "Only the hosts can do this.", 403) : "yes");
    const key = outbox.send({ text: "one" });
    outbox.send({ text: "two" });
    await until(outbox, () => outbox.items[1]?.state === "sent");
    expect(outbox.items[0]).toMatchObject({ state: "failed", message: { text: "one" }, problem: { sentence: "Only the hosts can do this." } });
    outbox.retry(key);
    await until(outbox, allSent(outbox));
    expect(log.texts).toEqual(["two", "one"]);
    expect(log.asked[0]).toBe(log.asked[2]);
  });

  it("sends a refused message again, changed, under its own key, and keeps the change over a reload", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = (n) => (n === 1 ? new ApiError("conflict", "Somebody came in.", 409, [], null, "gained") : "lost");
    const key = outbox.send({ text: "one", shown: 40 });
    await until(outbox, () => outbox.items[0]?.state === "failed");
    expect(outbox.items[0]?.problem?.code).toBe("gained");
    outbox.resend(key, { text: "one", shown: 42 });
    await until(outbox, () => outbox.items[0]?.problem !== null && outbox.items[0]?.state === "queued");
    await outbox.settled();
    expect(log.asked[0]).toBe(log.asked[1]);
    const again = box();
    await again.load();
    expect(again.items[0]?.message).toEqual({ text: "one", shown: 42 });
  });

  it("gives a refused message back to the composer, and keeps one that is on its way", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = () => new ApiError("invalid", "Some of this needs changing.", 422);
    const key = outbox.send({ text: "one" });
    expect(outbox.discard(key)).toBeNull();
    await until(outbox, () => outbox.items[0]?.state === "failed");
    expect(outbox.discard(key)).toEqual({ text: "one" });
    await outbox.settled();
    expect(await shelf.list(me, R)).toEqual([]);
  });

  it("waits while signed out, and goes on after", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = (n) => (n === 1 ? new ApiError("signed_out", "You are signed out.", 401) : "yes");
    outbox.send({ text: "one" });
    await until(outbox, () => outbox.items[0]?.problem?.fault === "signed_out");
    clock.advance(3_600_000);
    expect(log.asked).toHaveLength(1);
    outbox.resume();
    await until(outbox, allSent(outbox));
    expect(log.texts).toEqual(["one"]);
  });

  it("honours the wait a busy server asks for", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = (n) => (n === 1 ? new ApiError("too_many", "Wait.", 429, [], 20_000) : "yes");
    outbox.send({ text: "one" });
    await until(outbox, () => outbox.items[0]?.problem?.fault === "too_many");
    clock.advance(19_999);
    expect(log.asked).toHaveLength(1);
    clock.advance(1);
    await until(outbox, allSent(outbox));
  });

  it("brings unsent messages back after a reload, in order, under their own keys, before anything new", async () => {
    const first = box();
    await first.load();
    log.answer = () => unreachable();
    const keys = [first.send({ text: "one" }), first.send({ text: "two", replyTo: 4, tlp: "TLP:GREEN" })];
    await first.settled();
    first.pause();
    log.answer = () => "yes";
    const second = box();
    second.send({ text: "three" });
    void second.load();
    await until(second, () => second.items.length === 3 && allSent(second)());
    expect(log.texts).toEqual(["one", "two", "three"]);
    expect(second.items.map((i) => i.key).slice(0, 2)).toEqual(keys);
    expect(second.items[1]?.message).toEqual({ text: "two", replyTo: 4, tlp: "TLP:GREEN" });
    await second.settled();
    expect(await shelf.list(me, R)).toEqual([]);
  });

  it("does not send a refused message again by itself after a reload", async () => {
    const first = box();
    await first.load();
    log.answer = () => new ApiError("invalid", "Too long.", 422);
    first.send({ text: "one" });
    await until(first, () => first.items[0]?.state === "failed");
    await first.settled();
    const asked = log.asked.length;
    const second = box();
    await second.load();
    expect(second.items[0]).toMatchObject({ state: "failed", message: { text: "one" }, problem: { sentence: "Too long." } });
    expect(log.asked).toHaveLength(asked);
  });

  it("stores nothing that can be read without the key the session gives", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = () => unreachable();
    outbox.send({ text: "SECRET-MARKER" });
    outbox.saveDraft({ text: "SECRET-MARKER" });
    await outbox.settled();
    const boxes = await shelf.list(me, R);
    expect(boxes).toHaveLength(2);
    for (const b of boxes) {
      const raw = JSON.stringify(b) + new TextDecoder("latin1").decode(b.sealed);
      expect(raw).not.toContain("SECRET");
    }
    const other = box({ draftKey: async () => toBase64(new Uint8Array(32).fill(8)) });
    await other.load();
    expect(other.items).toEqual([]);
    expect(other.draft).toBeNull();
  });

  it("shows one person nothing of another's", async () => {
    const outbox = box();
    await outbox.load();
    log.answer = () => unreachable();
    outbox.send({ text: "one" });
    await outbox.settled();
    const other = box({ owner: "qqqqqqqqqqqqqqqqqqqqqqqqqq" });
    await other.load();
    expect(other.items).toEqual([]);
    expect(await shelf.rooms("qqqqqqqqqqqqqqqqqqqqqqqqqq")).toEqual([]);
    expect(await shelf.rooms(me)).toEqual([R]);
  });

  it("keeps the draft, and what is typed wins over what was kept", async () => {
    const first = box();
    await first.load();
    first.saveDraft({ text: "half a sen" });
    first.saveDraft({ text: "half a sentence" });
    await first.settled();
    const second = box();
    await second.load();
    expect(second.draft).toEqual({ text: "half a sentence" });
    const third = box();
    third.saveDraft({ text: "typed before it was loaded" });
    await third.load();
    expect(third.draft).toEqual({ text: "typed before it was loaded" });
    third.saveDraft(null);
    await third.settled();
    expect(await shelf.list(me, R)).toEqual([]);
  });

  it("sends even where nothing can be stored", async () => {
    shelf = { ...memoryShelf(), put: async () => Promise.reject(new Error("quota")) };
    const outbox = box();
    await outbox.load();
    outbox.send({ text: "one" });
    await until(outbox, allSent(outbox));
    expect(log.texts).toEqual(["one"]);
  });

  it("sends while the draft key cannot be had, and keeps what is left when it can", async () => {
    let up = false;
    const outbox = box({ draftKey: async () => (up ? draftKey : Promise.reject(unreachable())) });
    log.answer = (n) => (n === 1 ? "yes" : unreachable());
    await expect(outbox.load()).rejects.toThrow();
    outbox.send({ text: "one" });
    outbox.send({ text: "two" });
    await until(outbox, () => outbox.items[1]?.problem !== null && outbox.items[1]?.problem !== undefined);
    expect(log.texts).toEqual(["one"]);
    up = true;
    await outbox.load();
    await outbox.settled();
    expect((await shelf.list(me, R)).map((b) => b.kind)).toEqual(["message"]);
  });

  it("loses nothing and says nothing twice, however often the page dies and the network lies", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("send", "send", "lost", "refuse", "crash", "time"), { minLength: 1, maxLength: 25 }),
        async (steps) => {
          shelf = await indexedShelf(`test ${++names}`);
          clock = new FakeClock();
          log = new FakeLog();
          let outbox = box();
          await outbox.load();
          const said: string[] = [];
          for (const step of steps) {
            switch (step) {
              case "send": {
                const text = `m${said.length}`;
                said.push(text);
                outbox.send({ text });
                await outbox.settled(); // the promise begins when it is on the shelf
                break;
              }
              case "lost":
                log.answer = () => "lost";
                break;
              case "refuse":
                log.answer = () => unreachable();
                break;
              case "crash": {
                const dying = outbox;
                dying.pause();
                outbox = box();
                await outbox.load();
                break;
              }
              case "time":
                log.answer = () => "yes";
                clock.advance(patience.longest);
                break;
            }
          }
          log.answer = () => "yes";
          const stop = outbox.subscribe(() => queueMicrotask(() => clock.advance(patience.longest))); // time goes on
          outbox.resume();
          await until(outbox, allSent(outbox));
          stop();
          expect(log.texts).toEqual(said);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("lets go of a message whose entry bears no key and came before the answer", async () => {
    const outbox = box();
    await outbox.load();
    outbox.reached(1); // the stream was quicker
    outbox.send({ text: "veiled", veiled: true });
    await until(outbox, () => log.texts.length === 1 && outbox.items.length === 0);
    expect(log.texts).toEqual(["veiled"]);
  });
});
