import type { Grade, Scale, Tier } from "../protocol/types";

// Severity in words. A bare number misleads: 4 is the worst of one scale and 1
// the worst of the other, so no screen shows one alone.

export const scaleName: Record<Scale, string> = { nhs_level: "NHS level", ncsc_category: "NCSC category" };

const short: Record<Scale, Readonly<Record<number, string>>> = {
  nhs_level: { 4: "national command and control", 3: "regional coordination", 2: "coordination by the ICB", 1: "within an organisation’s own plans" },
  ncsc_category: { 1: "national cyber emergency", 2: "highly significant", 3: "significant", 4: "substantial", 5: "moderate", 6: "localised" },
};

const long: Record<Scale, Readonly<Record<number, string>>> = {
  nhs_level: {
    4: "NHS England takes national command and control of the NHS response.",
    3: "Several organisations across a region respond; the NHS England region coordinates.",
    2: "Several organisations in one area respond; the integrated care board coordinates.",
    1: "One organisation manages it within its own business continuity plans.",
  },
  ncsc_category: {
    1: "Sustained disruption of essential services, or national security affected, with severe consequences or loss of life.",
    2: "Serious impact on central government, essential services, a large part of the population or the economy.",
    3: "Serious impact on a large organisation or on wider or local government, or considerable risk to central government or essential services.",
    4: "Serious impact on a medium-sized organisation, or considerable risk to a large organisation or to wider or local government.",
    5: "Serious impact on a small organisation, considerable risk to a medium-sized one, or first signs against a large one or government.",
    6: "Impact on an individual, or first signs against a small or medium-sized organisation.",
  },
};

/** "national command and control". */
export const gradeMeaning = (scale: Scale, n: number): string => short[scale][n] ?? "not on this scale";

/** A sentence on what the grade means. */
export const gradeSentence = (scale: Scale, n: number): string => long[scale][n] ?? "";

/** "NHS level 4 (national command and control)". */
export const gradeName = (scale: Scale, n: number): string => `${scaleName[scale]} ${n} (${gradeMeaning(scale, n)})`;

/** "NHS level 4: national command and control", for a heading. */
export const gradeHeading = (scale: Scale, n: number): string => `${scaleName[scale]} ${n}: ${gradeMeaning(scale, n)}`;

/** The two in the order people say them: "3 and 4". */
const between = (g: Grade): string => `${Math.min(g.at, g.or ?? g.at)} and ${Math.max(g.at, g.or ?? g.at)}`;

/** "not sure between NHS level 3 and 4", or "" for one who is sure. */
export const unsure = (scale: Scale, g: Grade): string => (g.or === undefined ? "" : `not sure between ${scaleName[scale]} ${between(g)}`);

/** An assessment's grade in full: counts is what it counts as. */
export const gradeWords = (scale: Scale, g: Grade, counts: number): string =>
  g.or === undefined ? gradeName(scale, counts) : `${gradeName(scale, counts)}, as they are ${unsure(scale, g)}`;

export const criterionName: Record<string, string> = {
  patient_safety: "Patients have been harmed or may be",
  service_loss: "Critical services are lost or may be",
  several_organisations: "More than one organisation is affected",
  beyond_icb: "It reaches beyond one integrated care board’s area",
  beyond_region: "It reaches beyond one region",
  national_coordination: "It needs national coordination",
  spreading: "It is spreading, or could",
  mutual_aid: "Organisations need help from each other",
  data_loss: "Patient or staff data is lost or exposed, or may be",
  public_concern: "The public, the media or ministers are concerned",
  essential_services: "UK essential services are seriously affected",
  national_security: "National security is affected",
  loss_of_life: "Lives are lost or at risk",
  central_government: "Central government is affected",
  population: "A large part of the population is affected",
  large_organisation: "A large organisation is affected",
  local_government: "Wider or local government is affected",
  medium_organisation: "A medium-sized organisation is affected",
  small_organisation: "A small organisation is affected",
  individual: "An individual is affected",
  economic: "The economy is affected",
};

export const tierName: Record<Tier, string> = { strategic: "Strategic", tactical: "Tactical", operational: "Operational" };

export const tierHint: Record<Tier, string> = {
  strategic: "Gold: sets the aim, owns policy, resources and what is said to ministers and media.",
  tactical: "Silver: turns the aim into a plan and coordinates it.",
  operational: "Bronze: carries it out.",
};
