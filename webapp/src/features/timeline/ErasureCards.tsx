import type { OpenOf } from "../../protocol/types";
import { byCalled } from "../../room/called";
import { may } from "../../room/may";
import { Button } from "../../ui/Button";
import { groundName, ofEntries, whatOf } from "../../ui/erasure";
import { Icon } from "../../ui/Icon";
import { dateAndTime } from "../../ui/time";
import { list } from "../../ui/words";
import { useTimeline } from "./context";

/** What stands where an entry's words were: when, on what ground and by whom they were erased. */
export function ErasedCard({ seq }: { seq: number }) {
  const { facts, erasingsOf, goTo } = useTimeline();
  const { last, agreed } = erasingsOf(seq);
  if (!last)
    return (
      <p className="erased">
        <Icon name="erased" size={18} /> <strong>Erased.</strong> What this said is gone for good.
      </p>
    );
  const who = agreed.length > 1 ? list(agreed.map((b) => byCalled(facts, b))) : `${byCalled(facts, last.by)} and a second person, one of each host`;
  return (
    <div className="erased">
      <Icon name="erased" size={18} />
      <p>
        <strong>Erased</strong> on {dateAndTime(last.times.recorded)} on the ground: {groundName[last.body.ground].toLowerCase()}. Agreed by {who}.{" "}
        <button type="button" className="button-plain" onClick={() => goTo(last.seq)}>
          Entry {last.seq}
        </button>
      </p>
    </div>
  );
}

/** A question whether to erase: what, why, who has agreed, and what one may answer. */
export function ErasureCard({ entry }: { entry: OpenOf<"erasure.asked"> }) {
  const { facts, act, goTo, answeredBy, offers } = useTimeline();
  const { entries, ground, reason, slots } = entry.body;
  const a = facts.erasures.find((x) => x.root === entry.seq);
  const [first] = entries;
  return (
    <div className="erasure">
      <p>
        <strong>Asks to erase</strong> {whatOf(slots)} {ofEntries(entries)}.{" "}
        {first === undefined ? null : (
          <button type="button" className="button-plain" onClick={() => goTo(first)}>
            Show<span className="unseen"> entry {first}</span>
          </button>
        )}
      </p>
      <p>
        Ground: {groundName[ground]}. {reason}
      </p>
      {a ? (
        <p className="quiet">
          {a.agreed.length === 0 ? "Waits for two people, one of each host." : `Agreed by ${list(a.agreed.map((x) => byCalled(facts, x.by)))}. Waits for one more, of the other host.`}
          {facts.holds.length > 0 ? ` The record is on hold (${facts.holds[0]?.reference ?? ""}): nobody can agree until that is lifted.` : ""}
        </p>
      ) : (
        <p className="quiet">{answeredBy(entry.seq)}</p>
      )}
      {a && offers(entry.seq).length > 0 ? (
        <div className="fact__actions">
          {may(facts, "agree-erasure", undefined, { erasure: a }) && facts.holds.length === 0 ? (
            <Button small onClick={() => act("agree-erasure", entry.seq)}>
              {a.agreed.length === 1 ? "Agree and erase" : "Agree"}
            </Button>
          ) : null}
          {may(facts, "refuse-erasure") && a.by.member !== facts.you ? (
            <Button kind="secondary" small onClick={() => act("refuse-erasure", entry.seq)}>
              Refuse
            </Button>
          ) : null}
          {may(facts, "drop-erasure") ? (
            <Button kind="secondary" small onClick={() => act("drop-erasure", entry.seq)}>
              Take back
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
