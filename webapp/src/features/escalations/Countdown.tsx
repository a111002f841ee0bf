import { useEffect, useRef, useState } from "react";
import { threshold } from "../../room/escalation";
import { useAnnounce } from "../../ui/Announcer";
import { plural } from "../../ui/words";

/** "4 min 09 s". */
export function leftWords(ms: number): string {
  const s = Math.max(0, Math.ceil(ms / 1000));
  if (s === 0) return "no time";
  const m = Math.floor(s / 60);
  return m === 0 ? `${s} s` : m >= 60 ? `${Math.floor(m / 60)} h ${String(m % 60).padStart(2, "0")} min` : `${m} min ${String(s % 60).padStart(2, "0")} s`;
}

const spoken = (ms: number): string => (ms <= 0 ? "The time to answer is over" : ms < 60_000 ? `${plural(Math.ceil(ms / 1000), "second")} left to answer` : `${plural(Math.ceil(ms / 60_000), "minute")} left to answer`);

/**
 * How long is left, by the server's clock. Seen by the second, said aloud only
 * as it falls below five minutes, two, one, half a minute and nothing. skew:
 * the server's time less this device's.
 */
export function Countdown({ due, skew }: { due: string; skew: number }) {
  const say = useAnnounce();
  const [now, setNow] = useState(() => Date.now() + skew);
  const left = Date.parse(due) - now;
  const at = threshold(left);
  const said = useRef(at);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now() + skew), 1000);
    return () => window.clearInterval(timer);
  }, [skew]);
  useEffect(() => {
    if (said.current === at) return;
    said.current = at;
    say(spoken(Date.parse(due) - Date.now() - skew));
  }, [at, due, skew, say]);
  return (
    <span className="countdown" role="timer" aria-live="off">
      {leftWords(left)}
    </span>
  );
}
