import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import type { RoomRow, Rooms } from "../protocol/rest";
import { shownProblem } from "../ui/problem";
import { useInside } from "./inside";
import { notify } from "./notices";

export const roomsKey = ["rooms"] as const;

/** My rooms and invitations, fetched again when the stream says so. */
export function useMyRooms() {
  const { api, queries } = useInside();
  const query = useQuery({ queryKey: roomsKey, queryFn: api.rooms, refetchInterval: 60_000, refetchOnWindowFocus: true });
  const mute = useCallback(
    (room: RoomRow, muted: boolean) => {
      queries.setQueryData<Rooms>(roomsKey, (old) => (old ? { ...old, rooms: old.rooms.map((r) => (r.id === room.id ? { ...r, muted } : r)) } : old));
      void api.mute(room.id, muted).finally(() => queries.invalidateQueries({ queryKey: roomsKey }));
    },
    [api, queries],
  );
  const { refetch } = query;
  return { rooms: query.data, failed: query.error ? shownProblem(query.error).detail : undefined, retry: () => void refetch(), mute };
}

/** Keeps the list fresh and tells of rooms that are not on the screen. Once for the whole app. */
export function useRoomsWatch(current: string | null): void {
  const { connection, queries } = useInside();
  useEffect(() => connection.onRooms(() => void queries.invalidateQueries({ queryKey: roomsKey })), [connection, queries]);
  const { rooms } = useMyRooms();
  const seen = useSeenCounts();
  useEffect(() => {
    for (const r of rooms?.rooms ?? []) {
      const before = seen.get(r.id);
      const now = { unread: r.unread, colleagues: r.colleagues.join() };
      seen.set(r.id, now);
      if (before === undefined || r.muted || r.id === current) continue;
      if (now.colleagues !== before.colleagues) notify(r.reference, r.mode, "colleague");
      else if (now.unread > before.unread) notify(r.reference, r.mode, r.mentions > 0 ? "mention" : "new");
    }
  }, [rooms, seen, current]);
}

interface Seen {
  readonly unread: number;
  readonly colleagues: string;
}
const counts = new Map<string, Seen>();
const useSeenCounts = (): Map<string, Seen> => counts;
