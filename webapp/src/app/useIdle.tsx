import { useCallback, useEffect, useRef, useState } from "react";

// The lock: after 30 minutes without a key, a touch or a click the content is
// hidden, on every tab at once. Two minutes before it says so.

export const idleAfter = 30 * 60_000;
export const warnBefore = 2 * 60_000;
const tellServer = 60_000; // activity reaches the server at most this often
const tellTabs = 5_000; // and the other tabs at most this often

export type Idle = "active" | "warned" | "locked";

/** What the clock says of a person last active at `last`. */
export const idleAt = (last: number, now: number): Idle => (now - last >= idleAfter ? "locked" : now - last >= idleAfter - warnBefore ? "warned" : "active");

/**
 * Watches for activity. `touch` tells the server that the person is still
 * here, `lock` that nobody is; one of the tabs says it for all. `since` is
 * when the server last knew of somebody, in this device's milliseconds:
 * loading a page is no sign of life.
 */
export function useIdle(touch: () => void, lock: () => void, since: number): { idle: Idle; stay: () => void; locksAt: () => Date } {
  const [idle, setIdle] = useState<Idle>("active");
  const last = useRef(since);
  const told = useRef(since);
  const shown = useRef(since); // to the other tabs
  const later = useRef(0); // a timer: activity that the server will be told of
  const locked = useRef(false);
  const channel = useRef<BroadcastChannel | null>(null);

  const mark = useCallback(
    (shared: boolean) => {
      if (locked.current) return;
      const now = Date.now();
      last.current = now;
      setIdle("active");
      if (!shared) return;
      if (now - shown.current > tellTabs) {
        shown.current = now;
        channel.current?.postMessage("active");
      }
      const tell = () => {
        later.current = 0;
        told.current = Date.now();
        touch();
      };
      // The last of it too is told, so that the server does not lock before the page does.
      if (now - told.current > tellServer) tell();
      else if (later.current === 0) later.current = window.setTimeout(tell, told.current + tellServer - now);
    },
    [touch],
  );

  useEffect(() => {
    const bus = new BroadcastChannel("wardroom.activity");
    channel.current = bus;
    const hide = () => {
      locked.current = true;
      window.clearTimeout(later.current);
      setIdle("locked");
    };
    bus.addEventListener("message", (e) => (e.data === "locked" ? hide() : mark(false)));
    const active = () => {
      // Once warned, only the button counts: a mouse nudged by a sleeve is not a person.
      if (idleAt(last.current, Date.now()) === "active") mark(true);
    };
    const kinds = ["pointerdown", "keydown", "wheel", "touchstart"] as const;
    for (const k of kinds) window.addEventListener(k, active, { passive: true });
    const look = () => {
      if (locked.current) return;
      const now = idleAt(last.current, Date.now());
      if (now !== "locked") return setIdle(now);
      hide();
      bus.postMessage("locked");
      lock();
    };
    const timer = window.setInterval(look, 5_000);
    document.addEventListener("visibilitychange", look);
    return () => {
      for (const k of kinds) window.removeEventListener(k, active);
      document.removeEventListener("visibilitychange", look);
      window.clearInterval(timer);
      window.clearTimeout(later.current);
      later.current = 0;
      bus.close();
      channel.current = null;
    };
  }, [mark, lock]);

  const stay = useCallback(() => {
    told.current = 0;
    shown.current = 0;
    mark(true);
  }, [mark]);
  const locksAt = useCallback(() => new Date(last.current + idleAfter), []);
  return { idle, stay, locksAt };
}
