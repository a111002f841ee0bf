import { useEffect, useRef, useState } from "react";
import { type BroadcastDraft, type BroadcastPreview, type BroadcastPurpose, broadcastPurposes } from "../../protocol/broadcast";
import { contactRoles, type ContactRole } from "../../protocol/directory";
import { type Facts, type History, type OrgType, orgTypes, type Seq } from "../../protocol/types";
import { isHost } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { keptWords, pounds, purposeName, reachWords } from "../../ui/broadcast";
import { Button } from "../../ui/Button";
import { contactRoleName, contactRoleShort } from "../../ui/contact";
import { Dialog } from "../../ui/Dialog";
import { Checkbox, RadioGroup, TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { Icon } from "../../ui/Icon";
import { orgTypeName } from "../../ui/names";
import { BroughtBack, useDraft } from "../../ui/useDraft";
import { useSubmit } from "../../ui/useSubmit";
import { list, plural } from "../../ui/words";

/** The types of organisation that are written to, the commonest first; the others can be listed by code. */
const offered: readonly OrgType[] = orgTypes.filter((t) => !["host", "audit", "other", "law_enforcement", "government", "supplier"].includes(t));

/** Codes as people paste them: by commas, spaces or lines, in any case, each once. */
export const codesOf = (text: string): readonly string[] => [...new Set(text.toUpperCase().split(/[\s,;]+/).filter((c) => c !== ""))];

const toggled = <T,>(all: readonly T[], one: T): readonly T[] => (all.includes(one) ? all.filter((x) => x !== one) : [...all, one]);

type Props = { facts: Facts; acts: Pick<RoomStore, "previewBroadcast" | "askBroadcast">;
  /** What it is begun with. */
  begin?: BroadcastPurpose; onDone: (seq: Seq) => void; onClose: () => void };

const hints: Record<BroadcastPurpose, string> = {
  raised: "Each contact is told this once, for this incident.",
  update: "Goes to everyone who was told that it is raised, and to whoever you choose beside.",
  invite: "Each gets a code of their own, by text message, and comes in as a representative of their organisation.",
};

/** Chooses whom to tell or invite, shows who that is and what they would read, and asks the other host. */
export function BroadcastDialog({ facts, acts, begin = "raised", onDone, onClose }: Props) {
  const [purpose, setPurpose] = useState<BroadcastPurpose>(begin);
  const [history, setHistory] = useState<History>("from_join");
  const [types, setTypes] = useState<readonly OrgType[]>([]);
  const [roles, setRoles] = useState<readonly ContactRole[]>([]);
  const [codes, setCodes] = useState("");
  const [preview, setPreview] = useState<BroadcastPreview | null>(null);
  const submit = useSubmit();
  const kept = useDraft("broadcast", { purpose: purpose as string, types, roles, codes, history: history as string }, (was) => {
    setPreview(null);
    setPurpose(broadcastPurposes.find((p) => p === was.purpose) ?? "raised");
    setTypes(offered.filter((t) => was.types.includes(t)));
    setRoles(contactRoles.filter((r) => was.roles.includes(r)));
    setCodes(was.codes);
    setHistory(was.history === "full" ? "full" : "from_join");
  });
  const inviting = purpose === "invite";
  const draft: BroadcastDraft = { purpose, types, orgs: codesOf(codes), roles, ...(inviting ? { history } : {}) };
  const changing = <T,>(set: (v: T) => void) => (v: T) => {
    setPreview(null);
    set(v);
  };
  const look = async () => {
    if (purpose !== "update" && types.length === 0 && draft.orgs.length === 0) {
      submit.refuse([{ name: "types", message: "Choose organisations by type, or list their codes." }]);
      return;
    }
    await submit.run(async () => setPreview(await acts.previewBroadcast(draft)));
  };
  const ask = async () => {
    let made = 0;
    if (!(await submit.run(async () => (made = (await acts.askBroadcast(draft)).seq)))) return;
    kept.sent();
    onDone(made);
  };
  return (
    <Dialog title={inviting ? "Invite organisations into this room" : "Tell organisations by text message"} wide kind="sheet" onClose={onClose}>
      <p className="dialog__lead">
        {inviting ? "A text message goes to each contact, with a code that is theirs alone. It says" : "A text message and an e-mail go to each contact. They say"} nothing of what the incident is. Nothing goes out before somebody of the other host agrees.
      </p>
      <BroughtBack draft={kept} />
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void (preview ? ask() : look())} />
      <RadioGroup<BroadcastPurpose>
        legend="What is it for?"
        name="purpose"
        value={purpose}
        onChange={changing(setPurpose)}
        choices={broadcastPurposes.map((p) => ({ value: p, label: purposeName[p], hint: hints[p] }))}
      />
      <fieldset className="nhsuk-fieldset broadcast__choice" aria-describedby={submit.errorOf("types") ? "types-error" : undefined}>
        <legend className="nhsuk-fieldset__legend">Organisations of these types{purpose === "update" ? " beside" : ""}</legend>
        {submit.errorOf("types") ? (
          <p className="nhsuk-error-message" id="types-error">
            {submit.errorOf("types")}
          </p>
        ) : null}
        <div className="broadcast__checks" id="types" tabIndex={-1}>
          {offered.map((t) => (
            <Checkbox key={t} id={`type-${t}`} label={orgTypeName[t]} checked={types.includes(t)} onChange={() => changing(setTypes)(toggled(types, t))} />
          ))}
        </div>
      </fieldset>
      <TextArea id="orgs" label={<>And these organisations <span className="optional">(can be left empty)</span></>} hint="Paste their codes, such as R1H, one on a line or with commas between." rows={2} error={submit.errorOf("orgs")} value={codes} onChange={(e) => changing(setCodes)(e.target.value)} />
      <fieldset className="nhsuk-fieldset broadcast__choice">
        <legend className="nhsuk-fieldset__legend">
          Contacts in these roles <span className="optional">(none chosen: all)</span>
        </legend>
        <div className="broadcast__checks">
          {contactRoles.map((r) => (
            <Checkbox key={r} id={`role-${r}`} label={contactRoleName[r]} checked={roles.includes(r)} onChange={() => changing(setRoles)(toggled(roles, r))} />
          ))}
        </div>
      </fieldset>
      {inviting ? (
        <RadioGroup<History>
          legend="What they see of this room"
          name="history"
          value={history}
          onChange={changing(setHistory)}
          choices={[
            { value: "from_join", label: "From when they join", hint: "They also see the brief, who is here and the handling rules." },
            { value: "full", label: "Earlier entries too", hint: "Those that are meant for everyone in the room." },
          ]}
        />
      ) : null}
      {preview ? <Preview p={preview} purpose={purpose} /> : null}
      {preview && preview.refusal === undefined && preview.count.contacts > 0 ? (
        <FormButtons stuck busy={submit.busy} onDo={() => void ask()} onCancel={onClose}>
          Ask the other host to approve
        </FormButtons>
      ) : (
        <FormButtons stuck busy={submit.busy} onDo={() => void look()} onCancel={onClose}>
          Show whom this reaches
        </FormButtons>
      )}
    </Dialog>
  );
}

/** Who would be told, who cannot be, what it costs, and the message to the letter. */
export function Preview({ p, purpose }: { p: BroadcastPreview; purpose: BroadcastPurpose }) {
  const [mail, setMail] = useState(false);
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    ref.current?.scrollIntoView?.({ block: "nearest" }); // below the form, and on a phone out of sight
  }, []);
  return (
    <section ref={ref} className="broadcast__preview" aria-label="Whom this reaches" role="status">
      <h3>{p.count.contacts === 0 ? "This reaches nobody" : reachWords(p.count)}</h3>
      {p.refusal === undefined ? null : (
        <p className="notice notice--warning">
          <Icon name="warning" size={18} /> {p.refusal}
        </p>
      )}
      <ul className="broadcast__counts">
        <li>
          {plural(p.fragments, "fragment")} a message, {plural(p.count.fragments, "fragment")} in all{p.priced && p.count.pence !== undefined ? `: ${pounds(p.count.pence)}` : ". What that costs is not set up here."}
        </li>
        {p.told > 0 ? <li>{plural(p.told, "contact was", "contacts were")} told already, and {p.told === 1 ? "is" : "are"} not told again.</li> : null}
        {p.stale > 0 ? <li>{plural(p.stale, "contact was", "contacts were")} verified too long ago. They are told all the same.</li> : null}
        {p.barred > 0 ? <li>{plural(p.barred, "contact is", "contacts are")} left out: an exercise reaches only numbers that are kept for plays and films.</li> : null}
        {p.left.length > 0 ? (
          <li>
            {plural(p.left.length, "contact is", "contacts are")} left out:
            <ul>
              {p.left.map((c) => (
                <li key={`${c.org} ${c.role} ${c.name}`}>
                  {c.org} {c.name}, {contactRoleShort[c.role]}: {keptWords[c.why] ?? "not invited"}
                </li>
              ))}
            </ul>
          </li>
        ) : null}
        {p.unknown.length > 0 ? <li>There is no open organisation with {p.unknown.length === 1 ? "the code" : "these codes"} {list([...p.unknown])}.</li> : null}
      </ul>
      {p.count.noNumber > 0 ? (
        <details className="broadcast__missing">
          <summary>
            {plural(p.count.noNumber, "contact has", "contacts have")} no verified mobile number
          </summary>
          <ul>
            {p.noNumber.map((c) => (
              <li key={`${c.org} ${c.role} ${c.name}`}>
                <a href={`/directory/${encodeURIComponent(c.org)}`}>{c.org}</a> {c.name}, {contactRoleShort[c.role]}
              </li>
            ))}
            {p.count.noNumber > p.noNumber.length ? <li>and {p.count.noNumber - p.noNumber.length} more</li> : null}
          </ul>
        </details>
      ) : null}
      {p.count.nobody > 0 ? (
        <details className="broadcast__missing">
          <summary>In {plural(p.count.nobody, "organisation")} nobody has one</summary>
          <ul>
            {p.nobody.map((o) => (
              <li key={o.code}>
                <a href={`/directory/${encodeURIComponent(o.code)}`}>{o.name}</a>
              </li>
            ))}
            {p.count.nobody > p.nobody.length ? <li>and {p.count.nobody - p.nobody.length} more</li> : null}
          </ul>
        </details>
      ) : null}
      {p.text === "" ? null : (
        <>
          <p className="broadcast__label">The text message. Each has a code of its own where the crosses stand.</p>
          <blockquote className="broadcast__text">{p.text}</blockquote>
          {p.mail === "" ? null : (
            <Button kind="plain" aria-expanded={mail} onClick={() => setMail(!mail)}>
              {mail ? "Hide the e-mail" : "Show the e-mail"}
            </Button>
          )}
          {mail ? (
            <blockquote className="broadcast__text broadcast__text--mail">
              <strong>{p.subject}</strong>
              {"\n\n"}
              {p.mail}
            </blockquote>
          ) : null}
        </>
      )}
      <p className="quiet">{purpose !== "update" ? "It holds no title, no label and no name of an organisation." : "It does not say what is new: that is read in the room, after signing in."}</p>
    </section>
  );
}
