import type { ReactNode } from "react";
import { type Asked, deskHref, type Part } from "./url";
import { partNames } from "./words";

type Props = { part: Part; asked: Asked; head: ReactNode; children: ReactNode };

const shown = ["timeline", "known", "gaps", "chart", "access", "search"] as const;

/** The desk's parts, and the one that is open. What was chosen of rooms goes along. */
export function DeskFrame({ part, asked, head, children }: Props) {
  const along: Asked = { ...(asked.rooms ? { rooms: asked.rooms } : {}), ...(asked.room ? { room: asked.room } : {}) };
  return (
    <div className="desk">
      <header className="desk__head">
        <h1>Auditor’s desk</h1>
        <nav className="desk__nav" aria-label="Parts of the desk">
          <ul>
            {shown.map((p) => (
              <li key={p}>
                <a href={deskHref(p, along)} aria-current={p === part ? "page" : undefined}>
                  {partNames[p]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      {head}
      {children}
    </div>
  );
}
