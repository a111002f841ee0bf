import { Icon, type IconName } from "../ui/Icon";
import { plural } from "../ui/words";

export const boardPanes = ["intel", "decisions", "actions", "escalations", "clocks", "severity", "books", "exports", "meetings", "handovers", "broadcasts"] as const;
/** What of the record, or of intelligence, is shown in place of the log. */
export type BoardPane = (typeof boardPanes)[number];
export type Pane = "log" | "brief" | "people" | "more" | BoardPane;

export const isBoard = (pane: Pane): pane is BoardPane => (boardPanes as readonly string[]).includes(pane);

const tabs: readonly { pane: Exclude<Pane, BoardPane> | "record"; label: string; icon: IconName; path: string }[] = [
  { pane: "log", label: "Log", icon: "log", path: "" },
  { pane: "record", label: "Record", icon: "record", path: "/decisions" },
  { pane: "brief", label: "Brief", icon: "brief", path: "/brief" },
  { pane: "people", label: "People", icon: "people", path: "/people" },
  { pane: "more", label: "More", icon: "more", path: "/more" },
];

/** The bottom bar of a room on a phone. */
export function RoomTabs({ home, pane, unread, waiting, needs }: { home: string; pane: Pane; unread: number; waiting: number; needs: number }) {
  const mark = (p: (typeof tabs)[number]["pane"]): string => {
    if (p === "log" && pane !== "log" && unread > 0) return plural(unread, "new entry", "new entries");
    if (p === "people" && waiting > 0) return `${waiting} waiting`;
    return p === "record" && needs > 0 ? `${needs} waiting for you` : "";
  };
  return (
    <nav className="tabs" aria-label="Parts of this room">
      {tabs.map((t) => (
        <a key={t.pane} href={`${home}${t.path}`} className="tabs__tab" aria-current={t.pane === pane || (t.pane === "record" && isBoard(pane)) ? "page" : undefined}>
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

const views: readonly { pane: "log" | BoardPane; label: string }[] = [
  { pane: "log", label: "Log" },
  { pane: "intel", label: "Intelligence" },
  { pane: "decisions", label: "Decisions" },
  { pane: "actions", label: "Actions" },
  { pane: "escalations", label: "Escalations" },
  { pane: "clocks", label: "Clocks" },
  { pane: "meetings", label: "Meetings" },
  { pane: "handovers", label: "Handover" },
  { pane: "broadcasts", label: "To organisations" },
  { pane: "severity", label: "Severity" },
  { pane: "books", label: "Loggists’ logs" },
];

/** What stands in the middle: the log, or a board of the record. */
export function RecordTabs({ home, pane, hidden }: { home: string; pane: Pane; /** What there is not for this reader. */ hidden: readonly Pane[] }) {
  const current = isBoard(pane) ? pane : "log";
  return (
    <nav className="views" aria-label="The log and the record">
      {views.filter((v) => !hidden.includes(v.pane)).map((v) => (
        <a key={v.pane} href={v.pane === "log" ? home : `${home}/${v.pane}`} className="views__one" aria-current={v.pane === current ? "page" : undefined}>
          {v.label}
        </a>
      ))}
    </nav>
  );
}
