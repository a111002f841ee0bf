import { useQuery } from "@tanstack/react-query";
import { useState, type MouseEvent } from "react";
import type { Scan } from "../../protocol/rest";
import type { RoomID, Seq } from "../../protocol/types";
import type { RoomObject } from "../../room/state";
import { FileRows } from "../../ui/FileRows";
import { shownProblem } from "../../ui/problem";
import { StepUp } from "../../ui/StepUp";
import { useTimeline } from "./context";

type Props = {
  object: RoomObject;
  room: RoomID;
  /** What the scanner says of an entry's attachments; refused as taking them is. */
  scans: (seq: Seq) => Promise<readonly Scan[]>;
  /** Where an attachment is taken from; n is 1 for the first. */
  filePath: (seq: Seq, n: number) => string;
};

/** What is attached to an entry, in a timeline. */
export function AttachedHere({ object }: { object: RoomObject }) {
  const { facts, scans, filePath } = useTimeline();
  return <Attachments object={object} room={facts.room.id} scans={scans} filePath={filePath} />;
}

/**
 * What is attached to an entry. Whether one may take it is asked anew each
 * time, before the browser is sent for it. Of what was recalled nothing is
 * offered any more, to nobody.
 */
export function Attachments({ object, room, scans, filePath }: Props) {
  const [problem, setProblem] = useState("");
  const [asking, setAsking] = useState(false);
  const first = object.events[0];
  const files = first?.form === "open" && first.seq === object.root && !object.recalled ? first.files : undefined;
  const query = useQuery({
    queryKey: ["scans", room, object.root],
    queryFn: () => scans(object.root),
    enabled: files !== undefined,
    retry: false,
    refetchInterval: (q) => (q.state.data?.includes("pending") ? 3_000 : false),
  });
  if (first?.erased?.includes(6)) return <p className="quiet">What was attached was erased.</p>;
  if (!files) return null;
  const take = async (n: number, e: MouseEvent) => {
    e.preventDefault();
    setProblem("");
    try {
      const now = await scans(object.root);
      if (now[n - 1] === "found") return void query.refetch();
      const a = document.createElement("a");
      a.href = filePath(object.root, n);
      a.download = files[n - 1]?.name ?? "";
      a.click();
    } catch (error) {
      const shown = shownProblem(error);
      if (shown.fault === "step_up") setAsking(true);
      else setProblem(shown.detail);
    }
  };
  return (
    <>
      <FileRows files={files} scans={query.data ?? null} href={(n) => filePath(object.root, n)} onTake={(n, e) => void take(n, e)} problem={problem} />
      {asking ? <StepUp why="Taking a file of a TLP:RED entry" back={`/rooms/${room}/entries/${object.root}`} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
