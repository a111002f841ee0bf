import type { Facts } from "../../protocol/types";
import { unfinished } from "../../room/action";
import { byCalled, memberCalled, orgNamed } from "../../room/called";
import { rhythms } from "../../protocol/cadence";
import { lateSince } from "../../room/cadence";
import { past } from "../../room/clock";
import { isFor, may } from "../../room/may";
import { you } from "../../room/select";
import { counts } from "../../room/severity";
import { overdue } from "../../room/statutory";
import type { RoomObject } from "../../room/state";
import { ofEntries } from "../../ui/erasure";
import { Icon, type IconName } from "../../ui/Icon";
import { everyWords, rhythmTitle } from "../../ui/cadence";
import { purposeName } from "../../ui/broadcast";
import { postName } from "../../ui/escalation";
import { spanWords, statuteName } from "../../ui/statutory";
import { gradeName } from "../../ui/severity";
import { shortMoment, timeOfDay } from "../../ui/time";
import { plural } from "../../ui/words";

export type Need = { key: string; icon: IconName; what: string; text: string; href: string; late: boolean };

/** What waits for the reader, most pressing first: what only they can answer. now: the room’s time; real: the real one, by which clocks run. */
export function needsOf(facts: Facts, objects: readonly RoomObject[], now: number, real = now): readonly Need[] {
  const home = `/rooms/${facts.room.id}`;
  const me = you(facts);
  const list: Need[] = [];
  for (const a of facts.assessments) {
    if (!a.lowering || !may(facts, "agree-lowering", undefined, { asked: a.lowering })) continue;
    const to = a.lowering.grade ? `Lower the severity to ${gradeName(a.scale, counts(a.scale, a.lowering.grade))}` : `Withdraw the assessment of ${orgNamed(facts, a.org)}`;
    list.push({ key: `l${a.root}`, icon: "severity", what: "Agree or refuse", text: `${to}, asks ${byCalled(facts, a.lowering.by)}`, href: `${home}/severity`, late: false });
  }
  for (const a of facts.erasures) {
    if (facts.holds.length === 0 && may(facts, "agree-erasure", undefined, { erasure: a }))
      list.push({ key: `e${a.root}`, icon: "erased", what: "Agree or refuse", text: `Erase something ${ofEntries(a.entries)}, asks ${byCalled(facts, a.by)}`, href: `${home}/entries/${a.root}`, late: false });
  }
  for (const p of facts.posts) {
    if (p.member === facts.you && p.until === null && p.from === null) list.push({ key: `p${p.root}`, icon: "post", what: "Take the post", text: postName[p.post], href: `${home}/brief`, late: false });
  }
  list.push(...dueOf(facts, now));
  for (const b of facts.books) {
    if (may(facts, "agree-book", undefined, { book: b })) list.push({ key: `b${b.root}`, icon: "book", what: "Confirm how you signal", text: `${memberCalled(facts, b.loggist)} keeps Log ${b.number} for you`, href: `${home}/books/${b.root}`, late: false });
  }
  for (const o of objects) {
    const r = o.record;
    if (r?.noun === "escalation") {
      const text = `${byCalled(facts, r.by)}: ${r.sbar.recommendation}`;
      const href = `${home}/escalations/${o.root}`;
      if (may(facts, "accept-escalation", o)) list.push({ key: `x${o.root}`, icon: "escalation", what: `Accept or refuse${r.due ? `, by ${timeOfDay(r.due)}` : ""}`, text, href, late: true });
      else if (r.state === "silent" && (may(facts, "act-escalation", o) || me?.host)) list.push({ key: `x${o.root}`, icon: "escalation", what: "Nobody has answered", text, href, late: true });
      continue;
    }
    if (r?.noun === "clock") {
      if (r.state !== "running") continue;
      const late = overdue(r, real);
      const by = r.due === null ? ", without undue delay" : late ? "" : `, by ${shortMoment(r.due, new Date(real))}`;
      list.push({ key: `c${o.root}`, icon: "clock", what: `${late ? (r.statute === "ndg_told" ? "Due at once. " : "Overdue. ") : ""}${statuteName[r.statute]}${by}`, text: `${r.due === null || late ? "" : `${spanWords(Date.parse(r.due) - real)} left. `}Evidence it, or say why it need not be told`, href: `${home}/clocks/${o.root}`, late });
      continue;
    }
    if (r?.noun === "handover") {
      if (may(facts, "accept-handover", o)) list.push({ key: `h${o.root}`, icon: "handover", what: "Accept or decline", text: `${byCalled(facts, r.by)} hands over to you: ${postName[r.post].toLowerCase()}`, href: `${home}/handovers/${o.root}`, late: false });
      continue;
    }
    if (r?.noun === "request") {
      if (may(facts, "snooze-update") && (facts.cadence.update.kept === null || facts.cadence.update.kept < r.at))
        list.push({ key: `u${o.root}`, icon: "hand", what: "Asks for an update", text: `${byCalled(facts, r.by)}${r.text === "" ? "" : `: ${r.text}`}`, href: `${home}/meetings`, late: false });
      continue;
    }
    if (r?.noun === "broadcast") {
      const href = `${home}/broadcasts/${o.root}`;
      const text = `${byCalled(facts, r.by)}: ${purposeName[r.purpose]}, to ${plural(r.count.contacts, "contact")}`;
      if (may(facts, "approve-broadcast", o)) list.push({ key: `w${o.root}`, icon: "broadcast", what: `Approve or refuse, by ${timeOfDay(r.alone)}`, text, href, late: false });
      else if (may(facts, "send-alone", o) && Date.parse(r.alone) <= now) list.push({ key: `w${o.root}`, icon: "broadcast", what: "The other host has not answered", text, href, late: false });
      continue;
    }
    if (r?.noun === "decision") {
      if (may(facts, "confirm-decision", o)) list.push({ key: `d${o.root}`, icon: "decision", what: "Confirm or dispute", text: r.decision, href: `${home}/decisions/${o.root}`, late: false });
      else if (r.state === "proposed" && r.maker === facts.you) list.push({ key: `d${o.root}`, icon: "decision", what: "Yours to take", text: r.decision, href: `${home}/decisions/${o.root}`, late: false });
    } else if (r?.noun === "action") {
      if (!unfinished(r) || !me || !isFor(facts, me, r.for)) continue;
      const late = past(r.due, now);
      const by = r.due ? `, by ${shortMoment(r.due, new Date(now))}` : "";
      list.push({ key: `a${o.root}`, icon: "action", what: `${r.state === "raised" ? "Accept or decline" : "To be done"}${by}`, text: r.text, href: `${home}/actions/${o.root}`, late });
    } else if (r?.noun === "release") {
      if (r.second !== null && o.by?.member === facts.you) continue; // one's own question
      if (r.answered === null) list.push({ key: `q${o.root}`, icon: "hand", what: r.second === null ? `Asked to share entry ${r.entry} further` : `Second person to lower entry ${r.entry}`, text: `${byCalled(facts, o.by ?? {})}: ${r.why}`, href: `${home}/entries/${o.root}`, late: false });
    } else if (o.kind === "promotion.asked" && !o.sealed) {
      const root = o.events[0];
      if (root?.form === "open" && !root.unknown && root.kind === "promotion.asked" && may(facts, "answer-promotion", o))
        list.push({ key: `p${o.root}`, icon: "hand", what: `Agree that ${root.body.item ? "an item" : "this"} goes to the main room, or refuse`, text: root.body.text, href: `${home}/entries/${o.root}`, late: false });
    } else if (o.sealed) list.push({ key: `s${o.root}`, icon: "lock", what: "Sealed", text: "Open it in the log to see what is asked of you", href: `${home}/entries/${o.root}`, late: false });
  }
  return list.toSorted((a, b) => Number(b.late) - Number(a.late));
}

/** What is late, for those who see to it; and, for everybody who writes here, that the next meeting was brought forward. */
function dueOf(facts: Facts, now: number): readonly Need[] {
  const href = `/rooms/${facts.room.id}/meetings`;
  const list: Need[] = [];
  for (const of of rhythms) {
    const b = facts.cadence[of];
    const late = lateSince(b, now);
    if (late && b.every > 0 && may(facts, of === "sitrep" ? "hold-meeting" : of === "meeting" ? "put-off-meeting" : "snooze-update"))
      list.push({ key: `c${of}`, icon: "clock", what: `${rhythmTitle[of]} ${b.missed ? "missed" : "late"}`, text: `It was due at ${timeOfDay(late)}`, href, late: true });
  }
  const { due, moved, every } = facts.cadence.meeting;
  if (due && moved && Date.parse(due) > now && may(facts, "post")) list.push({ key: `cmoved`, icon: "meeting", what: `Next meeting ${timeOfDay(due)}`, text: `Brought forward: meetings are ${everyWords(every)} now`, href, late: false });
  return list;
}

/** What needs the reader in this room. */
export function Needs({ needs, id }: { needs: readonly Need[]; id: string }) {
  if (needs.length === 0) return null;
  return (
    <section className="needs needs--room" aria-labelledby={id}>
      <h2 id={id} className="side-heading">
        Needs you <span className="count">{needs.length > 99 ? "99+" : needs.length}</span>
      </h2>
      <ul>
        {needs.map((n) => (
          <li key={n.key} className={n.late ? "need need--late" : "need"}>
            <Icon name={n.late && n.icon !== "escalation" ? "late" : n.icon} size={18} />
            <a href={n.href}>
              <span className="need__what">
                {n.late && n.icon !== "escalation" && n.icon !== "clock" ? "Overdue. " : ""}
                {n.what}
              </span>
              <span className="need__text">{n.text}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
