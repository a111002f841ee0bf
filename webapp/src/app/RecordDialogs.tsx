import { RaiseDialog } from "../features/actions/ActionForms";
import { DecisionForm } from "../features/decisions/DecisionForm";
import type { Facts, Seq } from "../protocol/types";
import type { RoomStore } from "../room/store";
import { useAnnounce } from "../ui/Announcer";
import type { Asking } from "./beginning";

/** What is asked when something of the record is begun, from wherever that was. */
export function RecordDialogs({ asking, store, facts, head, now, go, onClose }: { asking: Asking; store: RoomStore; facts: Facts; head: number; now: number; go: (href: string) => void; onClose: () => void }) {
  const say = useAnnounce();
  const done = (noun: "decision" | "action") => (seq: Seq) => {
    onClose();
    say(noun === "decision" ? `Decision ${seq} is in the log` : `Action ${seq} is in the log`);
    go(`/rooms/${facts.room.id}/${noun}s/${seq}`);
  };
  if (asking.what === "decision") return <DecisionForm recording={asking.recording} facts={facts} head={head} now={now} acts={store} onDone={done("decision")} onClose={onClose} />;
  return <RaiseDialog raising={asking.raising} facts={facts} now={now} onRaise={store.raiseAction} onDone={done("action")} onClose={onClose} />;
}
