import { useEffect, useState } from "react";

/** The time, moved on every half minute. skew: the server's time less this device's, in milliseconds. */
export function useNow(skew = 0): Date {
  const [now, setNow] = useState(() => new Date(Date.now() + skew));
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date(Date.now() + skew)), 30_000);
    return () => window.clearInterval(timer);
  }, [skew]);
  return now;
}
