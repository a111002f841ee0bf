// What a handover begins with: the room's standing facts and what is open, as
// whoever hands over sees them. They make it their own before they sign.
import type { Iimarch, IimarchPart } from "../../protocol/cadence";
import type { Facts, Seq } from "../../protocol/types";
import { unfinished } from "../../room/action";
import { assigneeCalled, memberCalled } from "../../room/called";
import { inEffect } from "../../room/decision";
import { holderOf, posts } from "../../room/post";
import { counts, operating } from "../../room/severity";
import type { RoomObject } from "../../room/state";
import { everyWords } from "../../ui/cadence";
import { postName } from "../../ui/escalation";
import { gradeName } from "../../ui/severity";
import { shortMoment } from "../../ui/time";

const max = 4000;
const lines = (...all: readonly (string | null | undefined | false)[]): string => {
  const text = all.filter((l): l is string => typeof l === "string" && l !== "").join("\n");
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
};

/** The seven sections, drafted. now: the server's time, in milliseconds. */
export function draftOf(facts: Facts, objects: readonly RoomObject[], since: Seq, now: number): Iimarch {
  const at = (m: string) => shortMoment(m, new Date(now));
  const of = <N extends NonNullable<RoomObject["record"]>["noun"]>(noun: N) =>
    objects.flatMap((o) => (o.record?.noun === noun ? [{ root: o.root, r: o.record as Extract<NonNullable<RoomObject["record"]>, { noun: N }> }] : []));
  const { brief, report, cadence } = facts;
  const decisions = of("decision");
  // What named people alone read is named by its number: whoever takes over may not be one of them.
  const words = (root: Seq, text: string) => (objects.find((o) => o.root === root)?.marking?.audience.kind === "named" ? "(for named readers: open it in the log)" : text);
  const open = decisions.filter((d) => d.r.state === "proposed" || d.r.state === "taken" || d.r.state === "disputed");
  const taken = decisions.filter((d) => inEffect(d.r) && d.root > since);
  const unsettled = open.filter((d) => !taken.includes(d));
  const escalations = of("escalation");
  const sitrep = of("sitrep")[0];
  const meeting = of("meeting")[0];
  const asked = of("request").filter((q) => !cadence.update.kept || q.r.at > cadence.update.kept);
  const risks = decisions.flatMap((d) => (inEffect(d.r) && risksOf(d.r) !== "" ? [`#${d.root}: ${words(d.root, risksOf(d.r))}`] : []));
  const severity = (["nhs_level", "ncsc_category"] as const).flatMap((s) => {
    const a = operating(facts, s);
    return a ? [`Severity: ${gradeName(s, counts(s, a.grade))}.`] : [];
  });
  const due = (what: "meeting" | "sitrep" | "update", name: string) => cadence[what].due && `${name}: ${at(cadence[what].due)}, ${everyWords(cadence[what].every)}${cadence[what].missed ? ` (the one due at ${at(cadence[what].missed)} was missed)` : ""}.`;
  return {
    information: lines(
      brief && `${brief.lines.happened} (brief, #${brief.seq})`, brief?.lines.affects && `Affects: ${brief.lines.affects}`, !brief && report && `${report.methane.type} (report, #${report.seq})`, ...severity,
      sitrep && `Last SITREP, as at ${at(sitrep.r.asAt)} (#${sitrep.root}): ${words(sitrep.root, sitrep.r.situation)}`, sitrep?.r.impact && `Impact: ${words(sitrep.root, sitrep.r.impact)}`,
    ),
    intent: lines(brief?.lines.doing, brief?.lines.need && `Needed: ${brief.lines.need}`),
    method: lines(
      taken.length > 0 && "Decided since the last handover:", ...taken.map((d) => `#${d.root} ${words(d.root, d.r.decision)}${d.r.state === "taken" ? " (not confirmed yet)" : d.r.state === "disputed" ? " (disputed)" : ""}`),
      unsettled.length > 0 && "Open decisions:", ...unsettled.map((d) => `#${d.root} ${words(d.root, d.r.decision)}${d.r.maker ? ` (${memberCalled(facts, d.r.maker)})` : ""}`),
      escalations.length > 0 && "Escalations:", ...escalations.map((e) => `#${e.root} ${words(e.root, e.r.sbar.recommendation)} (${e.r.state === "accepted" ? "accepted" : "waits for an answer"})`),
    ),
    administration: lines(
      "Open actions:", ...of("action").filter((a) => unfinished(a.r)).map((a) => `#${a.root} ${words(a.root, a.r.text)} (${assigneeCalled(facts, a.r.for)}${a.r.due ? `, by ${at(a.r.due)}` : ""})`),
      of("action").every((a) => !unfinished(a.r)) && "none",
      due("meeting", "Next meeting"), due("sitrep", "Next SITREP"), meeting && `Last meeting: ${at(meeting.r.held)} (#${meeting.root}).`,
      ...posts.flatMap((p) => {
        const held = holderOf(facts, p);
        return held ? [`${postName[p]}: ${memberCalled(facts, held.member)}.`] : [];
      }),
    ),
    risk: lines(...risks, sitrep?.r.forecast && `Forecast: ${words(sitrep.root, sitrep.r.forecast)} (#${sitrep.root})`),
    communications: lines(due("update", "Next update"), brief?.lines.next && `Said in the brief: ${brief.lines.next}`, ...asked.map((q) => `${memberCalled(facts, q.r.by.member ?? 0)} asked for an update (#${q.root}).`)),
    humanitarian: "",
  };
}

const risksOf = (d: Extract<NonNullable<RoomObject["record"]>, { noun: "decision" }>): string => d.parts.flatMap((p) => (p.deliberation.risks ? [p.deliberation.risks] : [])).at(-1) ?? "";

/** The entries that a section's words name. */
export const namedIn = (text: string): readonly Seq[] => [...new Set([...text.matchAll(/#(\d{1,9})/g)].map((m) => Number(m[1])))];

/** Every entry that a handover names. */
export const citesOf = (i: Iimarch): readonly Seq[] => [...new Set((Object.keys(i) as IimarchPart[]).flatMap((k) => namedIn(i[k])))].slice(0, 100);
