import { useState, type ReactNode } from "react";
import type { TLP } from "../../protocol/types";
import { Watermark } from "../../ui/Watermark";
import { useTimeline } from "./context";

/** What is TLP:RED bears its reader's name; all else is as it is. */
export function Marked({ tlp, children }: { tlp: TLP | null | undefined; children: ReactNode }) {
  const { facts, organisation, skew } = useTimeline();
  const [at] = useState(() => new Date(Date.now() + skew));
  if (tlp !== "TLP:RED") return children;
  return (
    <Watermark name={facts.members.find((m) => m.number === facts.you)?.name ?? `M-${facts.you}`} organisation={organisation} at={at}>
      {children}
    </Watermark>
  );
}
