import type { TimelineQuery } from "../../protocol/desk";
import type { RoomID, Seq } from "../../protocol/types";
import { labels } from "../../ui/label";
import { fromLondon } from "../../ui/time";

// What is looked at stands in the address: it can be sent, kept, and gone back
// to. Words that are searched for do not: an address is written down in many
// places.

export const parts = ["timeline", "known", "gaps", "chart", "access", "search", "history"] as const;
export type Part = (typeof parts)[number];

export const isPart = (text: string): text is Part => (parts as readonly string[]).includes(text);

/** The parameters of the desk's addresses, all plain text. */
export interface Asked {
  readonly rooms?: string;
  readonly room?: string;
  readonly kinds?: string;
  readonly person?: string;
  readonly org?: string;
  readonly label?: string;
  readonly from?: string;
  readonly to?: string;
  readonly by?: string;
  readonly order?: string;
  readonly member?: string;
  readonly at?: string;
  readonly entry?: string;
}
export const fields = ["rooms", "room", "kinds", "person", "org", "label", "from", "to", "by", "order", "member", "at", "entry"] as const satisfies readonly (keyof Asked)[];

/** An address of the desk; what is empty is left out. */
export function deskHref(part: Part, asked: Asked): string {
  const p = new URLSearchParams();
  for (const f of fields) {
    const v = asked[f];
    if (v !== undefined && v !== "") p.set(f, v);
  }
  const query = p.toString();
  return `/desk${part === "timeline" ? "" : `/${part}`}${query === "" ? "" : `?${query}`}`;
}

const split = (text: string | undefined): readonly string[] => (text === undefined || text === "" ? [] : text.split("."));

/** The rooms asked for, of those there are; all if none is named. */
export function roomsAsked(asked: Asked, all: readonly RoomID[]): readonly RoomID[] {
  const named = split(asked.rooms).filter((r) => all.includes(r as RoomID)) as RoomID[];
  return named.length > 0 ? named : all.slice(0, 20);
}

/** The one room asked for: by name, else the first of those chosen. */
export const roomAsked = (asked: Asked, all: readonly RoomID[]): RoomID | undefined => all.find((r) => r === asked.room) ?? roomsAsked(asked, all)[0];

/** "2026-05-12T16:10" of London as RFC 3339; null when it is no time. */
export function londonMoment(text: string | undefined): string | null {
  const m = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d))?/.exec(text ?? "");
  return m?.[1] ? fromLondon(m[1], m[2] ?? "00:00") : null;
}

export function timelineQuery(asked: Asked, all: readonly RoomID[]): TimelineQuery {
  return {
    rooms: roomsAsked(asked, all),
    kinds: split(asked.kinds),
    person: asked.person ?? "",
    org: asked.org ?? "",
    tlp: labels.find((l) => l === asked.label) ?? "",
    from: londonMoment(asked.from),
    to: londonMoment(asked.to),
    by: asked.by === "happened" ? "happened" : "recorded",
    order: asked.order === "newest" ? "newest" : "oldest",
  };
}

/** An entry's number as it is asked for; null when it is none. */
export function entryAsked(text: string | undefined): Seq | null {
  const n = Number(text ?? "");
  return Number.isSafeInteger(n) && n > 0 ? n : null;
}
