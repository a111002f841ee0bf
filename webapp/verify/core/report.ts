// The verdicts, gravest first, and the report: the same object, by the same
// names, as wardroom-verify writes with --json.

export const exits = {
  TAMPERED: 22,
  INCONSISTENT: 21,
  "UNTRUSTED-KEY": 20,
  "OLDER-THAN-ASKED": 13,
  INCOMPLETE: 12,
  ERASED: 11,
  "VALID-TAIL-UNSEALED": 10,
  VALID: 0,
} as const;

export type Verdict = keyof typeof exits;

/** Why slots are not opened. */
export const reasons = ["range", "redacted", "withheld", "unanswered", "erased", "audience"] as const;
export type Why = (typeof reasons)[number];

export interface Withheld {
  readonly first: number;
  readonly last: number;
  readonly slots: readonly number[];
  readonly why: Why;
  readonly ground: string; // empty: none is given
  readonly reason: string;
}

export interface Report {
  readonly verdict: Verdict;
  readonly exit: number;
  readonly log: string; // the origin line
  readonly size: number; // of the checkpoint
  readonly root: string; // hexadecimal, as the checkpoint says
  readonly head: number; // the last entry's number
  readonly sealed: {
    readonly at: string | null; // RFC 3339
    readonly by: readonly { readonly name: string; readonly hash: string; readonly at?: string }[];
  };
  readonly counts: {
    readonly leaves: number;
    readonly open: number;
    readonly part: number;
    readonly withheld: number;
    readonly erased: number;
    readonly tail: number;
  };
  readonly first: null | { readonly seq: number; readonly slot: number; readonly what: string };
  readonly erased: readonly { readonly seq: number; readonly slots: readonly number[]; readonly event: number; readonly ground: string }[];
  readonly withheld: readonly Withheld[];
  readonly bounds: readonly { readonly size: number; readonly at: string }[];
  readonly remarks: readonly string[];
}
