import { useEffect, useRef, useState } from "react";
import type { Row } from "../room/row";
import { useAnnounce } from "../ui/Announcer";
import { announcement, loudnesses, type Loudness } from "./announcements";

const burst = 1_500; // entries that come within this many milliseconds are one announcement
const where = "wardroom.announce"; // a preference, no content

const kept = (): Loudness => loudnesses.find((l) => l.value === localStorage.getItem(where))?.value ?? "mentions";
const last = (r: Row): number => ("to" in r ? r.to : "seq" in r ? r.seq : 0);

/** Tells a screen reader of new entries, bursts as one sentence. */
export function useAnnouncements(rows: readonly Row[], head: number) {
  const announce = useAnnounce();
  const [loudness, setLoudness] = useState<Loudness>(kept);
  const from = useRef(0);
  useEffect(() => {
    if (rows.length === 0) return;
    if (from.current === 0) {
      from.current = head;
      return;
    }
    if (head <= from.current) return;
    const timer = window.setTimeout(() => {
      const fresh = rows.filter((r) => r.type === "entry" && last(r) > from.current);
      from.current = head;
      const sentence = announcement(fresh, loudness);
      if (sentence) announce(sentence);
    }, burst);
    return () => window.clearTimeout(timer);
  }, [rows, head, loudness, announce]);
  return {
    loudness,
    setLoudness: (l: Loudness) => {
      localStorage.setItem(where, l);
      setLoudness(l);
    },
  };
}
