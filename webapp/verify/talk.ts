// What the page and its worker say to each other.
import type { Report, Why } from "./core/report";

export interface Check {
  readonly type: "check";
  readonly bundle: Blob;
  readonly policy: Blob | null;
  readonly since: Blob | null;
  readonly minSize: number; // 0: any
  readonly notBefore: number | null; // milliseconds
}

/** Which entries are listed. */
export interface Filter {
  readonly kind: number | null; // as Facets numbers them
  readonly actor: number | null; // member number
  readonly words: string; // all of them, in any part that is shown
  readonly from: number | null; // milliseconds, by recorded-at
  readonly to: number | null;
  readonly whole: boolean; // only entries that are not opened in full
}

export interface List {
  readonly type: "list";
  readonly id: number;
  readonly filter: Filter;
  readonly offset: number;
  readonly limit: number;
}

/** Asks for the page of the unfiltered list on which an entry stands. */
export interface Find {
  readonly type: "find";
  readonly id: number;
  readonly seq: number;
  readonly limit: number;
}

export type Question = Check | List | Find;

export interface Progress {
  readonly type: "progress";
  readonly done: number; // 0 … 1
  readonly entries: number;
  readonly of: number;
}

/** A key as a policy names it. */
export interface NamedKey {
  readonly name: string;
  readonly witness: boolean;
  readonly algorithm: number;
  readonly print: string;
  readonly inBundle: boolean; // the bundle's own list names it too
  readonly inPolicy: boolean; // the reader's policy file names it
}

export interface Person {
  readonly name: string;
  readonly org: string;
  readonly role: string;
}

export interface Done {
  readonly type: "done";
  readonly report: Report;
  readonly asked: { readonly policy: boolean; readonly since: boolean; readonly minSize: number; readonly notBefore: number | null };
  readonly trust: string | null; // why the checkpoint is not trusted
  readonly keys: readonly NamedKey[];
  readonly about: { readonly title: string; readonly reference: string; readonly recipient: string; readonly exporter: string; readonly basis: string };
  readonly kinds: readonly { readonly name: string; readonly count: number }[];
  readonly people: readonly { readonly member: number; readonly person: Person }[];
  readonly bundleHash: string; // SHA-256 of the whole file, hexadecimal
}

/** What cannot be read, for people. Exit 2. */
export interface Failed {
  readonly type: "failed";
  readonly why: string;
}

export interface HiddenPart {
  readonly slots: readonly number[];
  readonly why: Why;
  readonly ground: string;
  readonly reason: string;
  readonly event: number;
  readonly wording: readonly { readonly slot: number; readonly text: string }[];
}

export interface Row {
  readonly type: "entry";
  readonly seq: number;
  readonly slots: readonly (string | null)[]; // null: not shown
  readonly hidden: readonly HiddenPart[];
  readonly person: Person | null;
  readonly bound: string | null; // no younger than this, by a sealed checkpoint
  readonly sealed: boolean;
}

/** A run of entries of which nothing is shown. */
export interface Gap {
  readonly type: "gap";
  readonly first: number;
  readonly last: number;
  readonly hidden: readonly HiddenPart[]; // at most a few of the reasons
  readonly more: number; // reasons that are not listed here
}

export interface Listed {
  readonly type: "listed";
  readonly id: number;
  readonly rows: readonly (Row | Gap)[];
  readonly offset: number;
  readonly total: number;
}

export type Answer = Progress | Done | Failed | Listed;
