import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import { ExportPage, type ExportActs } from "../features/exports/ExportPage";
import { ExportsPage } from "../features/exports/ExportsPage";
import type { Facts, Received, Seq } from "../protocol/types";
import { may } from "../room/may";
import type { RoomStore, RoomView } from "../room/store";
import { shownProblem } from "../ui/problem";
import { Empty, Failed, Loading } from "../ui/State";
import { useInside } from "./inside";
import { save } from "./save";

type Props = { seq: Seq | null; store: RoomStore; view: RoomView; facts: Facts; now: number; go: (href: string) => void };

const settle = 500; // entries within so many milliseconds are one reason to ask again

/** What asks everything about exports again; also soon after the room has grown: they change by entries that not everyone sees. */
function useAgain(room: string, view: RoomView): () => void {
  const { queries } = useInside();
  const { seq } = view;
  const again = useCallback(() => void queries.invalidateQueries({ queryKey: ["exports", room] }), [queries, room]);
  useEffect(() => {
    const t = window.setTimeout(again, settle);
    return () => window.clearTimeout(t);
  }, [seq, again]);
  return again;
}

/** Exports for inquiry: all of them, or one. */
export function ExportPane(p: Props) {
  return p.seq === null ? <All {...p} /> : <One {...p} seq={p.seq} />;
}

function All({ store, view, facts, now, go }: Props) {
  const { api } = useInside();
  const { room } = store;
  const list = useQuery({ queryKey: ["exports", room, "all"], queryFn: () => api.exports(room) });
  const asked = useQuery({ queryKey: ["exports", room, "asked"], queryFn: () => api.askedOfMine(room) });
  const again = useAgain(room, view);
  const failed = list.error ?? asked.error;
  if (failed && !list.data) return <Failed title="The exports could not be loaded" detail={shownProblem(failed).detail} onRetry={again} />;
  if (!list.data) return <Loading what="the exports" />;
  return (
    <ExportsPage
      facts={facts}
      head={view.seq}
      now={now}
      list={list.data}
      asked={asked.data ?? null}
      mayAsk={may(facts, "request-export")}
      onAsk={async (draft) => go(`/rooms/${room}/exports/${(await api.requestExport(room, draft)).seq}`)}
      onAnswer={async (seq, a, seen) => {
        await api.answerExport(room, seq, a, seen);
        again();
      }}
      open={async (seq) => only(await api.open(room, seq), seq)}
    />
  );
}

const only = (list: readonly Received[], seq: Seq): Received => {
  const found = list.find((r) => r.fragment.seq === seq);
  if (!found) throw new Error(`entry ${seq} did not come`);
  return found;
};

function One({ seq, store, view, facts, now }: Props & { seq: Seq }) {
  const { api } = useInside();
  const { room } = store;
  const one = useQuery({ queryKey: ["exports", room, seq], queryFn: () => api.export(room, seq), retry: false });
  const list = useQuery({ queryKey: ["exports", room, "all"], queryFn: () => api.exports(room) });
  const restricted = useQuery({ queryKey: ["exports", room, seq, "restricted"], queryFn: () => api.exportRestricted(room, seq, 0), retry: false });
  const again = useAgain(room, view);
  const acts = useMemo((): ExportActs => {
    const then = async (done: Promise<unknown>): Promise<void> => {
      await done;
      again();
    };
    return {
      agree: (n, seen) => then(api.agreeExport(room, n, seen)),
      refuse: (n, reason, seen) => then(api.refuseExport(room, n, reason, seen)),
      withdraw: (n, reason, seen) => then(api.withdrawExport(room, n, reason, seen)),
      redact: (n, redactions, drop, seen) => then(api.redactExport(room, n, redactions, drop, seen)),
      approve: (n, seen) => then(api.approveExport(room, n, seen)),
      suggestions: (n, after) => api.exportSuggestions(room, n, after),
      read: async (n) => only((await api.page(room, { after: n - 1 }, 1)).entries, n),
      take: async (n) => {
        const { file, sha256 } = await api.takeExport(room, n);
        save(file, `wardroom-export-${n}.tar`);
        return { sha256, size: file.size };
      },
    };
  }, [api, room, again]);
  if (one.error && shownProblem(one.error).fault === "not_found") {
    return (
      <Empty title="There is no export of this number here for you">
        <p>
          <a href={`/rooms/${room}/exports`}>All exports</a>
        </p>
      </Empty>
    );
  }
  if (one.error && !one.data) return <Failed title="The export could not be loaded" detail={shownProblem(one.error).detail} onRetry={again} />;
  if (!one.data || !list.data) return <Loading what="the export" />;
  return <ExportPage facts={facts} head={view.seq} now={now} row={one.data} grounds={list.data.grounds} bases={list.data.bases} restricted={restricted.data?.entries ?? []} moreRestricted={(restricted.data?.next ?? 0) !== 0} acts={acts} />;
}
