// What a room's store asks the server about authority: escalations, posts and what goes out to organisations.
import type { Api } from "../protocol/api";
import type { BroadcastDraft, Stage } from "../protocol/broadcast";
import type { Post } from "../protocol/escalation";
import type { EscalationDraft, Overriding } from "../protocol/rest";
import type { Key, MemberNo, RoomID, Seq } from "../protocol/types";

export const authorityActs = (api: Api, room: RoomID) => ({
  escalate: (e: EscalationDraft, key?: Key) => api.escalate(room, e, key),
  acceptEscalation: (root: Seq, rationale: string, seq: Seq, by?: Overriding, key?: Key) => api.acceptEscalation(room, root, rationale, seq, by, key),
  refuseEscalation: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.refuseEscalation(room, root, reason, seq, by, key),
  withdrawEscalation: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.withdrawEscalation(room, root, reason, seq, by, key),
  actEscalation: (root: Seq, because: string, seq: Seq, by?: Overriding, key?: Key) => api.actEscalation(room, root, because, seq, by, key),
  standDownEscalation: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.standDownEscalation(room, root, reason, seq, by, key),
  previewBroadcast: (b: BroadcastDraft) => api.previewBroadcast(room, b),
  askBroadcast: (b: BroadcastDraft, key?: Key) => api.askBroadcast(room, b, key),
  approveBroadcast: (root: Seq, seq: Seq, key?: Key) => api.approveBroadcast(room, root, seq, key),
  endBroadcast: (root: Seq, how: "send-alone" | "refuse" | "withdraw" | "stop", reason: string, seq: Seq, by?: Overriding, key?: Key) => api.endBroadcast(room, root, how, reason, seq, by, key),
  recipients: (root: Seq, states: readonly Stage[], after: string) => api.recipients(room, root, states, after),
  retryMessage: (root: Seq, id: string) => api.retryMessage(room, root, id),
  assignPost: (post: Post, member: MemberNo, deputy: MemberNo, key?: Key) => api.assignPost(room, post, member, deputy, key),
  assumePost: (post: Post, reason: string, by?: Overriding, key?: Key) => api.assumePost(room, post, reason, by, key),
  acknowledgePost: (root: Seq, key?: Key) => api.acknowledgePost(room, root, key),
  releasePost: (root: Seq, key?: Key) => api.releasePost(room, root, key),
});
