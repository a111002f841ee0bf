// How often a room meets, reports and tells: the twin of the server's
// incident/cadence.go.
import { type Beat, type CadenceFacts, type Rhythm, rhythms } from "../protocol/cadence";
import type { Facts, Instant, KnownEntry, Scale } from "../protocol/types";
import { counts, operating } from "./severity";

type CadenceEntry = Extract<KnownEntry, { kind: `cadence.${string}` }>;

const minute = 60_000;
const shortOf = 10 * minute;
/** Minutes between two, by the NHS level: 1 to 4. */
const demands: Readonly<Record<Rhythm, readonly [number, number, number, number]>> = { meeting: [1440, 480, 240, 120], sitrep: [1440, 480, 240, 120], update: [1440, 360, 180, 120] };
/** The NHS level at which the same people meet as in an NCSC category. */
const levelOf: readonly number[] = [4, 3, 3, 2, 1, 1];

/** How many minutes a grade leaves between two of a rhythm. */
export function demandOf(scale: Scale, n: number, of: Rhythm): number {
  const level = scale === "ncsc_category" ? (levelOf[n - 1] ?? 0) : n;
  return demands[of][level - 1] ?? 0;
}

/** How many minutes the severities that stand leave between two; 0: none stands. */
export function demanded(facts: Facts, of: Rhythm): number {
  const all = (["nhs_level", "ncsc_category"] as const).flatMap((scale) => {
    const a = operating(facts, scale);
    const n = a ? demandOf(scale, counts(scale, a.grade), of) : 0;
    return n > 0 ? [n] : [];
  });
  return all.length === 0 ? 0 : Math.min(...all);
}

/** How many minutes lie between two as the room stands; 0 for none. */
export function every(facts: Facts, of: Rhythm): number {
  if (facts.room.cell || !["open", "responding", "recovering"].includes(facts.room.lifecycle)) return 0;
  const n = demanded(facts, of);
  const set = facts.cadence.set?.[of];
  if (!set || set.minutes === 0) return n;
  if (n === 0 || (set.demanded !== 0 && n >= set.demanded)) return set.minutes;
  return Math.min(n, set.minutes);
}

const at = (ms: number): Instant => new Date(ms).toISOString();
const still: Beat = { due: null, every: 0, from: null, kept: null, missed: null, moved: null, putOff: false, snoozed: 0 };

function kept(b: Beat, now: Instant): Beat {
  const next = { ...still, every: b.every, kept: now };
  if (b.every === 0) return next;
  const near = b.due !== null && Math.abs(Date.parse(now) - Date.parse(b.due)) <= (b.every * minute) / 4;
  const from = near && b.due !== null ? b.due : now;
  return { ...next, from, due: at(Date.parse(from) + b.every * minute) };
}

function missed(b: Beat, due: Instant, now: Instant): Beat {
  if (b.every === 0) return b;
  const step = b.every * minute;
  const from = Date.parse(due) + Math.floor(Math.max(0, Date.parse(now) - Date.parse(due)) / step) * step;
  return { ...b, from: at(from), due: at(from + step), moved: null, putOff: false, missed: b.missed ?? due };
}

function paced(b: Beat, minutes: number, now: Instant): Beat {
  if (minutes === b.every) return b;
  if (minutes === 0) return { ...still, kept: b.kept };
  const time = Date.parse(now);
  if (b.every === 0 || b.from === null || b.due === null) return { ...b, every: minutes, from: now, due: at(time + minutes * minute) };
  const [due, old] = [Date.parse(b.from) + minutes * minute, Date.parse(b.due)];
  if (minutes > b.every) return due > old ? { ...b, every: minutes, due: at(due), moved: null } : { ...b, every: minutes };
  const next = Math.max(due, time + shortOf);
  return next < old ? { ...b, every: minutes, due: at(next), moved: now } : { ...b, every: minutes };
}

/** The facts once each rhythm has the interval that the room asks for now. */
export function retimed(facts: Facts, now: Instant): Facts {
  const next = Object.fromEntries(rhythms.map((of) => [of, paced(facts.cadence[of], every(facts, of), now)])) as Record<Rhythm, Beat>;
  return rhythms.every((of) => next[of] === facts.cadence[of]) ? facts : { ...facts, cadence: { ...facts.cadence, ...next } };
}

/** The facts after an entry about a rhythm. */
export function foldCadence(facts: Facts, e: CadenceEntry): Facts {
  const now = e.times.recorded;
  const c = facts.cadence;
  const change = (part: Partial<CadenceFacts>): Facts => retimed({ ...facts, cadence: { ...c, ...part } }, now);
  switch (e.kind) {
    case "cadence.set": {
      const of = (r: Rhythm) => ({ minutes: e.body[r] ?? 0, demanded: demanded(facts, r) });
      return change({ set: { seq: e.seq, meeting: of("meeting"), sitrep: of("sitrep"), update: of("update") } });
    }
    case "cadence.kept":
      return change({ [e.body.what]: kept(c[e.body.what], now) });
    case "cadence.missed":
      return change({ [e.body.what]: missed(c[e.body.what], e.body.due, now) });
    case "cadence.put_off":
      return change({ meeting: { ...c.meeting, due: e.body.until, putOff: true } });
    case "cadence.snoozed":
      return change({ update: { ...c.update, due: e.body.until, snoozed: c.update.snoozed + 1 } });
  }
}

/** Since when one is late, and still is: its time has passed, or was missed and none came since. */
export function lateSince(b: Beat, now: number): Instant | null {
  if (b.missed) return b.missed;
  return b.due !== null && Date.parse(b.due) <= now ? b.due : null;
}
