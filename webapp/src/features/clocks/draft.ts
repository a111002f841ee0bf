import type { Facts } from "../../protocol/types";
import { byInFull, memberCalled, orgNamed } from "../../room/called";
import type { StatutoryClock } from "../../room/statutory";
import { statuteLaw, statuteName } from "../../ui/statutory";
import { dateAndTime } from "../../ui/time";

/**
 * A draft in the order of the reporting form of the Data Security and
 * Protection Toolkit, made of what the log says. It is copied by hand and sent
 * nowhere; what the log does not know is left to be filled in.
 */
export function reportDraft(facts: Facts, root: number, c: StatutoryClock): string {
  const org = facts.members.find((m) => m.org === c.org && m.orgName !== "");
  const todo = "[to be completed]";
  return [
    "DRAFT, not sent. Check every line before you use it.",
    "",
    `What is reported: ${statuteName[c.statute]} (${statuteLaw[c.statute]})`,
    `Organisation: ${orgNamed(facts, c.org)}${org?.ods ? ` (${org.ods})` : ""}`,
    `Our reference: ${facts.room.reference}, entry ${root}`,
    `Contact for this report: ${c.owner ? memberCalled(facts, c.owner) : todo}`,
    "",
    `When you became aware: ${dateAndTime(c.aware)}`,
    `When it was recorded: ${dateAndTime(c.started)}, by ${byInFull(facts, c.by)}`,
    c.due === null ? "By when to report: without undue delay" : `By when to report: ${dateAndTime(c.due)}`,
    `Other bodies already told: ${todo}`,
    "",
    "What happened, as far as it is known:",
    c.known === "" ? todo : c.known,
    "",
    `When it happened, and how it was found: ${todo}`,
    `What kind of breach (confidentiality, integrity, availability): ${todo}`,
    `Whose data, and how many people: ${todo}`,
    `What data: ${todo}`,
    `Significance of the effect (1 to 5): ${todo}`,
    `Likelihood of harm (1 to 5): ${todo}`,
    `What has been done to contain it: ${todo}`,
    `Have the people concerned been told: ${todo}`,
  ].join("\n");
}
