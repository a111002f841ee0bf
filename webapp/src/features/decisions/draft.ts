import type { Deliberation, Facts, MemberNo, Option, Tier } from "../../protocol/types";
import { may } from "../../room/may";
import { membersPresent, you } from "../../room/select";
import { momentGiven, noMoment, type MomentDraft } from "../../ui/MomentField";
import { numbersIn } from "../../ui/numbers";

/** The parts of a decision record that are text. */
export const textParts = ["question", "risks", "powers", "consulted", "dissent", "expected", "outcome"] as const;
type TextPart = (typeof textParts)[number];

/** The rest of a decision record as it is being written. */
export type DeliberationDraft = Readonly<Record<TextPart, string>> & { readonly relied: string; readonly options: readonly Option[]; readonly review: MomentDraft };

export const noDeliberation: DeliberationDraft = {
  question: "", risks: "", powers: "", consulted: "", dissent: "", expected: "", outcome: "", relied: "", options: [], review: noMoment,
};

/** What was written, as it is sent; "unclear" where the review time is no time. */
export function deliberationSent(d: DeliberationDraft, now: number): Deliberation | "unclear" {
  const review = momentGiven(d.review, now, "future");
  if (review === "unclear") return "unclear";
  const said = Object.fromEntries(textParts.map((k) => [k, d[k].trim()] as const).filter(([, v]) => v !== ""));
  const options = d.options.map((o) => ({ text: o.text.trim(), rejected: o.rejected?.trim() ?? "" })).filter((o) => o.text !== "").map((o) => (o.rejected === "" ? { text: o.text } : o));
  const relied = numbersIn(d.relied);
  return { ...said, ...(options.length > 0 ? { options } : {}), ...(relied.length > 0 ? { relied } : {}), ...(review ? { review: review.at } : {}) };
}

/** Whom one may name as decision-maker: hosts anyone whose name they know, others people of their own organisation. */
export function makers(facts: Facts): readonly { number: MemberNo; name: string; orgName: string; tier: Tier | "" }[] {
  const me = you(facts);
  return membersPresent(facts)
    .filter((m) => m.name !== "" && m.role !== "auditor" && (me?.host || m.org === me?.org))
    .map((m) => ({ number: m.number, name: m.name, orgName: m.orgName, tier: m.tier }));
}

/** Who is meant when nobody has been chosen: oneself where one decides, else the first lead. */
export function likelyMaker(facts: Facts): MemberNo {
  const me = you(facts);
  if (me && me.role !== "loggist" && me.role !== "comms" && may(facts, "record-decision")) return me.number;
  return makers(facts).find((m) => m.tier === "strategic" || m.tier === "tactical")?.number ?? 0;
}
