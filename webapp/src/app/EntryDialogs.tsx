import { useCallback } from "react";
import { PromoteDialog } from "../features/cells/PromoteDialog";
import { MarkingDialog } from "../features/timeline/MarkingDialog";
import { AgreeReleaseDialog, AnswerReleaseDialog, AskReleaseDialog, OpensDialog, RecallDialog } from "../features/intel/Dialogs";
import { QuoteDialog } from "../features/messages/QuoteDialog";
import type { Facts } from "../protocol/types";
import { objectOf, quotable, quotableText, textOf } from "../room/select";
import type { RoomStore, RoomView } from "../room/store";
import { useAnnounce } from "../ui/Announcer";
import { Question } from "../ui/Question";
import { Dialog } from "../ui/Dialog";
import { EntryProofs } from "./Proofs";
import { AgreeErasureDialog, AskErasureDialog, ReasonDialog } from "../features/keeping/ErasureDialogs";
import { erasable } from "../room/object";
import { factorOf } from "./factor";
import { useInside } from "./inside";
import { recordable, type EntryDialog } from "./useEntryActs";

/** The questions that acts on an entry ask. */
export function EntryDialogs({ dialog, store, view, facts, onProof, onKeys, onQuote, onStepUp, onClose }: { dialog: EntryDialog | null; store: RoomStore; view: RoomView; facts: Facts; onProof: (seq: number) => void; onKeys: () => void; onQuote: (seq: number, from: number, to: number) => void; onStepUp: (seq: number) => void; onClose: () => void }) {
  const seq = dialog?.seq ?? 0;
  const say = useAnnounce();
  const { session, skew } = useInside();
  const factor = factorOf(session, skew);
  const opens = useCallback(() => store.opens(seq), [store, seq]);
  if (!dialog) return null;
  const object = objectOf(store.getView().state, seq);
  const marking = object?.marking;
  const back = `/rooms/${facts.room.id}/entries/${seq}`;
  const asked = facts.erasures.find((a) => a.root === seq);
  switch (dialog.what) {
    case "erase":
      return object ? <AskErasureDialog facts={facts} entries={erasable(object)} factor={factor} back={back} acts={store} onClose={onClose} /> : null;
    case "agree-erasure":
      return asked ? <AgreeErasureDialog facts={facts} a={asked} factor={factor} back={back} acts={store} onClose={onClose} /> : null;
    case "refuse-erasure":
      return asked ? (
        <ReasonDialog title="Refuse the erasure?" why="Refusing an erasure" action="Refuse" factor={factor} back={back} onSend={(reason) => store.refuseErasure(seq, reason)} onClose={onClose}>
          <p>Nothing is erased. They may ask again.</p>
        </ReasonDialog>
      ) : null;
    case "drop-erasure":
      return asked ? (
        <Question title="Take the question back?" action="Take it back" onClose={onClose} onDo={() => store.dropErasure(seq)}>
          <p>Nothing is erased. That it was asked stays in the log.</p>
        </Question>
      ) : null;
    case "promote": {
      const item = object?.record?.noun === "item" ? object.record : null;
      const text = item ? item.now.title : object ? textOf(object) : null;
      return text !== null && marking ? <PromoteDialog seq={seq} text={text} item={item !== null} tlp={marking.tlp} facts={facts} onAsk={store.askPromotion} onClose={onClose} /> : null;
    }
    case "tighten":
    case "widen":
      if (!marking) return null;
      return (
        <MarkingDialog
          how={dialog.what}
          seq={seq}
          marking={marking}
          recordable={recordable.has(object.kind)}
          author={object.by?.member ?? facts.you}
          facts={facts}
          onAsk={store.preflight}
          onClose={onClose}
          onSave={({ reason, ...change }) => (dialog.what === "tighten" ? store.tighten(seq, change) : store.widen(seq, { ...change, reason: reason ?? "" }))}
        />
      );
    case "withhold":
      return (
        <Question title={`Withhold entry ${seq} now?`} action="Withhold now" warning onClose={onClose} onDo={() => store.withhold(seq)}>
          <p>Everyone but the hosts loses sight of it at once. You can restore it; both are recorded. What people have read, they have read.</p>
        </Question>
      );
    case "opens":
      return <OpensDialog seq={seq} sealed={marking?.tlp === "TLP:RED" || marking?.recorded === true} facts={facts} load={opens} onClose={onClose} />;
    case "quote": {
      const text = object ? quotableText(quotable(object)) : null;
      if (text === null) return null;
      return (
        <QuoteDialog
          seq={seq}
          text={text}
          onQuote={(from, to) => {
            onQuote(seq, from, to);
            onClose();
          }}
          onClose={onClose}
        />
      );
    }
    case "recall":
      return marking ? <RecallDialog seq={seq} marking={marking} facts={facts} recall={(reason, by) => store.recall(seq, reason, by)} opens={opens} onClose={onClose} /> : null;
    case "ask-release":
      return marking ? <AskReleaseDialog seq={seq} marking={marking} facts={facts} onAsk={store.askRelease} onClose={onClose} /> : null;
    case "answer-release":
      return object?.record?.noun === "release" ? (
        <AnswerReleaseDialog root={seq} asked={{ object, release: object.record }} entry={objectOf(store.getView().state, object.record.entry) ?? null} facts={facts} onAnswer={store.answerRelease} onAsk={store.preflight} onClose={onClose} />
      ) : null;
    case "agree-release": {
      const about = object?.record?.noun === "release" ? objectOf(store.getView().state, object.record.entry)?.marking : null;
      return about && object?.record?.noun === "release" ? (
        <AgreeReleaseDialog
          root={seq}
          asked={{ object, release: object.record }}
          entry={about}
          facts={facts}
          onAnswer={store.answerRelease}
          onAsk={store.preflight}
          onSent={() => {
            onClose();
            say("Agreed");
          }}
          onRefused={(e) => e.fault === "step_up" && onStepUp(seq)}
          onClose={onClose}
        />
      ) : null;
    }
    case "proof":
      return <EntryProofs seq={seq} store={store} view={view} facts={facts} onSeq={onProof} onKeys={onKeys} onClose={onClose} />;
    case "stepUp":
      return (
        <Dialog title="Confirm that it is you" onClose={onClose}>
          <p>
            {dialog.to === "open" ? "TLP:RED opens only after your second factor." : "Who reads TLP:RED, and its label, is changed only after your second factor."} It then covers the next 60 minutes. You come back to entry {seq}; what you were writing is kept.
          </p>
          <div className="actions">
            <a className="nhsuk-button" href={`/auth/step-up?${new URLSearchParams({ return: `/rooms/${facts.room.id}/entries/${seq}` }).toString()}`}>
              Confirm with my second factor
            </a>
          </div>
        </Dialog>
      );
  }
}
