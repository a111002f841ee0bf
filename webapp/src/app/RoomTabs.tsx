import { Icon, type IconName } from "../ui/Icon";
import { plural } from "../ui/words";

export type Pane = "log" | "brief" | "people" | "more";

const tabs: readonly { pane: Pane; label: string; icon: IconName; path: string }[] = [
  { pane: "log", label: "Log", icon: "log", path: "" },
  { pane: "brief", label: "Brief", icon: "brief", path: "/brief" },
  { pane: "people", label: "People", icon: "people", path: "/people" },
  { pane: "more", label: "More", icon: "more", path: "/more" },
];

/** The bottom bar of a room on a phone. */
export function RoomTabs({ home, pane, unread, waiting }: { home: string; pane: Pane; unread: number; waiting: number }) {
  const mark = (p: Pane): string => (p === "log" && pane !== "log" && unread > 0 ? plural(unread, "new entry", "new entries") : p === "people" && waiting > 0 ? `${waiting} waiting` : "");
  return (
    <nav className="tabs" aria-label="Parts of this room">
      {tabs.map((t) => (
        <a key={t.pane} href={`${home}${t.path}`} className="tabs__tab" aria-current={t.pane === pane ? "page" : undefined}>
          <Icon name={t.icon} size={22} />
          <span>{t.label}</span>
          {mark(t.pane) === "" ? null : (
            <span className="tabs__mark">
              <span className="unseen">{mark(t.pane)}</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
