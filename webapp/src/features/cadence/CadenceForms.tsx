import { useState } from "react";
import { type Rhythm, rhythms } from "../../protocol/cadence";
import type { Facts, MemberNo, Seq } from "../../protocol/types";
import { demanded, every } from "../../room/cadence";
import type { Sitrep } from "../../room/meeting";
import { isHost } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { everyWords, rhythmPlural, rhythmTitle } from "../../ui/cadence";
import { Checkbox, SelectField, TextArea, TextField } from "../../ui/Field";
import { MarkingFields, markingLook, markingOf, markingProblem, markingSent } from "../../ui/MarkingFields";
import { MomentField, momentGiven, noMoment, unclearMoment } from "../../ui/MomentField";
import { numbersIn } from "../../ui/numbers";
import { Question } from "../../ui/Question";
import { BroughtBack, useDraft } from "../../ui/useDraft";
import { shortMoment } from "../../ui/time";

export type CadenceActs = Pick<RoomStore, "setCadence" | "holdMeeting" | "putOffMeeting" | "fileSitrep" | "correctSitrep" | "giveUpdate" | "snoozeUpdate" | "requestUpdate" | "preflight">;
type Form = { facts: Facts; head: Seq; /** The room's time, in milliseconds. */ now: number; acts: CadenceActs; onDone: (seq: Seq) => void; onClose: () => void };

const optional = <span className="optional">(can be left empty)</span>;

/** Writes a meeting down: who, where, what was said, and what came of it. */
export function MeetingDialog({ facts, now, acts, onDone, onClose }: Form) {
  const [held, setHeld] = useState(noMoment);
  const [place, setPlace] = useState("");
  const [there, setThere] = useState<ReadonlySet<MemberNo>>(new Set([facts.you]));
  const [others, setOthers] = useState("");
  const [summary, setSummary] = useState("");
  const [cites, setCites] = useState("");
  const [marking, setMarking] = useState(() => markingOf(facts));
  const kept = useDraft("meeting", { held, place, there: [...there], others, summary, cites, marking }, (was) => {
    setHeld(was.held);
    setPlace(was.place);
    setThere(new Set(was.there));
    setOthers(was.others);
    setSummary(was.summary);
    setCites(was.cites);
    setMarking(was.marking);
  });
  const people = facts.members.filter((m) => m.state === "joined" && m.number > 0 && m.name !== "");
  const when = momentGiven(held, now, "past");
  const toggle = (n: MemberNo) => setThere((was) => (was.has(n) ? new Set([...was].filter((x) => x !== n)) : new Set([...was, n])));
  return (
    <Question
      title="Write down a meeting"
      wide
      kind="sheet"
      action="Record the meeting"
      host={isHost(facts)}
      me={facts.you}
      onAsk={acts.preflight}
      look={() => markingLook(marking, facts.you)}
      check={() => [
        place.trim() === "" ? { name: "place", message: "Say where it was, or how: a room, a call." } : null,
        summary.trim() === "" ? { name: "summary", message: "Say in a few lines what was said." } : null,
        when === "unclear" ? unclearMoment("held") : null,
        markingProblem(marking, facts.you),
      ]}
      onDo={async ({ sent }) => {
        const at = when === "unclear" || when === null ? {} : { held: when.at };
        const more = { ...(others.trim() === "" ? {} : { others: others.trim() }), ...(there.size > 0 ? { members: [...there] } : {}), ...(numbersIn(cites).length > 0 ? { cites: numbersIn(cites) } : {}) };
        return (await acts.holdMeeting({ place: place.trim(), summary: summary.trim(), ...at, ...more, ...markingSent(marking, facts.you), ...sent })).seq;
      }}
      onDone={(seq) => {
        kept.sent();
        onDone(seq);
      }}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <BroughtBack draft={kept} />
          <MomentField id="held" label="When it began" dir="past" now={now} error={errorOf("held")} value={held} onChange={setHeld} />
          <TextField id="place" label="Where, or how" hint="For example: incident room 2, or a video call." prose maxLength={200} error={errorOf("place")} value={place} onChange={(e) => setPlace(e.target.value)} />
          <fieldset className="nhsuk-fieldset nhsuk-form-group">
            <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Who was there</legend>
            {errorOf("members") ? <span className="nhsuk-error-message">{errorOf("members")}</span> : null}
            <div className="nhsuk-checkboxes nhsuk-checkboxes--small attendees">
              {people.map((m) => (
                <Checkbox key={m.number} label={<>{m.name} <span className="quiet">{m.orgName}</span></>} checked={there.has(m.number)} onChange={() => toggle(m.number)} />
              ))}
            </div>
          </fieldset>
          <TextField id="others" label={<>Who else {optional}</>} prose maxLength={1000} error={errorOf("others")} value={others} onChange={(e) => setOthers(e.target.value)} />
          <TextArea id="summary" label="What was said" rows={5} maxLength={4000} error={errorOf("summary")} value={summary} onChange={(e) => setSummary(e.target.value)} />
          <TextField id="cites" label={<>Its decisions and actions {optional}</>} hint="Their entry numbers, for example 12, 15." error={errorOf("cites")} value={cites} onChange={(e) => setCites(e.target.value)} />
          <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience") ?? errorOf("tlp")} />
        </>
      )}
    </Question>
  );
}

const sitrepParts = ["situation", "impact", "actions", "forecast"] as const;
const nothingSaid = { situation: "", impact: "", actions: "", forecast: "" };
type SitrepSaid = typeof nothingSaid;

/** What was said, without its empty parts. */
const sitrepSent = (said: SitrepSaid) => ({ ...Object.fromEntries(sitrepParts.flatMap((k) => (said[k].trim() === "" ? [] : [[k, said[k].trim()]]))), situation: said.situation.trim() });

const sitrepWords: Record<keyof SitrepSaid, { label: string; hint: string }> = {
  situation: { label: "Situation", hint: "What is happening, and what has changed." },
  impact: { label: "Impact", hint: "On patients, services and systems." },
  actions: { label: "Actions", hint: "What is being done, by whom." },
  forecast: { label: "Forecast", hint: "What is expected by the next report." },
};

function SitrepFields({ said, onChange, errorOf }: { said: SitrepSaid; onChange: (next: SitrepSaid) => void; errorOf: (n: string) => string | undefined }) {
  return sitrepParts.map((name) => (
    <TextArea key={name} id={name} label={name === "situation" ? sitrepWords[name].label : <>{sitrepWords[name].label} {optional}</>} hint={sitrepWords[name].hint} rows={3} maxLength={4000} error={errorOf(name)} value={said[name]} onChange={(e) => onChange({ ...said, [name]: e.target.value })} />
  ));
}

/** Says a report anew, in the open: what it said before stays legible. */
export function CorrectSitrepDialog({ root, was, facts, now, acts, onDone, onClose }: Form & { root: Seq; was: Sitrep }) {
  const [asAt, setAsAt] = useState(noMoment);
  const [said, setSaid] = useState<SitrepSaid>({ situation: was.situation, impact: was.impact, actions: was.actions, forecast: was.forecast });
  const when = momentGiven(asAt, now, "past");
  const kept = useDraft(`sitrep ${root}`, { asAt, said }, (back) => {
    setAsAt(back.asAt);
    setSaid(back.said);
  });
  return (
    <Question
      title={`Correct SITREP ${root}`}
      wide
      kind="sheet"
      action="Correct it"
      host={isHost(facts)}
      check={() => [said.situation.trim() === "" ? { name: "situation", message: "Say how things stand." } : null, when === "unclear" ? unclearMoment("asAt") : null]}
      reason={{ label: "What was wrong", hint: "Whoever reads the report reads this too.", missing: "Say why it is corrected." }}
      onDo={async ({ reason, sent }) => (await acts.correctSitrep(root, { ...sitrepSent(said), ...(when === "unclear" || when === null ? {} : { asAt: when.at }), reason, ...sent })).seq}
      onDone={(seq) => {
        kept.sent();
        onDone(seq);
      }}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <BroughtBack draft={kept} />
          <p className="dialog__lead">The old wording stays in the log, and legible. Whoever could read it reads both.</p>
          <MomentField id="asAt" label={<>How things were at, if that was wrong {optional}</>} hint={`It says ${shortMoment(was.asAt, new Date(now))}.`} dir="past" now={now} error={errorOf("asAt")} value={asAt} onChange={setAsAt} />
          <SitrepFields said={said} onChange={setSaid} errorOf={errorOf} />
        </>
      )}
    </Question>
  );
}

/** How things are at a time. */
export function SitrepDialog({ facts, now, acts, onDone, onClose }: Form) {
  const [asAt, setAsAt] = useState(noMoment);
  const [said, setSaid] = useState(nothingSaid);
  const [marking, setMarking] = useState(() => markingOf(facts));
  const when = momentGiven(asAt, now, "past");
  const kept = useDraft("sitrep", { asAt, said, marking }, (was) => {
    setAsAt(was.asAt);
    setSaid(was.said);
    setMarking(was.marking);
  });
  return (
    <Question
      title="File a SITREP"
      wide
      kind="sheet"
      action="File it"
      host={isHost(facts)}
      me={facts.you}
      onAsk={acts.preflight}
      look={() => markingLook(marking, facts.you)}
      check={() => [said.situation.trim() === "" ? { name: "situation", message: "Say how things stand." } : null, when === "unclear" ? unclearMoment("asAt") : null, markingProblem(marking, facts.you)]}
      onDo={async ({ sent }) => {
        return (await acts.fileSitrep({ ...sitrepSent(said), ...(when === "unclear" || when === null ? {} : { asAt: when.at }), ...markingSent(marking, facts.you), ...sent })).seq;
      }}
      onDone={(seq) => {
        kept.sent();
        onDone(seq);
      }}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <BroughtBack draft={kept} />
          {isHost(facts) ? null : <p className="dialog__lead">This is your organisation’s report.</p>}
          <MomentField id="asAt" label="How things were at" dir="past" now={now} error={errorOf("asAt")} value={asAt} onChange={setAsAt} />
          <SitrepFields said={said} onChange={setSaid} errorOf={errorOf} />
          <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience") ?? errorOf("tlp")} />
        </>
      )}
    </Question>
  );
}

/** Says that those whom the incident affects were told. */
export function UpdateDialog({ facts, acts, onDone, onClose }: Form) {
  const [text, setText] = useState("");
  const [entry, setEntry] = useState("");
  const [marking, setMarking] = useState(() => markingOf(facts));
  const cited = numbersIn(entry)[0];
  const kept = useDraft("update", { text, entry, marking }, (was) => {
    setText(was.text);
    setEntry(was.entry);
    setMarking(was.marking);
  });
  return (
    <Question
      title="Give an update"
      wide
      action="Give the update"
      host={isHost(facts)}
      me={facts.you}
      onAsk={acts.preflight}
      look={() => markingLook(marking, facts.you)}
      check={() => [text.trim() === "" && cited === undefined ? { name: "text", message: "Say what they are told, or give the number of the entry that says it." } : null, markingProblem(marking, facts.you)]}
      onDo={async ({ sent }) => (await acts.giveUpdate({ ...(text.trim() === "" ? {} : { text: text.trim() }), ...(cited === undefined ? {} : { entry: cited }), ...markingSent(marking, facts.you), ...sent })).seq}
      onDone={(seq) => {
        kept.sent();
        onDone(seq);
      }}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <BroughtBack draft={kept} />
          <p className="dialog__lead">If nothing has changed, say so: people who wait want to know that.</p>
          <TextArea id="text" label="What they are told" rows={4} maxLength={4000} error={errorOf("text")} value={text} onChange={(e) => setText(e.target.value)} />
          <TextField id="entry" label={<>Or the entry that says it {optional}</>} hint="The number of a message, brief or item." inputMode="numeric" className="nhsuk-input--width-5" error={errorOf("entry")} value={entry} onChange={(e) => setEntry(e.target.value)} />
          <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience") ?? errorOf("tlp")} />
        </>
      )}
    </Question>
  );
}

/** Puts the next meeting off, once. */
export function PutOffDialog({ facts, head, acts, serverNow, onClose }: Pick<Form, "facts" | "head" | "acts" | "onClose"> & { serverNow: number }) {
  const [until, setUntil] = useState(noMoment);
  const due = facts.cadence.meeting.due ?? new Date(serverNow).toISOString();
  const to = momentGiven(until, serverNow, "future");
  return (
    <Question
      title="Put the next meeting off"
      action="Put it off"
      host={isHost(facts)}
      head={head}
      check={() => [to === null ? { name: "until", message: "Say when it is instead." } : to === "unclear" ? unclearMoment("until") : null]}
      reason={{ label: "Reason", hint: "Everyone in the room reads it.", missing: "Say why it can wait." }}
      onDo={({ reason, seen, sent }) => acts.putOffMeeting(to === null || to === "unclear" ? due : to.at, reason, seen, sent)}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>It is due at {shortMoment(due, new Date(serverNow))}. It can be put off once, by one interval at most.</p>
          <MomentField id="until" label="Until" dir="future" now={serverNow} error={errorOf("until")} value={until} onChange={setUntil} />
        </>
      )}
    </Question>
  );
}

/** Puts the next update off for a little. */
export function SnoozeDialog({ facts, head, acts, onClose }: Pick<Form, "facts" | "head" | "acts" | "onClose">) {
  const [minutes, setMinutes] = useState(30);
  const left = 2 - facts.cadence.update.snoozed;
  return (
    <Question title="Put the next update off" action="Put it off" head={head} host={isHost(facts)} onDo={({ seen }) => acts.snoozeUpdate(minutes, seen)} onClose={onClose}>
      {(errorOf) => (
        <>
          <p>{left > 1 ? "It can be put off twice, by an hour at most each time." : "It was put off once already; this is the last time."} Everyone in the room sees it.</p>
          <SelectField id="minutes" label="By" error={errorOf("minutes")} value={minutes} onChange={(e) => setMinutes(Number(e.target.value))}>
            {[15, 30, 60].map((n) => (
              <option key={n} value={n}>
                {n} minutes
              </option>
            ))}
          </SelectField>
        </>
      )}
    </Question>
  );
}

/** Asks for the next update. */
export function RequestUpdateDialog({ facts, acts, onClose }: Pick<Form, "facts" | "acts" | "onClose">) {
  return (
    <Question
      title="Ask for an update"
      action="Ask for it"
      host={isHost(facts)}
      reason={{ label: <>What about {optional}</>, hint: "The hosts read it.", name: "text" }}
      onDo={({ reason, sent }) => acts.requestUpdate(reason, sent)}
      onClose={onClose}
    >
      <p>The leads are told at once. You can ask again in a quarter of an hour.</p>
    </Question>
  );
}

const choices = [15, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 2880, 10080];

/** Sets other intervals than the severity asks for. */
export function IntervalsDialog({ facts, head, acts, onStepUp, onClose }: Pick<Form, "facts" | "head" | "acts" | "onClose"> & { onStepUp: () => void }) {
  const { set } = facts.cadence;
  const [to, setTo] = useState<Record<Rhythm, number>>({ meeting: set?.meeting.minutes ?? 0, sitrep: set?.sitrep.minutes ?? 0, update: set?.update.minutes ?? 0 });
  const longer = rhythms.some((of) => every(facts, of) > 0 && (to[of] || demanded(facts, of)) > every(facts, of));
  return (
    <Question
      title="How often"
      action="Set it"
      host={isHost(facts)}
      head={head}
      reason={{ label: "Reason", hint: "Everyone in the room reads it.", missing: "Say why." }}
      onDo={({ reason, seen, sent }) => acts.setCadence({ ...to, reason, ...sent }, seen)}
      onRefused={(p) => p.fault === "step_up" && onStepUp()}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>A graver severity than stands now counts again, whatever is set here.</p>
          {rhythms.map((of) => (
            <SelectField key={of} id={of} label={`${rhythmTitle[of]}s`} error={errorOf(of)} value={to[of]} onChange={(e) => setTo({ ...to, [of]: Number(e.target.value) })}>
              <option value={0}>As the severity asks{demanded(facts, of) > 0 ? `: ${everyWords(demanded(facts, of))}` : ""}</option>
              {choices.map((n) => (
                <option key={n} value={n}>
                  {everyWords(n).replace("every", "Every")}
                </option>
              ))}
            </SelectField>
          ))}
          {longer ? <p className="fact__source">Fewer {rhythmPlural.meeting}, reports or updates than now: this takes your second factor.</p> : null}
        </>
      )}
    </Question>
  );
}
