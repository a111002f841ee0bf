// What a room's store asks the server about authority: escalations, posts, meetings and handovers.
// What a room's store asks the server about authority: escalations, posts and what goes out to organisations.
import type { Api } from "../protocol/api";
import type { BroadcastDraft, Stage } from "../protocol/broadcast";
import type { Post } from "../protocol/escalation";
import type { CadenceDraft, EscalationDraft, HandoverDraft, MeetingDraft, Overriding, SitrepDraft, SitrepFix, UpdateDraft } from "../protocol/rest";
import type { Instant, Key, MemberNo, RoomID, Seq } from "../protocol/types";

export const authorityActs = (api: Api, room: RoomID) => ({
  escalate: (e: EscalationDraft, key?: Key) => api.escalate(room, e, key),
  acceptEscalation: (root: Seq, rationale: string, seq: Seq, by?: Overriding, key?: Key) => api.acceptEscalation(room, root, rationale, seq, by, key),
  refuseEscalation: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.refuseEscalation(room, root, reason, seq, by, key),
  withdrawEscalation: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.withdrawEscalation(room, root, reason, seq, by, key),
  actEscalation: (root: Seq, because: string, seq: Seq, by?: Overriding, key?: Key) => api.actEscalation(room, root, because, seq, by, key),
  standDownEscalation: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.standDownEscalation(room, root, reason, seq, by, key),
  setCadence: (c: CadenceDraft, seq: Seq, key?: Key) => api.setCadence(room, c, seq, key),
  holdMeeting: (m: MeetingDraft, key?: Key) => api.holdMeeting(room, m, key),
  putOffMeeting: (until: Instant, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.putOffMeeting(room, until, reason, seq, by, key),
  correctSitrep: (root: Seq, s: SitrepFix, key?: Key) => api.correctSitrep(room, root, s, key),
  fileSitrep: (s: SitrepDraft, key?: Key) => api.fileSitrep(room, s, key),
  giveUpdate: (u: UpdateDraft, key?: Key) => api.giveUpdate(room, u, key),
  snoozeUpdate: (minutes: number, seq: Seq, key?: Key) => api.snoozeUpdate(room, minutes, seq, key),
  requestUpdate: (words: string, by?: Overriding, key?: Key) => api.requestUpdate(room, words, by, key),
  signHandover: (h: HandoverDraft, key?: Key) => api.signHandover(room, h, key),
  acceptHandover: (root: Seq, seq: Seq, key?: Key) => api.acceptHandover(room, root, seq, key),
  declineHandover: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.declineHandover(room, root, reason, seq, by, key),
  withdrawHandover: (root: Seq, reason: string, seq: Seq, by?: Overriding, key?: Key) => api.withdrawHandover(room, root, reason, seq, by, key),
  previewBroadcast: (b: BroadcastDraft) => api.previewBroadcast(room, b),
  askBroadcast: (b: BroadcastDraft, key?: Key) => api.askBroadcast(room, b, key),
  approveBroadcast: (root: Seq, seq: Seq, key?: Key) => api.approveBroadcast(room, root, seq, key),
  endBroadcast: (root: Seq, how: "send-alone" | "refuse" | "withdraw" | "stop", reason: string, seq: Seq, by?: Overriding, key?: Key) => api.endBroadcast(room, root, how, reason, seq, by, key),
  recipients: (root: Seq, states: readonly Stage[], after: string) => api.recipients(room, root, states, after),
  invitedBy: (root: Seq) => api.invitedBy(room, root),
  inviteAgain: (root: Seq, invitation: Seq) => api.inviteAgain(room, root, invitation),
  retryMessage: (root: Seq, id: string) => api.retryMessage(room, root, id),
  assignPost: (post: Post, member: MemberNo, deputy: MemberNo, key?: Key) => api.assignPost(room, post, member, deputy, key),
  assumePost: (post: Post, reason: string, by?: Overriding, key?: Key) => api.assumePost(room, post, reason, by, key),
  acknowledgePost: (root: Seq, key?: Key) => api.acknowledgePost(room, root, key),
  releasePost: (root: Seq, key?: Key) => api.releasePost(room, root, key),
});
