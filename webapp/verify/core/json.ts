// Canonical JSON: RFC 8785 without fractions. A line is read by the browser's
// own parser and written again in the one canonical way; what does not come
// back as it was is refused. That catches white space, order, doubled names,
// other escapes and other numbers at once.
import { utf8 } from "./bytes";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

const deepest = 100;

class NotCanonical extends Error {}

/** The value of canonical bytes, or null and why they are not canonical. */
export function canonical(b: Uint8Array): { readonly value: Json } | { readonly why: string } {
  const text = utf8(b);
  if (text === null) return { why: "not UTF-8" };
  try {
    const value = JSON.parse(text) as Json;
    return write(value, 0) === text ? { value } : { why: "not in canonical form" };
  } catch (e) {
    return { why: e instanceof NotCanonical ? e.message : "not JSON" };
  }
}

/** Canonical JSON of a value. */
export function encode(value: Json): string {
  return write(value, 0);
}

function write(value: Json, depth: number): string {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new NotCanonical("a number that is not a whole one below 2^53");
    return JSON.stringify(value);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (depth === deepest) throw new NotCanonical("nested too deeply");
  if (isList(value)) return `[${value.map((v) => write(v, depth + 1)).join(",")}]`;
  // Sorted by UTF-16 code units, which is how strings of this language compare.
  const names = Object.keys(value).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${names.map((name) => `${JSON.stringify(name)}:${write(value[name] ?? null, depth + 1)}`).join(",")}}`;
}

export function isList(v: Json | undefined): v is readonly Json[] {
  return Array.isArray(v);
}

export function isObject(v: Json | undefined): v is JsonObject {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

/** A member of the object itself, never of its prototype. */
export function member(o: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(o, name) ? o[name] : undefined;
}

/** A whole number from 0 on. */
export function isCount(v: Json | undefined): v is number {
  return typeof v === "number" && Number.isSafeInteger(v) && v >= 0 && !Object.is(v, -0);
}

/** Reports whether the object has no members but these. */
export function only(o: JsonObject, ...names: readonly string[]): boolean {
  return Object.keys(o).every((name) => names.includes(name));
}
