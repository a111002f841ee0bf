import type { Raising } from "../features/actions/ActionForms";
import type { Recording } from "../features/decisions/DecisionForm";
import type { Sharing } from "../features/intel/ItemForm";
import type { BroadcastPurpose } from "../protocol/broadcast";
import type { Statute } from "../protocol/statutory";
import type { Seq } from "../protocol/types";
import { wordsOf } from "../room/select";
import type { RoomStore } from "../room/store";
import { plainText } from "../ui/inline";
import { graver } from "../ui/label";

/** A thing of the record that is being begun. */
export type Asking =
  | { what: "decision"; recording: Recording }
  | { what: "action"; raising: Raising }
  | { what: "item"; sharing: Sharing }
  | { what: "escalation" }
  /** null: which one is asked first. */
  | { what: "clock"; statute: Statute | null }
  | { what: "ministers" }
  | { what: "broadcast"; purpose?: BroadcastPurpose }
  | { what: "import" }
  /** One item, or all in force. */
  | { what: "export"; seq: Seq | null };

/** What a message's menu begins with it: a decision made of it, or an action. */
export function beginning(what: "decide" | "ask", seq: Seq, store: RoomStore): Asking | null {
  const object = store.getView().state.objects.get(seq);
  const text = object ? wordsOf(object) : null;
  if (!object || text === null) return null;
  const plain = plainText(text);
  // Kept as closely as the message, and no less so than the room.
  const room = store.getView().facts?.room.tlp ?? "TLP:CLEAR";
  const marking = object.marking && { ...object.marking, tlp: graver(object.marking.tlp, room) };
  if (what === "decide") return { what: "decision", recording: { how: "from", seq, text: plain, marking } };
  return { what: "action", raising: { decision: null, text: `${plain} (#${seq})`, marking } };
}
