import { useState, type ReactNode } from "react";
import type { ExportRow, Named, Redaction, RedactionPlace, RestrictedRow, Suggestions } from "../../protocol/exports";
import type { Facts, Received, Seq } from "../../protocol/types";
import { byInFull, orgNamed } from "../../room/called";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Icon } from "../../ui/Icon";
import { Moment } from "../../ui/Moment";
import { StateTag } from "../../ui/StateTag";
import { StepUp } from "../../ui/StepUp";
import { TlpTag } from "../../ui/TlpTag";
import { plural } from "../../ui/words";
import { useSeen } from "../../ui/useSeen";
import { RedactDialog } from "./RedactDialog";
import { SuggestionsDialog } from "./SuggestionsDialog";
import { exportLook, overLook, recipientInFull, slotNames, wordsOf } from "./words";

const whyEnd = { label: "Why", missing: "Say why." };

export type ExportActs = {
  agree: (seq: Seq, seen: Seq) => Promise<unknown>;
  refuse: (seq: Seq, reason: string, seen: Seq) => Promise<unknown>;
  withdraw: (seq: Seq, reason: string, seen: Seq) => Promise<unknown>;
  redact: (seq: Seq, list: readonly Redaction[], drop: readonly RedactionPlace[], seen: Seq) => Promise<unknown>;
  approve: (seq: Seq, seen: Seq) => Promise<unknown>;
  take: (seq: Seq) => Promise<{ sha256: string; size: number }>;
  suggestions: (seq: Seq, after: Seq) => Promise<Suggestions>;
  read: (seq: Seq) => Promise<Received>;
};

type Props = { facts: Facts; head: Seq; now: number; row: ExportRow; grounds: readonly Named[]; bases: readonly Named[]; restricted: readonly RestrictedRow[]; moreRestricted: boolean; acts: ExportActs };
type Asking = "refuse" | "withdraw" | "redact" | "suggest" | "approve" | "take" | "stepUp" | { drop: Redaction };

const isStepUp = (e: unknown): boolean => e instanceof Error && "fault" in e && e.fault === "step_up";

const answerWords: Record<RestrictedRow["answer"], string> = { "": "Not answered: it is listed as unanswered", release: "Released", redact: "Released in part", withhold: "Withheld" };

/** One export: where it stands, what is left out of it, and what to do next. */
export function ExportPage({ facts, head, now, row, grounds, bases, restricted, moreRestricted, acts }: Props) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [taken, setTaken] = useState<{ sha256: string; size: number } | null>(null);
  const submit = useSeen(head);
  const home = `/rooms/${facts.room.id}`;
  const may = (act: ExportRow["may"][number]) => row.may.includes(act);
  const unanswered = restricted.filter((r) => r.answer === "").length;
  const close = () => setAsking(null);
  /** Closes a question that has been answered, and not what came in its place. */
  const closed = (of: Asking) => () => setAsking((a) => (a === of ? null : a));
  /** Does what takes a second factor; without one it is asked for, and the press is made again. */
  const withFactor = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (e) {
      if (!isStepUp(e)) throw e;
      setAsking("stepUp");
    }
  };
  return (
    <article className="sheet" aria-labelledby="export-heading">
      <p className="sheet__kind">
        <Icon name="record" size={18} /> Export for inquiry, entry <a href={`${home}/entries/${row.root}`}>{row.root}</a>
      </p>
      <p className="sheet__states">
        <StateTag look={exportLook[row.state]} />
        {row.over && (row.state === "requested" || row.state === "agreed" || row.state === "approved") ? <StateTag look={overLook} /> : null}
      </p>
      <h2 id="export-heading" className="sheet__title">
        For {recipientInFull(row)}
      </h2>
      <ErrorSummary problems={submit.problems} />
      <Next row={row} facts={facts} unanswered={unanswered}>
        {may("agree-export") ? (
          <Button busy={submit.busy} onClick={() => void submit.send((seen) => acts.agree(row.root, seen))}>
            Agree for my organisation
          </Button>
        ) : null}
        {may("approve-export") ? <Button onClick={() => setAsking("approve")}>Approve</Button> : null}
        {may("take-export") ? <Button onClick={() => setAsking("take")}>Take the bundle</Button> : null}
        {may("refuse-export") ? (
          <Button kind="secondary" onClick={() => setAsking("refuse")}>
            Refuse
          </Button>
        ) : null}
        {may("withdraw-export") ? (
          <Button kind="secondary" onClick={() => setAsking("withdraw")}>
            Withdraw
          </Button>
        ) : null}
      </Next>
      {taken ? (
        <div className="taken" role="status">
          <p>
            <strong>Taken.</strong> {Math.ceil(taken.size / 1024).toLocaleString("en-GB")} KB. Its SHA-256, which stands on the access log too:
            <br />
            <code className="digest">{taken.sha256}</code>
          </p>
          <p>
            Check it before you hand it over: open <a href="/verify.html">the page that verifies</a> without a network, or run <code>wardroom-verify</code>.
          </p>
        </div>
      ) : null}
      <dl className="sheet__facts">
        <Fact name="Legal basis">
          {wordsOf(bases, row.basis)}
          {row.basisText === "" ? "" : `: ${row.basisText}`}
        </Fact>
        <Fact name="What it is for">{row.purpose}</Fact>
        {row.recipient.address ? <Fact name="Sent to">{row.recipient.address}</Fact> : null}
        <Fact name="Range">
          Entries <a href={`${home}/entries/${row.from}`}>{row.from}</a> to <a href={`${home}/entries/${row.to}`}>{row.to}</a>
        </Fact>
        <Fact name="May be taken until">
          <Moment at={row.until} now={now} />
        </Fact>
        <Fact name="Requested">
          {byInFull(facts, row.by)}, <Moment at={row.asked} now={now} />
        </Fact>
        {row.agreed.map((a) => (
          <Fact key={a.at} name="Agreed">
            {byInFull(facts, a.by)}, <Moment at={a.at} now={now} />
          </Fact>
        ))}
        {row.approved ? (
          <Fact name="Approved">
            {byInFull(facts, row.approved.by)}, <Moment at={row.approved.at} now={now} />. It rests on the seal over the first {row.approved.checkpoint} entries.
          </Fact>
        ) : null}
        {row.ended === "" ? null : <Fact name={row.state === "refused" ? "Why it was refused" : "Why it was withdrawn"}>{row.ended}</Fact>}
      </dl>
      <section className="part">
        <h3>What is left out</h3>
        {may("redact-export") ? (
          <p className="fact__actions">
            <Button small kind="secondary" onClick={() => setAsking("suggest")}>
              Look for what is usually left out
            </Button>
            <Button small kind="secondary" onClick={() => setAsking("redact")}>
              Leave something out
            </Button>
          </p>
        ) : null}
        {row.redacted.length === 0 ? (
          <p className="quiet">Nothing has been marked to be left out.</p>
        ) : (
          <div className="table-frame">
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Entry</th>
                  <th scope="col">What</th>
                  <th scope="col">Ground and reason</th>
                  <th scope="col">Who</th>
                  {may("redact-export") ? <th scope="col">Take back</th> : null}
                </tr>
              </thead>
              <tbody>
                {row.redacted.map((r) => (
                  <tr key={`${r.entry} ${r.slot} ${r.field ?? ""} ${r.seq}`}>
                    <td className="tabular">
                      <a href={`${home}/entries/${r.entry}`}>{r.entry}</a>
                    </td>
                    <td>
                      {slotNames[r.slot]}
                      {r.spans && r.spans.length > 0 ? `, ${plural(r.spans.length, "place", "places")} in it` : ", whole"}
                    </td>
                    <td>
                      {wordsOf(grounds, r.ground)}. <span className="quiet">{r.reason}</span>
                    </td>
                    <td>{r.originator ? `${byInFull(facts, r.by)}, for its originator` : byInFull(facts, r.by)}</td>
                    {may("redact-export") ? (
                      <td>
                        {r.originator ? null : (
                          <Button small kind="plain" onClick={() => setAsking({ drop: r })}>
                            Take back<span className="unseen"> what is left out of entry {r.entry}</span>
                          </Button>
                        )}
                      </td>
                    ) : null}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <section className="part">
        <h3>Restricted entries</h3>
        <p className="quiet">What is TLP:RED, or a guest’s and TLP:AMBER+STRICT, or did not go to both hosts is given only if whom it came from releases it. They are asked in their room. What is not answered is listed in the bundle as unanswered, and left out.</p>
        {restricted.length === 0 ? (
          <p>{row.state === "requested" ? "None in the range that you may see." : "None in the range that you may see. There may be others, which are asked of whom they came from all the same."}</p>
        ) : (
          <div className="table-frame">
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Entry</th>
                  <th scope="col">Label</th>
                  <th scope="col">Whose it is</th>
                  <th scope="col">Answer</th>
                </tr>
              </thead>
              <tbody>
                {restricted.map((r) => (
                  <tr key={r.entry}>
                    <td className="tabular">
                      <a href={`${home}/entries/${r.entry}`}>{r.entry}</a>
                    </td>
                    <td>
                      <TlpTag label={r.tlp} />
                    </td>
                    <td>{orgNamed(facts, r.org)}</td>
                    <td>
                      {answerWords[r.answer]}
                      {r.ground === "" ? "" : `: ${wordsOf(grounds, r.ground)}. ${r.reason}`}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {moreRestricted ? <p className="quiet">There are more than are shown here.</p> : null}
          </div>
        )}
      </section>
      {asking === "refuse" ? <Question title="Refuse this export?" action="Refuse it" head={head} reason={whyEnd} onDo={({ reason, seen }) => acts.refuse(row.root, reason, seen)} onClose={close}>
          <p>It ends here. Whoever asked for it can ask anew.</p>
        </Question> : null}
      {asking === "withdraw" ? (
        <Question
          title="Withdraw this export?"
          action="Withdraw it"
          head={head}
          reason={whyEnd}
          onDo={({ reason, seen }) => acts.withdraw(row.root, reason, seen)}
          onClose={close}
        >
          <p>{row.state === "approved" ? "Nobody can take it any more. What was taken before cannot be taken back." : "It ends here. It can be asked for anew."}</p>
        </Question>
      ) : null}
      {asking === "redact" ? <RedactDialog head={head} from={row.from} to={row.to} entry={null} grounds={grounds} read={acts.read} onRedact={(list, seen) => acts.redact(row.root, list, [], seen)} onClose={close} /> : null}
      {asking === "suggest" ? <SuggestionsDialog home={home} head={head} row={row} grounds={grounds} load={(after) => acts.suggestions(row.root, after)} onRedact={(list, seen) => acts.redact(row.root, list, [], seen)} onClose={close} /> : null}
      {asking !== null && typeof asking === "object" ? (
        <Question
          title={`Give ${slotNames[asking.drop.slot] ?? "it"} of entry ${asking.drop.entry} after all?`}
          action="Take back"
          onClose={close}
          onDo={() => acts.redact(row.root, [], [{ entry: asking.drop.entry, slot: asking.drop.slot, ...(asking.drop.field ? { field: asking.drop.field } : {}) }], head)}
        >
          <p>The recipient will read it, unless something else leaves it out.</p>
        </Question>
      ) : null}
      {asking === "approve" ? (
        <Question title="Approve it as it stands?" action="Approve" warning onClose={closed("approve")} onDo={() => withFactor(() => acts.approve(row.root, head))}>
          <p>
            {plural(row.redacted.length, "thing is", "things are")} left out.{" "}
            {unanswered > 0 ? (
              <strong>
                {plural(unanswered, "restricted entry has", "restricted entries have")} not been answered for: {unanswered === 1 ? "it is" : "they are"} left out and listed as unanswered.
              </strong>
            ) : null}
          </p>
          <p>This fixes the range, everything that is left out, and the seal it rests on. It cannot be changed afterwards, only withdrawn. It takes your second factor, each time.</p>
        </Question>
      ) : null}
      {asking === "take" ? (
        <Question title="Take the bundle?" action="Take it" onClose={closed("take")} onDo={() => withFactor(async () => setTaken(await acts.take(row.root)))}>
          <p>That you took it stands on the access log before the first byte comes. It takes your second factor, each time. Keep the file where only {row.recipient.name} gets it.</p>
        </Question>
      ) : null}
      {asking === "stepUp" ? <StepUp why="Approving and taking an export" once back={`${home}/exports/${row.root}`} onClose={close} /> : null}
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What it waits for, and what this reader can do about it. */
function Next({ row, facts, unanswered, children }: { row: ExportRow; facts: Facts; unanswered: number; children: ReactNode }) {
  const waits: Record<ExportRow["state"], string> = {
    requested: `It waits for ${row.waiting.map((o) => orgNamed(facts, o)).join(" and ")} to agree.`,
    agreed: unanswered > 0 ? `Both hosts have agreed. ${plural(unanswered, "restricted entry waits", "restricted entries wait")} for an answer. Then somebody who neither asked for it nor left anything out approves it.` : "Both hosts have agreed. Somebody who neither asked for it nor left anything out approves it.",
    approved: "It is approved and can be taken.",
    refused: "It was refused. Nothing more can be done about it.",
    withdrawn: "It was withdrawn. Nothing more can be done about it.",
  };
  return (
    <section className="ask-me" aria-labelledby="next-heading">
      <h3 id="next-heading">{row.over && row.may.length === 0 && row.state !== "refused" && row.state !== "withdrawn" ? "Its time has passed. Ask for a new one." : waits[row.state]}</h3>
      <div className="fact__actions">{children}</div>
    </section>
  );
}
