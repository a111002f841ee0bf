import { useEffect, useRef } from "react";
import type { BoardPane } from "./RoomTabs";

type Keys = { keys: () => void; write: () => void; log: () => void; newest: () => void; unread: () => void; board: (which: BoardPane) => void; decide: () => void };

const boards: Readonly<Record<string, BoardPane>> = { i: "intel", d: "decisions", a: "actions", s: "severity", b: "books" };

const typing = (el: EventTarget | null): boolean => el instanceof HTMLElement && (el.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(el.tagName));

/** The keys that work anywhere in a room but while one types or answers a question. */
export function useRoomKeys(on: Keys): void {
  const now = useRef(on);
  useEffect(() => {
    now.current = on;
  });
  useEffect(() => {
    let g = 0;
    const key = (e: KeyboardEvent) => {
      if (typing(e.target) || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
      const after = Date.now() - g < 1_500;
      g = 0;
      if (e.key === "?") now.current.keys();
      else if (e.key === "/") now.current.write();
      else if (e.key === "g") g = Date.now();
      else if (after && e.key === "l") now.current.log();
      else if (after && e.key === "n") now.current.newest();
      else if (after && e.key === "u") now.current.unread();
      else if (after && boards[e.key]) now.current.board(boards[e.key] ?? "decisions");
      else if (e.key === "d") now.current.decide();
      else return;
      e.preventDefault();
      e.stopPropagation();
    };
    document.addEventListener("keydown", key, true);
    return () => document.removeEventListener("keydown", key, true);
  }, []);
}
