import type { BroadcastCount, BroadcastPurpose, BroadcastState, Contacted, Stage } from "../protocol/broadcast";
import { contactRoleShort } from "./contact";
import { orgTypeName } from "./names";
import type { StateLook } from "./record";
import { list, plural } from "./words";

/** What a broadcast tells, as the line of a list. */
export const purposeName: Record<BroadcastPurpose, string> = { raised: "A major incident is raised", update: "There is an update", invite: "Invitations into this room" };

export const broadcastLook: Record<BroadcastState, StateLook> = {
  asked: { word: "Waits for the other host", tone: "open", icon: "circle" },
  approved: { word: "Approved by two", tone: "good", icon: "check" },
  alone: { word: "One person", tone: "bad", icon: "warning" },
  refused: { word: "Refused", tone: "bad", icon: "close" },
  withdrawn: { word: "Withdrawn", tone: "over", icon: "back" },
  stopped: { word: "Stopped", tone: "over", icon: "hand" },
};

export const stageLook: Record<Stage, StateLook> = {
  queued: { word: "Waiting", tone: "open", icon: "circle" },
  sending: { word: "Sending", tone: "open", icon: "circle" },
  uncertain: { word: "Being looked up", tone: "waiting", icon: "clock" },
  sent: { word: "Sent", tone: "open", icon: "circle" },
  delivered: { word: "Delivered", tone: "good", icon: "check" },
  temporary: { word: "Did not arrive", tone: "bad", icon: "late" },
  permanent: { word: "No such number or address", tone: "bad", icon: "close" },
  technical: { word: "Could not be sent", tone: "bad", icon: "warning" },
  refused: { word: "Not taken", tone: "bad", icon: "close" },
  not_sent: { word: "Not sent", tone: "over", icon: "back" },
};

/** Why a message was not sent, as the end of a sentence. */
export const whyNot: Readonly<Record<string, string>> = {
  gone: "the contact has left the directory, or their organisation has closed", no_channel: "the number or address is not verified any more", repeats: "they were told the same a moment ago",
  exercise: "an exercise reaches only invented numbers", over: "the incident is stood down or closed", late: "it waited too long to be of use", no_way: "nothing is set up to send it",
  stopped: "the broadcast was stopped", frozen: "nobody is told of this room at present",
};

/** Whom a choice names. */
export function chosenWords(c: Contacted): string {
  const whom = c.roles && c.roles.length > 0 ? list(c.roles.map((r) => contactRoleShort[r])) : "Everyone listed";
  const at = [...(c.types ?? []).map((t) => orgTypeName[t].toLowerCase() + "s"), ...(c.orgs && c.orgs.length > 0 ? [c.orgs.length > 8 ? plural(c.orgs.length, "organisation") + " by code" : list(c.orgs)] : [])];
  return at.length === 0 ? "Those who were told before" : `${whom} at ${list(at)}`;
}

/** Pounds, from pence. */
export const pounds = (pence: number): string => new Intl.NumberFormat("en-GB", { style: "currency", currency: "GBP" }).format(pence / 100);

/** "61 contacts at 34 organisations: 59 text messages, 61 e-mails". */
export const reachWords = (n: BroadcastCount): string => `${plural(n.contacts, "contact")} at ${plural(n.orgs, "organisation")}: ${plural(n.texts, "text message")}${n.emails > 0 ? `, ${plural(n.emails, "e-mail")}` : ""}`;

/** Why a contact was not invited after all, or is not going to be. */
export const keptWords: Readonly<Record<string, string>> = {
  gone: "has left the directory", alert_only: "is told of incidents, and comes into no room", closed: "their organisation has closed, or runs this room", host: "their organisation runs this room",
  no_channel: "the number is not verified any more", exercise: "an exercise reaches only invented numbers", here: "is in the room, or invited already", refused: "could not be invited",
};
