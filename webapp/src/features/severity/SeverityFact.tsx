import { useEffect, useState, type ReactNode } from "react";
import type { AssessmentFacts, Facts, Scale, Seq } from "../../protocol/types";
import { scales } from "../../protocol/types";
import { byInFull, memberCalled, orgNamed } from "../../room/called";
import { may, seconds } from "../../room/may";
import { you } from "../../room/select";
import { counts, standing } from "../../room/severity";
import { reasonIn } from "../../room/severityHistory";
import type { RoomObject } from "../../room/state";
import { Button } from "../../ui/Button";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { gradeHeading, gradeName, gradeWords, scaleName, tierName, unsure } from "../../ui/severity";
import { Said } from "../../ui/Said";
import { StepUp } from "../../ui/StepUp";
import { dateAndTime, shortMoment, utc } from "../../ui/time";
import { useSeen } from "../../ui/useSeen";
import { list } from "../../ui/words";
import { AssessDialog, LowerDialog, RefuseDialog, type SeverityActs } from "./SeverityDialogs";

type Props = { facts: Facts; head: number; /** The room's time, in milliseconds. */ now: number; acts: SeverityActs; objectAt: (seq: Seq) => RoomObject | null | undefined; load: (seq: Seq) => void; /** On the page of its own, where the heading stands above. */ bare?: boolean };
type Asking = { what: "assess"; scale: Scale } | { what: "lower" | "refuse"; a: AssessmentFacts } | { what: "stepUp" };

function When({ at, now }: { at: string; now: number }) {
  return (
    <time dateTime={at} title={`${dateAndTime(at)} (${utc(at)})`}>
      {shortMoment(at, new Date(now))}
    </time>
  );
}

/** How many rungs of the scale are lit: a shape beside the words. */
function Gauge({ scale, n }: { scale: Scale; n: number }) {
  const rungs = scale === "nhs_level" ? 4 : 6;
  const lit = scale === "nhs_level" ? n : 7 - n;
  return (
    <span className="gauge" aria-hidden="true">
      {Array.from({ length: rungs }, (_, i) => (
        <span key={i} className={i < lit ? "gauge__rung gauge__rung--lit" : "gauge__rung"} />
      ))}
    </span>
  );
}

/** Why it is asked: an entry of its own right after the question, for those it is addressed to. */
function Why({ about, facts, objectAt, load }: Pick<Props, "facts" | "objectAt" | "load"> & { about: Seq }) {
  const seq = about + 1;
  const object = objectAt(seq);
  const absent = object === undefined;
  useEffect(() => {
    if (absent) load(seq);
  }, [absent, load, seq]);
  const href = (n: Seq) => `/rooms/${facts.room.id}/entries/${n}`;
  if (object?.sealed) return <p>The reason is sealed: <a href={href(seq)}>open entry {seq} to read it</a>.</p>;
  const text = object ? reasonIn(object, about) : null;
  return text === null ? null : (
    <p>
      Because: <Said text={text} entryHref={href} /> <a href={href(seq)}>Entry {seq}</a>
    </p>
  );
}

/** Who can agree, for those who wait for it. */
function WhoCan({ facts, asked }: { facts: Facts; asked: NonNullable<AssessmentFacts["lowering"]> }) {
  const can = seconds(facts, asked);
  const names = can.map((m) => `${memberCalled(facts, m.number)} (${tierName[m.tier || "operational"].toLowerCase()} tier)`);
  const higher = asked.tier === "operational" ? "tactical" : "strategic";
  return (
    <p className="fact__source">
      It stands until a second person agrees. {can.length > 0 ? `${list(names)} can.` : `Nobody in the room can yet: a lead gives somebody the ${higher} tier, under People.`}
    </p>
  );
}

/** An open question to lower an assessment, for whoever may answer it. */
function Question({ a, facts, head, now, acts, objectAt, load, onRefuse, onStepUp }: Props & { a: AssessmentFacts; onRefuse: () => void; onStepUp: () => void }) {
  const submit = useSeen(head);
  const asked = a.lowering;
  if (!asked) return null;
  const mayAnswer = may(facts, "agree-lowering", undefined, { asked });
  const mayDrop = asked.by.member === facts.you || (you(facts)?.org === a.org && may(facts, "lower", undefined, { scale: a.scale }));
  const agree = async () => {
    let stepUp = false;
    await submit.send((seen) =>
      acts.agreeLowering(a.root, seen).catch((e: unknown) => {
        stepUp = e instanceof Error && "fault" in e && e.fault === "step_up";
        if (!stepUp) throw e;
      }),
    );
    if (stepUp) onStepUp();
  };
  const to = asked.grade ? gradeWords(a.scale, asked.grade, counts(a.scale, asked.grade)) : null;
  return (
    <div className="severity__question">
      <ErrorSummary problems={submit.problems} />
      <p>
        <strong>{byInFull(facts, asked.by)}</strong> ({tierName[asked.tier].toLowerCase()} tier) asks {to ? `to lower it to ${to}` : "to withdraw this assessment"}, <When at={asked.at} now={now} />.{" "}
        <a href={`/rooms/${facts.room.id}/entries/${asked.seq}`}>Entry {asked.seq}</a>
      </p>
      <Why about={asked.seq} facts={facts} objectAt={objectAt} load={load} />
      {mayAnswer ? (
        <div className="fact__actions">
          <Button small busy={submit.busy} onClick={() => void agree()}>
            Agree
          </Button>
          <Button small kind="secondary" onClick={onRefuse}>
            Refuse
          </Button>
        </div>
      ) : (
        <WhoCan facts={facts} asked={asked} />
      )}
      {mayDrop && !mayAnswer ? (
        <Button kind="plain" busy={submit.busy} onClick={() => void submit.send((seen) => acts.dropLowering(a.root, seen))}>
          Take the question back
        </Button>
      ) : null}
    </div>
  );
}

function OnScale({ scale, onAsk, ...p }: Props & { scale: Scale; onAsk: (a: Asking) => void }) {
  const { facts, now } = p;
  const all = standing(facts, scale);
  const top = all[0];
  const mine = facts.assessments.find((a) => a.scale === scale && a.org === you(facts)?.org) ?? null;
  const mayAssess = may(facts, "assess", undefined, { scale });
  if (!top && !mayAssess) return null;
  const n = top ? counts(scale, top.grade) : 0;
  const others = all.slice(1);
  return (
    <div className="severity__scale">
      {top ? (
        <>
          <p className="severity__level">
            <Gauge scale={scale} n={n} />
            <span>{gradeHeading(scale, n)}</span>
          </p>
          <p>
            Assessed by {byInFull(facts, top.by)}, since <When at={top.since} now={now} /> (<a href={`/rooms/${facts.room.id}/entries/${top.seq}`}>entry {top.seq}</a>).{top.grade.or === undefined ? "" : ` They are ${unsure(scale, top.grade)}: the graver counts.`}
          </p>
          {others.length > 0 ? (
            <p>
              It operates because {counts(scale, others[0]?.grade ?? top.grade) === n ? "none that stands is graver" : "it is the gravest that stands"}.{" "}
              {others.map((a) => (
                <span key={a.root}>
                  {orgNamed(facts, a.org)} {counts(scale, a.grade) === n ? "assess it the same" : `assess it as ${gradeName(scale, counts(scale, a.grade))}`}, since <When at={a.since} now={now} />.{" "}
                </span>
              ))}
            </p>
          ) : null}
          {all
            .filter((a) => a.lowering)
            .map((a) => (
              <Question key={a.root} a={a} {...p} onRefuse={() => onAsk({ what: "refuse", a })} onStepUp={() => onAsk({ what: "stepUp" })} />
            ))}
        </>
      ) : (
        <p className="quiet">{facts.assessments.some((a) => a.scale === scale) ? `No ${scaleName[scale]} stands any more.` : `No ${scaleName[scale]} has been set yet.`}</p>
      )}
      {mayAssess ? (
        <div className="fact__actions">
          <Button small kind="secondary" onClick={() => onAsk({ what: "assess", scale })}>
            {mine && !mine.ended ? "Raise or assess again" : "Assess"}
            <span className="unseen"> ({scaleName[scale]})</span>
          </Button>
          {mine && !mine.ended && !mine.lowering ? (
            <Button small kind="secondary" onClick={() => onAsk({ what: "lower", a: mine })}>
              Ask to lower<span className="unseen"> the {scaleName[scale]}</span>
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Frame({ bare, over, children }: { bare: boolean; over: string | null; children: ReactNode }) {
  if (bare) return <div className="fact severity">{children}</div>;
  return (
    <section className="fact severity" aria-labelledby="severity-heading">
      <header className="fact__head">
        <h2 id="severity-heading" className="side-heading">
          Severity
        </h2>
        {over === null ? null : <a href={over}>Over time</a>}
      </header>
      {children}
    </section>
  );
}

/** How grave the incident is: in words, by whom, since when, and why that. */
export function SeverityFact(p: Props) {
  const { facts } = p;
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  const mine = (scale: Scale) => facts.assessments.find((a) => a.scale === scale && a.org === you(facts)?.org) ?? null;
  const nothing = facts.assessments.every((a) => a.ended);
  return (
    <Frame bare={p.bare ?? false} over={facts.assessments.length > 0 ? `/rooms/${facts.room.id}/severity` : null}>
      {nothing && !scales.some((scale) => may(facts, "assess", undefined, { scale })) ? <p className="quiet">{facts.assessments.length > 0 ? "No assessment stands any more." : "Nobody has assessed it yet."}</p> : null}
      {scales.map((scale) => (
        <OnScale key={scale} scale={scale} {...p} onAsk={setAsking} />
      ))}
      {facts.room.called.map((o) => (
        <p key={o} className="fact__source">
          {orgNamed(facts, o)} was called in because of the severity{facts.members.some((m) => m.org === o && m.state === "joined") ? "" : ". Nobody of it is in the room yet"}.
        </p>
      ))}
      {asking?.what === "assess" ? <AssessDialog {...p} scale={asking.scale} mine={mine(asking.scale)} onClose={close} /> : null}
      {asking?.what === "lower" ? <LowerDialog {...p} mine={asking.a} onClose={close} /> : null}
      {asking?.what === "refuse" ? <RefuseDialog {...p} a={asking.a} onClose={close} /> : null}
      {asking?.what === "stepUp" ? <StepUp why="Agreeing to lower the severity" back={`/rooms/${facts.room.id}/severity`} onClose={close} /> : null}
    </Frame>
  );
}

/** The operating severity of each scale, for the room's bar. */
export function severityLines(facts: Facts): readonly string[] {
  return scales.flatMap((scale) => {
    const top = standing(facts, scale)[0];
    return top ? [gradeHeading(scale, counts(scale, top.grade))] : [];
  });
}
