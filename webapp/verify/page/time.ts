// Times: as the people in the room saw them (London), and in UTC.

const london = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
});
const utcClock = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const utcDay = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });

/** An instant as the record writes it, RFC 3339 in UTC; null for anything else. */
export function instant(s: unknown): Date | null {
  if (typeof s !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(s)) return null;
  const t = new Date(s);
  return Number.isNaN(t.getTime()) ? null : t;
}

/** "12 May 2026, 16:10:00 BST (15:10:00 UTC)". */
export function moment(t: Date): string {
  const parts = Object.fromEntries(london.formatToParts(t).map((p) => [p.type, p.value]));
  const zone = parts["timeZoneName"] === "BST" ? "BST" : "GMT";
  const local = `${parts["day"]} ${parts["month"]} ${parts["year"]}, ${parts["hour"]}:${parts["minute"]}:${parts["second"]} ${zone}`;
  if (zone === "GMT") return `${local} (the same in UTC)`;
  const day = utcDay.format(t) === `${parts["day"]} ${parts["month"]} ${parts["year"]}` ? "" : `${utcDay.format(t)}, `;
  return `${local} (${day}${utcClock.format(t)} UTC)`;
}

/** "16:10:00", by London's clock. */
export function clock(t: Date): string {
  const parts = Object.fromEntries(london.formatToParts(t).map((p) => [p.type, p.value]));
  return `${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
}
