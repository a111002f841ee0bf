// What is done to the room itself and to who is in it: each an intention sent to
// the server, whose answer comes back by the stream.
import type { Api } from "../protocol/api";
import type { NewCell, NewMember, Overriding, Promoting, Proposal } from "../protocol/rest";
import type { BriefLines, FiveLines, Instant, Key, Lifecycle, MemberNo, Methane, Role, RoomID, SectionVerdict, Seq } from "../protocol/types";

/** seen is the number of the newest entry on this screen. */
export const deeds = (api: Api, room: RoomID, seen: () => Seq) => ({
  // the room
  title: (title: string, key?: Key) => api.title(room, title, key),
  lifecycle: (to: Lifecycle, key?: Key) => api.lifecycle(room, to, seen(), key),
  reopen: (key?: Key) => api.reopen(room, key),
  section: () => api.section(room),
  goOn: (key?: Key) => api.continueRoom(room, key),
  openCell: (cell: NewCell, key?: Key) => api.openCell(room, cell, key),
  seat: (member: MemberNo, key?: Key) => api.seat(room, member, key),
  askPromotion: (what: Promoting, key?: Key) => api.askPromotion(room, what, key),
  answerPromotion: (ask: Seq, entry: Seq, grant: boolean, key?: Key) => api.answerPromotion(room, ask, entry, grant, key),
  judgeSection: (verdict: SectionVerdict, key?: Key) => api.judgeSection(room, verdict, seen(), key),
  brief: (brief: BriefLines, by?: Overriding, key?: Key) => api.brief(room, brief, seen(), by, key),
  rules: (rules: FiveLines, key?: Key) => api.rules(room, rules, key),
  report: (report: Methane, by?: Overriding, key?: Key) => api.report(room, report, by, key),
  clock: (clock: { paused: boolean; factor: number; at?: Instant }, key?: Key) => api.clock(room, clock, key),
  mute: (muted: boolean) => api.mute(room, muted),

  // members
  invite: (member: NewMember, key?: Key) => api.invite(room, member, key),
  propose: (proposal: Proposal, key?: Key) => api.propose(room, proposal, key),
  admit: (root: Seq, key?: Key) => api.admit(room, root, key),
  decline: (root: Seq, key?: Key) => api.decline(room, root, key),
  vouch: (root: Seq, key?: Key) => api.vouch(room, root, key),
  withdraw: (root: Seq, key?: Key) => api.withdraw(room, root, key),
  removeMember: (root: Seq, reason: string, key?: Key) => api.removeMember(room, root, reason, key),
  role: (root: Seq, role: Role, key?: Key) => api.role(room, root, role, key),
  grant: (root: Seq, start: Seq, key?: Key) => api.grant(room, root, start, key),
  newLink: (root: Seq, key?: Key) => api.newLink(room, root, key),
  accept: (rules: number, key?: Key) => api.accept(room, rules, key),
  leave: (key?: Key) => api.leave(room, key),
});
