// React's only way to a room.
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Facts } from "../protocol/types";
import type { Connection, ConnectionState } from "../stream/connection";
import { roomNow } from "./clock";
import type { RoomStore, RoomView } from "./store";

/** The whole view; draws again whenever anything in it changes. */
export function useRoom(store: RoomStore): RoomView {
  return useSyncExternalStore(store.subscribe, store.getView);
}

/** One part of the view; draws again only when the part changes. select must return what is already there, not something made anew. */
export function useRoomPart<T>(store: RoomStore, select: (view: RoomView) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.getView()));
}

export function useConnection(connection: Connection): ConnectionState {
  const subscribe = useCallback((changed: () => void) => connection.onState(changed), [connection]);
  return useSyncExternalStore(subscribe, () => connection.state);
}

const minute = 60_000;

/** The room's time, moved on as its minutes pass; in milliseconds, the minute's beginning. skew: the server's time less this device's. */
export function useRoomNow(facts: Facts, skew: number): number {
  const [now, setNow] = useState(() => roomNow(facts, Date.now() + skew));
  useEffect(() => {
    let timer = 0;
    const tick = () => {
      const t = roomNow(facts, Date.now() + skew);
      setNow(t);
      const { clock } = facts.room;
      if (clock?.paused) return;
      timer = window.setTimeout(tick, Math.max(1_000, (minute - (t % minute)) / (clock?.factor ?? 1)));
    };
    tick();
    return () => window.clearTimeout(timer);
  }, [facts, skew]);
  return now - (now % minute);
}
