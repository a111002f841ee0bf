import type { ReactNode } from "react";
import type { Session } from "../protocol/rest";
import { cx } from "../ui/cx";
import { Icon } from "../ui/Icon";
import { Menu, type MenuItem } from "../ui/Menu";
import { ModeStripe, ModeWord, type RoomMode } from "../ui/ModeStripe";
import { Strips } from "./Strips";

export type RoomHead = { reference: string; title: string; mode: RoomMode };

type Props = {
  session: Session | null;
  room: RoomHead | null;
  banner?: ReactNode;
  /** A room fills the screen and its parts scroll; a page of it scrolls as a whole. */
  fills?: boolean;
  onSignOut?: (() => void) | undefined;
  go: (href: string) => void;
  children: ReactNode;
};

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" focusable="false">
      <rect x="1" y="1" width="20" height="20" rx="3" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M6 1v20M9.5 7.5h7M9.5 11h7M9.5 14.5h4.5" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}

function Account({ session, onSignOut, go }: { session: Session; onSignOut: () => void; go: (href: string) => void }) {
  const items: MenuItem[] = [
    ...(session.orgs.length > 0 ? [{ key: "alerts", label: "Alerts", onSelect: () => go("/alerts") }] : []),
    ...(session.orgs.length > 0 ? [{ key: "directory", label: "Directory", onSelect: () => go("/directory") }] : []),
    ...(session.orgs.length > 0 ? [{ key: "report", label: "Report an incident", onSelect: () => go("/reports/new") }] : []),
    ...(session.host ? [{ key: "reports", label: "Reports", onSelect: () => go("/reports") }] : []),
    { key: "reach", label: "How you are reached", onSelect: () => go("/reach") },
    { key: "sessions", label: "My sessions", onSelect: () => go("/sessions") },
    ...(session.host ? [{ key: "matrix", label: "Who decides what", onSelect: () => go("/who-decides") }] : []),
    ...(session.host ? [{ key: "coming", label: "Who is let in", onSelect: () => go("/coming-in") }] : []),
    ...(session.admin ? [{ key: "admin", label: "Administration", onSelect: () => go("/admin/organisations") }] : []),
    { key: "out", label: "Sign out", onSelect: onSignOut },
  ];
  return (
    <Menu
      label={`${session.person.name}: my account`}
      className="header__button header__button--icon-only-on-phone"
      trigger={
        <>
          <Icon name="person" />
          <span>{session.person.name}</span>
        </>
      }
      items={items}
    />
  );
}

/** Header, mode, connection, page, footer: the same on every screen. */
export function Shell({ session, room, banner, fills = false, onSignOut, go, children }: Props) {
  return (
    <div className={cx("shell", room && "shell--in-room", fills && "shell--room")}>
      <a href="#main" className="nhsuk-skip-link">
        Skip to the page
      </a>
      <header className="header">
        <a href="/" className="header__name" aria-label="Wardroom: my rooms">
          <Mark />
          <span>Wardroom</span>
        </a>
        {room ? (
          <div className="header__room">
            <span className="header__reference">
              <ModeWord mode={room.mode} /> <span className="tabular">{room.reference}</span>
            </span>
            <h1 className="header__title">{room.title}</h1>
          </div>
        ) : null}
        {session && onSignOut ? (
          <div className="header__end">
            <Account session={session} onSignOut={onSignOut} go={go} />
          </div>
        ) : null}
      </header>
      {room ? <ModeStripe mode={room.mode} /> : null}
      {session && onSignOut ? <Strips session={session} /> : null}
      {banner}
      <main id="main" className="shell__main" tabIndex={-1}>
        {children}
      </main>
      <footer className="footer">
        <div className="footer__inner">
          <strong>Up to OFFICIAL-SENSITIVE. No patient data.</strong>
          <span className="footer__more">Times are London time (BST or GMT).</span>
        </div>
      </footer>
    </div>
  );
}
