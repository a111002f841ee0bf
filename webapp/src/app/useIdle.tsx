import { useCallback, useEffect, useRef, useState } from "react";

// The lock: after 30 minutes without a key, a touch or a click the content is
// hidden, on every tab at once. Two minutes before it says so.

export const idleAfter = 30 * 60_000;
export const warnBefore = 2 * 60_000;
const tellServer = 60_000; // activity reaches the server at most this often

export type Idle = "active" | "warned" | "locked";

/** What the clock says of a person last active at `last`. */
export const idleAt = (last: number, now: number): Idle => (now - last >= idleAfter ? "locked" : now - last >= idleAfter - warnBefore ? "warned" : "active");

/** Watches for activity; `touch` tells the server that the person is still here. */
export function useIdle(touch: () => void): { idle: Idle; stay: () => void } {
  const [idle, setIdle] = useState<Idle>("active");
  const [began] = useState(() => Date.now());
  const last = useRef(began);
  const told = useRef(began);
  const locked = useRef(false);
  const channel = useRef<BroadcastChannel | null>(null);

  const mark = useCallback(
    (shared: boolean) => {
      if (locked.current) return;
      const now = Date.now();
      last.current = now;
      setIdle("active");
      if (shared && now - told.current > tellServer) {
        told.current = now;
        channel.current?.postMessage("active");
        touch();
      }
    },
    [touch],
  );

  useEffect(() => {
    const bus = new BroadcastChannel("wardroom.activity");
    channel.current = bus;
    bus.addEventListener("message", () => mark(false));
    const active = () => {
      // Once warned, only the button counts: a mouse nudged by a sleeve is not a person.
      if (idleAt(last.current, Date.now()) === "active") mark(true);
    };
    const kinds = ["pointerdown", "keydown", "wheel", "touchstart"] as const;
    for (const k of kinds) window.addEventListener(k, active, { passive: true });
    const look = () => {
      const now = idleAt(last.current, Date.now());
      if (now === "locked") locked.current = true;
      setIdle(now);
    };
    const timer = window.setInterval(look, 5_000);
    document.addEventListener("visibilitychange", look);
    return () => {
      for (const k of kinds) window.removeEventListener(k, active);
      document.removeEventListener("visibilitychange", look);
      window.clearInterval(timer);
      bus.close();
      channel.current = null;
    };
  }, [mark]);

  const stay = useCallback(() => {
    told.current = 0;
    mark(true);
  }, [mark]);
  return { idle, stay };
}
