import { useState } from "react";
import type { FeedIssued, FeedList, FeedRow, NewFeed } from "../../protocol/rest";
import type { Facts } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { isLead, membersPresent } from "../../room/select";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField, TextField } from "../../ui/Field";
import { Question } from "../../ui/Question";
import { dateAndTime } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";

export type FeedActs = { issue: (feed: NewFeed) => Promise<FeedIssued>; end: (root: number) => Promise<unknown> };

type Props = {
  facts: Facts;
  feeds: FeedList | null;
  problem: string;
  /** The second factor was given in the last hour. */
  steppedUp: boolean;
  /** Where to come back to after giving it. */
  back: string;
  now: number;
  acts: FeedActs;
};

const ends: Readonly<Record<string, string>> = {
  left: "when nobody of the organisation was left in the room",
  closed: "with the room",
  section: "with the section before",
};

const over = (f: FeedRow, now: number): boolean => f.closed !== null || Date.parse(f.expires) <= now;

/** How a feed stands, in a sentence. */
export function standing(f: FeedRow, now: number): string {
  if (f.closed !== null) return `Ended ${dateAndTime(f.closed)}${f.why ? `, ${ends[f.why] ?? f.why}` : ""}`;
  if (Date.parse(f.expires) <= now) return `Ended ${dateAndTime(f.expires)}: its time was over`;
  return `Ends ${dateAndTime(f.expires)}`;
}

/** The machines that read intelligence here by TAXII, each for an organisation in the room. */
export function Feeds({ facts, feeds, problem, steppedUp, back, now, acts }: Props) {
  const [open, setOpen] = useState<{ what: "issue" } | { what: "end"; feed: FeedRow } | null>(null);
  const me = facts.members.find((m) => m.number === facts.you);
  const leads = me !== undefined && isLead(me);
  const close = () => setOpen(null);
  if (!leads && (feeds === null || feeds.feeds.length === 0)) return null;
  const rows = (feeds?.feeds ?? []).toSorted((a, b) => Number(over(a, now)) - Number(over(b, now)) || b.seq - a.seq);
  return (
    <section className="fact feeds" aria-labelledby="feeds-heading">
      <header className="fact__head">
        <h2 id="feeds-heading" className="side-heading">
          Machines
        </h2>
      </header>
      {leads ? (
        <div className="fact__actions">
          <Button kind="secondary" small onClick={() => setOpen({ what: "issue" })}>
            Let a machine read
          </Button>
        </div>
      ) : null}
      {problem === "" ? null : <p role="alert" className="notice">{problem}</p>}
      {feeds !== null && rows.length === 0 ? <p className="quiet">No machine reads here. An organisation’s own systems can be given intelligence by TAXII: what goes to the room or to all of that organisation; never TLP:RED, nor what is recorded.</p> : null}
      <ul>
        {rows.map((f) => (
          <li key={f.seq} className="feed">
            <p className="feed__name">
              {f.name} <span className="quiet">· {f.orgName || f.org}</span>
            </p>
            <p className="feed__line">{standing(f, now)}</p>
            <p className="feed__line quiet">
              Issued {dateAndTime(f.issued)} by {memberCalled(facts, f.by)} · {f.asked ? `last asked ${dateAndTime(f.asked)}` : "never asked yet"} · {f.items === 0 ? "nothing given, as far as you are told" : `given ${plural(f.items, "item", "items")}`}
            </p>
            {leads && !over(f, now) ? (
              <Button kind="plain" onClick={() => setOpen({ what: "end", feed: f })}>
                End <span className="unseen">{`${f.name} of ${f.orgName || f.org}`}</span>
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {open?.what === "issue" ? steppedUp ? <IssueDialog facts={facts} onIssue={acts.issue} onClose={close} /> : <FactorDialog back={back} onClose={close} /> : null}
      {open?.what === "end" ? (
        <Question title={`End ${open.feed.name}?`} action="End it now" warning onDo={() => acts.end(open.feed.seq)} onClose={close}>
          <p>
            {open.feed.orgName || open.feed.org}’s machine is given nothing more from this moment. What it was given stays with them. To let it read again, issue another token.
          </p>
        </Question>
      ) : null}
    </section>
  );
}

function FactorDialog({ back, onClose }: { back: string; onClose: () => void }) {
  return (
    <Dialog title="Confirm that it is you" onClose={onClose}>
      <p>Letting a machine read takes your second factor. It then covers the next 60 minutes, and you come back to this page.</p>
      <div className="actions">
        <a className="nhsuk-button" href={`/auth/step-up?${new URLSearchParams({ return: back }).toString()}`}>
          Confirm with my second factor
        </a>
      </div>
    </Dialog>
  );
}

function IssueDialog({ facts, onIssue, onClose }: { facts: Facts; onIssue: FeedActs["issue"]; onClose: () => void }) {
  const orgs = new Map(membersPresent(facts).map((m) => [m.org, m.orgName || m.org]));
  const [org, setOrg] = useState("");
  const [name, setName] = useState("");
  const [days, setDays] = useState("30");
  const [issued, setIssued] = useState<FeedIssued | null>(null);
  const submit = useSubmit();
  const issue = () => {
    if (org === "") return submit.refuse([{ name: "org", message: "Choose whose machine it is." }]);
    void submit.run(async () => setIssued(await onIssue({ name: name.trim(), org, days: Number(days) || 0 })));
  };
  if (issued) {
    return (
      <Dialog title="The token" onClose={onClose} kind="sheet">
        <p>
          <strong>The token is shown once.</strong> Give both to whoever looks after {name.trim()} at {orgs.get(org)}, the token by a way that nobody else reads.
        </p>
        <div className="link-once__item">
          <h3>Address</h3>
          <code className="link-once__value">{issued.root}</code>
          <div className="link-once__copy">
            <CopyButton text={issued.root} label="Copy address" />
          </div>
          <p className="link-once__message">The API root, for any client of TAXII 2.1.</p>
        </div>
        <div className="link-once__item">
          <h3>Token</h3>
          <code className="link-once__value">{issued.token}</code>
          <div className="link-once__copy">
            <CopyButton text={issued.token} label="Copy token" />
          </div>
          <p className="link-once__message">As a bearer token, or as the password with any user name.</p>
        </div>
        <div className="actions">
          <Button onClick={onClose}>I have put it where it belongs</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Let a machine read" onClose={onClose} kind="sheet">
      <ErrorSummary problems={submit.problems} />
      <p>
        It reads the items that go to the room or to all of its organisation, for as long as somebody of theirs is here. Never TLP:RED, what is recorded, or what is for named people. Whoever shares is told of it before they send, and sees what it was given.
      </p>
      <SelectField id="org" label="Whose machine" error={submit.errorOf("org")} value={org} onChange={(e) => setOrg(e.target.value)}>
        <option value="">Choose</option>
        {[...orgs].map(([code, called]) => (
          <option key={code} value={code}>
            {called}
          </option>
        ))}
      </SelectField>
      <TextField id="name" label="What it is" hint="As those who share are told it, such as SIEM." error={submit.errorOf("name")} value={name} onChange={(e) => setName(e.target.value)} />
      <TextField id="days" label="Days it may read" hint="1 to 90" inputMode="numeric" className="nhsuk-input--width-4" error={submit.errorOf("days")} value={days} onChange={(e) => setDays(e.target.value)} />
      <div className="actions">
        <Button busy={submit.busy} onClick={issue}>
          Issue the token
        </Button>
        <Button kind="secondary" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}
