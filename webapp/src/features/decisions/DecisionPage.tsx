import { useState, type ReactNode } from "react";
import type { Facts, Marking, Seq } from "../../protocol/types";
import { assigneeCalled, byCalled, byInFull, memberCalled } from "../../room/called";
import { past } from "../../room/clock";
import { gapsOf, inEffect, optionsOf, partsOf, type Decision, type PartName } from "../../room/decision";
import { may } from "../../room/may";
import { isHost } from "../../room/select";
import { isInvented, type RoomObject } from "../../room/state";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Icon } from "../../ui/Icon";
import { shakenLook } from "../../ui/intel";
import { Moment } from "../../ui/Moment";
import { actionLook, decisionLook, reviewDueLook } from "../../ui/record";
import { Said } from "../../ui/Said";
import { tierName } from "../../ui/severity";
import { SheetLabel } from "../../ui/SheetLabel";
import { StateTag } from "../../ui/StateTag";
import { StepUp } from "../../ui/StepUp";
import { duration } from "../../ui/time";
import { useSeen } from "../../ui/useSeen";
import { list } from "../../ui/words";
import { AddDialog, DisputeDialog, ReviewDialog, type DecisionActs } from "./DecisionDialogs";
import type { Recording } from "./DecisionForm";
import { partWords } from "./parts";
import { Relied } from "./Relied";

type Props = {
  facts: Facts;
  head: number;
  now: number;
  object: RoomObject;
  decision: Decision;
  acts: DecisionActs;
  /** Actions that carry it out, as far as they are here. */
  actions: readonly RoomObject[];
  /** There are older ones that are not here. */
  older: boolean;
  objectAt: (seq: Seq) => RoomObject | null | undefined;
  load: (seq: Seq) => void;
  /** Who receives it, in words; "" for the room. */
  whom: (m: Marking) => string;
  onRecord: (r: Recording) => void;
  onAction: () => void;
};
type Asking = { what: "add"; open: readonly PartName[] } | { what: "dispute" | "review" | "stepUp" };

/** Its maker's word: confirmed in one tap, or disputed. */
function Waiting({ facts, head, object, acts, onDispute, onStepUp }: Pick<Props, "facts" | "head" | "object" | "acts"> & { onDispute: () => void; onStepUp: () => void }) {
  const submit = useSeen(head);
  // Refused because it was answered elsewhere: what changed is told though there is nothing left to ask.
  if (!may(facts, "confirm-decision", object)) return <ErrorSummary problems={submit.problems} />;
  const confirm = async () => {
    let stepUp = false;
    await submit.send((seen) =>
      acts.confirmDecision(object.root, seen).catch((e: unknown) => {
        stepUp = e instanceof Error && "fault" in e && e.fault === "step_up";
        if (!stepUp) throw e;
      }),
    );
    if (stepUp) onStepUp();
  };
  return (
    <section className="ask-me" aria-labelledby="ask-me-heading">
      <ErrorSummary problems={submit.problems} />
      <h3 id="ask-me-heading">Is this what you decided?</h3>
      <div className="fact__actions">
        <Button busy={submit.busy} onClick={() => void confirm()}>
          Confirm
        </Button>
        {may(facts, "dispute-decision", object) ? (
          <Button kind="secondary" onClick={onDispute}>
            Dispute it
          </Button>
        ) : null}
      </div>
      <p className="fact__source">It is in effect already. Your word is recorded with your second factor.</p>
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Everything there is about one decision: what, why, who, on what, what is missing, and what came of it. */
export function DecisionPage(p: Props) {
  const { facts, now, object, decision: d } = p;
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  const home = `/rooms/${facts.room.id}`;
  const href = (n: number) => `${home}/entries/${n}`;
  const gaps = gapsOf(d);
  const { marking } = object;
  const mayAdd = may(facts, "add-to-decision", object);
  const whom = marking ? p.whom(marking) : "";
  const added = (later: boolean, at: string, by: RoomObject["by"]) => (later ? <span className="relied__note"> Added later: {by ? byCalled(facts, by) : ""}, <Moment at={at} now={now} /></span> : null);
  const words = (name: Exclude<PartName, "relied" | "options" | "review">) => {
    const found = partsOf(d, name);
    if (found.length === 0) return null;
    return (
      <Part key={name} title={partWords[name].title}>
        {found.map((x) => (
          <p key={x.seq}>
            <Said text={x.deliberation[name] ?? ""} entryHref={href} />
            {added(x.later, x.at, x.by)}
          </p>
        ))}
      </Part>
    );
  };
  const options = optionsOf(d);
  return (
    <article className="sheet" aria-labelledby="decision-heading">
      <p className="sheet__kind">
        <Icon name="decision" size={18} /> Decision, entry <a href={href(object.root)}>{object.root}</a>
      </p>
      <p className="sheet__states">
        <StateTag look={decisionLook[d.state]} />
        {inEffect(d) && past(d.review, now) ? <StateTag look={reviewDueLook} /> : null}
        {d.shaken.length > 0 ? <StateTag look={shakenLook} /> : null}
      </p>
      {marking ? <SheetLabel marking={marking} whom={whom} invented={isInvented(object)} /> : null}
      <h2 id="decision-heading" className="sheet__title">
        <Said text={d.decision} entryHref={href} />
      </h2>
      <Waiting facts={facts} head={p.head} object={object} acts={p.acts} onDispute={() => setAsking({ what: "dispute" })} onStepUp={() => setAsking({ what: "stepUp" })} />
      {d.replacedBy ? (
        <p className="notice">
          {d.state === "reversed" ? "Reversed by" : "Superseded by"} <a href={`${home}/decisions/${d.replacedBy}`}>decision {d.replacedBy}</a>.
        </p>
      ) : null}
      {d.shaken.map((s) => (
        <p className="notice notice--bad" key={s.seq}>
          <a href={href(s.entry)}>Entry {s.entry}</a>, on which it rests, was recalled after it, <Moment at={s.at} now={now} />. Look at whether it still stands.
        </p>
      ))}
      {d.disputed && d.state === "disputed" ? (
        <p className="notice notice--bad">
          {byCalled(facts, d.disputed.by)} disputes it: <Said text={d.disputed.reason} entryHref={href} />
        </p>
      ) : null}
      <dl className="sheet__facts">
        {d.rationale === "" ? null : (
          <div>
            <dt>Rationale</dt>
            <dd>
              <Said text={d.rationale} entryHref={href} />
            </dd>
          </div>
        )}
        <div>
          <dt>Decision-maker</dt>
          <dd>
            {d.state === "proposed" ? `For ${d.maker === 0 ? "anyone" : memberCalled(facts, d.maker)} to take` : memberCalled(facts, d.maker)}
            {d.tier ? `, ${tierName[d.tier].toLowerCase()} tier` : ""}
          </dd>
        </div>
        {d.taken ? (
          <div>
            <dt>Taken</dt>
            <dd>
              {d.taken.about ? "About " : ""}
              <Moment at={d.taken.at} now={now} />
              <span className="quiet">
                {" "}
                · recorded by {byInFull(facts, d.taken.by)}, <Moment at={d.taken.recorded} now={now} />
              </span>
            </dd>
          </div>
        ) : null}
        {d.confirmed ? (
          <div>
            <dt>Confirmed</dt>
            <dd>
              {byCalled(facts, d.confirmed.by)}, <Moment at={d.confirmed.at} now={now} />
            </dd>
          </div>
        ) : null}
        {d.disputed && d.state !== "disputed" ? (
          <div>
            <dt>Disputed</dt>
            <dd>
              <Said text={d.disputed.reason} entryHref={href} />
              <span className="quiet">
                {" "}
                · {byCalled(facts, d.disputed.by)}, <Moment at={d.disputed.at} now={now} />
              </span>
            </dd>
          </div>
        ) : null}
        {d.review && (inEffect(d) || d.state === "proposed") ? (
          <div>
            <dt>Look again</dt>
            <dd>
              By <Moment at={d.review} now={now} />
              {inEffect(d) && past(d.review, now) ? `, ${duration(now - Date.parse(d.review))} ago` : ""}
            </dd>
          </div>
        ) : null}
        {d.from ? (
          <div>
            <dt>Made of</dt>
            <dd>
              <a href={href(d.from)}>entry {d.from}</a>
            </dd>
          </div>
        ) : null}
        {d.supersedes ?? d.reverses ? (
          <div>
            <dt>{d.supersedes ? "In place of" : "Undoes"}</dt>
            <dd>
              <a href={`${home}/decisions/${d.supersedes ?? d.reverses ?? 0}`}>decision {d.supersedes ?? d.reverses}</a>
            </dd>
          </div>
        ) : null}
      </dl>

      <div className="sheet__acts">
        {may(facts, "take-decision", object) ? <Button small onClick={() => p.onRecord({ how: "take", seq: object.root, decision: d })}>Take it</Button> : null}
        {mayAdd ? (
          <Button small kind="secondary" onClick={() => setAsking({ what: "add", open: [] })}>
            Add to the record
          </Button>
        ) : null}
        {may(facts, "review-decision", object) ? (
          <Button small kind="secondary" onClick={() => setAsking({ what: "review" })}>
            Review
          </Button>
        ) : null}
        {inEffect(d) && may(facts, "raise-action") ? (
          <Button small kind="secondary" onClick={p.onAction}>
            Raise an action
          </Button>
        ) : null}
        {may(facts, "replace-decision", object) ? (
          <>
            <Button small kind="secondary" onClick={() => p.onRecord({ how: "supersede", seq: object.root, decision: d, marking })}>
              Supersede
            </Button>
            <Button small kind="secondary" onClick={() => p.onRecord({ how: "reverse", seq: object.root, decision: d, marking })}>
              Reverse
            </Button>
          </>
        ) : null}
      </div>

      {gaps.length > 0 ? (
        <p className="gaps">
          <strong>Not in its record yet:</strong> {list(gaps.map((g) => partWords[g].gap))}.{" "}
          {mayAdd ? (
            <Button kind="plain" onClick={() => setAsking({ what: "add", open: gaps })}>
              Add them
            </Button>
          ) : null}
        </p>
      ) : null}

      {words("question")}
      {partsOf(d, "relied").length > 0 ? (
        <Part title={partWords.relied.title}>
          <Relied decision={d} facts={facts} objectAt={p.objectAt} load={p.load} />
        </Part>
      ) : null}
      {words("risks")}
      {words("powers")}
      {options.length > 0 ? (
        <Part title={partWords.options.title}>
          <ol className="sheet__options">
            {options.map((o) => (
              <li key={`${o.part.seq}-${o.text}`}>
                <Said text={o.text} entryHref={href} />
                {o.rejected ? (
                  <p className="record__why">
                    Not taken: <Said text={o.rejected} entryHref={href} />
                  </p>
                ) : null}
                {added(o.part.later, o.part.at, o.part.by)}
              </li>
            ))}
          </ol>
        </Part>
      ) : null}
      {words("consulted")}
      {words("dissent")}
      {words("expected")}
      {words("outcome")}
      {d.reviews.length > 0 ? (
        <Part title="Reviews">
          {d.reviews.map((r) => (
            <p key={r.seq}>
              <Said text={r.finding} entryHref={href} />
              <span className="relied__note">
                {" "}
                {byCalled(facts, r.by)}, <Moment at={r.at} now={now} />
                {r.next ? <>; to look again by <Moment at={r.next} now={now} /></> : "; no further review"}
              </span>
            </p>
          ))}
        </Part>
      ) : null}
      {p.actions.length > 0 || p.older ? (
        <Part title="Actions that carry it out">
          <ul className="rows">
            {p.actions.map((o) =>
              o.record?.noun === "action" ? (
                <li className="row" key={o.root}>
                  <a className="row__main" href={`${home}/actions/${o.root}`}>
                    {assigneeCalled(facts, o.record.for)}: {o.record.text}
                  </a>
                  <StateTag look={actionLook[o.record.state]} />
                </li>
              ) : null,
            )}
          </ul>
          {p.older ? (
            <p className="quiet">
              There are older ones. <a href={`${home}/actions`}>All actions</a>
            </p>
          ) : null}
        </Part>
      ) : null}
      {asking?.what === "add" ? <AddDialog seq={object.root} head={p.head} host={isHost(p.facts)} now={now} acts={p.acts} open={asking.open} onClose={close} /> : null}
      {asking?.what === "dispute" ? <DisputeDialog seq={object.root} head={p.head} host={isHost(p.facts)} acts={p.acts} onClose={close} /> : null}
      {asking?.what === "review" ? <ReviewDialog seq={object.root} head={p.head} host={isHost(p.facts)} now={now} acts={p.acts} onClose={close} /> : null}
      {asking?.what === "stepUp" ? <StepUp why="Confirming a decision" back={`${home}/decisions/${object.root}`} onClose={close} /> : null}
    </article>
  );
}
