import type { MessageCount, MessageRow, RecipientRow, Recipients as Rows, Stage } from "../../protocol/broadcast";
import { stageLook, whyNot } from "../../ui/broadcast";
import { Button } from "../../ui/Button";
import { contactRoleShort } from "../../ui/contact";
import { Filters } from "../../ui/Filters";
import { Moment } from "../../ui/Moment";
import { Empty, Failed, Loading } from "../../ui/State";
import { StateTag } from "../../ui/StateTag";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";

export const stageFilters = [
  { value: "all", label: "Everyone" },
  { value: "mend", label: "To mend" },
  { value: "way", label: "On the way" },
  { value: "delivered", label: "Delivered" },
  { value: "not", label: "Not sent" },
] as const;
export type StageFilter = (typeof stageFilters)[number]["value"];
export const stageQuery: Record<StageFilter, readonly Stage[]> = {
  all: [], mend: ["temporary", "permanent", "technical", "refused"], way: ["queued", "sending", "uncertain", "sent"], delivered: ["delivered"], not: ["not_sent"],
};

/** How many messages stand in these stages, of a channel or of all. */
export const counted = (counts: readonly MessageCount[], in_: readonly Stage[]): number => counts.filter((c) => in_.includes(c.state)).reduce((n, c) => n + c.messages, 0);

type Props = {
  rows: Rows | null; problem: string; filter: StageFilter; onFilter: (f: StageFilter) => void; onRetryLoad: () => void; onMore: (() => void) | null;
  /** Whether it has gone out, or goes. */
  out: boolean; now: number; mayRetry: boolean; onRetry: (id: string) => Promise<void>;
};

/** Whom it goes to, and how far each message has come. */
export function Recipients({ rows, problem, filter, onFilter, onRetryLoad, onMore, out, now, mayRetry, onRetry }: Props) {
  return (
    <section className="part broadcast__recipients" aria-labelledby="recipients-heading">
      <h3 id="recipients-heading">{out ? "How far each message has come" : "Whom it goes to"}</h3>
      {rows && out ? <Progress counts={rows.counts} /> : null}
      {out ? <Filters label="Which messages" value={filter} choices={stageFilters.map((f) => (f.value === "all" || !rows ? f : { ...f, label: `${f.label} ${counted(rows.counts, stageQuery[f.value])}` }))} onChange={onFilter} /> : null}
      {problem !== "" ? <Failed title="This could not be loaded" detail={problem} onRetry={onRetryLoad} /> : null}
      {!rows && problem === "" ? <Loading what="the recipients" /> : null}
      {rows && rows.recipients.length === 0 ? <Empty title={filter === "mend" ? "Nothing needs mending" : "No message is like that now"} /> : null}
      {rows && rows.recipients.length > 0 ? (
        <table className="listing broadcast__table">
          <thead>
            <tr>
              <th scope="col">Organisation</th>
              <th scope="col">Contact</th>
              <th scope="col">{out ? "Messages" : "By"}</th>
            </tr>
          </thead>
          <tbody>
            {rows.recipients.map((r) => (
              <Recipient key={`${r.contact} ${r.messages.map((m) => m.id).join()}`} r={r} out={out} now={now} mayRetry={mayRetry} onRetry={onRetry} />
            ))}
          </tbody>
        </table>
      ) : null}
      {onMore ? (
        <p className="board__more">
          <Button kind="secondary" small onClick={onMore}>
            Show more
          </Button>
        </p>
      ) : null}
    </section>
  );
}

/** The counts, in words and as a bar that says nothing the words do not. */
function Progress({ counts }: { counts: readonly MessageCount[] }) {
  const all = counts.reduce((n, c) => n + c.messages, 0);
  if (all === 0) return <p role="status">The messages are being made ready.</p>;
  const done = counted(counts, stageQuery.delivered);
  const mend = counted(counts, stageQuery.mend);
  const waiting = counted(counts, stageQuery.way);
  const not = counted(counts, stageQuery.not);
  const acknowledged = counts.reduce((n, c) => n + c.acknowledged, 0);
  return (
    <div className="broadcast__progress">
      <p role="status">
        {plural(done, "message")} of {all.toLocaleString("en-GB")} delivered{waiting > 0 ? `, ${waiting.toLocaleString("en-GB")} on the way` : ""}
        {mend > 0 ? `, ${mend.toLocaleString("en-GB")} to mend` : ""}
        {not > 0 ? `, ${not.toLocaleString("en-GB")} not sent` : ""}. {plural(acknowledged, "acknowledgement")}.
      </p>
      <progress max={all} value={all - waiting} aria-label="Messages that are settled" />
    </div>
  );
}

function Recipient({ r, out, now, mayRetry, onRetry }: { r: RecipientRow; out: boolean; now: number; mayRetry: boolean; onRetry: (id: string) => Promise<void> }) {
  const home = `/directory/${encodeURIComponent(r.org)}`;
  return (
    <tr>
      <td data-label="Organisation">
        <a href={home}>{r.orgName === "" ? r.org : r.orgName}</a> <span className="quiet">{r.org}</span>
      </td>
      <td data-label="Contact">
        {r.name === "" ? <span className="quiet">has left the directory</span> : r.name}, {contactRoleShort[r.role]}
      </td>
      <td data-label={out ? "Messages" : "By"}>
        {!out ? [r.sms ? "text message" : "", r.email ? "e-mail" : ""].filter((x) => x !== "").join(", ") : null}
        {out && r.other ? <span className="quiet">Told by another broadcast</span> : null}
        {out && !r.other && r.messages.length === 0 ? <span className="quiet">Being made ready</span> : null}
        {r.messages.length > 0 ? (
          <ul className="broadcast__messages">
            {r.messages.map((m) => (
              <Message key={m.id} m={m} who={r.name === "" ? r.org : r.name} now={now} home={home} mayRetry={mayRetry} onRetry={onRetry} />
            ))}
          </ul>
        ) : null}
      </td>
    </tr>
  );
}

function Message({ m, who, now, home, mayRetry, onRetry }: { m: MessageRow; who: string; now: number; home: string; mayRetry: boolean; onRetry: (id: string) => Promise<void> }) {
  const submit = useSubmit();
  const what = m.channel === "sms" ? "text message" : "e-mail";
  return (
    <li>
      <span className="broadcast__channel">{m.channel === "sms" ? "Text" : "E-mail"}</span> <StateTag look={m.acknowledged ? { word: "Acknowledged", tone: "good", icon: "check" } : stageLook[m.state]} />{" "}
      <span className="quiet">
        {m.state === "not_sent" && m.why ? `${whyNot[m.why] ?? "on purpose"} ` : ""}
        {m.try > 1 ? `sent ${m.try} times ` : ""}
        {m.acknowledged ?? m.at ? <Moment at={m.acknowledged ?? m.at ?? ""} now={now} /> : null}
      </span>
      {m.again && mayRetry ? (
        <Button kind="plain" busy={submit.busy} onClick={() => void submit.run(() => onRetry(m.id))}>
          Retry<span className="unseen"> the {what} to {who}</span>
        </Button>
      ) : null}
      {m.state === "permanent" || m.state === "refused" ? (
        <a href={home}>
          Fix contact<span className="unseen"> {who}, whose {what} did not arrive</span>
        </a>
      ) : null}
      {submit.problem ? (
        <span className="nhsuk-error-message" role="alert">
          {submit.problem.detail}
        </span>
      ) : null}
    </li>
  );
}
