import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { BroadcastPage } from "../features/broadcasts/BroadcastPage";
import { BroadcastsBoard } from "../features/broadcasts/BroadcastsBoard";
import { Invited, standingOf } from "../features/broadcasts/Invited";
import { Recipients, type StageFilter, stageQuery } from "../features/broadcasts/Recipients";
import { FactorFirst, isFresh } from "../features/keeping/Factor";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { audienceWords } from "../features/timeline/audience";
import type { Facts, Marking, Seq } from "../protocol/types";
import { type Broadcast, goes } from "../room/broadcast";
import { may } from "../room/may";
import type { RoomStore, RoomView } from "../room/store";
import { shownProblem } from "../ui/problem";
import { Empty, Loading } from "../ui/State";
import type { Asking } from "./beginning";
import { factorOf } from "./factor";
import { useInside } from "./inside";
import { useBoard, useObject } from "./useBoard";

type Props = { store: RoomStore; view: RoomView; facts: Facts; now: number; onBegin: (a: Asking) => void };
const any = () => true;

/** What went out to organisations: for hosts. To others there is no such page. */
export function BroadcastPane({ seq, ...p }: Props & { seq: Seq | null }) {
  if (!may(p.facts, "read-broadcast")) return <NotFoundPage />;
  return seq === null ? <All {...p} /> : <One key={seq} {...p} seq={seq} />;
}

const useWhom = (facts: Facts) => useCallback((m: Marking) => audienceWords(m.audience, facts), [facts]);

function All({ store, view, facts, onBegin }: Props) {
  const { objects, board } = useBoard(store, view, "broadcast", {}, any);
  return <BroadcastsBoard facts={facts} whom={useWhom(facts)} objects={objects} board={board} onBroadcast={() => onBegin({ what: "broadcast" })} />;
}

function One({ seq, store, view, facts, now }: Props & { seq: Seq }) {
  const { session, skew } = useInside();
  const object = useObject(store, view, seq);
  const [factor, setFactor] = useState(false);
  const whom = useWhom(facts);
  const home = `/rooms/${facts.room.id}`;
  if (object === undefined) return <Loading what="the broadcast" />;
  if (object?.record?.noun !== "broadcast") {
    return (
      <Empty title="There is no broadcast of this number here for you">
        <p>
          <a href={`${home}/broadcasts`}>All that was told to organisations</a>
        </p>
      </Empty>
    );
  }
  return (
    <>
      <BroadcastPage facts={facts} head={view.seq} now={now} skew={skew} object={object} broadcast={object.record} acts={store} whom={whom} fresh={isFresh(factorOf(session, skew))} onStepUp={() => setFactor(true)}>
        {object.record.purpose === "invite" ? <Come seq={seq} store={store} facts={facts} now={now} b={object.record} /> : <Far seq={seq} store={store} facts={facts} now={now} b={object.record} />}
      </BroadcastPage>
      {factor ? <FactorFirst why="Letting this out" back={`${home}/broadcasts/${seq}`} onClose={() => setFactor(false)} /> : null}
    </>
  );
}

/** How far each invitation has come; asked again every two seconds while messages are on the way, then more slowly, while somebody is yet to come. */
function Come({ seq, store, facts, now, b }: { seq: Seq; store: RoomStore; facts: Facts; now: number; b: Broadcast }) {
  const out = b.sent !== null;
  const { data, error, refetch } = useQuery({
    queryKey: ["invited", store.room, seq, b.state],
    queryFn: () => store.invitedBy(seq),
    refetchInterval: (q) => {
      const rows = q.state.data?.rows ?? [];
      if (!out || (rows.length > 0 && rows.every((r) => standingOf(r) === "in" || standingOf(r) === "over"))) return false;
      return rows.some((r) => r.kept === undefined && (r.root === undefined || !r.message || stageQuery.way.includes(r.message.state))) || !goes(b) ? 2000 : 5000;
    },
  });
  return (
    <Invited
      rows={data?.rows ?? null}
      problem={error ? shownProblem(error).detail : ""}
      onRetryLoad={() => void refetch()}
      out={out}
      now={now}
      mayRetry={may(facts, "ask-broadcast") && goes(b)}
      onAgain={async (invitation) => {
        await store.inviteAgain(seq, invitation);
        await refetch();
      }}
    />
  );
}

/** How far each message has come; asked again every two seconds while some are on the way, then more slowly: receipts and codes come late. */
function Far({ seq, store, facts, now, b }: { seq: Seq; store: RoomStore; facts: Facts; now: number; b: Broadcast }) {
  const [filter, setFilter] = useState<StageFilter>("all");
  const out = b.sent !== null;
  const rows = useInfiniteQuery({
    queryKey: ["recipients", store.room, seq, filter, out],
    queryFn: ({ pageParam }) => store.recipients(seq, out ? stageQuery[filter] : [], pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    refetchInterval: (q) => {
      if (!out) return false;
      const counts = q.state.data?.pages[0]?.counts ?? [];
      return counts.length === 0 || counts.some((c) => stageQuery.way.includes(c.state)) ? 2000 : 15_000;
    },
  });
  const pages = rows.data?.pages;
  return (
    <Recipients
      rows={pages?.[0] ? { counts: pages[0].counts, recipients: pages.flatMap((p) => p.recipients) } : null}
      problem={rows.error ? shownProblem(rows.error).detail : ""}
      filter={filter}
      onFilter={setFilter}
      onRetryLoad={() => void rows.refetch()}
      onMore={rows.hasNextPage ? () => void rows.fetchNextPage() : null}
      out={out}
      now={now}
      mayRetry={may(facts, "ask-broadcast") && goes(b)}
      onRetry={async (id) => {
        await store.retryMessage(seq, id);
        await rows.refetch();
      }}
    />
  );
}
