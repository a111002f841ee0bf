// What is being written in a form, while it is not sent: kept on the shelf,
// sealed, so that a reload, a lost session or a dead battery costs nothing.
import type { PersonID, RoomID } from "../protocol/types";
import { createSealer, type Sealer } from "./seal";
import type { Shelf } from "./shelf";

export interface DraftsDeps {
  readonly owner: PersonID;
  /** "" for what belongs to no room. */
  readonly room: RoomID | "";
  readonly shelf: Shelf;
  /** The key its drafts are sealed with, base64. */
  readonly draftKey: () => Promise<string>;
}

export type Drafts = ReturnType<typeof createDrafts>;

export function createDrafts({ owner, room, shelf, draftKey }: DraftsDeps) {
  let asked: Promise<Sealer> | null = null; // asked again after a failure
  let work: Promise<unknown> = Promise.resolve(); // one at a time, in order
  const waiting = new Map<string, unknown>(); // by form: what it holds now, null to forget
  const idOf = (form: string) => `form ${owner} ${room} ${form}`;
  const bound = (form: string) => `${owner}\n${room}\n${idOf(form)}`;
  const sealer = (): Promise<Sealer> =>
    (asked ??= draftKey()
      .then(createSealer)
      .catch((e: unknown) => {
        asked = null;
        throw e;
      }));

  async function put(form: string): Promise<void> {
    if (!waiting.has(form)) return;
    const value = waiting.get(form);
    if (value === null) await shelf.remove(idOf(form));
    else {
      const box = await (await sealer()).seal(bound(form), value);
      await shelf.put({ id: idOf(form), owner, room, kind: "form", order: 0, ...box });
    }
    if (waiting.get(form) === value) waiting.delete(form);
  }

  return {
    /** What the form held when it was last left unsent; null if it held nothing, or cannot be read. */
    async load(form: string): Promise<unknown> {
      if (waiting.has(form)) return waiting.get(form);
      try {
        const box = (await shelf.list(owner, room)).find((b) => b.id === idOf(form));
        return box ? await (await sealer()).open(bound(form), box) : null;
      } catch {
        return null; // sealed under another key, or the key is not to be had: not ours to read now
      }
    },
    /** Keeps what the form holds, or forgets it. A shelf or a key that fails costs the reload, not what is typed. */
    keep(form: string, value: unknown): void {
      waiting.set(form, value);
      work = work.then(() => put(form)).catch(() => undefined);
    },
    /** Resolves when everything asked so far is done. */
    settled: (): Promise<unknown> => work,
  };
}
