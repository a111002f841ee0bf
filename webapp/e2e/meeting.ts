// A room with people in it, for journeys that begin there.
import type { Who } from "./accounts";
import type { Options, Person, Room } from "./person";

type Come = (who: Who, options?: Options) => Promise<Person>;

export interface Guest {
  readonly who: Who;
  readonly on?: "desktop" | "phone";
  readonly role?: string;
  readonly history?: "full" | "from_join";
}

/** The lead opens a room, brings everybody in, and all have its page open. */
export async function meeting(come: Come, title: string, guests: readonly Guest[], how: Parameters<Person["makeRoom"]>[1] = {}): Promise<{ lead: Person; room: Room; guests: Person[] }> {
  const lead = await come("lead");
  await lead.signIn();
  const room = await lead.makeRoom(title, how);
  const here: Person[] = [];
  for (const { who, role, history, ...options } of guests) {
    const guest = await come(who, options);
    await guest.signIn();
    await lead.bring(room, guest, role ?? "representative", history);
    here.push(guest);
  }
  await lead.enter(room.room);
  for (const g of here) await g.enter(room.room);
  return { lead, room, guests: here };
}
