import { useState } from "react";
import type { Invited, Link, LinkWanted, NewCell, NewMember, Organisation, PersonRow, Proposal, Receipt } from "../../protocol/rest";
import type { Facts, MemberFacts, Role, Tier } from "../../protocol/types";
import type { Presence } from "../../room/state";
import { may } from "../../room/may";
import { isLead, membersPresent, membersWaiting } from "../../room/select";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { Icon } from "../../ui/Icon";
import { Menu, type MenuItem } from "../../ui/Menu";
import { roleName, rosterChoices } from "../../ui/names";
import { shownProblem } from "../../ui/problem";
import { CellDialog } from "./CellDialog";
import { InviteDialog } from "./InviteDialog";
import { tierName } from "../../ui/severity";
import { timeOfDay } from "../../ui/time";
import { GrantDialog, LinkDialog, ProposeDialog, RemoveDialog, RoleDialog, TierDialog } from "./MemberDialogs";
import { PhoneDialog } from "./PhoneDialog";
import { Waiting } from "./Waiting";

export type MemberActs = {
  /** Leads: what shutting out their organisation would do. */
  freeze?: (org: string) => void;
  invite: (m: NewMember) => Promise<Invited>;
  inviteMany: () => void;
  propose: (p: Proposal) => Promise<Receipt>;
  admit: (root: number) => Promise<Link>;
  decline: (root: number) => Promise<unknown>;
  vouch: (root: number) => Promise<unknown>;
  withdraw: (root: number) => Promise<unknown>;
  remove: (root: number, reason: string) => Promise<unknown>;
  role: (root: number, role: Role) => Promise<unknown>;
  tier: (root: number, tier: Tier) => Promise<unknown>;
  grant: (root: number, start: number) => Promise<unknown>;
  openCell: (cell: NewCell) => Promise<unknown>;
  newLink: (root: number) => Promise<Link>;
  phoneOf: (root: number) => Promise<string>;
  leave: () => Promise<unknown>;
  find: (q: string) => Promise<readonly Organisation[]>;
  peopleOf: (org: string) => Promise<readonly PersonRow[]>;
};

type Open = { what: "invite" | "propose" | "leave" } | { what: "remove" | "role" | "tier" | "grant" | "phone" | "cell"; member: MemberFacts } | { what: "link"; link: Link; name: string };

function Person({ m, facts, here, byCodes, items }: { m: MemberFacts; facts: Facts; here: boolean; byCodes: string | undefined; items: MenuItem[] }) {
  return (
    <li className="person">
      <span className={here ? "person__here person__here--yes" : "person__here"} aria-hidden="true" />
      <div className="person__who">
        <p className="person__name">
          {m.name || `M-${m.number}`}
          {m.number === facts.you ? <span className="quiet"> (you)</span> : null}
          {here ? <span className="unseen">, here now</span> : null}
        </p>
        <p className="person__role">
          {[m.role === "" ? "" : roleName[m.role], m.tier === "" || m.tier === "operational" ? "" : `${tierName[m.tier]} tier`, m.orgName || m.org].filter(Boolean).join(" · ")}
        </p>
        {byCodes === undefined ? null : <p className="person__role">Came in by codes, until {timeOfDay(byCodes)}</p>}
      </div>
      {items.length > 0 ? <Menu label={`Actions for ${m.name || `M-${m.number}`}`} trigger={<Icon name="more" size={18} />} items={items} /> : null}
    </li>
  );
}

/** A member whose sign-in does not answer, and whom a host let in by codes: leads are told. */
type ByCodes = { readonly member: number; readonly until: string };
const noCodes: readonly ByCodes[] = [];

/** Who is in the room, leads first, and who is on the way in. */
export function People({ facts, presence, wanted, byCodes = noCodes, acts }: { facts: Facts; presence: Presence; wanted: readonly LinkWanted[]; byCodes?: readonly ByCodes[]; acts: MemberActs }) {
  const [open, setOpen] = useState<Open | null>(null);
  const [problem, setProblem] = useState("");
  const close = () => setOpen(null);
  const present = membersPresent(facts).toSorted((a, b) => Number(isLead(b)) - Number(isLead(a)));
  const hosts = present.filter((m) => m.host);
  const guests = present.filter((m) => !m.host);
  const me = facts.members.find((m) => m.number === facts.you);
  const newLink = (m: MemberFacts, make: () => Promise<Link>) => {
    setProblem("");
    make().then((link) => setOpen({ what: "link", link, name: m.name || "the person invited" }), (e: unknown) => setProblem(shownProblem(e).detail));
  };
  const itemsFor = (m: MemberFacts): MenuItem[] => {
    if (m.number === facts.you) return may(facts, "leave") ? [{ key: "leave", label: "Leave the room", danger: true, onSelect: () => setOpen({ what: "leave" }) }] : [];
    return [
      !m.host && may(facts, "open-cell") ? { key: "cell", label: `Side room with ${m.orgName || m.org}`, onSelect: () => setOpen({ what: "cell", member: m }) } : null,
      may(facts, "ring") ? { key: "phone", label: "Telephone", onSelect: () => setOpen({ what: "phone", member: m }) } : null,
      may(facts, "change") ? { key: "role", label: "Change role", onSelect: () => setOpen({ what: "role", member: m }) } : null,
      may(facts, "tier") ? { key: "tier", label: "Change tier", onSelect: () => setOpen({ what: "tier", member: m }) } : null,
      may(facts, "grant") && m.start > 1 ? { key: "grant", label: "Let them see earlier entries", onSelect: () => setOpen({ what: "grant", member: m }) } : null,
      !m.host && me && isLead(me) && acts.freeze ? { key: "freeze", label: `Freeze ${m.orgName || m.org}`, danger: true, onSelect: () => acts.freeze?.(m.org) } : null,
      may(facts, "remove") ? { key: "remove", label: "Remove now", danger: true, onSelect: () => setOpen({ what: "remove", member: m }) } : null,
    ].filter((x) => x !== null);
  };
  const line = (m: MemberFacts) => <Person key={m.root} m={m} facts={facts} here={presence.here.includes(m.number)} byCodes={byCodes.find((b) => b.member === m.number)?.until} items={itemsFor(m)} />;
  return (
    <section className="fact people" aria-labelledby="people-heading">
      <header className="fact__head">
        <h2 id="people-heading" className="side-heading">
          People <span className="people__count">{present.length} in the room, {presence.here.length} here now</span>
        </h2>
      </header>
      <div className="fact__actions">
        {may(facts, "invite") ? (
          <Button kind="secondary" small onClick={() => setOpen({ what: "invite" })}>
            Invite someone
          </Button>
        ) : null}
        {may(facts, "ask-broadcast") ? (
          <Button kind="secondary" small onClick={acts.inviteMany}>
            Invite organisations
          </Button>
        ) : null}
        {may(facts, "propose") ? (
          <Button kind="secondary" small onClick={() => setOpen({ what: "propose" })}>
            Propose a colleague
          </Button>
        ) : null}
      </div>
      {problem === "" ? null : <p role="alert" className="notice">{problem}</p>}
      <Waiting members={membersWaiting(facts)} facts={facts} wanted={wanted} acts={acts} onLink={newLink} onPhone={(m) => setOpen({ what: "phone", member: m })} onProblem={setProblem} />
      <h3 className="people__group">Hosts</h3>
      <ul>{hosts.map(line)}</ul>
      <h3 className="people__group">Guests</h3>
      {guests.length === 0 ? <p className="quiet">Nobody yet whom you can see.</p> : <ul>{guests.map(line)}</ul>}
      {me && !me.host && facts.room.roster !== "names" ? <p className="fact__source">{rosterChoices.find((r) => r.value === facts.room.roster)?.hint}</p> : null}

      {open?.what === "invite" ? <InviteDialog room={facts.room} members={facts.members} find={acts.find} peopleOf={acts.peopleOf} onInvite={acts.invite} onClose={close} /> : null}
      {open?.what === "propose" ? <ProposeDialog orgName={me?.orgName ?? "your organisation"} onPropose={acts.propose} onClose={close} /> : null}
      {open?.what === "remove" ? <RemoveDialog member={open.member} onRemove={(r) => acts.remove(open.member.root, r)} onClose={close} /> : null}
      {open?.what === "role" ? <RoleDialog member={open.member} onRole={(r) => acts.role(open.member.root, r)} onClose={close} /> : null}
      {open?.what === "tier" ? <TierDialog member={open.member} onTier={(t) => acts.tier(open.member.root, t)} onClose={close} /> : null}
      {open?.what === "grant" ? <GrantDialog member={open.member} onGrant={(s) => acts.grant(open.member.root, s)} onClose={close} /> : null}
      {open?.what === "cell" ? <CellDialog facts={facts} of={open.member} onOpen={acts.openCell} onClose={close} /> : null}
      {open?.what === "phone" ? <PhoneDialog member={open.member} load={acts.phoneOf} onClose={close} /> : null}
      {open?.what === "link" ? <LinkDialog link={open.link} name={open.name} room={facts.room} onClose={close} /> : null}
      {open?.what === "leave" ? (
        <Question title="Leave the room?" action="Leave" warning onDo={acts.leave} onClose={close}>
          <p>You lose sight of it at once. What you wrote stays. To come back you need a new invitation.</p>
        </Question>
      ) : null}
    </section>
  );
}
