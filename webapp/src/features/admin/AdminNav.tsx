import type { ReactNode } from "react";

const parts = [
  ["organisations", "Organisations"],
  ["import", "Import organisations"],
  ["people", "People"],
  ["issuers", "Sign-in services"],
  ["tokens", "Service tokens"],
  ["sessions", "Sessions"],
  ["log", "System log"],
  ["deployment", "Deployment"],
] as const;

export type AdminPart = (typeof parts)[number][0];
export const isAdminPart = (s: string): s is AdminPart => parts.some(([k]) => k === s);

/** The frame of administration: its parts, and what it cannot do. */
export function AdminFrame({ part, children }: { part: AdminPart; children: ReactNode }) {
  return (
    <div className="admin">
      <nav className="admin__nav" aria-label="Administration">
        <p className="side-heading">Administration</p>
        <ul>
          {parts.map(([k, label]) => (
            <li key={k}>
              <a href={`/admin/${k}`} aria-current={k === part ? "page" : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
        <p className="admin__note">Administrators see no room, title or member. Every change here is an entry of the system log.</p>
      </nav>
      <div className="admin__main">
        <h1>{parts.find(([k]) => k === part)?.[1]}</h1>
        {children}
      </div>
    </div>
  );
}
