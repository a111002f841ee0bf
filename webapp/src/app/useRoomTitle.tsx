import { useEffect, useRef } from "react";
import type { RoomView } from "../room/store";
import { notify } from "./notices";
import { pageTitle } from "./title";

/** The tab's title and, for a page in the background, a notification without content. */
export function useRoomTitle(view: RoomView, muted: boolean): void {
  const { facts, unread, mentions } = view;
  const before = useRef({ unread: 0, mentions: 0, ready: false });
  useEffect(() => {
    document.title = pageTitle(facts?.room.title ?? "", muted ? mentions : unread, facts?.room ?? null);
    const was = before.current;
    before.current = { unread, mentions, ready: view.caughtUp };
    if (facts && was.ready && !muted && unread > was.unread) notify(facts.room.reference, facts.room.mode, mentions > was.mentions ? "mention" : "new");
  }, [facts, unread, mentions, muted, view.caughtUp]);
}
