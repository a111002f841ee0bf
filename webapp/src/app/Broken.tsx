import { useQuery } from "@tanstack/react-query";
import { BrokenSection } from "../features/room/Section";
import type { Facts } from "../protocol/types";
import { may } from "../room/may";
import type { RoomStore } from "../room/store";

/** What was found of this section, and the way on. */
export function Broken({ store, facts, go }: { store: RoomStore; facts: Facts; go: (href: string) => void }) {
  const { data } = useQuery({ queryKey: ["section", store.room], queryFn: store.section, refetchInterval: 15_000 });
  return <BrokenSection section={data} mayContinue={may(facts, "continue")} onContinue={async () => go(`/rooms/${await store.goOn()}`)} />;
}
