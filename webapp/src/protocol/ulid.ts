// Idempotency keys: ULIDs (48 bits of time, 80 random bits, Crockford base32).
import type { Key } from "./types";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A fresh key. now is in milliseconds; the 80 random bits come from the system's generator. */
export function newKey(now: number = Date.now()): Key {
  let time = "";
  for (let i = 0, t = now; i < 10; i++, t = Math.floor(t / 32)) time = alphabet.charAt(t % 32) + time;
  let rest = "";
  // 16 characters of 5 bits: the low five bits of a random byte are as random as the byte.
  for (const b of crypto.getRandomValues(new Uint8Array(16))) rest += alphabet.charAt(b & 31);
  return time + rest;
}
