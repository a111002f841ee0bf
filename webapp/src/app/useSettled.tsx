import { useEffect, useState } from "react";

/** A value once it has stood for so many milliseconds: what is typed is asked for when its writer pauses. */
export function useSettled<T>(value: T, after: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}
