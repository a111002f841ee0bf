import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical } from "../room/canonical";
import { createApi } from "./api";
import { fromBase64, toBase64 } from "./base64";
import { parseFragment } from "./fragment";
import { parseFrame } from "./frame";
import { Malformed } from "./guard";
import { bodies, isStanding, rootKinds } from "./kinds";
import { ApiError } from "./problem";
import { newKey } from "./ulid";

interface Sample {
  readonly kind: string;
  readonly log: string;
  readonly root: boolean;
  readonly standing: boolean;
  readonly seq: number;
  readonly slots: readonly string[];
}
const folder = join(import.meta.dirname, "../../../schema/events");
const samples = readdirSync(folder).map((f) => JSON.parse(readFileSync(join(folder, f), "utf8")) as Sample);
const ofRooms = samples.filter((s) => s.log === "room" || s.kind === "genesis");

describe("the golden samples", () => {
  it("are of every kind the browser knows, and of no other kind of a room's log", () => {
    expect(ofRooms.map((s) => s.kind).toSorted()).toEqual(Object.keys(bodies).toSorted());
  });

  for (const s of ofRooms) {
    it(`are read in full: ${s.kind}`, () => {
      const { entry } = parseFragment({ seq: s.seq, seed: "", slots: s.slots });
      if (entry.form !== "open") throw new Error(entry.form);
      expect(entry.unknown).toBeUndefined();
      const { by, times, marking, body, refs, files, authority } = entry;
      const said = [{ kind: entry.kind, root: entry.root }, by, times, marking, body, refs, files ? { files } : "", authority].map((v) => (v === null || v === "" ? "" : canonical(v)));
      expect(said).toEqual(s.slots.map((text) => (text === "" ? "" : canonical(JSON.parse(text)))));
      expect({ root: rootKinds.has(s.kind), standing: isStanding(s.kind) }).toEqual({ root: s.root, standing: s.standing });
    });
  }
});

const slots = ['{"kind":"message.posted","root":6}', '{"member":1}', '{"recorded":"2026-02-03T04:05:06.000Z"}', "", '{"text":"x"}', "", "", "{}"];

describe("a fragment", () => {
  it("of an unknown kind, or with a body of another shape, becomes an unknown entry", () => {
    const strange = [
      ['{"kind":"weather.changed","root":6}', ...slots.slice(1)],
      slots.with(4, '{"text":7}'),
      slots.with(4, "[]"),
      slots.with(0, '{"kind":"constructor","root":6}'),
    ];
    for (const s of strange) expect(parseFragment({ seq: 6, seed: "", slots: s }).entry).toMatchObject({ form: "open", unknown: true });
  });

  it("may say more than this version reads", () => {
    expect(parseFragment({ seq: 6, seed: "", more: 1, slots: slots.with(4, '{"later":1,"text":"x"}') }).entry).toMatchObject({ body: { text: "x" } });
  });

  it("that is not one is refused without a word of its content", () => {
    const bad = [
      null, [], {}, { seq: -1, leaf: "" }, { seq: 1.5, leaf: "" }, { seq: 1 }, { seq: 1, seed: "", slots: [] }, { seq: 1, seed: "", slots: slots.with(0, "SECRET") },
      { seq: 1, leaf: "", slots: { 9: ["", ""] } }, { seq: 1, leaf: "", slots: { 0: ["SECRET"] } }, { seq: 1, leaf: "", slots: {} },
      { seq: 1, seed: "", slots: slots.with(2, "{}") }, { seq: 1, seed: "", slots: slots.with(3, '{"tlp":"SECRET"}') },
    ];
    for (const v of bad) {
      let thrown: unknown;
      try {
        parseFragment(v);
      } catch (e) {
        thrown = e;
      }
      expect(thrown).toBeInstanceOf(Malformed);
      expect(String(thrown)).not.toContain("SECRET");
    }
  });
});

describe("a frame", () => {
  it("of an unknown type is nothing", () => {
    expect(parseFrame('{"type":"weather"}')).toBeNull();
  });

  it("that is not one is refused", () => {
    const bad = ["", "[]", "{}", '{"type":"events"}', '{"type":"events","room":"r","events":[{}]}', '{"type":"caught_up","room":"r"}', '{"type":"snapshot","room":"r","seq":1}'];
    for (const s of bad) expect(() => parseFrame(s)).toThrow(Malformed);
  });
});

describe("an idempotency key", () => {
  it("is a ULID that begins with the time", () => {
    expect(newKey(1469918176385).slice(0, 10)).toBe("01ARYZ6S41"); // the example of the ULID specification
    expect(newKey()).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    expect(new Set(Array.from({ length: 1000 }, () => newKey(1))).size).toBe(1000);
  });
});

describe("base64", () => {
  it("is undone byte for byte", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(fromBase64(toBase64(all))).toEqual(all);
  });
});

describe("the client", () => {
  const answering = (status: number, body: unknown, headers: Record<string, string> = {}) => {
    const asked: Request[] = [];
    const lost: ApiError[] = [];
    const api = createApi({
      fetch: async (input, init) => {
        asked.push(new Request(new URL(String(input), "https://wardroom.example"), init));
        return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
      },
      onSignedOut: (e) => lost.push(e),
    });
    return { api, asked, lost };
  };
  const failure = async (p: Promise<unknown>): Promise<ApiError> => {
    try {
      await p;
    } catch (e) {
      if (e instanceof ApiError) return e;
      throw e;
    }
    throw new Error("it was not refused");
  };

  it("sends a command with a key of its own, or with the one it is given", async () => {
    const { api, asked } = answering(200, { seq: 7 });
    expect(await api.note("r", 3)).toEqual({ seq: 7 });
    await api.post("r", { text: "x" }, "01ARYZ6S410000000000000000");
    expect(asked[0]?.url).toBe("https://wardroom.example/api/v1/rooms/r/entries/3/note");
    expect(asked[0]?.headers.get("Idempotency-Key")).toMatch(/^[0-7]/);
    expect(asked[1]?.headers.get("Idempotency-Key")).toBe("01ARYZ6S410000000000000000");
    expect(await asked[1]?.json()).toEqual({ text: "x" });
  });

  it("turns a problem into a typed error with its fields", async () => {
    const { api } = answering(422, { fault: "invalid", detail: "Some of this needs changing.", errors: [{ name: "report.type", message: "Say what kind." }] });
    const e = await failure(api.title("r", ""));
    expect(e).toMatchObject({ fault: "invalid", status: 422, message: "Some of this needs changing.", passing: false });
    expect(e.field("report.type")).toBe("Say what kind.");
  });

  it("tells the shell when the session has ended, and not when a second factor is wanted", async () => {
    const out = answering(401, { fault: "signed_out", detail: "You are signed out." });
    await failure(out.api.rooms());
    expect(out.lost).toHaveLength(1);
    const stepUp = answering(401, { fault: "step_up", detail: "Confirm that it is you." });
    expect(await failure(stepUp.api.open("r", 1))).toMatchObject({ fault: "step_up" });
    expect(stepUp.lost).toHaveLength(0);
  });

  it("makes what it can of an answer that is no problem document", async () => {
    expect(await failure(answering(502, "<html>").api.rooms())).toMatchObject({ fault: "unavailable", passing: true });
    expect(await failure(answering(404, "").api.rooms())).toMatchObject({ fault: "not_found", passing: false });
    expect(await failure(answering(429, {}, { "Retry-After": "7" }).api.rooms())).toMatchObject({ fault: "too_many", retryAfter: 7000 });
    expect(await failure(answering(200, '{"rooms":[').api.rooms())).toMatchObject({ fault: "offline" });
  });

  it("says offline when nothing answers", async () => {
    const api = createApi({ fetch: () => Promise.reject(new TypeError("failed")) });
    expect(await failure(api.rooms())).toMatchObject({ fault: "offline", status: 0, passing: true });
  });

  it("escapes what it puts into a path", async () => {
    const { api, asked } = answering(200, { seq: 1 });
    await api.title("../../x?y", "t");
    expect(new URL(asked[0]?.url ?? "").pathname).toBe("/api/v1/rooms/..%2F..%2Fx%3Fy/title");
  });
});
