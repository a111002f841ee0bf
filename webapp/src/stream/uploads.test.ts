import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../protocol/problem";
import type { UploadState } from "../protocol/rest";
import { bounds, createUploads } from "./uploads";

const chunk = 4;
/** A server that keeps what it is sent, and fails when it is told to. */
function server() {
  const kept = new Map<string, { name: string; size: number; parts: Map<number, ArrayBuffer> }>();
  let failing: ApiError | null = null;
  const sent: string[] = [];
  const state = (id: string): UploadState => {
    const u = kept.get(id);
    if (!u) throw new ApiError("not_found", "There is nothing here for you.");
    const received = [...u.parts.keys()].toSorted((a, b) => a - b);
    return { id, name: u.name, size: u.size, chunk, received, whole: received.length === Math.ceil(u.size / chunk), scan: "none", sha256: "" };
  };
  const answer = <T>(make: () => T): Promise<T> => (failing ? Promise.reject(failing) : Promise.resolve().then(make));
  return {
    kept, sent,
    fail: (e: ApiError | null) => void (failing = e),
    begin: (_: string, name: string, size: number) => answer(() => {
      const id = `u${kept.size + 1}`;
      kept.set(id, { name, size, parts: new Map() });
      return state(id);
    }),
    put: (_: string, id: string, n: number, part: ArrayBuffer) => answer(() => {
      sent.push(`${id}/${n}`);
      kept.get(id)?.parts.set(n, part);
      return state(id);
    }),
    state: (_: string, id: string) => answer(() => state(id)),
    drop: vi.fn((_: string, id: string) => answer(() => void kept.delete(id))),
  };
}

let waits: (() => void)[] = [];
const clock = { now: () => 0, after: (_: number, run: () => void) => (waits.push(run), () => void (waits = waits.filter((w) => w !== run))) };
const make = (s: ReturnType<typeof server>) => createUploads({ room: "r", clock, random: () => 0.5, begin: s.begin, put: s.put, state: s.state, drop: s.drop });
const file = (name: string, text: string) => new File([text], name);
const until = (ok: () => boolean) => vi.waitFor(() => expect(ok()).toBe(true));
beforeEach(() => void (waits = []));

describe("files on their way", () => {
  it("go one after the other, part by part, and are whole then", async () => {
    const s = server();
    const u = make(s);
    expect(u.add([file("a", "0123456789"), file("b", "xyz")])).toBe("");
    await until(() => u.items.every((i) => i.state === "whole"));
    expect(s.sent).toEqual(["u1/0", "u1/1", "u1/2", "u2/0"]);
    expect(u.attached()).toEqual([{ id: "u1", name: "a", size: 10, whole: true }, { id: "u2", name: "b", size: 3, whole: true }]);
  });

  it("wait for the line, and send nothing twice that is there", async () => {
    const s = server();
    const u = make(s);
    const put = s.put;
    s.put = (room, id, n, part) => {
      if (n === 1) s.fail(new ApiError("offline", "The service cannot be reached."));
      return put(room, id, n, part);
    };
    const broken = createUploads({ room: "r", clock, random: () => 0.5, begin: s.begin, put: s.put, state: s.state, drop: s.drop });
    broken.add([file("a", "0123456789")]);
    await until(() => broken.items[0]?.state === "stalled");
    expect(broken.items[0]?.sent).toBe(4);
    expect(broken.attached()).toEqual([{ id: "u1", name: "a", size: 10, whole: false }]);
    s.put = put;
    s.fail(null);
    // A new page takes the draft up: the file must be picked again, and it must be as long.
    u.restore(broken.attached());
    await until(() => u.items[0]?.sent === 4);
    expect(u.items[0]?.state).toBe("lost");
    expect(u.pick(u.items[0]?.local ?? 0, file("a", "01234567"))).toContain("another file");
    expect(u.items[0]?.state).toBe("lost");
  });

  it("that were picked again and are not the same are refused, and taken back", async () => {
    const s = server();
    const u = make(s);
    await s.begin("r", "a", 8);
    await s.put("r", "u1", 0, new ArrayBuffer(4));
    u.restore([{ id: "u1", name: "a", size: 8, whole: false }]);
    await until(() => u.items[0]?.sent === 4);
    expect(u.pick(u.items[0]?.local ?? 0, file("a", "AAAABBBB"))).toBe(""); // the server's hash is of something else
    await until(() => u.items[0]?.state === "failed");
    expect(u.items[0]?.problem).toContain("not the file that was begun with");
    expect(s.drop).toHaveBeenCalledWith("r", "u1");
    expect(u.attached()).toEqual([]);
  });

  it("stop when one is signed out, and go on when one is back", async () => {
    const s = server();
    const u = make(s);
    s.fail(new ApiError("signed_out", "You are signed out."));
    u.add([file("a", "0123")]);
    await until(() => u.items[0]?.state === "stalled");
    expect(waits).toEqual([]);
    s.fail(null);
    u.resume();
    await until(() => u.items[0]?.state === "whole");
  });

  it("are tried again by themselves after a passing failure, and not after a refusal", async () => {
    const s = server();
    const u = make(s);
    s.fail(new ApiError("unavailable", "Not now."));
    u.add([file("a", "0123")]);
    await until(() => waits.length === 1);
    s.fail(new ApiError("conflict", "You have 20 files waiting to be sent."));
    waits.pop()?.();
    await until(() => u.items[0]?.state === "failed");
    expect(u.items[0]?.problem).toContain("20 files");
    expect(waits).toEqual([]);
  });

  it("that are too long, empty or too many are said to be before anything is sent", async () => {
    const s = server();
    const u = make(s);
    const long = file("long", "x");
    Object.defineProperty(long, "size", { value: bounds.size + 1 });
    u.add([long, file("empty", "")]);
    expect(u.items.map((i) => [i.state, i.problem])).toEqual([["failed", "A file can have 100 MB at most."], ["failed", "This file is empty, or is a folder. There is nothing to attach."]]);
    expect(u.add(Array.from({ length: 9 }, (_, i) => file(`f${i}`, "x")))).toContain("At most 10");
    await until(() => u.items.filter((i) => i.state === "whole").length === 8);
    expect(s.kept.size).toBe(8);
  });

  it("that are removed are taken back from the server; a draft that is gone there says so", async () => {
    const s = server();
    const u = make(s);
    u.add([file("a", "0123")]);
    await until(() => u.items[0]?.state === "whole");
    u.remove(u.items[0]?.local ?? 0);
    expect(u.items).toEqual([]);
    expect(s.drop).toHaveBeenCalledWith("r", "u1");
    u.restore([{ id: "u9", name: "old", size: 4, whole: true }]);
    await until(() => u.items[0]?.state === "failed");
    expect(u.items[0]?.problem).toContain("not sent within a day");
  });
});
