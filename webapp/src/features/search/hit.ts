import { defang, defangIn } from "../../ui/defang";
import { verdictName } from "../../ui/intel";
import type { Deliberation, Received, Seq } from "../../protocol/types";

export type HitText = { text: string; tlp: string; at: string; member: number; kind: string };

// Every line that says something: what was searched for may stand in any.
const said = (lines: object): string => Object.values(lines).filter((l) => typeof l === "string" && l !== "").join(" · ");

const deliberated = (d: Deliberation): string => said({ ...d, review: "", options: (d.options ?? []).map((o) => `${o.text} ${o.rejected ?? ""}`).join(" · ") });

// What people wrote in an entry of a kind that is not named below.
const why = (body: object): string => Object.entries(body).filter(([name, v]) => ["reference", "purpose", "reason", "because", "rationale", "note"].includes(name) && typeof v === "string" && v !== "").map(([, v]) => String(v)).join(" · ");

/** What a found object says: its newest visible wording, when and by whom it began. */
export function hitText(entries: readonly Received[], seq: Seq): HitText {
  let out: HitText = { text: `Entry ${seq}`, tlp: "", at: "", member: 0, kind: "" };
  for (const { entry } of entries) {
    if (entry.form === "stub") continue;
    if (entry.seq === entry.root || out.at === "") out = { ...out, at: entry.times.exercise ?? entry.times.recorded, member: entry.by.member ?? 0, kind: entry.kind };
    if (entry.marking) out = { ...out, tlp: entry.marking.tlp };
    if (entry.form === "envelope") out = { ...out, text: entry.erased ? "An erased entry" : "A sealed entry" };
    else if (!entry.unknown) {
      switch (entry.kind) {
        case "message.posted":
        case "message.corrected":
        case "inject.given":
          out = { ...out, text: entry.body.text };
          break;
        case "report.given":
        case "report.updated":
          out = { ...out, text: `M/ETHANE: ${said(entry.body.methane)}` };
          break;
        case "report.brought":
          out = { ...out, text: `Report ${entry.body.reference} by ${entry.body.orgName}: ${said(entry.body.ethane)}` };
          break;
        case "brief.set":
          out = { ...out, text: `Situation brief, version ${entry.body.version}: ${said(entry.body.lines)}` };
          break;
        case "room.opened":
        case "room.titled":
          out = { ...out, text: entry.body.title };
          break;
        case "member.invited":
        case "member.proposed":
        case "member.joined":
          out = { ...out, text: `${entry.body.seat.name} (${entry.body.seat.orgName})` };
          break;
        case "decision.proposed":
          out = { ...out, text: `Decision: ${entry.body.decision} ${entry.body.rationale ?? ""} ${deliberated(entry.body.deliberation)}` };
          break;
        case "decision.recorded":
        case "decision.taken":
          out = { ...out, text: `Decision: ${entry.body.verdict.decision} ${entry.body.verdict.rationale} ${deliberated(entry.body.deliberation)}` };
          break;
        case "decision.added":
          out = { ...out, text: `${out.text} ${deliberated(entry.body.deliberation)}` };
          break;
        case "decision.disputed":
        case "action.declined":
        case "action.withdrawn":
        case "action.handed":
          out = { ...out, text: `${out.text} · ${entry.body.reason}` };
          break;
        case "decision.reviewed":
          out = { ...out, text: `${out.text} · ${entry.body.finding}` };
          break;
        case "action.raised":
          out = { ...out, text: `Action: ${entry.body.text}` };
          break;
        case "action.done":
          out = { ...out, text: `${out.text} · ${entry.body.evidence}` };
          break;
        case "action.chased":
          out = { ...out, text: entry.body.text ? `${out.text} · ${entry.body.text}` : out.text };
          break;
        case "logentry.written":
        case "logentry.corrected":
          out = { ...out, text: `Log: ${entry.body.text}` };
          break;
        case "severity.reasoned":
          out = { ...out, text: `Reason for the severity: ${entry.body.text}` };
          break;
        case "post.reasoned":
          out = { ...out, text: `Why command was assumed: ${entry.body.text}` };
          break;
        case "book.opened":
          out = { ...out, text: `Log ${entry.body.number}: ${entry.body.signal}` };
          break;
        case "item.published":
        case "item.corrected":
          out = { ...out, text: `Intelligence: ${entry.body.title} · ${defangIn(entry.body.text, entry.body.indicators)}${entry.body.indicators.map((i) => ` · ${defang(i.kind, i.value)}`).join("")}` };
          break;
        case "tearline.published":
          out = { ...out, text: `Tear-line of entry ${entry.body.item}: ${entry.body.text}` };
          break;
        case "sighting.marked":
          out = { ...out, text: `${verdictName[entry.body.verdict]}, of entry ${entry.body.item}${entry.body.note ? `: ${entry.body.note}` : ""}` };
          break;
        case "release.requested":
          out = { ...out, text: `Asks to share entry ${entry.body.entry} further: ${entry.body.why}` };
          break;
        case "meeting.held":
          out = { ...out, text: `Meeting: ${entry.body.summary}` };
          break;
        case "sitrep.filed":
        case "sitrep.corrected":
          out = { ...out, text: `SITREP: ${entry.body.situation}` };
          break;
        case "update.given":
        case "update.requested":
          out = { ...out, text: `${entry.kind === "update.given" ? "Update" : "Asks for an update"}: ${entry.body.text ?? ""}` };
          break;
        case "handover.signed":
          out = { ...out, text: `Handover: ${Object.values(entry.body.iimarch).join(" ")}` };
          break;
        case "escalation.requested":
          out = { ...out, text: `Escalation: ${Object.values(entry.body.sbar).join(" ")}` };
          break;
        case "rules.set":
          out = { ...out, text: entry.body.lines.join(" ") };
          break;
        default: {
          const words = why(entry.body);
          if (words !== "") out = { ...out, text: out.text === `Entry ${seq}` ? words : `${out.text} · ${words}` };
        }
      }
    }
  }
  return out;
}

/** Splits a text at the words searched for, so that they can be marked. A window of about 240 characters around the first. */
export function marked(text: string, query: string): { text: string; hit: boolean }[] {
  const words = query.trim().split(/\s+/).filter((w) => w.length > 1);
  const flat = text.replace(/\s+/g, " ");
  if (words.length === 0) return [{ text: flat.length > 240 ? `${flat.slice(0, 240)}…` : flat, hit: false }];
  const pattern = new RegExp(words.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "giu");
  const first = flat.search(pattern);
  const from = Math.max(0, first - 80);
  const cut = `${from > 0 ? "…" : ""}${flat.slice(from, from + 240)}${from + 240 < flat.length ? "…" : ""}`;
  const out: { text: string; hit: boolean }[] = [];
  let last = 0;
  for (const m of cut.matchAll(pattern)) {
    if (m.index > last) out.push({ text: cut.slice(last, m.index), hit: false });
    out.push({ text: m[0], hit: true });
    last = m.index + m[0].length;
  }
  if (last < cut.length) out.push({ text: cut.slice(last), hit: false });
  return out;
}
