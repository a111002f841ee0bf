import { useCallback, useState } from "react";
import { CadencePane, type CadenceBoard, onCadenceBoard } from "../features/cadence/CadencePane";
import { HandoverForm } from "../features/handover/HandoverForm";
import { HandoverPage, HandoversBoard } from "../features/handover/HandoverPage";
import { FactorFirst, isFresh } from "../features/keeping/Factor";
import { audienceWords } from "../features/timeline/audience";
import type { Facts, Marking, Seq } from "../protocol/types";
import { may } from "../room/may";
import { posts } from "../room/post";
import type { RoomStore, RoomView } from "../room/store";
import { Empty, Loading } from "../ui/State";
import { useNow } from "../ui/useNow";
import { factorOf } from "./factor";
import { useInside } from "./inside";
import { useBoard, useObject, useObjects } from "./useBoard";
import { Written } from "./Written";

type Props = { store: RoomStore; view: RoomView; facts: Facts; now: number; go: (href: string) => void };

const useWhom = (facts: Facts) => useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);

/** When the room meets, reports and tells. */
export function Meetings({ store, view, facts, now }: Props) {
  const { skew } = useInside();
  const [which, setWhich] = useState<CadenceBoard>("meeting");
  const [factor, setFactor] = useState(false);
  const { objects, board } = useBoard(store, view, which, {}, (o) => onCadenceBoard(which, o));
  const serverNow = useNow(skew).getTime();
  return (
    <>
      <CadencePane facts={facts} head={view.seq} now={now} serverNow={serverNow} whom={useWhom(facts)} objects={objects} board={board} which={which} onWhich={setWhich} acts={store} onStepUp={() => setFactor(true)} />
      {factor ? <FactorFirst why="Meeting or reporting less often" back={`/rooms/${facts.room.id}/meetings`} onClose={() => setFactor(false)} /> : null}
    </>
  );
}

/** Every handover, and the form of a new one. */
export function Handovers({ store, view, facts, go }: Props) {
  const { skew } = useInside();
  const [writing, setWriting] = useState(false);
  const { objects, board } = useBoard(store, view, "handover", {}, (o) => o.kind === "handover.signed");
  const { objectAt } = useObjects(store, view);
  const now = useNow(skew).getTime();
  const whom = useWhom(facts);
  const can = posts.some((post) => may(facts, "sign-handover", undefined, { post }));
  if (writing) return <HandoverForm facts={facts} now={now} objectAt={objectAt} acts={store} onDone={(seq) => go(`/rooms/${facts.room.id}/handovers/${seq}`)} onCancel={() => setWriting(false)} />;
  return <HandoversBoard facts={facts} now={now} whom={whom} objects={objects} board={board} mayHandOver={can} onBegin={() => setWriting(true)} />;
}

/** One of them. */
export function OneHandover({ seq, store, view, facts }: Props & { seq: Seq }) {
  const { session, skew } = useInside();
  const object = useObject(store, view, seq);
  const [factor, setFactor] = useState(false);
  const now = useNow(skew).getTime();
  const whom = useWhom(facts);
  const home = `/rooms/${facts.room.id}`;
  if (object === undefined) return <Loading what="the handover" />;
  if (object?.record?.noun !== "handover") {
    return (
      <Empty title="There is no handover of this number here for you">
        <p>
          <a href={`${home}/handovers`}>All handovers</a>
        </p>
      </Empty>
    );
  }
  return (
    <>
      <HandoverPage key={seq} facts={facts} head={view.seq} now={now} object={object} handover={object.record} acts={store} whom={whom} fresh={isFresh(factorOf(session, skew))} onStepUp={() => setFactor(true)} messages={<Written facts={facts} seq={seq} title="Messages to whoever takes over" />} />
      {factor ? <FactorFirst why="Accepting a handover" back={`${home}/handovers/${seq}`} onClose={() => setFactor(false)} /> : null}
    </>
  );
}
