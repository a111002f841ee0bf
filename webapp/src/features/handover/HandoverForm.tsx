import { useEffect, useMemo, useState } from "react";
import { type Iimarch, iimarchParts } from "../../protocol/cadence";
import type { Post } from "../../protocol/escalation";
import type { Facts, MemberNo, Seq, TLP } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { may } from "../../room/may";
import { posts } from "../../room/post";
import { isHost } from "../../room/select";
import type { RoomObject } from "../../room/state";
import type { RoomStore } from "../../room/store";
import { Button } from "../../ui/Button";
import { iimarchWords } from "../../ui/cadence";
import { Dialog } from "../../ui/Dialog";
import { postName } from "../../ui/escalation";
import { SelectField, TextArea } from "../../ui/Field";
import { FormProblems } from "../../ui/FormProblems";
import { graver } from "../../ui/label";
import { Looks } from "../../ui/Looks";
import { type MarkingDraft, MarkingFields, markingLook, markingOf, markingProblem, markingSent } from "../../ui/MarkingFields";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { BroughtBack, useDraft } from "../../ui/useDraft";
import { useSubmit } from "../../ui/useSubmit";
import { citesOf, draftOf } from "./draft";

export type HandoverActs = Pick<RoomStore, "draftHandover" | "signHandover" | "acceptHandover" | "declineHandover" | "withdrawHandover" | "preflight">;
type Props = { facts: Facts; /** The server's time, in milliseconds. */ now: number; objectAt: (seq: Seq) => RoomObject | null | undefined; acts: HandoverActs; onDone: (seq: Seq) => void; onCancel: () => void };

const kindName: Record<string, string> = { decision: "Decisions", action: "Actions", escalation: "Escalations", meeting: "Meetings", sitrep: "SITREPs", update: "Updates", request: "Asked for" };

/** What the draft was made of, to open beside it. */
function Sources({ facts, objects, since }: { facts: Facts; objects: readonly RoomObject[]; since: Seq }) {
  const home = `/rooms/${facts.room.id}`;
  const named = objects.filter((o) => o.record && kindName[o.record.noun]);
  return (
    <section className="handover__sources" aria-labelledby="sources-heading">
      <h3 id="sources-heading">What it is made of</h3>
      <p className="quiet">{since > 1 ? <>Since the last handover, <a href={`${home}/entries/${since}`}>entry {since}</a>.</> : "This post has not been handed over before."} Only what you may see.</p>
      {Object.entries(kindName).map(([noun, title]) => {
        const of = named.filter((o) => o.record?.noun === noun);
        return of.length === 0 ? null : (
          <div key={noun}>
            <h4>{title}</h4>
            <ul>
              {of.map((o) => (
                <li key={o.root}>
                  <a href={`${home}/entries/${o.root}`}>#{o.root}</a> {o.marking?.audience.kind === "named" ? <span className="quiet">named readers only</span> : null}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      {named.length === 0 ? <p>Nothing is open.</p> : null}
    </section>
  );
}

function Form({ facts, objects, since, post, onPost, now, acts, onDone, onCancel }: Props & { objects: readonly RoomObject[]; since: Seq; post: Post; onPost: (p: Post) => void }) {
  const [draft] = useState(() => draftOf(facts, objects, since, now));
  const [said, setSaid] = useState<Iimarch>(draft);
  const [to, setTo] = useState<MemberNo>(0);
  // To the hosts, and kept as closely as what it is made of.
  const [marking, setMarking] = useState<MarkingDraft>(() => {
    const usual: TLP = facts.room.tlp === "TLP:RED" ? "TLP:AMBER+STRICT" : facts.room.tlp;
    const tlp = objects.reduce<TLP>((t, o) => (o.marking && o.marking.tlp !== "TLP:RED" ? graver(t, o.marking.tlp) : t), usual);
    return { ...markingOf(facts), tlp, audience: { kind: "hosts", members: [], orgs: [] }, touched: true };
  });
  const [looking, setLooking] = useState(false);
  const [factor, setFactor] = useState(false);
  const submit = useSubmit();
  const kept = useDraft(`handover ${post}`, { said, to, marking }, (was) => {
    setSaid(was.said);
    setTo(was.to);
    setMarking(was.marking);
  });
  const mine = posts.filter((p) => may(facts, "sign-handover", undefined, { post: p }));
  const can = facts.members.filter((m) => m.state === "joined" && m.number > 0 && m.number !== facts.you && m.name !== "" && m.role !== "auditor" && (post !== "incident_lead" || m.host));
  const send = async (shown: Seq) => {
    const cites = citesOf(said);
    const { seq } = await acts.signHandover({ post, to, iimarch: said, ...(cites.length > 0 ? { cites } : {}), ...markingSent(marking, facts.you), ...submit.overriding(), shown });
    kept.sent();
    onDone(seq);
  };
  const look = () => {
    const errors = [
      to === 0 ? { name: "to", message: "Choose who takes over." } : null,
      ...iimarchParts.map((p) => (iimarchWords[p].needed && said[p].trim() === "" ? { name: `iimarch.${p}`, message: `Say something under ${iimarchWords[p].title.toLowerCase()}, if only that there is nothing.` } : null)),
      markingProblem(marking, facts.you),
    ].filter((x) => x !== null);
    if (errors.length > 0) submit.refuse(errors);
    else {
      submit.clear();
      setLooking(true);
    }
  };
  const refused = (e: unknown) => {
    setLooking(false);
    if (shownProblem(e).fault === "step_up") setFactor(true);
    else void submit.run(() => Promise.reject(e instanceof Error ? e : new Error("refused")));
  };
  const whole = markingLook(marking, facts.you) ?? { what: `It will be ${marking.tlp}.`, ask: { tlp: marking.tlp, audience: { kind: "room" as const } } };
  return (
    <div className="handover__form">
      <div>
        {looking ? (
          <section aria-labelledby="looks-heading">
            <h3 id="looks-heading">Who receives this handover</h3>
            <p>{whole.what} It names {memberCalled(facts, to)} to take over as {postName[post].toLowerCase()}. The post stays yours until they accept.</p>
            <Looks looks={[whole]} me={facts.you} action="Sign and hand over" onAsk={acts.preflight} onSend={([shown]) => send(shown ?? 0)} onSent={() => undefined} onRefused={refused} onBack={() => setLooking(false)} />
          </section>
        ) : null}
        <div hidden={looking} className="handover__parts">
          <BroughtBack draft={kept}>What you had written here and not signed is back; what it was made of may have moved on.</BroughtBack>
          <FormProblems submit={submit} host={isHost(facts)} onAgain={look} />
          {mine.length > 1 ? (
            <SelectField id="post" label="Which post" value={post} onChange={(e) => onPost(mine.find((p) => p === e.target.value) ?? post)}>
              {mine.map((p) => (
                <option key={p} value={p}>
                  {postName[p]}
                </option>
              ))}
            </SelectField>
          ) : null}
          <SelectField id="to" label="Who takes over" hint="It is theirs when they accept. Until then you hold it." error={submit.errorOf("to")} value={to} onChange={(e) => setTo(Number(e.target.value))}>
            <option value={0}>Choose</option>
            {can.map((m) => (
              <option key={m.number} value={m.number}>
                {m.name}, {m.orgName}
              </option>
            ))}
          </SelectField>
          {iimarchParts.map((p) => (
            <TextArea
              key={p}
              id={`iimarch.${p}`}
              label={iimarchWords[p].needed ? iimarchWords[p].title : <>{iimarchWords[p].title} <span className="optional">(can be left empty)</span></>}
              hint={iimarchWords[p].hint}
              rows={Math.min(12, Math.max(3, said[p].split("\n").length + 1))}
              maxLength={4000}
              error={submit.errorOf(`iimarch.${p}`)}
              value={said[p]}
              onChange={(e) => setSaid({ ...said, [p]: e.target.value })}
            />
          ))}
          <MarkingFields value={marking} onChange={setMarking} facts={facts} neverRed error={submit.errorOf("audience") ?? submit.errorOf("tlp")} />
          <div className="actions">
            <Button busy={submit.busy} onClick={look}>
              See who receives it
            </Button>
            <Button kind="secondary" onClick={onCancel}>
              Cancel
            </Button>
          </div>
        </div>
      </div>
      <Sources facts={facts} objects={objects} since={since} />
      {factor ? (
        <Dialog title="Confirm that it is you" onClose={() => setFactor(false)}>
          <p>Signing a handover takes your second factor. It opens in a new tab, so that nothing you wrote here is lost. Come back to this page within five minutes, and sign.</p>
          <div className="actions">
            <a className="nhsuk-button" href={`/auth/step-up?${new URLSearchParams({ return: `/rooms/${facts.room.id}/handovers` }).toString()}`} target="_blank" rel="noopener" onClick={() => setFactor(false)}>
              Confirm with my second factor<span className="unseen"> (opens in a new tab)</span>
            </a>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}

/** Writes a handover: seven sections, begun with what is open, and what they were made of beside them. */
export function HandoverForm(p: Props) {
  const { facts, acts, objectAt } = p;
  const first = posts.find((post) => may(facts, "sign-handover", undefined, { post }));
  const [post, setPost] = useState<Post | undefined>(first);
  const [made, setMade] = useState<{ post: Post; since: Seq; roots: readonly Seq[] } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const { draftHandover } = acts;
  useEffect(() => {
    if (!post) return;
    let live = true;
    setFailed(null);
    draftHandover(post).then(
      (d) => live && setMade({ post, since: d.since, roots: d.roots }),
      (e: unknown) => live && setFailed(shownProblem(e).detail),
    );
    return () => {
      live = false;
    };
  }, [draftHandover, post, turn]);
  const objects = useMemo(() => (made ? made.roots.map((n) => objectAt(n)).filter((o): o is RoomObject => o !== null && o !== undefined) : []), [made, objectAt]);
  return (
    <section className="board handover" aria-labelledby="handover-heading">
      <header className="board__head">
        <h2 id="handover-heading">Hand over{post ? `: ${postName[post].toLowerCase()}` : ""}</h2>
      </header>
      {!post ? <p>You hold no post here that you could hand over.</p> : failed !== null ? <Failed title="The draft could not be made" detail={failed} onRetry={() => setTurn(turn + 1)} /> : made?.post === post ? <Form key={post} {...p} objects={objects} since={made.since} post={post} onPost={setPost} /> : <Loading what="the draft" />}
    </section>
  );
}
