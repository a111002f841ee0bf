import { useState } from "react";
import type { Link, Proposal, Receipt } from "../../protocol/rest";
import { tiers, type MemberFacts, type Role, type RoomFacts, type Tier } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { RadioGroup, TextArea, TextField } from "../../ui/Field";
import { hostRoles, roleHint, roleName } from "../../ui/names";
import { tierHint, tierName } from "../../ui/severity";
import { useSubmit } from "../../ui/useSubmit";
import { LinkOnce } from "./LinkOnce";

const called = (m: MemberFacts): string => m.name || `M-${m.number}`;

/** Removes a member: they are gone within a second, what they wrote stays. */
export function RemoveDialog({ member, onRemove, onClose }: { member: MemberFacts; onRemove: (reason: string) => Promise<unknown>; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const submit = useSubmit();
  const remove = async () => {
    if (await submit.run(() => onRemove(reason.trim()))) onClose();
  };
  return (
    <Dialog title={`Remove ${called(member)}?`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>They lose the room within a second, on every device. What they wrote stays, with their name. To come back they need a new invitation.</p>
      <TextArea id="reason" label={<>Reason <span className="optional">(can be left empty)</span></>} hint="Only hosts see it." rows={2} value={reason} onChange={(e) => setReason(e.target.value)} />
      <div className="actions">
        <Button kind="warning" busy={submit.busy} onClick={() => void remove()}>
          Remove now
        </Button>
        <Button kind="secondary" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}

/** Gives a member another role. */
export function RoleDialog({ member, onRole, onClose }: { member: MemberFacts; onRole: (role: Role) => Promise<unknown>; onClose: () => void }) {
  const [role, setRole] = useState<Role>(member.role === "" ? "representative" : member.role);
  const submit = useSubmit();
  const choices: readonly Role[] = member.host ? [...hostRoles, "observer", "auditor"] : ["representative", "observer", "auditor"];
  const save = async () => {
    if (await submit.run(() => onRole(role))) onClose();
  };
  return (
    <Dialog title={`Role of ${called(member)}`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <RadioGroup name="role" id="role" legend="Role in this room" small value={role} onChange={setRole} choices={choices.map((r) => ({ value: r, label: roleName[r], hint: roleHint[r] }))} />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Change the role
        </Button>
      </div>
    </Dialog>
  );
}

/** Lets a member see entries from before they joined. */
export function GrantDialog({ member, onGrant, onClose }: { member: MemberFacts; onGrant: (start: number) => Promise<unknown>; onClose: () => void }) {
  const [all, setAll] = useState<"all" | "from">("all");
  const [from, setFrom] = useState("");
  const submit = useSubmit();
  const grant = async () => {
    const start = all === "all" ? 1 : Number(from);
    if (!Number.isInteger(start) || start < 1 || start >= member.start) submit.refuse([{ name: "start", message: `Enter an entry number from 1 to ${member.start - 1}.` }]);
    else if (await submit.run(() => onGrant(start))) onClose();
  };
  return (
    <Dialog title={`Earlier entries for ${called(member)}`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>
        They now see entries from number <strong className="tabular">{member.start}</strong>. You can let them see earlier ones; this cannot be taken back. Entries addressed to others stay hidden from them.
      </p>
      <RadioGroup name="grant" legend="Let them see" small value={all} onChange={setAll} choices={[{ value: "all", label: "Everything addressed to the room" }, { value: "from", label: "From an entry onwards" }]} />
      {all === "from" ? <TextField id="start" label="Entry number" inputMode="numeric" className="nhsuk-input--width-5 tabular" error={submit.errorOf("start")} value={from} onChange={(e) => setFrom(e.target.value)} /> : null}
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void grant()}>
          Let them see
        </Button>
      </div>
    </Dialog>
  );
}

/** A representative proposes a colleague of their own organisation; a lead admits them. */
export function ProposeDialog({ orgName, onPropose, onClose }: { orgName: string; onPropose: (p: Proposal) => Promise<Receipt>; onClose: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [phone, setPhone] = useState("");
  const [sent, setSent] = useState(false);
  const submit = useSubmit();
  const propose = async () => {
    if (name.trim() === "") submit.refuse([{ name: "name", message: "Enter your colleague’s name." }]);
    else if (await submit.run(() => onPropose({ name: name.trim(), ...(email.trim() === "" ? {} : { email: email.trim() }), ...(phone.trim() === "" ? {} : { phone: phone.trim() }) }))) setSent(true);
  };
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
    <Dialog title="Propose a colleague" onClose={onClose}>
      <p>Someone of {orgName} who should be in the room too. A lead admits them.</p>
      <ErrorSummary problems={submit.problems} />
      <TextField id="name" label="Name" error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} autoComplete="off" />
      <TextField id="email" type="email" label={<>Work e-mail <span className="optional">(can be left empty)</span></>} error={submit.errorOf("email")} value={email} onChange={(e) => setEmail(e.target.value)} />
      <TextField id="phone" type="tel" label={<>Mobile <span className="optional">(can be left empty)</span></>} error={submit.errorOf("phone")} value={phone} onChange={(e) => setPhone(e.target.value)} />
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void propose()}>
          Propose
        </Button>
      </div>
    </Dialog>
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
  const submit = useSubmit();
  const save = async () => {
    if (await submit.run(() => onTier(tier))) onClose();
  };
  return (
    <Dialog title={`Tier of ${called(member)}`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <RadioGroup name="tier" id="tier" legend="Level of command in this room" small value={tier} onChange={setTier} choices={tiers.toReversed().map((t) => ({ value: t, label: tierName[t], hint: tierHint[t] }))} />
      <p className="field-note">It decides what they may decide, and what they may agree to.</p>
      <div className="actions">
        <Button busy={submit.busy} onClick={() => void save()}>
          Change the tier
        </Button>
      </div>
    </Dialog>
  );
}
