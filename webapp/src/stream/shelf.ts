// Where unsent messages and drafts survive a reload: the only things stored on
// a device, each sealed under a key the server gives to a live session only.
import { type IDBPDatabase, openDB } from "idb";
import type { PersonID, RoomID } from "../protocol/types";

export interface Box {
  readonly id: string;
  readonly owner: PersonID;
  /** "" for what belongs to no room. */
  readonly room: RoomID | "";
  /** What waits to be sent, or is being written: messages, or lines of a loggist's book; or a form. */
  readonly kind: "message" | "draft" | "line" | "lineDraft" | "form";
  /** Messages go out in this order. */
  readonly order: number;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

export interface Shelf {
  /** The room's boxes of this person, or those of no room, in order. */
  list(owner: PersonID, room: RoomID | ""): Promise<readonly Box[]>;
  /** The rooms in which this person has something unsent. */
  rooms(owner: PersonID): Promise<readonly RoomID[]>;
  put(box: Box): Promise<void>;
  remove(id: string): Promise<void>;
  /** Whether it outlives this page. */
  readonly durable: boolean;
}

/** A shelf in IndexedDB; in memory where the browser gives none (some private windows). */
export async function indexedShelf(name = "wardroom"): Promise<Shelf> {
  let db: IDBPDatabase;
  try {
    db = await openDB(name, 1, {
      upgrade(fresh) {
        const boxes = fresh.createObjectStore("boxes", { keyPath: "id" });
        boxes.createIndex("owner", ["owner", "room"]);
      },
    });
  } catch {
    return memoryShelf();
  }
  const within = (owner: PersonID, room?: RoomID | "") =>
    room === undefined ? IDBKeyRange.bound([owner], [owner, []]) : IDBKeyRange.only([owner, room]);
  return {
    durable: true,
    async list(owner, room) {
      return inOrder((await db.getAllFromIndex("boxes", "owner", within(owner, room))) as Box[]);
    },
    async rooms(owner) {
      return roomsOf((await db.getAllFromIndex("boxes", "owner", within(owner))) as Box[]);
    },
    async put(box) {
      // Relaxed durability would be faster; strict is what survives a battery taken out.
      const tx = db.transaction("boxes", "readwrite", { durability: "strict" });
      await Promise.all([tx.store.put(box), tx.done]);
    },
    async remove(id) {
      await db.delete("boxes", id);
    },
  };
}

/** A shelf that is gone with the page. */
export function memoryShelf(): Shelf {
  const boxes = new Map<string, Box>();
  const of = (owner: PersonID) => [...boxes.values()].filter((b) => b.owner === owner);
  return {
    durable: false,
    list: async (owner, room) => inOrder(of(owner).filter((b) => b.room === room)),
    rooms: async (owner) => roomsOf(of(owner)),
    put: async (box) => void boxes.set(box.id, box),
    remove: async (id) => void boxes.delete(id),
  };
}

function inOrder(boxes: readonly Box[]): readonly Box[] {
  return boxes.toSorted((a, b) => a.order - b.order);
}

function roomsOf(boxes: readonly Box[]): readonly RoomID[] {
  return [...new Set(boxes.flatMap((b) => (b.kind === "message" || b.kind === "line" ? [b.room] : [])))];
}
