import type { ChannelKind, Standing } from "../../protocol/directory";
export { contactRoleName, contactRoleShort } from "../../ui/contact";
import type { StateLook } from "../../ui/record";

export const channelName: Record<ChannelKind, string> = { sms: "Mobile (text)", email: "E-mail", voice: "Telephone" };

/** What is done with a channel once it is shown. */
export const channelAct: Record<ChannelKind, string> = { sms: "Call", email: "Show address", voice: "Call" };

export const standingLook: Record<Standing, StateLook> = {
  verified: { word: "Verified", icon: "check", tone: "good" },
  stale: { word: "Verify again", icon: "late", tone: "waiting" },
  unverified: { word: "Not verified", icon: "circle", tone: "open" },
  none: { word: "Nobody", icon: "close", tone: "bad" },
};

/** Who is tried when. */
export const placeName = (n: number): string => (n <= 1 ? "tried first" : n === 2 ? "deputy" : `stands in, place ${n}`);
