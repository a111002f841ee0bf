/** The tab's title: the count of what is new, the room and its mode in words. */
export function pageTitle(page: string, unread: number, room: { reference: string; mode: "incident" | "exercise" } | null): string {
  const count = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ` : "";
  const where = room ? `${room.mode === "exercise" ? "EXERCISE " : ""}${room.reference}` : "";
  return `${count}${[where, page, "Wardroom"].filter(Boolean).join(" – ")}`;
}
