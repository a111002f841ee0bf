// Statutory clocks: the fold of one, what is next, and what a room's store asks
// the server about them. They run by real time, in exercises too.
import type { Api } from "../protocol/api";
import type { ClockDraft, ClockEvidence, ClockSaid, ClockState, MinistersDraft, Statute, Via } from "../protocol/statutory";
import type { Overriding } from "../protocol/rest";
import type { By, Instant, Key, MemberNo, OrgID, RoomID, Seq, VisibleEntry } from "../protocol/types";

/** Something that happened to it. */
export interface ClockStep {
  readonly seq: Seq;
  readonly by: By;
  readonly at: Instant;
  readonly what: "started" | "handed" | "corrected" | "evidenced" | "withdrawn" | "reminded" | "chased";
  /** What was known, the reason or the note; "" for none. */
  readonly said: string;
  readonly via: Via | null;
  /** Who sees to it from then on; 0: whoever speaks for the organisation. */
  readonly owner: MemberNo | null;
  /** The time of awareness from then on. */
  readonly aware: Instant | null;
  /** Minutes since the time of awareness, of a reminder. */
  readonly after: number;
  readonly overdue: boolean;
  readonly cites: readonly Seq[];
}
export interface StatutoryClock {
  readonly noun: "clock";
  readonly state: ClockState;
  readonly statute: Statute;
  readonly settled: Seq;
  readonly by: By;
  readonly org: OrgID;
  /** 0: whoever speaks for the organisation. */
  readonly owner: MemberNo;
  readonly aware: Instant;
  /** null: without undue delay, and no limit. */
  readonly due: Instant | null;
  readonly known: string;
  /** The entry it begins with. */
  readonly start: Seq | null;
  /** Its number in the section before. */
  readonly before: Seq | null;
  readonly started: Instant;
  /** The last reminder of this time of awareness. */
  readonly reminded: { readonly after: number; readonly overdue: boolean } | null;
  readonly done: { readonly at: Instant; readonly late: number; readonly reference: string; readonly note: string } | null;
  readonly steps: readonly ClockStep[];
}

/** Folds a clock's events, its root first; null while its root is not readable here. */
export function foldStatutory(events: readonly VisibleEntry[]): StatutoryClock | null {
  let c: StatutoryClock | null = null;
  for (const e of events) c = next(c, e);
  return c;
}

function next(c: StatutoryClock | null, entry: VisibleEntry): StatutoryClock | null {
  const e = entry.form === "open" && !entry.unknown ? entry : null;
  const did = (what: ClockStep["what"], more: Partial<ClockStep> = {}): ClockStep => ({
    seq: entry.seq, by: entry.by, at: entry.times.recorded, what, said: "", via: null, owner: null, aware: null, after: 0, overdue: false, cites: e?.refs.cites ?? [], ...more,
  });
  if (e?.kind === "clock.started") {
    const { aware, before, due, known, org, owner, start, statute, via } = e.body;
    return {
      noun: "clock", state: "running", statute, settled: e.seq, by: e.by, org, owner: owner ?? 0, aware, due: due ?? null, known: known ?? "", start: start ?? null, before: before ?? null,
      started: e.times.recorded, reminded: null, done: null, steps: [did("started", { said: known ?? "", via: via ?? null })],
    };
  }
  if (!c) return null;
  const then = (s: ClockStep, more: Partial<StatutoryClock> = {}): StatutoryClock => ({ ...c, ...more, steps: [...c.steps, s] });
  const settled = entry.seq;
  switch (entry.kind) {
    case "clock.handed": {
      const body = e?.kind === "clock.handed" ? e.body : {};
      return then(did("handed", { said: body.reason ?? "", via: body.via ?? null, owner: body.owner ?? 0 }), { settled, owner: body.owner ?? 0 });
    }
    case "clock.corrected":
      if (e?.kind !== "clock.corrected") return then(did("corrected"), { settled });
      return then(did("corrected", { said: e.body.reason, via: e.body.via ?? null, aware: e.body.aware }), { settled, aware: e.body.aware, due: e.body.due ?? null, reminded: null });
    case "clock.evidenced": {
      const body = e?.kind === "clock.evidenced" ? e.body : null;
      const done = { at: body?.done ?? entry.times.recorded, late: body?.late ?? 0, reference: body?.reference ?? "", note: body?.note ?? "" };
      return then(did("evidenced", { said: done.note, via: body?.via ?? null }), { settled, state: "evidenced", done });
    }
    case "clock.withdrawn": {
      const body = e?.kind === "clock.withdrawn" ? e.body : null;
      return then(did("withdrawn", { said: body?.reason ?? "", via: body?.via ?? null }), { settled, state: "withdrawn" });
    }
    case "clock.reminded": {
      const body = e?.kind === "clock.reminded" ? e.body : null;
      const reminded = { after: body?.after ?? 0, overdue: body?.overdue ?? false };
      return then(did("reminded", reminded), { reminded });
    }
    case "clock.chased":
      return then(did("chased", { said: (e?.kind === "clock.chased" ? e.body.text : "") ?? "" }));
    default:
      return c;
  }
}

/** Whether its limit has passed while it runs, at a real moment in milliseconds; what is due at once is overdue from the start. */
export const overdue = (c: StatutoryClock, now: number): boolean => c.state === "running" && c.due !== null && (c.due === c.aware || Date.parse(c.due) <= now);

/** Those that run, what is due first before the others; what has no limit last. */
export function byDue(list: readonly StatutoryClock[]): readonly StatutoryClock[] {
  const at = (c: StatutoryClock) => (c.due === null ? Number.MAX_SAFE_INTEGER : Date.parse(c.due));
  return list.filter((c) => c.state === "running").toSorted((a, b) => at(a) - at(b) || Date.parse(a.aware) - Date.parse(b.aware));
}

const hours: Record<Statute, number | null> = { gdpr_33: 72, gdpr_34: null, nis: 72, ndg_management: 12, ndg_told: 0, bill_24: 24, bill_72: 72 };

/** How many hours there are from the time of awareness; null where the law names none. */
export const hoursOf = (s: Statute): number | null => hours[s];

/** Whether whoever is told gives a reference for it. */
export const hasRegulator = (s: Statute): boolean => s === "gdpr_33" || s === "nis" || s === "bill_24" || s === "bill_72";

export const statutoryActs = (api: Api, room: RoomID) => ({
  startClock: (c: ClockDraft, key?: Key) => api.startClock(room, c, key),
  correctClock: (root: Seq, c: ClockSaid & { readonly aware: Instant; readonly reason: string }, key?: Key) => api.onClock(room, root, "correct", c, key),
  handClock: (root: Seq, c: ClockSaid & { readonly owner: MemberNo; readonly reason?: string }, key?: Key) => api.onClock(room, root, "hand", c, key),
  evidenceClock: (root: Seq, c: ClockEvidence, key?: Key) => api.onClock(room, root, "evidence", c, key),
  withdrawClock: (root: Seq, c: ClockSaid & { readonly reason: string }, key?: Key) => api.onClock(room, root, "withdraw", c, key),
  chaseClock: (root: Seq, text: string, by: Overriding = {}, key?: Key) => api.onClock(room, root, "chase", { ...(text === "" ? {} : { text }), ...by }, key),
  briefMinisters: (m: MinistersDraft, key?: Key) => api.briefMinisters(room, m, key),
});
