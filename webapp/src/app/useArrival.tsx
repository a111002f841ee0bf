import { useEffect, useState } from "react";
import type { RoomStore, RoomView } from "../room/store";

/** The newest entry when the reader came to the room or came back to its page. Leaving the page puts the unread line after what was read. */
export function useArrival(store: RoomStore, view: RoomView): number {
  const [arrived, setArrived] = useState(0);
  if (arrived === 0 && view.caughtUp && view.seq > 0) setArrived(view.seq);
  useEffect(() => {
    const turned = () => {
      if (document.visibilityState === "hidden") store.moveUnreadLine();
      else setArrived(store.getView().seq);
    };
    document.addEventListener("visibilitychange", turned);
    return () => document.removeEventListener("visibilitychange", turned);
  }, [store]);
  return arrived;
}
