import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from "react";

/** Says a sentence to screen readers without moving the focus. */
export type Announce = (sentence: string) => void;

const Context = createContext<Announce>(() => {});

/** The function that speaks; outside a provider it is silent. */
export const useAnnounce = (): Announce => use(Context);

/** Holds the page's one polite live region. Saying the same thing twice is heard twice. */
export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ n: number; text: string }>({ n: 0, text: "" });
  const n = useRef(0);
  const announce = useCallback<Announce>((text) => {
    n.current += 1;
    setSaid({ n: n.current, text });
  }, []);
  const region = useMemo(() => <span key={said.n}>{said.text}</span>, [said]);
  return (
    <Context value={announce}>
      {children}
      <div className="unseen" aria-live="polite" role="status">
        {region}
      </div>
    </Context>
  );
}
