// Who decides what, and who is on call: what the hosts keep for all rooms.
import type { Condition, Way } from "./escalation";
import { conditions, ways } from "./escalation";
import { count, flag, type Guard, isRecord, listOf, maybe, nullable, oneOf, shape, text } from "./guard";
import type { Instant, OrgID, PersonID, Scale, Tier } from "./types";

const tierNames = ["operational", "tactical", "strategic"] as const;

/** Where an escalation of a condition goes, from a grade on. No scale: whatever the severity. */
export interface MatrixRow {
  readonly atLeast?: number;
  readonly condition: Condition;
  readonly factor?: boolean;
  readonly minutes: number;
  readonly rota?: OrgID;
  readonly scale?: Scale;
  readonly tier: Tier;
  readonly twoKey?: boolean;
}
export interface Matrix {
  /** 0: the one built in. */
  readonly version: number;
  readonly at: Instant | null;
  readonly by: string;
  readonly rows: readonly MatrixRow[];
}
export interface Simulation {
  readonly rows?: readonly MatrixRow[];
  readonly scale?: Scale;
  readonly grade?: number;
  readonly condition: Condition;
  readonly at: Instant;
}
export interface Simulated {
  readonly tier: Tier;
  readonly twoKey: boolean;
  readonly factor: boolean;
  readonly asked: readonly { readonly person: PersonID; readonly name: string; readonly org: OrgID; readonly tier: Tier; readonly way: Way; readonly at: Instant }[];
  readonly silent: Instant;
}
export interface Shift {
  readonly person: PersonID;
  readonly from: Instant;
  readonly until: Instant;
  readonly seniority: number;
}
export interface Rota {
  readonly org: OrgID;
  readonly tier: Tier;
  readonly version: number;
  readonly shifts: readonly Shift[];
}
export interface Rotas {
  readonly rotas: readonly Rota[];
  readonly people: Readonly<Record<PersonID, string>>;
}

const row = shape({ atLeast: maybe(count), condition: oneOf(...conditions), factor: maybe(flag), minutes: count, rota: maybe(text), scale: maybe(oneOf("nhs_level", "ncsc_category")), tier: oneOf(...tierNames), twoKey: maybe(flag) });
export const isMatrix = shape({ version: count, at: nullable(text), by: text, rows: listOf(row) });
export const isSimulated = shape({ tier: oneOf(...tierNames), twoKey: flag, factor: flag, silent: text, asked: listOf(shape({ person: text, name: text, org: text, tier: oneOf(...tierNames), way: oneOf(...ways), at: text })) });
const shift = shape({ person: text, from: text, until: text, seniority: count });
export const isRotas: Guard<unknown> = shape({ rotas: listOf(shape({ org: text, tier: oneOf(...tierNames), version: count, shifts: listOf(shift) })), people: isRecord });
