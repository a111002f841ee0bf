import type { ChannelKind, ContactRole, Standing } from "../../protocol/directory";
import type { StateLook } from "../../ui/record";

export const contactRoleName: Record<ContactRole, string> = {
  ciso: "Chief information security officer",
  siro: "Senior information risk owner",
  cio: "Chief information officer",
  on_call_director: "On-call director",
  it_security: "IT security",
  comms: "Communications",
  clinical_safety: "Clinical safety",
  aeo: "Accountable emergency officer",
  other: "Other",
};

export const contactRoleShort: Record<ContactRole, string> = { ...contactRoleName, ciso: "CISO", siro: "SIRO", cio: "CIO", aeo: "AEO" };

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
