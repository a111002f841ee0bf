import { useState } from "react";
import type { Link, Proposal, Receipt } from "../../protocol/rest";
import { tiers, type MemberFacts, type Role, type RoomFacts, type Tier } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { RadioGroup, TextField } from "../../ui/Field";
import { hostRoles, roleHint, roleName } from "../../ui/names";
import { Question } from "../../ui/Question";
import { tierHint, tierName } from "../../ui/severity";
import { LinkOnce } from "./LinkOnce";

const called = (m: MemberFacts): string => m.name || `M-${m.number}`;

/** Removes a member: they are gone within a second, what they wrote stays. */
export function RemoveDialog({ member, onRemove, onClose }: { member: MemberFacts; onRemove: (reason: string) => Promise<unknown>; onClose: () => void }) {
  return (
    <Question title={`Remove ${called(member)}?`} action="Remove now" warning reason={{ hint: "Only hosts see it.", rows: 2 }} onDo={({ reason }) => onRemove(reason)} onClose={onClose}>
      <p>They lose the room within a second, on every device. What they wrote stays, with their name. To come back they need a new invitation.</p>
    </Question>
  );
}

/** Gives a member another role. */
export function RoleDialog({ member, onRole, onClose }: { member: MemberFacts; onRole: (role: Role) => Promise<unknown>; onClose: () => void }) {
  const [role, setRole] = useState<Role>(member.role === "" ? "representative" : member.role);
  const choices: readonly Role[] = member.host ? [...hostRoles, "observer", "auditor"] : ["representative", "observer", "auditor"];
  return (
    <Question title={`Role of ${called(member)}`} action="Change the role" onDo={() => onRole(role)} onClose={onClose}>
      <RadioGroup name="role" id="role" legend="Role in this room" small value={role} onChange={setRole} choices={choices.map((r) => ({ value: r, label: roleName[r], hint: roleHint[r] }))} />
    </Question>
  );
}

/** Lets a member see entries from before they joined. */
export function GrantDialog({ member, onGrant, onClose }: { member: MemberFacts; onGrant: (start: number) => Promise<unknown>; onClose: () => void }) {
  const [all, setAll] = useState<"all" | "from">("all");
  const [from, setFrom] = useState("");
  const start = all === "all" ? 1 : Number(from);
  const wrong = !Number.isInteger(start) || start < 1 || start >= member.start;
  return (
    <Question title={`Earlier entries for ${called(member)}`} action="Let them see" check={() => [wrong ? { name: "start", message: `Enter an entry number from 1 to ${member.start - 1}.` } : null]} onDo={() => onGrant(start)} onClose={onClose}>
      {(errorOf) => (
        <>
          <p>
            They now see entries from number <strong className="tabular">{member.start}</strong>. You can let them see earlier ones; this cannot be taken back. Entries addressed to others stay hidden from them.
          </p>
          <RadioGroup name="grant" legend="Let them see" small value={all} onChange={setAll} choices={[{ value: "all", label: "Everything addressed to the room" }, { value: "from", label: "From an entry onwards" }]} />
          {all === "from" ? <TextField id="start" label="Entry number" inputMode="numeric" className="nhsuk-input--width-5 tabular" error={errorOf("start")} value={from} onChange={(e) => setFrom(e.target.value)} /> : null}
        </>
      )}
    </Question>
  );
}

/** A representative proposes a colleague of their own organisation; a lead admits them. */
export function ProposeDialog({ orgName, onPropose, onClose }: { orgName: string; onPropose: (p: Proposal) => Promise<Receipt>; onClose: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [phone, setPhone] = useState("");
  const [sent, setSent] = useState(false);
  if (sent) {
    return (
      <Dialog title="Proposed" onClose={onClose}>
        <p>
          The leads have been asked to admit <strong>{name}</strong>. When they do, {name} gets a link.
        </p>
        <div className="actions">
          <Button onClick={onClose}>Done</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Question
      title="Propose a colleague"
      action="Propose"
      check={() => [name.trim() === "" ? { name: "name", message: "Enter your colleague’s name." } : null]}
      onDo={() => onPropose({ name: name.trim(), ...(email.trim() === "" ? {} : { email: email.trim() }), ...(phone.trim() === "" ? {} : { phone: phone.trim() }) })}
      onDone={() => setSent(true)}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p>Someone of {orgName} who should be in the room too. A lead admits them.</p>
          <TextField id="name" label="Name" error={errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} autoComplete="off" />
          <TextField id="email" type="email" label={<>Work e-mail <span className="optional">(can be left empty)</span></>} error={errorOf("email")} value={email} onChange={(e) => setEmail(e.target.value)} />
          <TextField id="phone" type="tel" label={<>Mobile <span className="optional">(can be left empty)</span></>} error={errorOf("phone")} value={phone} onChange={(e) => setPhone(e.target.value)} />
        </>
      )}
    </Question>
  );
}

/** A link that was just made, for whoever made it. */
export function LinkDialog({ link, name, room, onClose }: { link: Link; name: string; room: RoomFacts; onClose: () => void }) {
  return (
    <Dialog title={`For ${name}`} onClose={onClose} wide>
      <LinkOnce link={link} name={name} room={room} issued="renewed" />
      <div className="actions">
        <Button onClick={onClose}>I have passed it on</Button>
      </div>
    </Dialog>
  );
}

/** Puts a member at another level of command. */
export function TierDialog({ member, onTier, onClose }: { member: MemberFacts; onTier: (tier: Tier) => Promise<unknown>; onClose: () => void }) {
  const [tier, setTier] = useState<Tier>(member.tier === "" ? "operational" : member.tier);
  return (
    <Question title={`Tier of ${called(member)}`} action="Change the tier" onDo={() => onTier(tier)} onClose={onClose}>
      <RadioGroup name="tier" id="tier" legend="Level of command in this room" small value={tier} onChange={setTier} choices={tiers.toReversed().map((t) => ({ value: t, label: tierName[t], hint: tierHint[t] }))} />
      <p className="field-note">It decides what they may decide, and what they may agree to.</p>
    </Question>
  );
}
