// Files on their way to a room, before an entry attaches them: one after the
// other, part by part. A line that breaks is waited for, and what the server
// has already is not sent again. A reload loses hold of the file, never of what
// was sent: the same file is picked again and goes on.
import { ApiError } from "../protocol/problem";
import type { AttachedDraft, Scan, UploadState } from "../protocol/rest";
import type { RoomID } from "../protocol/types";
import type { Clock } from "./connection";
import { patience } from "./outbox";

/** One file on its way. */
export interface Upload {
  readonly local: number;
  /** The server's id, once it has one. */
  readonly id: string | null;
  readonly name: string;
  readonly size: number;
  /** Bytes that are there. */
  readonly sent: number;
  /** stalled: waits for the line. lost: this page has no hold of the file; it must be picked again. */
  readonly state: "waiting" | "sending" | "stalled" | "lost" | "whole" | "failed";
  readonly problem: string;
  readonly scan: Scan;
}

export interface UploadsDeps {
  readonly room: RoomID;
  readonly clock: Clock;
  readonly random: () => number;
  readonly begin: (room: RoomID, name: string, size: number) => Promise<UploadState>;
  readonly put: (room: RoomID, id: string, n: number, part: ArrayBuffer, signal: AbortSignal) => Promise<UploadState>;
  readonly state: (room: RoomID, id: string) => Promise<UploadState>;
  readonly drop: (room: RoomID, id: string) => Promise<void>;
}

export type Uploads = ReturnType<typeof createUploads>;

/** What the server takes of one file, and at once with one entry. */
export const bounds = { size: 100_000_000, files: 10 };

type Item = Upload & {
  readonly file: File | null;
  readonly abort: AbortController;
  /** It was picked a second time: that it is the same file is checked at the end. */
  readonly again: boolean;
};

export function createUploads(deps: UploadsDeps) {
  const { room, clock } = deps;
  let items: readonly Item[] = [];
  let next = 1;
  let busy = false;
  let paused = false;
  let failures = 0;
  let cancelWait: (() => void) | null = null;
  const listeners = new Set<() => void>();

  function change(to: readonly Item[]): void {
    items = to;
    for (const listen of [...listeners]) listen();
  }
  const find = (local: number) => items.find((i) => i.local === local);
  function update(local: number, part: Partial<Item>): void {
    if (find(local)) change(items.map((i) => (i.local === local ? { ...i, ...part } : i)));
  }
  const item = (part: Partial<Item> & Pick<Item, "name" | "size">): Item => ({
    local: next++, id: null, sent: 0, state: "waiting", problem: "", scan: "none", file: null, abort: new AbortController(), again: false, ...part,
  });

  function pump(): void {
    if (busy || paused || cancelWait) return;
    const due = items.find((i) => (i.state === "waiting" || i.state === "stalled") && i.file);
    if (!due) return;
    busy = true;
    update(due.local, { state: "sending", problem: "" });
    void deliver(due.local)
      .then(() => (failures = 0), (e: unknown) => fail(due.local, e))
      .finally(() => {
        busy = false;
        pump();
      });
  }

  async function deliver(local: number): Promise<void> {
    const begun = find(local);
    if (!begun?.file) return;
    const { file } = begun;
    let now = begun.id === null ? await deps.begin(room, file.name, file.size) : await deps.state(room, begun.id);
    const taken = (s: UploadState) => update(local, { id: s.id, name: s.name, sent: bytes(s), scan: s.scan });
    if (!find(local)) return void deps.drop(room, now.id).catch(() => undefined); // removed meanwhile
    taken(now);
    for (let n = 0; n * now.chunk < now.size && !now.whole; n++) {
      if (now.received.includes(n)) continue;
      const at = find(local);
      if (!at) return;
      if (paused) return update(local, { state: "stalled" });
      let part: ArrayBuffer;
      try {
        part = await file.slice(n * now.chunk, (n + 1) * now.chunk).arrayBuffer();
      } catch {
        throw new ApiError("invalid", "This file cannot be read on this device any more. Remove it and attach it again.");
      }
      now = await deps.put(room, now.id, n, part, at.abort.signal);
      failures = 0;
      taken(now);
    }
    if (!now.whole) throw new ApiError("unavailable", "Some of this file did not arrive.");
    if (find(local)?.again && now.sha256 !== (await sha256(file))) {
      await deps.drop(room, now.id).catch(() => undefined);
      throw new ApiError("invalid", "This is not the file that was begun with: its content is another. Remove it and attach it again.");
    }
    update(local, { state: "whole", sent: now.size });
    watchScan(local);
  }

  function fail(local: number, e: unknown): void {
    const at = find(local);
    if (!at || at.abort.signal.aborted) return;
    const problem = e instanceof ApiError ? e : new ApiError("internal", "Something went wrong on this device.");
    if (problem.fault === "signed_out") {
      paused = true; // until resume
      return update(local, { state: "stalled", problem: "" });
    }
    if (!problem.passing) {
      return update(local, { state: "failed", problem: problem.fault === "not_found" ? "It was not sent within a day, and is gone. Attach it again." : (problem.fields[0]?.message ?? problem.message) });
    }
    update(local, { state: "stalled", problem: "" });
    const most = Math.min(patience.longest, patience.first * 2 ** Math.min(failures, 16));
    failures++;
    cancelWait = clock.after(Math.max(problem.retryAfter ?? 0, most / 2 + (deps.random() * most) / 2), () => {
      cancelWait = null;
      pump();
    });
  }

  /** While the scanner has it: what it says, as far as it says it soon. */
  function watchScan(local: number, tries = 0): void {
    const at = find(local);
    if (!at?.id || at.scan !== "pending" || tries > 60) return;
    const { id } = at;
    clock.after(Math.min(2_000, 300 * (tries + 1)), () => {
      if (!find(local)) return;
      deps.state(room, id).then((s) => update(local, { scan: s.scan }), () => undefined).finally(() => watchScan(local, tries + 1));
    });
  }

  function remove(local: number): void {
    const at = find(local);
    if (!at) return;
    at.abort.abort();
    change(items.filter((i) => i.local !== local));
    if (at.id !== null) void deps.drop(room, at.id).catch(() => undefined); // else it goes by itself after a day
  }

  return {
    get items(): readonly Upload[] {
      return items;
    },
    subscribe(listen: () => void): () => void {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
    /** Takes files in; says what it does not take. */
    add(files: readonly File[]): string {
      const room = bounds.files - items.length;
      const taken = files.slice(0, Math.max(0, room)).map((file) => {
        const wrong = file.size > bounds.size ? "A file can have 100 MB at most." : file.size === 0 ? "This file is empty, or is a folder. There is nothing to attach." : "";
        return item({ name: file.name, size: file.size, file, ...(wrong === "" ? {} : { state: "failed" as const, problem: wrong }) });
      });
      if (taken.length > 0) change([...items, ...taken]);
      pump();
      return taken.length < files.length ? `At most ${bounds.files} files fit one entry. Send the others with another.` : "";
    },
    /** The same file again, after a reload. Says why not, if not. */
    pick(local: number, file: File): string {
      const at = find(local);
      if (!at || at.state !== "lost") return "";
      if (file.size !== at.size) return `This is another file: it has ${file.size} bytes, and ${at.name} has ${at.size}.`;
      update(local, { file, state: "waiting", again: true, problem: "" });
      pump();
      return "";
    },
    remove,
    /** What a draft keeps of them, and a message sends. */
    attached: (): readonly AttachedDraft[] => items.flatMap((i) => (i.id === null || i.state === "failed" ? [] : [{ id: i.id, name: i.name, size: i.size, whole: i.state === "whole" }])),
    /** Lets go of them: a message has them now. */
    clear: (): void => change([]),
    /** Takes them all back: what they were to go with is not sent. */
    removeAll: (): void => items.forEach((i) => remove(i.local)),
    /** Takes up what a draft kept, or a message taken back has. */
    restore(list: readonly AttachedDraft[]): void {
      const known = new Set(items.map((i) => i.id));
      const fresh = list.filter((a) => !known.has(a.id)).map((a) => item({ id: a.id, name: a.name, size: a.size, sent: a.whole ? a.size : 0, state: a.whole ? "whole" : "lost" }));
      if (fresh.length === 0) return;
      change([...items, ...fresh]);
      for (const { local, id } of fresh) {
        if (id === null) continue;
        deps.state(room, id).then(
          (s) => {
            update(local, { sent: bytes(s), state: s.whole ? "whole" : "lost", scan: s.scan });
            watchScan(local);
          },
          (e: unknown) => {
            if (e instanceof ApiError && e.fault === "not_found") update(local, { state: "failed", problem: "It was not sent within a day, and is gone. Attach it again." });
          },
        );
      }
    },
    /** The network or the session is back. */
    resume(): void {
      paused = false;
      failures = 0;
      cancelWait?.();
      cancelWait = null;
      pump();
    },
    pause(): void {
      paused = true;
      cancelWait?.();
      cancelWait = null;
    },
  };
}

/** How many bytes the server has. */
function bytes(s: UploadState): number {
  return s.received.reduce((sum, n) => sum + Math.min(s.chunk, s.size - n * s.chunk), 0);
}

async function sha256(file: File): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
}
