import { useState } from "react";
import type { InvitedRow } from "../../protocol/broadcast";
import type { Seq } from "../../protocol/types";
import { keptWords, stageLook, whyNot } from "../../ui/broadcast";
import { Button } from "../../ui/Button";
import { contactRoleShort } from "../../ui/contact";
import { Filters } from "../../ui/Filters";
import { Moment } from "../../ui/Moment";
import type { StateLook } from "../../ui/record";
import { Empty, Failed, Loading } from "../../ui/State";
import { StateTag } from "../../ui/StateTag";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";

/** Where one invitation stands, as one word: what matters next comes first. */
export type Standing = "in" | "mend" | "open" | "over";

/** In the room; to be mended; waiting for them; over. */
export function standingOf(r: InvitedRow): Standing {
  if (r.kept !== undefined || r.state === "withdrawn" || r.state === "declined") return "over";
  if (r.state === "joined" || r.state === "left" || r.state === "removed") return "in";
  if (r.expired) return "mend";
  const m = r.message?.state;
  return r.state === "invited" && r.opened === undefined && (m === "temporary" || m === "permanent" || m === "technical" || m === "refused" || m === "not_sent") ? "mend" : "open";
}

const filters = [
  { value: "all", label: "Everyone" },
  { value: "mend", label: "To mend" },
  { value: "open", label: "Not in yet" },
  { value: "in", label: "Came in" },
  { value: "over", label: "Over" },
] as const;
type Filter = (typeof filters)[number]["value"];

const invitation = (r: InvitedRow): StateLook => {
  if (r.kept !== undefined) return { word: "Not invited", tone: "over", icon: "back" };
  if (r.expired) return { word: "Expired", tone: "bad", icon: "late" };
  switch (r.state) {
    case undefined:
      return { word: "Being made ready", tone: "open", icon: "circle" };
    case "joined":
      return { word: "Accepted", tone: "good", icon: "check" };
    case "left":
      return { word: "Accepted, left since", tone: "over", icon: "back" };
    case "removed":
      return { word: "Accepted, removed since", tone: "over", icon: "back" };
    case "withdrawn":
    case "declined":
      return { word: "Revoked", tone: "over", icon: "close" };
    case "asked":
      return { word: "Asks to be let in", tone: "waiting", icon: "half" };
    case "vouched":
      return { word: "Let in, not here yet", tone: "waiting", icon: "half" };
    default:
      return r.opened ? { word: "Opened", tone: "waiting", icon: "half" } : { word: "Invited", tone: "open", icon: "circle" };
  }
};

type Props = {
  rows: readonly InvitedRow[] | null; problem: string; onRetryLoad: () => void;
  /** Whether it has gone out, or goes. */
  out: boolean; now: number; mayRetry: boolean; onAgain: (invitation: Seq) => Promise<void>;
};

/** Whom a broadcast invites, and how far each has come: the message, and the invitation. */
export function Invited({ rows, problem, onRetryLoad, out, now, mayRetry, onAgain }: Props) {
  const [filter, setFilter] = useState<Filter>("all");
  const count = (s: Standing) => rows?.filter((r) => standingOf(r) === s).length ?? 0;
  const shown = rows?.filter((r) => filter === "all" || standingOf(r) === filter) ?? [];
  return (
    <section className="part broadcast__recipients" aria-labelledby="recipients-heading">
      <h3 id="recipients-heading">{out ? "How far each has come" : "Who is invited"}</h3>
      {rows && out ? <Progress rows={rows} came={count("in")} mend={count("mend")} /> : null}
      {rows && out ? <Filters label="Which invitations" value={filter} choices={filters.map((f) => (f.value === "all" ? f : { ...f, label: `${f.label} ${count(f.value)}` }))} onChange={setFilter} /> : null}
      {problem !== "" ? <Failed title="This could not be loaded" detail={problem} onRetry={onRetryLoad} /> : null}
      {!rows && problem === "" ? <Loading what="the invitations" /> : null}
      {rows && shown.length === 0 ? <Empty title={filter === "mend" ? "Nothing needs mending" : "No invitation is like that now"} /> : null}
      {shown.length > 0 ? (
        <table className="listing broadcast__table">
          <thead>
            <tr>
              <th scope="col">Organisation</th>
              <th scope="col">Contact</th>
              {out ? <th scope="col">Text message</th> : null}
              {out ? <th scope="col">Invitation</th> : null}
            </tr>
          </thead>
          <tbody>
            {shown.map((r) => (
              <Row key={r.contact} r={r} out={out} now={now} mayRetry={mayRetry} onAgain={onAgain} />
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}

/** The counts, in words and as a bar that says nothing the words do not. */
function Progress({ rows, came, mend }: { rows: readonly InvitedRow[]; came: number; mend: number }) {
  const made = rows.filter((r) => r.root !== undefined);
  if (made.length === 0) return <p role="status">{rows.every((r) => r.kept !== undefined) ? "Nobody was invited after all." : "The invitations are being made ready."}</p>;
  const delivered = made.filter((r) => r.message?.state === "delivered").length;
  const opened = made.filter((r) => r.opened !== undefined).length;
  return (
    <div className="broadcast__progress">
      <p role="status">
        {plural(made.length, "person", "people")} invited: {delivered} delivered, {opened} opened, {came} accepted{mend > 0 ? `, ${mend} to mend` : ""}.
      </p>
      <progress max={made.length} value={came} aria-label="Who accepted" />
    </div>
  );
}

function Row({ r, out, now, mayRetry, onAgain }: { r: InvitedRow; out: boolean; now: number; mayRetry: boolean; onAgain: (invitation: Seq) => Promise<void> }) {
  const submit = useSubmit();
  const home = `/directory/${encodeURIComponent(r.org)}`;
  const m = r.message;
  const who = r.name === "" ? r.org : r.name;
  const at = r.joined ?? r.opened;
  return (
    <tr>
      <td data-label="Organisation">
        <a href={home}>{r.orgName === "" ? r.org : r.orgName}</a> <span className="quiet">{r.org}</span>
      </td>
      <td data-label="Contact">
        {r.name === "" ? <span className="quiet">has left the directory</span> : r.name}, {contactRoleShort[r.role]}
      </td>
      {out ? (
        <td data-label="Text message">
          <div className="broadcast__messages">
            {m ? <StateTag look={stageLook[m.state]} /> : <span className="quiet">{r.kept !== undefined ? "None" : "Being made ready"}</span>}
            <span className="quiet">
              {m?.state === "not_sent" && m.why ? `${m.why === "answered" ? "the invitation was taken up or taken back" : (whyNot[m.why] ?? "on purpose")} ` : ""}
              {m && m.try > 1 ? `sent ${m.try} times ` : ""}
              {m?.at ? <Moment at={m.at} now={now} /> : null}
            </span>
            {r.again && mayRetry && r.root !== undefined ? (
              <Button kind="plain" busy={submit.busy} onClick={() => void submit.run(() => onAgain(r.root ?? 0))}>
                {r.newPhone ? "Send to the new number" : "Retry"}
                <span className="unseen"> {r.newPhone ? "of" : "the text message to"} {who}</span>
              </Button>
            ) : null}
            {m && standingOf(r) === "mend" && !r.again && !r.expired && (m.state === "permanent" || m.state === "refused" || m.why === "no_channel" || m.why === "gone") ? (
              <a href={home}>
                Fix contact<span className="unseen"> {who}, whose text message did not arrive</span>
              </a>
            ) : null}
            {submit.problem ? (
              <span className="nhsuk-error-message" role="alert">
                {submit.problem.detail}
              </span>
            ) : null}
          </div>
        </td>
      ) : null}
      {out ? (
        <td data-label="Invitation">
          <div className="broadcast__messages">
            <StateTag look={invitation(r)} />
            <span className="quiet">
              {r.kept !== undefined ? (keptWords[r.kept] ?? "could not be invited") : null}
              {r.state === "joined" && r.number ? `M-${r.number} ` : null}
              {at ? <Moment at={at} now={now} /> : null}
              {r.expired ? "Make a new link for it under People." : null}
            </span>
          </div>
        </td>
      ) : null}
    </tr>
  );
}
