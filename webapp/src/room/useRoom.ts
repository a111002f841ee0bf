// React's only way to a room.
import { useCallback, useSyncExternalStore } from "react";
import type { Connection, ConnectionState } from "../stream/connection";
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
