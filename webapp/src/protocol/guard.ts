// Guards for what comes in over the wire. A guard answers whether a value has
// a shape; it never changes the value, so what is read is what was sent.

export type Guard<T> = (value: unknown) => value is T;
/** The type a guard establishes. */
export type Guarded<G> = G extends Guard<infer T> ? T : never;

export const text: Guard<string> = (v): v is string => typeof v === "string";
export const flag: Guard<boolean> = (v): v is boolean => typeof v === "boolean";
/** A whole number from 0 to 2^53 − 1: sequence numbers, counts, member numbers. */
export const count: Guard<number> = (v): v is number => typeof v === "number" && Number.isSafeInteger(v) && v >= 0;

export function isRecord(v: unknown): v is Record<string, unknown> {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

export function oneOf<T extends string>(...values: readonly T[]): Guard<T> {
  return (v): v is T => typeof v === "string" && (values as readonly string[]).includes(v);
}

export function listOf<T>(guard: Guard<T>): Guard<readonly T[]> {
  return (v): v is readonly T[] => Array.isArray(v) && v.every(guard);
}

export function maybe<T>(guard: Guard<T>): Guard<T | undefined> {
  return (v): v is T | undefined => v === undefined || guard(v);
}

export function nullable<T>(guard: Guard<T>): Guard<T | null> {
  return (v): v is T | null => v === null || guard(v);
}

/**
 * A record whose named fields pass their guards. Further fields are let
 * through: a newer server may say more than this version reads.
 */
export function shape<T extends Record<string, Guard<unknown>>>(fields: T): Guard<{ [K in keyof T]: Guarded<T[K]> }> {
  const entries = Object.entries(fields);
  return (v): v is { [K in keyof T]: Guarded<T[K]> } => isRecord(v) && entries.every(([name, guard]) => guard(v[name]));
}

/** What arrived does not have the shape the contract gives it. It says where, never what. */
export class Malformed extends Error {
  constructor(what: string) {
    super(`malformed ${what}`);
    this.name = "Malformed";
  }
}

/** Returns value as T, or throws Malformed naming what it was meant to be. */
export function expect<T>(guard: Guard<T>, value: unknown, what: string): T {
  if (guard(value)) return value;
  throw new Malformed(what);
}
