import type { HandoverState, IimarchPart, Rhythm } from "../protocol/cadence";
import type { StateLook } from "./record";

export const rhythmName: Record<Rhythm, string> = { meeting: "meeting", sitrep: "SITREP", update: "update" };
export const rhythmTitle: Record<Rhythm, string> = { meeting: "Meeting", sitrep: "SITREP", update: "Update" };
export const rhythmPlural: Record<Rhythm, string> = { meeting: "meetings", sitrep: "SITREPs", update: "updates" };

/** "every 2 hours", "every 90 minutes", "every day". */
export function everyWords(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? "every day" : `every ${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "every hour" : `every ${minutes / 60} hours`;
  return `every ${minutes} minutes`;
}

/** The seven sections, in their order, and what each is for. */
export const iimarchWords: Record<IimarchPart, { title: string; hint: string; needed: boolean }> = {
  information: { title: "Information", hint: "What has happened, what is known, so what, what might be.", needed: true },
  intent: { title: "Intent", hint: "What we want to achieve.", needed: true },
  method: { title: "Method", hint: "How: the plan, what was decided, what if it fails.", needed: false },
  administration: { title: "Administration", hint: "Who does what by when; posts, meetings, reports.", needed: false },
  risk: { title: "Risk assessment", hint: "What could go wrong, and what is done about it.", needed: true },
  communications: { title: "Communications", hint: "Who is told what, how and when next.", needed: false },
  humanitarian: { title: "Humanitarian issues", hint: "Patients, staff and their welfare.", needed: false },
};

export const handoverLook: Record<HandoverState, StateLook> = {
  signed: { word: "Waits to be accepted", tone: "open", icon: "circle" },
  accepted: { word: "Accepted", tone: "good", icon: "check" },
  declined: { word: "Declined", tone: "bad", icon: "close" },
  withdrawn: { word: "Taken back", tone: "over", icon: "back" },
};
export const missedLook: StateLook = { word: "Missed", tone: "bad", icon: "late" };
export const lateLook: StateLook = { word: "Late", tone: "bad", icon: "late" };
