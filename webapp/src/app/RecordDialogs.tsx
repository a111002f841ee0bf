import { RaiseDialog } from "../features/actions/ActionForms";
import { BroadcastDialog } from "../features/broadcasts/BroadcastForm";
import { EscalateDialog } from "../features/escalations/EscalationForm";
import { MinistersDialog, StartClockDialog } from "../features/clocks/ClockForms";
import { DecisionForm } from "../features/decisions/DecisionForm";
import { ExportDialog } from "../features/intel/ExportDialog";
import { ImportDialog } from "../features/intel/ImportDialog";
import { ItemForm } from "../features/intel/ItemForm";
import type { Facts, Seq } from "../protocol/types";
import type { RoomStore } from "../room/store";
import { useAnnounce } from "../ui/Announcer";
import { plural } from "../ui/words";
import type { Asking } from "./beginning";
import { useInside } from "./inside";
import { save } from "./save";

/** What is asked when something of the record is begun, from wherever that was. */
export function RecordDialogs({ asking, store, facts, head, now, go, onBegin, onClose }: { asking: Asking; store: RoomStore; facts: Facts; head: number; now: number; go: (href: string) => void; onBegin: (next: Asking) => void; onClose: () => void }) {
  const say = useAnnounce();
  const { api, skew } = useInside();
  const { room } = store;
  const done = (noun: "decision" | "action") => (seq: Seq) => {
    onClose();
    say(noun === "decision" ? `Decision ${seq} is in the log` : `Action ${seq} is in the log`);
    go(`/rooms/${facts.room.id}/${noun}s/${seq}`);
  };
  if (asking.what === "decision") return <DecisionForm recording={asking.recording} facts={facts} head={head} now={now} acts={store} onDone={done("decision")} onClose={onClose} />;
  if (asking.what === "escalation") {
    return (
      <EscalateDialog
        facts={facts}
        onAsk={store.escalate}
        onDone={(seq) => {
          onClose();
          say(`Escalation ${seq} is in the log`);
          go(`/rooms/${facts.room.id}/escalations/${seq}`);
        }}
        onClose={onClose}
      />
    );
  }
  const clock = (seq: Seq) => {
    onClose();
    say(`Clock ${seq} runs`);
    go(`/rooms/${facts.room.id}/clocks/${seq}`);
  };
  if (asking.what === "clock") return <StartClockDialog statute={asking.statute} facts={facts} skew={skew} onStart={store.startClock} onDone={clock} onClose={onClose} />;
  if (asking.what === "ministers") {
    return (
      <MinistersDialog
        facts={facts}
        skew={skew}
        onBrief={store.briefMinisters}
        onDone={(seq) => {
          onClose();
          say("Recorded. The National Data Guardian is to be told now.");
          go(`/rooms/${facts.room.id}/clocks/${seq + 1}`);
        }}
        onClose={onClose}
      />
    );
  }
  if (asking.what === "broadcast") {
    return (
      <BroadcastDialog
        facts={facts}
        acts={store}
        begin={asking.purpose ?? "raised"}
        onDone={(seq) => {
          onClose();
          say(`Broadcast ${seq} waits for the other host`);
          go(`/rooms/${facts.room.id}/broadcasts/${seq}`);
        }}
        onClose={onClose}
      />
    );
  }
  if (asking.what === "item") {
    return (
      <ItemForm
        key={asking.sharing.from ? JSON.stringify(asking.sharing.from) : "new"}
        sharing={asking.sharing}
        facts={facts}
        now={now}
        acts={{ extract: store.extract, publish: store.publishItem, correct: store.correctItem, receivers: store.preflight }}
        uploads={store.itemUploads}
        onDone={(seq) => {
          onClose();
          say(asking.sharing.how === "share" ? `Shared as entry ${seq}` : `Corrected entry ${seq}`);
          go(`/rooms/${room}/entries/${seq}`);
        }}
        onClose={onClose}
      />
    );
  }
  if (asking.what === "import") {
    return (
      <ImportDialog
        facts={facts}
        preview={(file, format, onProgress) => api.previewImport(room, file, format, onProgress)}
        publish={store.publishItem}
        onAsk={store.preflight}
        onEdit={(from) => onBegin({ what: "item", sharing: { how: "share", from } })}
        onDone={(seqs) => {
          onClose();
          say(`Shared ${plural(seqs.length, "item")}`);
          go(`/rooms/${room}/intel`);
        }}
        onClose={onClose}
      />
    );
  }
  if (asking.what === "export") {
    return (
      <ExportDialog
        seq={asking.seq}
        onTake={async (format) => {
          const { file, name } = await api.exportIntel(room, format, asking.seq === null ? [] : [asking.seq]);
          save(file, name);
        }}
        onClose={onClose}
      />
    );
  }
  return <RaiseDialog raising={asking.raising} facts={facts} now={now} acts={store} onDone={done("action")} onClose={onClose} />;
}
