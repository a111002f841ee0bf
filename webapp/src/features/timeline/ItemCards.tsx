import { useState } from "react";
import type { Seq } from "../../protocol/types";
import { byCalled, orgNamed } from "../../room/called";
import { type Item, itemState, keepers, type Release, type Sighting, type TearLine } from "../../room/item";
import type { RoomObject } from "../../room/state";
import { useRoomNow } from "../../room/useRoom";
import { Button } from "../../ui/Button";
import { defangIn } from "../../ui/defang";
import { Icon } from "../../ui/Icon";
import { Indicator } from "../../ui/Indicator";
import { expiredLook, mergedLook, recalledLook, sourceWords, toReviewLook, verdictIcon, verdictName } from "../../ui/intel";
import { Markdown } from "../../ui/Markdown";
import { Moment } from "../../ui/Moment";
import { RecordCard } from "../../ui/RecordCard";
import { StateTag } from "../../ui/StateTag";
import { dateAndTime } from "../../ui/time";
import { plural } from "../../ui/words";
import { AttachedHere } from "./Attachments";
import { audienceWords } from "./audience";
import { useTimeline } from "./context";
import { LabelBar } from "./LabelBar";
import { WhereItStood } from "./PromotionCards";

const few = 3; // indicators shown in the log
const long = 420; // characters of text that are shown whole

const looks = { recalled: recalledLook, merged: mergedLook, expired: expiredLook, review: toReviewLook } as const;

const useHref = () => {
  const { facts } = useTimeline();
  const home = `/rooms/${facts.room.id}`;
  return { entry: (n: Seq) => `${home}/entries/${n}`, item: (n: Seq) => `${home}/intel/${n}` };
};

/** That its originator took it back, in words. */
export function RecalledLine({ object }: { object: RoomObject }) {
  const { facts } = useTimeline();
  const { recalled: r } = object;
  if (!r) return null;
  return (
    <p className="entry__withheld">
      <strong>Recalled</strong> by {byCalled(facts, r.by)}, {dateAndTime(r.at)}
      {r.reason === "" ? "" : `: ${r.reason}`}. Only {object.marking ? orgNamed(facts, object.marking.originator) : "its originator"} sees it now.
    </p>
  );
}

/** A piece of intelligence: what it is, what not to do with it, and where it comes from. */
export function ItemCard({ object, item }: { object: RoomObject; item: Item }) {
  const { facts, skew } = useTimeline();
  const href = useHref();
  const now = useRoomNow(facts, skew);
  const state = itemState(object, now);
  const { title, text, indicators, expires } = item.now;
  // What must not be blocked is never among those left out.
  const first = [...keepers(indicators), ...indicators.filter((i) => !i.doNotBlock)].slice(0, Math.max(few, keepers(indicators).length));
  const said = defangIn(text, indicators);
  return (
    <RecordCard
      shape="item"
      kind={`Intelligence from ${object.marking ? orgNamed(facts, object.marking.originator) : "a member"}`}
      states={state === "live" ? null : <StateTag look={looks[state]} />}
      foot={
        <>
          <span>
            {item.sources[0] ? sourceWords(item.sources[0]) : ""}
            {item.sources.length > 1 ? ` · ${plural(item.sources.length - 1, "more source")}` : ""}
            {expires && state !== "expired" ? (
              <>
                {" · until "}
                <Moment at={expires} now={now} />
              </>
            ) : null}
          </span>
          <a href={href.item(object.root)}>
            Open<span className="unseen"> intelligence {object.root}</span>
          </a>
        </>
      }
    >
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <strong className="record__title">{title}</strong>
        </LabelBar>
      ) : null}
      {item.now.promoted && object.marking ? (
        <>
          <p className="record__why">
            From a side room with <strong>{orgNamed(facts, object.marking.originator)}</strong>, with their consent.
          </p>
          <WhereItStood from={item.now.promoted} />
        </>
      ) : null}
      {item.now.caveats ? <p className="record__why">Its originator asks: {item.now.caveats}</p> : null}
      {said === "" ? null : (
        <div className={said.length > long ? "markdown item__text item__text--folded" : "markdown item__text"}>
          <Markdown text={said} entryHref={href.entry} live={false} />
        </div>
      )}
      {first.length > 0 ? (
        <ul className="indicators item__part">
          {first.map((i) => (
            <li key={`${i.kind} ${i.value}`}>
              <Indicator indicator={i} />
            </li>
          ))}
        </ul>
      ) : null}
      {indicators.length > first.length ? (
        <p className="record__ref">
          <a href={href.item(object.root)}>{plural(indicators.length - first.length, "more indicator")}</a>
        </p>
      ) : null}
      <AttachedHere object={object} />
      {item.absorbed === null ? null : (
        <p className="record__ref">
          It goes on in <a href={href.item(item.absorbed)}>entry {item.absorbed}</a>.
        </p>
      )}
    </RecordCard>
  );
}

/** What others may have of an item, in its originator's words. */
export function TearLineCard({ object, tear }: { object: RoomObject; tear: TearLine }) {
  const { facts } = useTimeline();
  const href = useHref();
  return (
    <RecordCard shape="tear" kind={`Tear-line from ${object.marking ? orgNamed(facts, object.marking.originator) : "a member"}`} foot={<span>Releasable wording of entry {tear.item}</span>}>
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <div className="markdown">
            <Markdown text={tear.text} entryHref={href.entry} live={false} />
          </div>
        </LabelBar>
      ) : null}
    </RecordCard>
  );
}

/** What an organisation sees of an item at its own place. */
export function SightingCard({ object, sighting: s }: { object: RoomObject; sighting: Sighting }) {
  const { facts } = useTimeline();
  const href = useHref();
  return (
    <div className="record">
      {object.marking ? (
        <LabelBar marking={object.marking}>
          <Icon name={verdictIcon[s.verdict]} size={16} /> <strong>{verdictName[s.verdict]}</strong>, says {orgNamed(facts, object.by?.org ?? "")} of <a href={href.item(s.item)}>entry {s.item}</a>
          {s.indicator === null ? "" : `, indicator ${s.indicator + 1}`}
          {s.note === "" ? "" : `: ${s.note}`}
        </LabelBar>
      ) : null}
    </div>
  );
}

/** A question to an originator, and its answer: in one tap where it is as asked. */
export function ReleaseCard({ object, release: r }: { object: RoomObject; release: Release }) {
  const { facts, mayAnswer, act, answer } = useTimeline();
  const href = useHref();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const mine = mayAnswer(object);
  const asker = byCalled(facts, object.by ?? {});
  const wishes = [r.tlp ?? "", r.audience ? (r.audience.kind === "room" ? "to everyone in the room" : audienceWords(r.audience, facts)) : ""].filter(Boolean).join(", ");
  const say = async (grant: boolean) => {
    setBusy(true);
    setProblem(await answer(object.root, grant));
    setBusy(false);
  };
  return (
    <RecordCard
      shape="release"
      kind={r.second === null ? `Asks to share entry ${r.entry} further` : `Asks a second person to lower entry ${r.entry}`}
      foot={
        r.answered ? (
          <span>
            {r.answered.granted ? "Agreed" : "Not agreed"} by {byCalled(facts, r.answered.by)}, {dateAndTime(r.answered.at)}
            {r.answered.why === "" ? "" : `: ${r.answered.why}`}
          </span>
        ) : (
          <span>{mine ? "Nothing changes until you answer." : "Not answered yet. Silence is not consent: until then nothing may be passed on."} {r.second === null ? "" : `TLP:RED is lowered by two people; the second is of ${orgNamed(facts, r.second)}.`}</span>
        )
      }
    >
      <p>
        {asker}, {orgNamed(facts, object.by?.org ?? "")}, about <a href={href.entry(r.entry)}>entry {r.entry}</a>: {r.why}
      </p>
      {wishes === "" ? null : (
        <p>
          Wished: <strong>{wishes}</strong>
        </p>
      )}
      {problem === "" ? null : (
        <p role="alert" className="envelope__problem">
          {problem}
        </p>
      )}
      {mine && !r.answered ? (
        <div className="fact__actions">
          <Button small busy={busy} onClick={() => void say(true)}>
            Agree as asked
          </Button>
          <Button small kind="secondary" busy={busy} onClick={() => act("answer-release", object.root)}>
            Agree to something else…
          </Button>
          <Button small kind="secondary" busy={busy} onClick={() => void say(false)}>
            Refuse
          </Button>
        </div>
      ) : null}
    </RecordCard>
  );
}

