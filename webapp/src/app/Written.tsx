import { useQuery } from "@tanstack/react-query";
import { NoticeStates } from "../features/notices/NoticeStates";
import type { Facts, Seq } from "../protocol/types";
import { isHost } from "../room/select";
import { useInside } from "./inside";

const ask = 5_000; // how often it is asked how far messages have come, while somebody looks

/** The messages about an entry, and a way to have one sent again. */
export function useNotices(facts: Facts, seq: Seq, may: boolean) {
  const { api } = useInside();
  const query = useQuery({ queryKey: ["notices", facts.room.id, seq], queryFn: () => api.notices(facts.room.id, seq), enabled: may, refetchInterval: ask, gcTime: 0 });
  const again = (id: string) => void api.sendAgain(facts.room.id, seq, id).then(() => query.refetch(), () => query.refetch());
  return { notices: query.data ?? [], again };
}

/** For the hosts: what was sent to whoever an entry waits for; nothing where nothing was. */
export function Written({ facts, seq, title }: { facts: Facts; seq: Seq; title: string }) {
  const { notices, again } = useNotices(facts, seq, isHost(facts));
  if (notices.length === 0) return null;
  return (
    <section className="written" aria-labelledby="written-heading">
      <h3 id="written-heading">{title}</h3>
      <NoticeStates notices={notices} onAgain={again} />
    </section>
  );
}
