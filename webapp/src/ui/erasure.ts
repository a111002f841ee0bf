import type { Ground } from "../protocol/keeping";
import { list } from "./words";

/** Why something is erased, in words. */
export const groundName: Record<Ground, string> = {
  patient_data: "Patient data entered by mistake",
  uk_gdpr_17: "Right to erasure (UK GDPR, article 17)",
  unlawful: "Content that may not be held",
  court_order: "A court order",
  retention_ended: "Kept as long as it had to be",
};

const slotName: Readonly<Record<number, string>> = { 4: "what it said", 5: "what it referred to", 6: "what was attached" };

/** What of an entry is erased, in words. */
export function whatOf(slots: readonly number[]): string {
  if ([4, 5, 6].every((s) => slots.includes(s))) return "the whole content";
  return list(slots.flatMap((s) => slotName[s] ?? []));
}

/** "of entry 12", "of entries 3, 4 and 5", "of 1,000 entries". */
export function ofEntries(entries: readonly number[]): string {
  if (entries.length === 1) return `of entry ${entries[0]}`;
  return entries.length > 8 ? `of ${entries.length.toLocaleString("en-GB")} entries` : `of entries ${list(entries.map(String))}`;
}
