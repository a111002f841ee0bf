import { type ReactNode, useState } from "react";
import type { Post, PostFacts } from "../../protocol/escalation";
import type { Facts, MemberFacts } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { may } from "../../room/may";
import { holderOf, posts, tierOfPost, waitingFor } from "../../room/post";
import { isHost } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { dutyCard, postName } from "../../ui/escalation";
import { SelectField, TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { Icon } from "../../ui/Icon";
import { Menu, type MenuItem } from "../../ui/Menu";
import { Moment } from "../../ui/Moment";
import { tierName } from "../../ui/severity";
import { useSubmit } from "../../ui/useSubmit";
import { list } from "../../ui/words";

export type PostActs = Pick<RoomStore, "assignPost" | "acknowledgePost" | "releasePost" | "assumePost">;
type Asking = { what: "assign" | "assume" | "card" | "history"; post: Post };
/** factor: asks for the second factor where the last hour has none; absent where it has one. */
type Props = { facts: Facts; now: number; acts: PostActs; factor?: (onClose: () => void) => ReactNode };

function AssignDialog({ post, facts, acts, onClose }: { post: Post; facts: Facts; acts: PostActs; onClose: () => void }) {
  const [member, setMember] = useState(0);
  const [deputy, setDeputy] = useState(0);
  const submit = useSubmit();
  const can = facts.members.filter((m): m is MemberFacts => m.state === "joined" && m.number > 0 && m.role !== "auditor" && (post !== "incident_lead" || m.host));
  const save = async () => {
    if (member === 0) {
      submit.refuse([{ name: "member", message: "Choose who holds it." }]);
      return;
    }
    if (await submit.run(() => acts.assignPost(post, member, deputy))) onClose();
  };
  const choices = can.map((m) => (
    <option key={m.number} value={m.number}>
      {memberCalled(facts, m.number)}
      {m.number === facts.you ? " (you)" : ""}
    </option>
  ));
  return (
    <Dialog title={`${postName[post]}: who holds it?`} onClose={onClose}>
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      <SelectField id="member" label="Holder" hint="It is theirs when they acknowledge it." error={submit.errorOf("member")} value={member} onChange={(e) => setMember(Number(e.target.value))}>
        <option value={0}>Choose</option>
        {choices}
      </SelectField>
      <SelectField id="deputy" label={<>Deputy <span className="optional">(can be left empty)</span></>} hint="May take it over without anybody’s consent." error={submit.errorOf("deputy")} value={deputy} onChange={(e) => setDeputy(Number(e.target.value))}>
        <option value={0}>Nobody</option>
        {choices}
      </SelectField>
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Give them the post
      </FormButtons>
    </Dialog>
  );
}

function AssumeDialog({ post, facts, acts, onClose }: { post: Post; facts: Facts; acts: PostActs; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const submit = useSubmit();
  const save = async () => {
    if (reason.trim() === "") {
      submit.refuse([{ name: "reason", message: "Say why. Everyone in the room is told." }]);
      return;
    }
    if (await submit.run(() => acts.assumePost(post, reason.trim(), submit.overriding()))) onClose();
  };
  return (
    <Dialog title={`Assume command: ${postName[post].toLowerCase()}`} onClose={onClose}>
      <p>You hold the post from now on. Nobody has to agree, and everyone in the room is told at once.</p>
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      <TextArea id="reason" label="Reason" hint="Everyone in the room reads it." rows={2} maxLength={1000} error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
      <FormButtons kind="warning" busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Assume command
      </FormButtons>
    </Dialog>
  );
}

function Card({ post, onClose }: { post: Post; onClose: () => void }) {
  return (
    <Dialog title={`Duty card: ${postName[post].toLowerCase()}`} onClose={onClose}>
      <p className="quiet">{tierName[tierOfPost(post)]} tier</p>
      <ul>
        {dutyCard[post].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Who held it, from when until when. */
function History({ post, facts, now, onClose }: { post: Post; facts: Facts; now: number; onClose: () => void }) {
  const held = facts.posts.filter((p) => p.post === post && p.from !== null).toReversed();
  return (
    <Dialog title={`${postName[post]}: who held it`} onClose={onClose}>
      {held.length === 0 ? <p>Nobody has held it yet.</p> : null}
      <ol className="post-history">
        {held.map((p) => (
          <li key={p.root}>
            <strong>{memberCalled(facts, p.member)}</strong>, from <Moment at={p.from ?? p.assigned} now={now} /> {p.until ? <>until <Moment at={p.until} now={now} /></> : "until now"}
            {p.assumed ? <span className="quiet">. Assumed command; why is said in entry {p.root + 1}</span> : null}
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

function Row({ post, facts, now, acts, onAsk }: Props & { post: Post; onAsk: (a: Asking) => void }) {
  const submit = useSubmit();
  const held = holderOf(facts, post);
  const waits = waitingFor(facts, post);
  const leads = facts.members.filter((m) => m.state === "joined" && m.role === "lead");
  const mine = (p: PostFacts | undefined) => p !== undefined && p.member === facts.you;
  const items: MenuItem[] = [{ key: "card", label: "Duty card", onSelect: () => onAsk({ what: "card", post }) }];
  if (facts.posts.some((p) => p.post === post && p.from !== null)) items.push({ key: "history", label: "Who held it", onSelect: () => onAsk({ what: "history", post }) });
  if (may(facts, "assign-post")) items.push({ key: "assign", label: held || waits ? "Give it to somebody else" : "Give it to somebody", onSelect: () => onAsk({ what: "assign", post }) });
  if (may(facts, "assume-post", undefined, { post }) && !mine(held)) items.push({ key: "assume", label: "Assume command", onSelect: () => onAsk({ what: "assume", post }) });
  if (may(facts, "sign-handover", undefined, { post })) items.push({ key: "handover", label: "Hand it over", href: `/rooms/${facts.room.id}/handovers`, onSelect: () => undefined });
  const ends = held ?? waits;
  if (ends && (may(facts, "assign-post") || mine(ends))) items.push({ key: "end", label: mine(ends) ? "Give it up" : "End it", onSelect: () => void submit.run(() => acts.releasePost(ends.root)) });
  return (
    <li className={held ? "post" : "post post--empty"}>
      <div className="post__what">
        <p className="post__name">
          {postName[post]} <span className="quiet">{tierName[tierOfPost(post)].toLowerCase()}</span>
        </p>
        <p>
          {held ? (
            <>
              {memberCalled(facts, held.member)}
              {held.deputy ? <span className="quiet"> · deputy {memberCalled(facts, held.deputy)}</span> : null}
              <span className="quiet"> · since <Moment at={held.from ?? held.assigned} now={now} /></span>
            </>
          ) : (
            <span className="post__nobody">Nobody holds it</span>
          )}
          {!held && post === "incident_lead" && leads.length > 0 ? <span className="quiet"> · {list(leads.map((m) => memberCalled(facts, m.number)))} {leads.length > 1 ? "have" : "has"} the role of lead</span> : null}
        </p>
        {waits ? <p className="quiet">{memberCalled(facts, waits.member)} has not acknowledged it yet.</p> : null}
        {mine(waits) && waits ? (
          <Button small busy={submit.busy} onClick={() => void submit.run(() => acts.acknowledgePost(waits.root))}>
            Take the post<span className="unseen"> of {postName[post].toLowerCase()}</span>
          </Button>
        ) : null}
        {submit.problem ? (
          <p className="nhsuk-error-message" role="alert">
            {submit.problem.detail}
          </p>
        ) : null}
      </div>
      <Menu label={`Actions for the post of ${postName[post].toLowerCase()}`} trigger={<Icon name="more" size={18} />} items={items} />
    </li>
  );
}

/** Who holds which post; empty ones show. */
export function PostsFact(p: Props) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const [all, setAll] = useState(false);
  const close = () => setAsking(null);
  const { facts } = p;
  const command: readonly Post[] = ["incident_lead", "strategic_commander", "tactical_commander", "operational_commander"];
  const shown = posts.filter((post) => all || command.includes(post) || holderOf(facts, post) || waitingFor(facts, post));
  const empty = posts.length - shown.length;
  return (
    <section className="fact posts" aria-labelledby="posts-heading">
      <h2 id="posts-heading" className="side-heading">
        Who holds which post
      </h2>
      <ul className="posts__list">
        {shown.map((post) => (
          <Row key={post} post={post} {...p} onAsk={setAsking} />
        ))}
      </ul>
      {empty > 0 ? (
        <Button kind="plain" onClick={() => setAll(true)}>
          Show the {empty} others, which nobody holds
        </Button>
      ) : null}
      {asking?.what === "assign" ? <AssignDialog post={asking.post} facts={facts} acts={p.acts} onClose={close} /> : null}
      {asking?.what === "assume" && p.factor ? p.factor(close) : null}
      {asking?.what === "assume" && !p.factor ? <AssumeDialog post={asking.post} facts={facts} acts={p.acts} onClose={close} /> : null}
      {asking?.what === "card" ? <Card post={asking.post} onClose={close} /> : null}
      {asking?.what === "history" ? <History post={asking.post} facts={facts} now={p.now} onClose={close} /> : null}
    </section>
  );
}
