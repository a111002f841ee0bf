import { useEffect, useState } from "react";
import type { Invited, NewMember, Organisation, PersonRow } from "../../protocol/rest";
import type { History, MemberFacts, Role, RoomFacts } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, RadioGroup, SelectField, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { hostRoles, roleHint, roleName } from "../../ui/names";
import { useSubmit } from "../../ui/useSubmit";
import { LinkOnce } from "./LinkOnce";
import { OrganisationSearch } from "./OrganisationSearch";

type Props = {
  room: RoomFacts;
  /** Everyone in the room and on the way in. */
  members: readonly MemberFacts[];
  find: (q: string) => Promise<readonly Organisation[]>;
  peopleOf: (org: string) => Promise<readonly PersonRow[]>;
  onInvite: (m: NewMember) => Promise<Invited>;
  onClose: () => void;
};

const under: ReadonlySet<string> = new Set(["joined", "proposed", "invited", "asked", "vouched"]);
const plain = (name: string): string => name.trim().replace(/\s+/g, " ").toLowerCase();

/** The one of this name and organisation who is in the room or on the way in; null if nobody is. */
const here = (members: readonly MemberFacts[], org: string, name: string): MemberFacts | null => (plain(name) === "" ? null : (members.find((m) => under.has(m.state) && m.org === org && plain(m.name) === plain(name)) ?? null));

/** What to do instead of inviting them again. */
function alreadySentence(m: MemberFacts): string {
  if (m.state === "joined") return `${m.name} is in this room already, as M-${m.number}. You can change their role, or let them see earlier entries.`;
  if (m.state === "proposed") return `${m.name} has been proposed already. A lead can admit or decline that under “On the way in”.`;
  if (m.state === "invited") return `${m.name} has an open invitation to this room. Make a new link for it under “On the way in”, or withdraw it first.`;
  return `${m.name} has an open invitation, and somebody has come with it. Let them in under “On the way in”, or withdraw it first.`;
}

const guestRoles: readonly Role[] = ["representative", "observer", "auditor"];

/** Invites one named person of one organisation, and shows their link once. */
export function InviteDialog({ room, members, find, peopleOf, onInvite, onClose }: Props) {
  const [org, setOrg] = useState<Organisation | null>(null);
  const [known, setKnown] = useState<readonly PersonRow[]>([]);
  const [person, setPerson] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("representative");
  const [history, setHistory] = useState<History>("from_join");
  const [email, setEmail] = useState("");
  const [phone, setPhone] = useState("");
  const [digits, setDigits] = useState(false);
  const [byText, setByText] = useState(false);
  const [done, setDone] = useState<Invited | null>(null);
  const submit = useSubmit();

  useEffect(() => {
    setKnown([]);
    setPerson("");
    if (!org) return;
    setRole(org.host ? "liaison" : "representative");
    setHistory(org.host ? "full" : "from_join");
    let live = true;
    peopleOf(org.code).then((p) => live && setKnown(p), () => undefined);
    return () => {
      live = false;
    };
  }, [org, peopleOf]);

  const invite = async () => {
    const who = known.find((p) => p.id === person);
    const called = who?.name ?? name.trim();
    const errors = [!org ? { name: "org", message: "Choose the organisation from the list." } : null, called === "" ? { name: "name", message: "Enter the person’s name." } : null].filter((x) => x !== null);
    if (!org || errors.length > 0) {
      submit.refuse(errors);
      return;
    }
    await submit.run(async () => {
      setDone(
        await onInvite({
          name: called, org: org.code, role, history,
          ...(person === "" ? {} : { person }), ...(email.trim() === "" ? {} : { email: email.trim() }), ...(phone.trim() === "" ? {} : { phone: phone.trim() }), ...(person === "" && digits ? { otp: true } : {}), ...(person === "" && byText ? { text: true } : {}),
        }),
      );
    });
  };

  if (done) {
    return (
      <Dialog title="Invited" onClose={onClose} wide>
        <LinkOnce link={done} name={known.find((p) => p.id === person)?.name ?? name} room={room} />
        <div className="actions">
          <Button onClick={onClose}>I have passed it on</Button>
        </div>
      </Dialog>
    );
  }
  const already = org ? here(members, org.code, known.find((p) => p.id === person)?.name ?? name) : null;
  const roles = org?.host ? [...hostRoles, ...guestRoles] : guestRoles;
  return (
    <Dialog title="Invite someone" onClose={onClose} wide>
      <p className="quiet">An invitation is for one named person, as representative of one organisation. It cannot be passed on.</p>
      <ErrorSummary problems={submit.problems} />
      <OrganisationSearch value={org} onChange={setOrg} find={find} error={submit.errorOf("org")} />
      {known.length > 0 ? (
        <SelectField id="person" label="Person" hint="For people already known here the invitation also waits under their own rooms." value={person} onChange={(e) => setPerson(e.target.value)}>
          <option value="">Someone new</option>
          {known.map((p) => (
            <option key={p.id} value={p.id}>
              {p.name}
            </option>
          ))}
        </SelectField>
      ) : null}
      {person === "" ? (
        <>
          <TextField id="name" label="Name" error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} autoComplete="off" />
          <div className="side-by-side">
            <TextField id="email" type="email" label={<>Work e-mail <span className="optional">(can be left empty)</span></>} error={submit.errorOf("email")} value={email} onChange={(e) => setEmail(e.target.value)} autoComplete="off" />
            <TextField id="phone" type="tel" label={<>Mobile <span className="optional">(can be left empty)</span></>} error={submit.errorOf("phone")} value={phone} onChange={(e) => setPhone(e.target.value)} autoComplete="off" />
          </div>
          <p className="field-note">Addresses are kept apart and never become part of the log. If their sign-in vouches for this e-mail address, they come in without waiting.</p>
          <div className="nhsuk-form-group nhsuk-checkboxes nhsuk-checkboxes--small">
            <Checkbox id="text" label="Send them a code by text message" hint={`To the mobile above: ${room.reference} and a code to join with, nothing of what it is about.`} checked={byText} onChange={(e) => setByText(e.target.checked)} />
            <Checkbox id="otp" label="Give six digits by telephone" hint="For someone whose sign-in will not vouch for their address: with the digits they come in without waiting for a lead." checked={digits} onChange={(e) => setDigits(e.target.checked)} />
          </div>
        </>
      ) : null}
      <div role="status">{already ? <p className="notice">{alreadySentence(already)}</p> : null}</div>
      <SelectField id="role" label="Role" hint={roleHint[role]} error={submit.errorOf("role")} value={role} onChange={(e) => setRole(roles.find((r) => r === e.target.value) ?? role)}>
        {roles.map((r) => (
          <option key={r} value={r}>
            {roleName[r]}
          </option>
        ))}
      </SelectField>
      <RadioGroup
        id="history"
        name="history"
        legend="What they see of the time before"
        small
        value={history}
        onChange={setHistory}
        choices={[
          { value: "from_join", label: "From when they join", hint: "With the brief, the members and the room’s state, so that they land in a room that makes sense." },
          { value: "full", label: "From the beginning", hint: "Everything that was addressed to the room. Usual for hosts." },
        ]}
      />
      <FormButtons busy={submit.busy} onDo={() => void invite()} onCancel={onClose}>
        Invite
      </FormButtons>
    </Dialog>
  );
}
