import { useState } from "react";
import { statutes, type Statute, type Via, vias } from "../../protocol/statutory";
import type { Facts, MemberFacts, MemberNo, OrgID, Seq } from "../../protocol/types";
import { memberCalled, orgNamed } from "../../room/called";
import { keepsClock } from "../../room/may";
import { isHost, you } from "../../room/select";
import { hasRegulator, hoursOf, type StatutoryClock } from "../../room/statutory";
import type { RoomStore } from "../../room/store";
import { Dialog } from "../../ui/Dialog";
import { SelectField, TextArea, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { MomentField, momentGiven, noMoment, unclearMoment } from "../../ui/MomentField";
import { numbersIn } from "../../ui/numbers";
import { type Answered, Question } from "../../ui/Question";
import { statuteLaw, statuteLimit, statuteName, viaName } from "../../ui/statutory";
import { longDay, timeOfDay } from "../../ui/time";
import { useNow } from "../../ui/useNow";
import { useSubmit } from "../../ui/useSubmit";

export type ClockActs = Pick<RoomStore, "startClock" | "correctClock" | "handClock" | "evidenceClock" | "withdrawClock" | "chaseClock">;

/** When its hours are over, in words; "" where the law names none. */
export function endWords(statute: Statute, aware: string): string {
  const hours = hoursOf(statute);
  if (hours === null) return "The law names no hours: do it without undue delay. You are reminded every day.";
  const end = new Date(Date.parse(aware) + hours * 3_600_000);
  return hours === 0 ? "It is due at once." : `The ${hours} hours end on ${longDay(end)} at ${timeOfDay(end)}.`;
}

function ViaField({ value, onChange, org, error }: { value: Via | ""; onChange: (v: Via | "") => void; org: string; error: string | undefined }) {
  return (
    <SelectField id="via" label="How did they tell you?" hint={`You write this for ${org}. It is recorded that you did.`} error={error} value={value} onChange={(e) => onChange(e.target.value as Via | "")}>
      <option value="">Choose</option>
      {vias.map((v) => (
        <option key={v} value={v}>
          {viaName[v].charAt(0).toUpperCase() + viaName[v].slice(1)}
        </option>
      ))}
    </SelectField>
  );
}

const able = (m: MemberFacts): boolean => m.state === "joined" && m.number > 0 && m.name !== "" && !["observer", "auditor"].includes(m.role);

function OwnerField({ facts, org, value, onChange, error }: { facts: Facts; org: OrgID; value: MemberNo; onChange: (n: MemberNo) => void; error: string | undefined }) {
  return (
    <SelectField id="owner" label="Who sees to it?" hint="They are reminded. It is theirs at once, and they can hand it on." error={error} value={value} onChange={(e) => onChange(Number(e.target.value))}>
      <option value={0}>Whoever speaks for {orgNamed(facts, org)}</option>
      {facts.members
        .filter((m) => m.org === org && able(m))
        .map((m) => (
          <option key={m.number} value={m.number}>
            {memberCalled(facts, m.number)}
            {m.number === facts.you ? " (you)" : ""}
          </option>
        ))}
    </SelectField>
  );
}

/** Starts a clock: of a personal data breach at once, or of what is chosen. statute null: it is asked. */
export function StartClockDialog({ statute: preset, facts, skew, onStart, onDone, onClose }: { statute: Statute | null; facts: Facts; skew: number; onStart: RoomStore["startClock"]; onDone: (seq: Seq) => void; onClose: () => void }) {
  const me = you(facts);
  const now = useNow(skew).getTime();
  const [statute, setStatute] = useState<Statute | "">(preset ?? "");
  const [org, setOrg] = useState<OrgID>(me?.org ?? "");
  const [owner, setOwner] = useState<MemberNo>(facts.you);
  const [via, setVia] = useState<Via | "">("");
  const [aware, setAware] = useState(noMoment);
  const [known, setKnown] = useState("");
  const [start, setStart] = useState("");
  const submit = useSubmit();
  const orgs = [...new Set(facts.members.filter((m) => m.state === "joined" && m.org !== "" && me && keepsClock(me, m.org)).map((m) => m.org))];
  const theirs = org !== me?.org;
  const at = momentGiven(aware, now, "past");
  const meant = at === "unclear" ? null : (at?.at ?? new Date(now).toISOString());
  const pick = (next: OrgID) => {
    setOrg(next);
    setOwner(next === me?.org ? facts.you : 0);
    setVia("");
  };
  const save = async () => {
    const errors = [
      statute === "" ? { name: "statute", message: "Choose what has to be told, and to whom." } : null,
      meant === null ? unclearMoment("aware") : null,
      theirs && via === "" ? { name: "via", message: "Say how they told you." } : null,
    ].filter((x) => x !== null);
    if (errors.length > 0 || statute === "" || meant === null) {
      submit.refuse(errors);
      return;
    }
    let made = 0;
    const first = numbersIn(start)[0];
    const ok = await submit.run(async () => {
      const said = { statute, aware: meant, ...(known.trim() === "" ? {} : { known: known.trim() }), ...(first === undefined ? {} : { start: first }), ...(owner === 0 ? {} : { owner }) };
      made = (await onStart({ ...said, ...(theirs ? { org, ...(via === "" ? {} : { via }) } : {}), ...submit.overriding() })).seq;
    });
    if (ok) onDone(made);
  };
  return (
    <Dialog title={preset === "gdpr_33" ? "Personal data breach suspected" : "Start a statutory clock"} wide kind="sheet" onClose={onClose}>
      <p className="dialog__lead">You need not know everything to start. {theirs ? `${orgNamed(facts, org)} and the hosts see it` : "Your organisation and the hosts see it"}, and no other guest. Nothing is sent to a regulator from here.</p>
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      {preset === null ? (
        <SelectField id="statute" label="What has to be told, and to whom?" error={submit.errorOf("statute")} value={statute} onChange={(e) => setStatute(e.target.value as Statute | "")}>
          <option value="">Choose</option>
          {statutes
            .filter((s) => s !== "ndg_told" || isHost(facts))
            .map((s) => (
              <option key={s} value={s}>
                {statuteName[s]} ({statuteLaw[s]})
              </option>
            ))}
        </SelectField>
      ) : null}
      {statute === "" ? null : <p className="clock-limit">{statuteLimit[statute]}</p>}
      {orgs.length > 1 ? (
        <SelectField id="org" label="Which organisation owes it?" error={submit.errorOf("org")} value={org} onChange={(e) => pick(e.target.value)}>
          {orgs.map((o) => (
            <option key={o} value={o}>
              {orgNamed(facts, o)}
              {o === me?.org ? " (yours)" : ""}
            </option>
          ))}
        </SelectField>
      ) : null}
      {theirs ? <ViaField value={via} onChange={setVia} org={orgNamed(facts, org)} error={submit.errorOf("via")} /> : null}
      <MomentField id="aware" label={theirs ? "When did they become aware of it?" : "When did you become aware of it?"} hint="When somebody of the organisation was sure enough of it. Leave it empty for now." value={aware} onChange={setAware} now={now} dir="past" error={submit.errorOf("aware")} />
      {statute === "" || meant === null ? null : (
        <p className="clock-end" role="status">
          {endWords(statute, meant)}
        </p>
      )}
      <TextArea id="known" label={<>What is known <span className="optional">(can be left empty)</span></>} hint="In a few words. No patient’s name or number." rows={3} maxLength={2000} error={submit.errorOf("known")} value={known} onChange={(e) => setKnown(e.target.value)} />
      <OwnerField facts={facts} org={org} value={owner} onChange={setOwner} error={submit.errorOf("owner")} />
      <TextField id="start" label={<>The entry it begins with <span className="optional">(can be left empty)</span></>} hint="Its number, for example 12." inputMode="numeric" className="nhsuk-input--width-5" error={submit.errorOf("start")} value={start} autoComplete="off" onChange={(e) => setStart(e.target.value)} />
      <FormButtons stuck busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Start the clock
      </FormButtons>
    </Dialog>
  );
}

/** Records that ministers were told; with it the clock for the National Data Guardian starts. */
export function MinistersDialog({ facts, skew, onBrief, onDone, onClose }: { facts: Facts; skew: number; onBrief: RoomStore["briefMinisters"]; onDone: (seq: Seq) => void; onClose: () => void }) {
  const now = useNow(skew).getTime();
  const [when, setWhen] = useState(noMoment);
  const at = momentGiven(when, now, "past");
  return (
    <Question
      title="Ministers were told"
      action="Record it"
      host={isHost(facts)}
      reason={{ label: "Who was told, and of what", hint: "Only the hosts see it.", name: "text", missing: "Say who was told, and of what.", max: 2000, rows: 3 }}
      check={() => [at === "unclear" ? unclearMoment("at") : null]}
      onDo={({ reason, sent }: Answered) => onBrief({ text: reason, ...(at === null || at === "unclear" ? {} : { at: at.at }), ...sent })}
      onDone={(r) => onDone(r.seq)}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>The National Data Guardian is told at the same time. The clock for that starts at once, for whoever holds the post of communications, else for who leads.</p>
          <MomentField id="at" label="When were they told?" hint="Leave it empty for now." value={when} onChange={setWhen} now={now} dir="past" error={errorOf("at")} />
        </>
      )}
    </Question>
  );
}

export type ClockAnswer = "correct" | "hand" | "evidence" | "withdraw" | "chase";

const words: Record<ClockAnswer, { title: string; act: string; warning?: true; label: string; hint: string; missing?: string; max?: number; name?: string }> = {
  correct: { title: "Correct the time of awareness", act: "Correct it", label: "Reason", hint: "Both times stay in the record.", missing: "Say why the time is another." },
  hand: { title: "Hand this clock on", act: "Hand it on", label: "Reason", hint: "It is theirs at once." },
  evidence: { title: "Say that it is done", act: "It is done", label: "How one can tell", hint: "Who was told, and how.", name: "note", max: 2000 },
  withdraw: { title: "It need not be told", act: "Withdraw it", warning: true, label: "Why not", hint: "The reason an inquiry would ask for. It stays in the record.", missing: "Say why it need not be told.", max: 4000 },
  chase: { title: "Chase this clock", act: "Send the reminder", label: "Reminder", hint: "The organisation that owes it reads it.", name: "text" },
};

/** Everything that is said about a clock that runs. */
export function ClockDialog({ what, seq, clock: c, facts, head, skew, acts, onClose }: { what: ClockAnswer; seq: Seq; clock: StatutoryClock; facts: Facts; head: number; skew: number; acts: ClockActs; onClose: () => void }) {
  const now = useNow(skew).getTime();
  const [when, setWhen] = useState(noMoment);
  const [owner, setOwner] = useState<MemberNo>(c.owner);
  const [reference, setReference] = useState("");
  const [cites, setCites] = useState("");
  const [via, setVia] = useState<Via | "">("");
  const theirs = you(facts)?.org !== c.org && what !== "chase";
  const regulator = hasRegulator(c.statute);
  const at = momentGiven(when, now, "past");
  const given = at === null || at === "unclear" ? null : at.at;
  const { title, act, warning, ...reason } = words[what];
  const missing = what === "evidence" && !regulator ? "Say how one can tell that it is done." : reason.missing;
  const done = ({ reason: text, seen, sent }: Answered) => {
    const said = { seen, ...(via === "" ? {} : { via }), ...sent };
    switch (what) {
      case "correct":
        return acts.correctClock(seq, { ...said, aware: given ?? new Date(now).toISOString(), reason: text });
      case "hand":
        return acts.handClock(seq, { ...said, owner, ...(text === "" ? {} : { reason: text }) });
      case "evidence":
        return acts.evidenceClock(seq, { ...said, ...(given === null ? {} : { done: given }), ...(text === "" ? {} : { note: text }), ...(reference.trim() === "" ? {} : { reference: reference.trim() }), ...(numbersIn(cites).length === 0 ? {} : { cites: numbersIn(cites) }) });
      case "withdraw":
        return acts.withdrawClock(seq, { ...said, reason: text });
      case "chase":
        return acts.chaseClock(seq, text, sent);
    }
  };
  const moved = what === "correct" && given !== null ? endWords(c.statute, given) : "";
  return (
    <Question
      title={title}
      action={act}
      warning={warning ?? false}
      head={head}
      host={isHost(facts)}
      reason={{ ...reason, ...(missing === undefined ? {} : { missing }) }}
      after={(errorOf) => (what === "evidence" ? <TextField id="cites" label={<>Entries that show it <span className="optional">(can be left empty)</span></>} hint="Their numbers, for example 12, 14." error={errorOf("cites")} value={cites} autoComplete="off" onChange={(e) => setCites(e.target.value)} /> : null)}
      check={() => [
        theirs && via === "" ? { name: "via", message: "Say how they told you." } : null,
        at === "unclear" ? unclearMoment(what === "correct" ? "aware" : "done") : null,
        what === "correct" && at === null ? { name: "aware", message: "Enter the time that is right." } : null,
        what === "evidence" && regulator && reference.trim() === "" ? { name: "reference", message: "Enter the reference that the regulator gave. If it gave none, say so here." } : null,
        what === "hand" && owner === c.owner ? { name: "owner", message: "Choose who gets it." } : null,
      ]}
      onDo={done}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          {theirs ? <ViaField value={via} onChange={setVia} org={orgNamed(facts, c.org)} error={errorOf("via")} /> : null}
          {what === "correct" ? <MomentField id="aware" label="When did they become aware of it?" value={when} onChange={setWhen} now={now} dir="past" error={errorOf("aware")} /> : null}
          {moved === "" ? null : (
            <p className="clock-end" role="status">
              {moved}
            </p>
          )}
          {what === "hand" ? <OwnerField facts={facts} org={c.org} value={owner} onChange={setOwner} error={errorOf("owner")} /> : null}
          {what === "evidence" ? (
            <>
              <MomentField id="done" label="When was it done?" hint="Leave it empty for now." value={when} onChange={setWhen} now={now} dir="past" error={errorOf("done")} />
              {regulator ? <TextField id="reference" label="Reference the regulator gave" hint="If it gave none, say so." maxLength={200} error={errorOf("reference")} value={reference} autoComplete="off" onChange={(e) => setReference(e.target.value)} /> : null}
            </>
          ) : null}
        </>
      )}
    </Question>
  );
}
