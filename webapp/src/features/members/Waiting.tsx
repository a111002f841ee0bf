import { useState } from "react";
import type { Link, LinkWanted } from "../../protocol/rest";
import type { Facts, MemberFacts } from "../../protocol/types";
import { may } from "../../room/may";
import { Button } from "../../ui/Button";
import { roleName, stateName } from "../../ui/names";
import { shownProblem } from "../../ui/problem";
import { dateAndTime } from "../../ui/time";
import type { MemberActs } from "./People";

type Props = {
  members: readonly MemberFacts[];
  facts: Facts;
  /** For whom somebody at a dead link asked for a new one. */
  wanted: readonly LinkWanted[];
  acts: MemberActs;
  onLink: (m: MemberFacts, make: () => Promise<Link>) => void;
  onPhone: (m: MemberFacts) => void;
  onProblem: (sentence: string) => void;
};

/** How many stand there before the rest is folded away: many may be invited at once. */
const few = 8;

/** Those on the way in: who waits for a lead first, each with one tap. */
export function Waiting({ members, facts, wanted, acts, onLink, onPhone, onProblem }: Props) {
  const [busy, setBusy] = useState(0);
  if (members.length === 0) return null;
  const run = (m: MemberFacts, act: () => Promise<unknown>) => {
    setBusy(m.root);
    onProblem("");
    act().catch((e: unknown) => onProblem(shownProblem(e).detail)).finally(() => setBusy(0));
  };
  const one = (m: MemberFacts) => {
    const name = m.name || "Someone";
    const asked = wanted.find((w) => w.root === m.root);
    const them = <span className="unseen"> {name}</span>;
    return (
      <li key={m.root} className={(m.state === "asked" && may(facts, "vouch")) || (m.state === "proposed" && may(facts, "admit")) || (asked && m.state === "invited") ? "waiting waiting--needs" : "waiting"}>
        <p className="person__name">{name}</p>
        <p className="person__role">
          {m.role === "" ? "" : `${roleName[m.role]} · `}
          {m.orgName || m.org}
        </p>
        <p className="waiting__state">{m.state === "asked" ? `Asks to be let in, signed in as ${m.askedName || "someone"}` : stateName[m.state]}</p>
        {asked && m.state === "invited" ? <p className="waiting__state waiting__state--wanted">A new link was asked for, {dateAndTime(asked.at)}. Make sure that it was them before you send one.</p> : null}
        <div className="waiting__acts">
          {m.state === "asked" && may(facts, "vouch") ? (
            <Button small busy={busy === m.root} onClick={() => run(m, () => acts.vouch(m.root))}>
              Let in{them}
            </Button>
          ) : null}
          {m.state === "proposed" && may(facts, "admit") ? (
            <>
              <Button small onClick={() => onLink(m, () => acts.admit(m.root))}>
                Admit{them}
              </Button>
              <Button small kind="secondary" busy={busy === m.root} onClick={() => run(m, () => acts.decline(m.root))}>
                Decline{them}
              </Button>
            </>
          ) : null}
          {may(facts, "ring") ? (
            <Button kind="plain" onClick={() => onPhone(m)}>
              Telephone{them}
            </Button>
          ) : null}
          {(m.state === "invited" || m.state === "vouched" || m.state === "asked") && may(facts, "withdraw") ? (
            <>
              {m.state === "invited" ? (
                <Button kind="plain" onClick={() => onLink(m, () => acts.newLink(m.root))}>
                  New link{them}
                </Button>
              ) : null}
              <Button kind="plain" onClick={() => run(m, () => acts.withdraw(m.root))}>
                Withdraw{them}
              </Button>
            </>
          ) : null}
        </div>
      </li>
    );
  };
  const needs = members.filter((m) => m.state !== "invited").length; // whoever waits for a lead is never folded away
  const shown = Math.max(few, needs);
  return (
    <div className="people__waiting">
      <h3 className="people__group">On the way in</h3>
      <ul>{members.slice(0, shown).map(one)}</ul>
      {members.length > shown ? (
        <details className="people__more">
          <summary>{members.length - shown} more are on the way in</summary>
          <ul>{members.slice(shown).map(one)}</ul>
        </details>
      ) : null}
    </div>
  );
}
