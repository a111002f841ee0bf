// Times as the product shows them: 24-hour, always with the zone they are in
// (Europe/London: BST or GMT), and UTC beside them for whoever asks.

const zone = "Europe/London";
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exact = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "long", day: "numeric", month: "long", year: "numeric" });
const date = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "long", year: "numeric" });
const shortDate = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short" });
const key = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
const named = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "short" });

/** A moment: RFC 3339 text or a Date. */
export type Moment = string | Date;

const at = (m: Moment): Date => (typeof m === "string" ? new Date(m) : m);

/** The zone's name at that moment: "BST" or "GMT". */
export function zoneAt(m: Moment): string {
  const name = named.formatToParts(at(m)).find((p) => p.type === "timeZoneName")?.value;
  return name === "GMT+1" ? "BST" : (name ?? "GMT");
}

/** "16:10". Only where the zone stands beside it. */
export const hours = (m: Moment): string => clock.format(at(m));

/** "16:10 BST". */
export const timeOfDay = (m: Moment): string => `${hours(m)} ${zoneAt(m)}`;

/** "16:10:07 BST", where seconds count. */
export const timeToSecond = (m: Moment): string => `${exact.format(at(m))} ${zoneAt(m)}`;

/** "Friday 12 May 2017". */
export const longDay = (m: Moment): string => day.format(at(m)).replace(",", "");

/** "12 May 2017". */
export const plainDate = (m: Moment): string => date.format(at(m));

/** "12 May 2017, 16:10 BST". */
export const dateAndTime = (m: Moment): string => `${plainDate(m)}, ${timeOfDay(m)}`;

/** "12 May 2017, 16:10:07 BST". */
export const dateAndSecond = (m: Moment): string => `${plainDate(m)}, ${timeToSecond(m)}`;

/** "2017-05-12": the London calendar day, for comparing. */
export const dayKey = (m: Moment): string => key.format(at(m));

/** "16:10 BST" today, "12 May, 16:10 BST" on another day of `now`'s year or "12 May 2017, 16:10 BST" on an older one. */
export function shortMoment(m: Moment, now: Moment): string {
  if (dayKey(m) === dayKey(now)) return timeOfDay(m);
  if (dayKey(m).slice(0, 4) === dayKey(now).slice(0, 4)) return `${shortDate.format(at(m))}, ${timeOfDay(m)}`;
  return dateAndTime(m);
}

/** "2017-05-12 15:10:00 UTC", for title attributes. */
export const utc = (m: Moment): string => `${at(m).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/**
 * London wall-clock time ("2017-05-12", "16:10") as RFC 3339 in UTC; null when
 * it is no time. In the hour that occurs twice in October the first is meant.
 */
export function fromLondon(calendarDay: string, wall: string): string | null {
  const guess = new Date(`${calendarDay}T${wall}:00Z`);
  if (Number.isNaN(guess.getTime())) return null;
  for (const offset of [60, 0]) {
    const candidate = new Date(guess.getTime() - offset * 60_000);
    if (dayKey(candidate) === calendarDay && hours(candidate) === wall) return candidate.toISOString();
  }
  return new Date(guess.getTime()).toISOString();
}

/** A time of day as it is typed: "1610", "16:10", and "~1610" for about; null when it is none. */
export function parseWall(typed: string): { time: string; about: boolean } | null {
  const m = /^(~?)\s*([01]?\d|2[0-3])[:.]?([0-5]\d)$/.exec(typed.trim());
  return m ? { time: `${(m[2] ?? "").padStart(2, "0")}:${m[3] ?? ""}`, about: m[1] === "~" } : null;
}

const aDay = 86_400_000;
const near = (wall: string, now: number, days: number): string | null => fromLondon(dayKey(new Date(now + days * aDay)), wall);

/** The last time it was that time of day: of today, else of yesterday. now in milliseconds; a minute's grace for slow clocks. */
export function lastAt(wall: string, now: number): string | null {
  const today = near(wall, now, 0);
  return today && Date.parse(today) > now + 60_000 ? near(wall, now, -1) : today;
}

/** The next time it will be that time of day. */
export function nextAt(wall: string, now: number): string | null {
  const today = near(wall, now, 0);
  return today && Date.parse(today) <= now ? near(wall, now, 1) : today;
}

/** "2 hours 5 minutes", "12 minutes", "less than a minute". */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "less than a minute";
  const h = Math.floor(minutes / 60);
  const m = minutes % 60;
  const part = (n: number, unit: string) => (n === 0 ? "" : `${n} ${unit}${n === 1 ? "" : "s"}`);
  return [part(h, "hour"), part(m, "minute")].filter(Boolean).join(" ");
}
