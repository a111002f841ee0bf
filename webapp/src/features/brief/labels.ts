import type { BriefLines } from "../../protocol/types";

/** The five lines in the order they are read. */
export const briefLabels: readonly (readonly [keyof BriefLines, string, string])[] = [
  ["happened", "What has happened", "Facts only, as far as known."],
  ["affects", "What it affects", "Services, sites, how many organisations."],
  ["doing", "What we are doing", ""],
  ["need", "What we need from you", "What a person who has just come in should do first."],
  ["next", "Next update", "When, and where it will appear."],
];
