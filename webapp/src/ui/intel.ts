import type { Credibility, IndicatorKind, Reliability, SightingVerdict, Source } from "../protocol/intel";
import type { IconName } from "./Icon";
import type { StateLook } from "./record";

// The words of restricted intelligence, in one place so that they are the same
// on every screen. Grades are the Admiralty system's, in words first: a bare
// "B2" says nothing to whoever has not learnt it.

export const kindName: Record<IndicatorKind, string> = {
  ipv4: "IPv4 address",
  ipv6: "IPv6 address",
  domain: "Domain",
  url: "Web address",
  email: "E-mail address",
  md5: "MD5 of a file",
  sha1: "SHA-1 of a file",
  sha256: "SHA-256 of a file",
  sha512: "SHA-512 of a file",
  ssdeep: "Fuzzy hash of a file",
  cve: "Vulnerability",
  file: "File name",
  mitre: "ATT&CK technique",
  asn: "Network (AS)",
  mac: "MAC address",
  mutex: "Mutex",
  registry: "Registry key",
  other: "Other",
};

export const reliabilityName: Record<Reliability, string> = {
  A: "Completely reliable",
  B: "Usually reliable",
  C: "Fairly reliable",
  D: "Not usually reliable",
  E: "Unreliable",
  F: "Reliability cannot be judged",
};

export const credibilityName: Record<Credibility, string> = {
  "1": "Confirmed by others",
  "2": "Probably true",
  "3": "Possibly true",
  "4": "Doubtful",
  "5": "Improbable",
  "6": "Truth cannot be judged",
};

/** A source's grade: "usually reliable, probably true (B2)". */
export function gradeWords({ reliability, credibility }: Pick<Source, "reliability" | "credibility">): string {
  if (reliability === "F" && credibility === "6") return "not graded";
  return `${reliabilityName[reliability].toLowerCase()}, ${credibilityName[credibility].toLowerCase()} (${reliability}${credibility})`;
}

/** What stands in place of the name of a source that is not named. */
export const unnamedSource = "A source that is not named";

/** A source in one line. */
export const sourceWords = (s: Source): string => `${s.name || unnamedSource}${s.kind ? ` (${s.kind})` : ""}: ${gradeWords(s)}`;

export const verdictName: Record<SightingVerdict, string> = {
  seen: "Seen here",
  not_seen: "Not seen here",
  false_positive: "False positive",
  mitigated: "Mitigated here",
};

export const verdictIcon: Record<SightingVerdict, IconName> = { seen: "eye", not_seen: "circle", false_positive: "close", mitigated: "check" };

export const verdictMeaning: Record<SightingVerdict, string> = {
  seen: "It is, or was, on your systems.",
  not_seen: "You have looked, and it is not there.",
  false_positive: "It is there and harmless: not what this is about.",
  mitigated: "It was there, and you have dealt with it.",
};

/** Tags and references in which an item keeps what another system said, to say it again there. They are nothing to read. */
export const forMachines = {
  tag: (t: string): boolean => /^(stix|misp):/.test(t),
  reference: (name: string): boolean => /^(STIX|MISP) [a-z0-9-]+/.test(name) && /--?[0-9a-f]{8}-[0-9a-f]{4}-/.test(name),
};

/** The sentence that goes with every indicator that must not be blocked. */
export const doNotBlock = "Do not block: blocking this makes things worse.";

export const recalledLook: StateLook = { word: "Recalled", tone: "bad", icon: "back" };
export const expiredLook: StateLook = { word: "Expired: do not act on it", tone: "over", icon: "clock" };
export const toReviewLook: StateLook = { word: "To be looked at again", tone: "waiting", icon: "clock" };
export const mergedLook: StateLook = { word: "Merged into another", tone: "over", icon: "hand" };
export const doNotBlockLook: StateLook = { word: "Do not block", tone: "bad", icon: "warning" };
export const shakenLook: StateLook = { word: "Rests on something recalled", tone: "bad", icon: "warning" };
