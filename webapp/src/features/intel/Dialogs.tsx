import { useMemo, useState } from "react";
import type { ReleaseReply } from "../../protocol/intel";
import type { Opens, Overriding } from "../../protocol/rest";
import type { ApiError } from "../../protocol/problem";
import type { Audience, Facts, Marking, Seq, TLP } from "../../protocol/types";
import { byCalled, orgNamed } from "../../room/called";
import type { Release } from "../../room/item";
import { audienceTells } from "../../room/roster";
import { isHost } from "../../room/select";
import type { RoomObject } from "../../room/state";
import type { RoomStore } from "../../room/store";
import { AudiencePicker, audienceProblem, audienceSent, pickerOf, type PickerAudience } from "../../ui/AudiencePicker";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { RadioGroup, SelectField, TextArea, TextField } from "../../ui/Field";
import { labelHint, labels, rank } from "../../ui/label";
import { Question } from "../../ui/Question";
import type { AskReceivers } from "../../ui/usePreflight";
import { limitsOf, limitsSent, type Limits } from "./draft";
import { LimitFields } from "./LimitFields";
import { Looks } from "../../ui/Looks";
import { Receipts } from "./Receipts";

const peopleOf = (facts: Facts) => facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }));

/** Who opened an entry, and who has not. */
export function OpensDialog({ seq, sealed, facts, load, onClose }: { seq: Seq; sealed: boolean; facts: Facts; load: () => Promise<Opens>; onClose: () => void }) {
  return (
    <Dialog title={`Who opened entry ${seq}`} onClose={onClose}>
      <Receipts facts={facts} load={load} sealed={sealed} />
    </Dialog>
  );
}

/** Takes an entry back, for good; then says who had it by then. */
export function RecallDialog({ seq, marking, facts, recall, opens, onClose }: { seq: Seq; marking: Marking; facts: Facts; recall: (reason: string, by: Overriding) => Promise<unknown>; opens: () => Promise<Opens>; onClose: () => void }) {
  const [done, setDone] = useState(false);
  const sealed = marking.tlp === "TLP:RED" || marking.recorded === true;
  if (done) {
    return (
      <Dialog title={`Entry ${seq} is recalled`} wide onClose={onClose}>
        <p>It is gone from every screen, search and export but those of {orgNamed(facts, marking.originator)}. What people have read, they have read.</p>
        <Receipts facts={facts} load={opens} sealed={sealed} recalled />
        <div className="actions">
          <Button onClick={onClose}>Done</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Question title={`Recall entry ${seq}?`} action="Recall it" warning host={isHost(facts)} reason={{ line: true, max: 500, missing: "Say why. The reason stays in the log." }} onDo={({ reason, sent }) => recall(reason, sent)} onDone={() => setDone(true)} onClose={onClose}>
      <p>
        It leaves every screen, search, notification and export at once; only {orgNamed(facts, marking.originator)} sees it then. That it was shared, and recalled, stays in the record, and decisions that cite it will say so.
        {facts.room.cell ? " What was brought of it to the main room is recalled there too." : ""}
      </p>
      <p>
        <strong>This cannot be undone.</strong> To share it again, share it anew. What people have read, they have read: you will see who.
      </p>
    </Question>
  );
}

type Reach = "as it is" | "room" | "hosts" | "named";
const nobody: PickerAudience = { kind: "named", members: [], orgs: [] };

/** Asks an entry's originator to let it go further. */
export function AskReleaseDialog({ seq, marking, facts, onAsk, onClose }: { seq: Seq; marking: Marking; facts: Facts; onAsk: RoomStore["askRelease"]; onClose: () => void }) {
  const wider = labels.filter((l) => rank(l) <= rank(marking.tlp)).toReversed();
  const [why, setWhy] = useState("");
  const [tlp, setTlp] = useState(marking.tlp);
  const [reach, setReach] = useState<Reach>("as it is");
  const [named, setNamed] = useState(nobody);
  const from = orgNamed(facts, marking.originator);
  const red = tlp === "TLP:RED";
  const chosen: PickerAudience = reach === "named" ? named : { ...nobody, kind: reach === "hosts" ? "hosts" : "room" };
  const { members, ...rest } = audienceSent(chosen, red, facts.you);
  const audience = { ...rest, ...(members ? { members: members.filter((n) => n !== facts.you) } : {}) }; // who else: the one who asks has it
  return (
    <Question
      title={`Ask to share entry ${seq} further`}
      wide
      kind="sheet"
      action={`Ask ${from}`}
      host={isHost(facts)}
      check={() => [
        why.trim() === "" ? { name: "why", message: `Say what you need it for, so that ${from} can decide.` } : null,
        tlp === marking.tlp && reach === "as it is" ? { name: "tlp", message: "Choose the label you need, or who else should receive it." } : null,
        reach === "as it is" ? null : audienceWrong(facts, chosen, audience, red),
      ]}
      onDo={({ sent }) => onAsk(seq, { why: why.trim(), ...(tlp === marking.tlp ? {} : { tlp }), ...(reach === "as it is" ? {} : { audience }), ...sent })}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>
            {from} sees that you ask, and why, and answers in one tap. <strong>Silence is not consent:</strong> until they agree, its label stands.
          </p>
          <TextField id="why" prose label="What you need it for" hint="Whom you want to tell, and what they would do with it." maxLength={500} error={errorOf("why")} value={why} onChange={(e) => setWhy(e.target.value)} />
          <LabelField label="Label you ask for" among={wider} asItIs={marking.tlp} value={tlp} onChange={setTlp} error={errorOf("tlp")} />
          <RadioGroup
            id="audience"
            name="audience"
            legend="Who else in this room should receive it"
            small
            value={reach}
            onChange={setReach}
            error={reach === "named" ? undefined : errorOf("audience")}
            choices={[
              { value: "as it is", label: "Nobody else" },
              ...(red ? [] : [{ value: "room" as const, label: "Everyone in the room" }, { value: "hosts" as const, label: "The hosts" }]),
              { value: "named", label: red ? "Named people" : "Named people and organisations" },
            ]}
          />
          {reach === "named" ? <AudiencePicker value={named} onChange={(a) => setNamed({ ...a, kind: "named" })} people={peopleOf(facts)} me={facts.you} red={red} only="named" error={errorOf("audience")} /> : null}
        </>
      )}
    </Question>
  );
}

/** One of the labels, with what it means. */
function LabelField({ label, among, asItIs, value, onChange, error }: { label: string; among: readonly TLP[]; asItIs?: TLP; value: TLP; onChange: (next: TLP) => void; error: string | undefined }) {
  return (
    <SelectField id="tlp" label={label} hint={labelHint(value)} error={error} value={value} onChange={(e) => onChange(labels.find((l) => l === e.target.value) ?? value)}>
      {among.map((l) => (
        <option key={l} value={l}>
          {l}
          {l === asItIs ? " (as it is)" : ""}
        </option>
      ))}
    </SelectField>
  );
}

/** What is wrong with a choice of readers. */
const audienceWrong = (facts: Facts, chosen: PickerAudience, sent: Audience, red: boolean) => {
  const message = audienceProblem(chosen, red, facts.you) ?? audienceTells(facts, sent, facts.you);
  return message ? { name: "audience", message } : null;
};

/** Everyone whom either reaches. */
const both = (facts: Facts, a: Audience, b: Audience): PickerAudience => {
  if (a.kind === "room" || b.kind === "room") return { ...nobody, kind: "room" };
  if (a.kind === "hosts" && b.kind === "hosts") return { ...nobody, kind: "hosts" };
  const members = (x: Audience) => x.members ?? [];
  const orgs = (x: Audience) => (x.kind === "hosts" ? facts.room.hosts : (x.orgs ?? []));
  return { kind: "named", members: [...new Set([...members(a), ...members(b)])], orgs: [...new Set([...orgs(a), ...orgs(b)])] };
};

/** Whom an answer lets in. */
const releaseLook = (entry: Seq, r: ReleaseReply, tlp: TLP | undefined) => ({ what: `Entry ${entry} will be ${r.tlp ?? tlp}. What people have read, they have read: this cannot be taken back from them.`, ask: { entry, ...(r.tlp ? { tlp: r.tlp } : {}), ...(r.audience ? { audience: r.audience } : {}) } });

/** Agrees to a request as it is, once it is shown who then receives it. */
export function AgreeReleaseDialog({ root, asked, entry, facts, onAnswer, onAsk, onSent, onRefused, onClose }: { root: Seq; asked: { object: RoomObject; release: Release }; entry: Marking; facts: Facts; onAnswer: RoomStore["answerRelease"]; onAsk: AskReceivers; onSent: () => void; onRefused: (e: ApiError) => void; onClose: () => void }) {
  const { release } = asked;
  // As it stood when it was agreed to: that is what is shown, and sent.
  const [reply] = useState<ReleaseReply>(() => ({
    grant: true,
    ...(release.tlp ? { tlp: release.tlp } : {}),
    ...(release.audience ? { audience: whole(both(facts, entry.audience, release.audience)) } : {}),
  }));
  const looks = useMemo(() => [releaseLook(release.entry, reply, entry.tlp)], [release.entry, reply, entry.tlp]);
  return (
    <Dialog title={`Agree to what ${byCalled(facts, asked.object.by ?? {})} asks?`} wide onClose={onClose}>
      <p>{looks[0]?.what}</p>
      <Looks looks={looks} me={facts.you} action="Agree" onAsk={onAsk} onSend={([shown]) => onAnswer(root, { ...reply, ...(shown === undefined ? {} : { shown }) })} onSent={onSent} onRefused={onRefused} onBack={onClose} />
    </Dialog>
  );
}

/** As it is sent: all of those, and nobody beside. */
const whole = (a: PickerAudience): Audience => (a.kind === "named" ? { kind: "named", ...(a.members.length > 0 ? { members: a.members } : {}), ...(a.orgs.length > 0 ? { orgs: a.orgs } : {}) } : { kind: a.kind });

/** Answers a request with another label or other readers than were asked for. */
export function AnswerReleaseDialog({ root, asked, entry, facts, onAnswer, onAsk, onClose }: { root: Seq; asked: { object: RoomObject; release: Release }; entry: RoomObject | null; facts: Facts; onAnswer: RoomStore["answerRelease"]; onAsk: AskReceivers; onClose: () => void }) {
  const { release } = asked;
  const was = entry?.marking ?? null;
  const [limits, setLimits] = useState<Limits | null>(() => (was ? { ...limitsOf(was), tlp: release.tlp ?? was.tlp, audience: release.audience ? both(facts, was.audience, release.audience) : pickerOf(was.audience) } : null));
  const [grant, setGrant] = useState<"yes" | "no">("yes");
  const [why, setWhy] = useState("");
  const to = grant === "yes" && limits && was ? limitsSent(limits, facts) : null;
  const reply: ReleaseReply = {
    grant: grant === "yes",
    ...(to && limits && was
      ? { ...(limits.tlp === was.tlp ? {} : { tlp: limits.tlp }), audience: to.audience, ...(limits.recorded === (was.recorded ?? false) ? {} : { recorded: limits.recorded }) }
      : {}),
    ...(why.trim() === "" ? {} : { why: why.trim() }),
  };
  return (
    <Question
      title={`Answer ${byCalled(facts, asked.object.by ?? {})}`}
      wide
      kind="sheet"
      action={grant === "yes" ? "Agree" : "Refuse"}
      host={isHost(facts)}
      check={() => [to && limits ? audienceWrong(facts, limits.audience, to.audience, limits.tlp === "TLP:RED") : null]}
      look={() => (to ? releaseLook(release.entry, reply, was?.tlp) : null)}
      me={facts.you}
      onAsk={onAsk}
      onDo={({ sent }) => onAnswer(root, { ...reply, ...sent })}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>
            About entry {release.entry}: {release.why}
          </p>
          <RadioGroup
            id="grant"
            name="grant"
            legend="May it go further?"
            small
            value={grant}
            onChange={setGrant}
            choices={[
              { value: "yes", label: "Yes, as follows", hint: "Its label and readers change at once, for everyone who then receives it." },
              { value: "no", label: "No", hint: "Nothing changes." },
            ]}
          />
          {grant === "yes" && limits ? <LimitFields value={limits} onChange={setLimits} facts={facts} errorOf={errorOf} /> : null}
          <TextField id="why" prose label={<>Your answer in words <span className="optional">(can be left empty)</span></>} maxLength={500} error={errorOf("why")} value={why} onChange={(e) => setWhy(e.target.value)} />
        </>
      )}
    </Question>
  );
}

/** Says that another item is the same thing: this one goes on, with both sources. */
export function MergeDialog({ seq, others, onMerge, onClose }: { seq: Seq; others: readonly { root: Seq; title: string }[]; onMerge: (other: Seq) => Promise<unknown>; onClose: () => void }) {
  const [other, setOther] = useState("");
  return (
    <Question title={`Merge another item into entry ${seq}`} action="Merge them" idle={others.length === 0} check={() => [other === "" ? { name: "other", message: "Choose the other item." } : null]} onDo={() => onMerge(Number(other))} onClose={onClose}>
      {(errorOf) => (
        <>
          <p>They turned out to be the same thing. Entry {seq} goes on, with the sources of both; the other says where it goes on. Neither is deleted.</p>
          {others.length === 0 ? (
            <p className="quiet">There is no other item of your organisation here.</p>
          ) : (
            <SelectField id="other" label="The other item" error={errorOf("other")} value={other} onChange={(e) => setOther(e.target.value)}>
              <option value="">Choose</option>
              {others.map((o) => (
                <option key={o.root} value={o.root}>
                  {o.root}: {o.title}
                </option>
              ))}
            </SelectField>
          )}
        </>
      )}
    </Question>
  );
}

/** The originator's wording that may go further than the item. */
export function TearLineDialog({ seq, facts, onAdd, onAsk, onClose }: { seq: Seq; facts: Facts; onAdd: RoomStore["addTearLine"]; onAsk: AskReceivers; onClose: () => void }) {
  const [text, setText] = useState("");
  const [limits, setLimits] = useState<Limits>({ tlp: "TLP:GREEN", audience: { kind: "room", members: [], orgs: [] }, pap: "", caveat: "", recorded: false });
  const { tlp, audience } = limitsSent(limits, facts);
  const red = tlp === "TLP:RED";
  return (
    <Question
      title={`Add a tear-line to entry ${seq}`}
      wide
      kind="sheet"
      action="Add it"
      host={isHost(facts)}
      check={() => [text.trim() === "" ? { name: "text", message: "Write what others may have." } : null, audienceWrong(facts, limits.audience, audience, red)]}
      look={() => ({ what: `The tear-line will be ${tlp}.`, ask: { item: true, tlp, audience } })}
      me={facts.you}
      onAsk={onAsk}
      onDo={({ sent }) => onAdd(seq, { text: text.trim(), tlp, audience, ...sent })}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>Your own wording that may go further than the rest. It becomes an entry of its own.</p>
          <TextArea id="text" label="The words that may go further" rows={4} maxLength={16_000} error={errorOf("text")} value={text} onChange={(e) => setText(e.target.value)} />
          <LabelField label="Label" among={labels.toReversed()} value={tlp} onChange={(next) => setLimits({ ...limits, tlp: next })} error={errorOf("tlp")} />
          <AudiencePicker value={limits.audience} onChange={(a) => setLimits({ ...limits, audience: a })} people={peopleOf(facts)} me={facts.you} red={red} error={errorOf("audience")} />
        </>
      )}
    </Question>
  );
}
