import type { RoomObject } from "../../room/state";
import { Markdown } from "../../ui/Markdown";
import type { MentionName } from "../../ui/inline";
import { timeOfDay, utc } from "../../ui/time";
import { useTimeline } from "./context";
import { AttachedHere } from "./Attachments";
import { LabelBar } from "./LabelBar";
import { momentOf } from "./moment";
import { memberCalled } from "../../room/called";

/** A message as it stands, with every earlier wording struck through and legible below it. */
export function MessageBody({ object }: { object: RoomObject }) {
  const { facts } = useTimeline();
  const now = object.versions.at(-1);
  if (!now || !object.marking) return null;
  const mentions: MentionName[] = now.mentions.map((n) => ({ name: facts.members.find((m) => m.number === n)?.name ?? `M-${n}`, me: n === facts.you })).filter((m) => m.name !== "");
  const old = object.versions.slice(0, -1).toReversed();
  const href = (n: number) => `/rooms/${facts.room.id}/entries/${n}`;
  return (
    <>
      <LabelBar marking={object.marking}>
        <div className="markdown">{now.text === null ? <p className="quiet">The newest wording {object.events.find((e) => e.seq === now.seq)?.erased ? "was erased" : "is sealed"}.</p> : <Markdown text={now.text} mentions={mentions} entryHref={href} />}</div>
        <AttachedHere object={object} />
      </LabelBar>
      {old.map((v, i) => {
        const next = object.versions[object.versions.length - 1 - i];
        return (
          <div className="entry__old" key={v.seq}>
            <p className="entry__old-head">
              Corrected {next ? <time title={utc(next.at)}>{timeOfDay(momentOf(object, next.seq, next.at))}</time> : null} by {next?.by.member ? memberCalled(facts, next.by.member) : "the author"}
              {next ? (
                <>
                  , entry <a href={href(next.seq)}>{next.seq}</a>
                </>
              ) : null}
              . It said before:
            </p>
            <del className="markdown">{v.text === null ? object.events.find((e) => e.seq === v.seq)?.erased ? "An erased wording" : "A sealed wording" : <Markdown text={v.text} />}</del>
          </div>
        );
      })}
    </>
  );
}
