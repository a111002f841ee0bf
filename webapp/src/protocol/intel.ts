// Restricted intelligence as the wire carries it: items, their indicators and
// sources, and what organisations say of them.
import type { Instant } from "./types";

export const indicatorKinds = [
  "ipv4", "ipv6", "domain", "url", "email", "md5", "sha1", "sha256", "sha512", "ssdeep", "cve", "file", "mitre", "asn", "mac", "mutex", "registry", "other",
] as const;
export type IndicatorKind = (typeof indicatorKinds)[number];
/** Something by which an attack can be recognised. Its value is live as it stands here: it is never shown, linked or copied so unless a person asks for that. */
export interface Indicator {
  readonly cvss?: string;
  /** Blocking it does harm. */
  readonly doNotBlock?: boolean;
  readonly id?: string;
  readonly kind: IndicatorKind;
  readonly note?: string;
  readonly tags?: readonly string[];
  readonly value: string;
}
export const reliabilities = ["A", "B", "C", "D", "E", "F"] as const;
export type Reliability = (typeof reliabilities)[number];
export const credibilities = ["1", "2", "3", "4", "5", "6"] as const;
export type Credibility = (typeof credibilities)[number];
/** Where an item comes from, with its Admiralty grade; without a name it is de-attributed. */
export interface Source {
  readonly credibility: Credibility;
  readonly kind?: string;
  readonly name?: string;
  readonly received?: Instant;
  readonly reliability: Reliability;
}
/** Something outside; never linked live. */
export interface Reference {
  readonly name: string;
  readonly url?: string;
}
/** A piece of restricted intelligence. */
export interface Item {
  readonly caveats?: string;
  readonly expires?: Instant;
  readonly indicators: readonly Indicator[];
  readonly invented?: boolean;
  readonly refs?: readonly Reference[];
  readonly review?: Instant;
  readonly sources: readonly Source[];
  readonly text: string;
  readonly title: string;
}
export const sightingVerdicts = ["seen", "not_seen", "false_positive", "mitigated"] as const;
export type SightingVerdict = (typeof sightingVerdicts)[number];
export const itemStates = ["live", "merged", "recalled"] as const;
export type ItemState = (typeof itemStates)[number];
