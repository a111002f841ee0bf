import { useQuery } from "@tanstack/react-query";
import { useState, type MouseEvent } from "react";
import type { RoomObject } from "../../room/state";
import { FileRows } from "../../ui/FileRows";
import { shownProblem } from "../../ui/problem";
import { StepUp } from "../../ui/StepUp";
import { useTimeline } from "./context";

/** What is attached to an entry. Whether one may take it is asked anew each time, before the browser is sent for it. */
export function Attachments({ object }: { object: RoomObject }) {
  const { facts, scans, filePath } = useTimeline();
  const [problem, setProblem] = useState("");
  const [asking, setAsking] = useState(false);
  const first = object.events[0];
  const files = first?.form === "open" && first.seq === object.root ? first.files : undefined;
  const query = useQuery({
    queryKey: ["scans", facts.room.id, object.root],
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
      {asking ? <StepUp why="Taking a file of a TLP:RED entry" back={`/rooms/${facts.room.id}/entries/${object.root}`} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
