// An export for inquiry, as the server tells of it: who is to be given what
// part of the record, and what is left out of it.
import { count, flag, isRecord, listOf, maybe, nullable, oneOf, shape, text } from "./guard";
import type { By, Instant, OrgID, Received, Recipient, Redaction, RedactionPlace, Seq, Span, TLP } from "./types";

export const exportStates = ["requested", "agreed", "approved", "refused", "withdrawn"] as const;
export type ExportState = (typeof exportStates)[number];
export type ExportAct = "agree-export" | "refuse-export" | "redact-export" | "approve-export" | "withdraw-export" | "take-export";

export interface ExportRow {
  readonly root: Seq;
  readonly state: ExportState;
  readonly over: boolean;
  readonly basis: string;
  readonly basisText: string;
  readonly from: Seq;
  readonly to: Seq;
  readonly purpose: string;
  readonly recipient: Recipient;
  readonly until: Instant;
  readonly by: By;
  readonly asked: Instant;
  readonly agreed: readonly { readonly by: By; readonly at: Instant }[];
  readonly waiting: readonly OrgID[];
  readonly approved: { readonly by: By; readonly at: Instant; readonly seq: Seq; readonly checkpoint: number } | null;
  readonly ended: string;
  readonly redacted: readonly (Redaction & { readonly by: By; readonly seq: Seq; readonly originator: boolean })[];
  readonly changed: Seq;
  readonly may: readonly ExportAct[];
}
/** A choice of a list, in words. */
export interface Named {
  readonly code: string;
  readonly words: string;
}
export interface Exports {
  readonly exports: readonly ExportRow[];
  readonly bases: readonly Named[];
  readonly grounds: readonly Named[];
  readonly head: Seq;
}
export type Release = "release" | "redact" | "withhold";
export interface RestrictedRow {
  readonly entry: Seq;
  readonly org: OrgID;
  readonly tlp: TLP;
  /** "" while nobody has answered. */
  readonly answer: Release | "";
  readonly ground: string;
  readonly reason: string;
  readonly at: Instant | null;
  readonly mine: boolean;
}
export interface Restricted {
  readonly entries: readonly RestrictedRow[];
  /** Go on after this; 0 at the end. */
  readonly next: Seq;
}
export interface Suggestion {
  readonly entry: Seq;
  readonly slot: number;
  readonly field: string;
  readonly spans: readonly Span[];
  readonly ground: string;
  readonly why: string;
}
export interface Suggestions {
  readonly suggestions: readonly Suggestion[];
  readonly next: Seq;
}
/** What an organisation that does not see the export is asked about it. */
export interface Question {
  readonly export: Seq;
  readonly organisation: string;
  readonly role: string;
  readonly basis: string;
  readonly until: Instant;
  readonly entries: readonly RestrictedRow[];
}
export interface Asked {
  readonly questions: readonly Question[];
  readonly entries: readonly Received[];
  readonly grounds: readonly Named[];
  readonly more: boolean;
  readonly head: Seq;
}
export interface ExportDraft {
  readonly basis: string;
  readonly basisText?: string;
  readonly from: Seq;
  readonly to: Seq;
  readonly purpose: string;
  readonly recipient: Recipient;
  readonly until: Instant;
}
export interface ReleaseDraft {
  readonly answer: Release;
  readonly entries: readonly Seq[];
  readonly ground?: string;
  readonly reason?: string;
  readonly redactions?: readonly Redaction[];
}
export type { Redaction, RedactionPlace, Span };

const named = listOf(shape({ code: text, words: text }));
const row = shape({
  root: count, state: oneOf(...exportStates), over: flag, basis: text, basisText: text, from: count, to: count, purpose: text, recipient: isRecord, until: text,
  by: isRecord, asked: text, agreed: listOf(shape({ by: isRecord, at: text })), waiting: listOf(text), approved: nullable(isRecord), ended: text,
  redacted: listOf(isRecord), changed: count, may: listOf(text),
});
const restrictedRow = shape({ entry: count, org: text, tlp: text, answer: text, ground: text, reason: text, at: nullable(text), mine: flag });
const span = shape({ from: count, to: count });

/** What each answer must be like. */
export const exportGuards = {
  list: shape({ exports: listOf(row), bases: named, grounds: named, head: count }),
  one: shape({ export: row, head: count }),
  restricted: shape({ entries: listOf(restrictedRow), next: count }),
  suggestions: shape({ suggestions: listOf(shape({ entry: count, slot: count, field: text, spans: listOf(span), ground: text, why: text })), next: count }),
  asked: shape({
    questions: listOf(shape({ export: count, organisation: text, role: text, basis: text, until: text, entries: listOf(restrictedRow) })),
    grounds: named, more: flag, head: count, entries: maybe(isArray),
  }),
};
function isArray(v: unknown): v is unknown[] {
  return Array.isArray(v);
}
