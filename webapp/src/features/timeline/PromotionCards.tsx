import { useState } from "react";
import type { Provenance } from "../../protocol/cell";
import type { Audience, OpenOf } from "../../protocol/types";
import type { RoomObject } from "../../room/state";
import { orgNamed } from "../../room/called";
import { may } from "../../room/may";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { TlpTag } from "../../ui/TlpTag";
import { useTimeline } from "./context";
import { LabelBar } from "./LabelBar";

const readers = (a: Audience): string => (a.kind === "room" ? "everyone in the main room" : a.kind === "hosts" ? "the hosts" : "named people and organisations in the main room");

/** A question to the organisation whose side room this is: exactly what the main room would be told. */
export function PromotionCard({ entry, object }: { entry: OpenOf<"promotion.asked">; object: RoomObject }) {
  const { facts, answerPromotion } = useTimeline();
  const [asking, setAsking] = useState<"agree" | "refuse" | null>(null);
  const { body, seq } = entry;
  const org = orgNamed(facts, facts.room.cell?.org ?? "");
  const mine = may(facts, "answer-promotion", object);
  const said = <WhatIsSaid entry={entry} object={object} />;
  return (
    <div className="promotion">
      <p className="promotion__head">
        <strong>{body.item ? "May the main room be given this item?" : "May the main room be told this?"}</strong>{" "}
        <span className="quiet">
          It rests on entry <span className="tabular">{body.entry}</span>. Only {org} can say yes.
        </span>
      </p>
      {said}
      <p className="promotion__who">
        It would be read by <strong>{readers(body.audience)}</strong>, {body.item ? `as ${org}’s own` : `as ${org}’s words`}.
      </p>
      {object.consent === "agreed" ? (
        <p className="promotion__done">{org} agreed. It was said in the main room.</p>
      ) : object.consent === "refused" ? (
        <p className="promotion__done">{org} refused. The main room was told nothing.</p>
      ) : object.recalled ? (
        <p className="promotion__done">What it was about was recalled. The main room is told nothing.</p>
      ) : mine ? (
        <div className="actions promotion__actions">
          <Button onClick={() => setAsking("agree")}>Agree</Button>
          <Button kind="secondary" onClick={() => setAsking("refuse")}>
            Refuse
          </Button>
        </div>
      ) : (
        <p className="promotion__done">Waiting for {org}.</p>
      )}
      {asking === "agree" ? (
        <Question title="Say this in the main room?" action="Agree for my organisation" onClose={() => setAsking(null)} onDo={() => answerPromotion(seq, body.entry, true)}>
          {said}
          <p>
            It goes to {readers(body.audience)} at once, with the name of {org}. They learn that there was a side room, and nothing else that was said in it. You can recall it, here or there; what people have read by then, they have read.
          </p>
        </Question>
      ) : null}
      {asking === "refuse" ? (
        <Question title="Refuse?" action="Refuse for my organisation" onClose={() => setAsking(null)} onDo={() => answerPromotion(seq, body.entry, false)}>
          <p>Nothing is said in the main room, and nobody there learns that you were asked.</p>
        </Question>
      ) : null}
    </div>
  );
}

/** Exactly what would be said, under which labels. */
function WhatIsSaid({ entry, object }: { entry: OpenOf<"promotion.asked">; object: RoomObject }) {
  const { facts } = useTimeline();
  const { body } = entry;
  const also = [object.marking?.pap, object.marking?.caveat, object.marking?.recorded ? "opening it is recorded" : undefined].filter((x) => x !== undefined);
  return (
    <>
      <p className="promotion__said">
        <TlpTag label={body.tlp} /> {also.length > 0 ? <strong>{also.join(" · ")} </strong> : null}
        <span>{body.text}</span>
      </p>
      {body.item ? (
        <p className="promotion__who">
          All of <a href={`/rooms/${facts.room.id}/intel/${body.entry}`}>item {body.entry}</a> goes, as it is: its text, indicators, sources and dates. Files attached to it stay here.
        </p>
      ) : null}
    </>
  );
}

/** Where something stood that was brought from a side room. */
export function WhereItStood({ from }: { from: Provenance }) {
  const rows: readonly (readonly [string, string])[] = [
    ["Entry there", from.corrects === undefined ? String(from.seq) : `${from.seq}, a correction of ${from.corrects}`],
    ["Its label there", from.tlp],
    ["Fingerprint of that record’s name", from.origin],
    ["Hash of that entry", from.leafHash],
  ];
  return (
    <details className="promoted__proof">
      <summary>Where it stands</summary>
      <dl className="methane-list">
        {rows.map(([k, v]) => (
          <div key={k}>
            <dt>{k}</dt>
            <dd className="promoted__hash">{v}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** What an organisation said in its side room, said here with its consent. */
export function PromotedCard({ entry, object }: { entry: OpenOf<"entry.promoted">; object: RoomObject }) {
  const { facts } = useTimeline();
  if (!object.marking) return null;
  const { body } = entry;
  return (
    <div className="promoted">
      <p className="promoted__head">
        From a side room with <strong>{orgNamed(facts, object.marking.originator)}</strong>, with their consent
      </p>
      <LabelBar marking={object.marking}>
        <span>{body.text}</span>
      </LabelBar>
      <WhereItStood from={body} />
    </div>
  );
}
