import type { AlertAnswer, AlertEntry, AlertOrg, AlertSeverity, AlertState, Applies, Via } from "../../protocol/alert";
import type { StateLook } from "../../ui/record";
import { fromLondon, dayKey, shortMoment } from "../../ui/time";

export const severityWord: Record<AlertSeverity, string> = { high: "High severity", medium: "Medium severity", low: "Low severity" };
export const severityHint: Record<AlertSeverity, string> = { high: "To be acknowledged within 48 hours", medium: "Acknowledged when it suits", low: "For information and good order" };

export const alertLook: Record<AlertState, StateLook> = {
  sent: { word: "Not acknowledged", icon: "circle", tone: "open" },
  acknowledged: { word: "Acknowledged", icon: "half", tone: "waiting" },
  unsure: { word: "Not sure it applies", icon: "half", tone: "waiting" },
  applies: { word: "Applies, no plan yet", icon: "half", tone: "waiting" },
  planned: { word: "Being put right", icon: "half", tone: "waiting" },
  done: { word: "Done", icon: "check", tone: "good" },
  not_applicable: { word: "Does not apply", icon: "check", tone: "over" },
};

export const overdueNow: StateLook = { word: "Overdue", icon: "late", tone: "bad" };

export const viaWord: Record<Via, string> = { telephone: "by telephone", email: "by e-mail", in_person: "in person" };
export const viaChoice: Record<Via, string> = { telephone: "By telephone", email: "By e-mail", in_person: "In person" };
export const appliesWord: Record<Applies, string> = { yes: "It applies", no: "It does not apply", unsure: "Not sure yet" };

const wanted = { acknowledge: "Acknowledge", update: "Next update", remediation: "Put right" } as const;

/** What is due next; "" for nothing. */
export const wantsWord = (r: AlertOrg): string => (r.wants === "" ? "" : wanted[r.wants].toLowerCase());

/** Whether something is owed by now. */
export const overdue = (r: AlertOrg, now: number): boolean => r.dueBy !== undefined && Date.parse(r.dueBy) < now;

/** What is due next, and when: "Next update by 14 May, 16:10 BST"; "" for nothing. */
export function dueWords(r: AlertOrg, now: number): string {
  if (r.wants === "") return "";
  if (r.dueBy === undefined) return `${wanted[r.wants]}: no hour set`;
  const at = shortMoment(r.dueBy, new Date(now));
  return overdue(r, now) ? `${wanted[r.wants]} was due ${at}` : `${wanted[r.wants]} by ${at}`;
}

/** About how long: "2 days", "5 hours", "20 minutes". */
export function roughly(ms: number): string {
  const of = (n: number, unit: string) => `${n} ${unit}${n === 1 ? "" : "s"}`;
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return of(minutes, "minute");
  if (minutes < 48 * 60) return of(Math.floor(minutes / 60), "hour");
  return of(Math.floor(minutes / (24 * 60)), "day");
}

/** "in 5 hours", "3 days late". */
export const leftWords = (dueBy: string, now: number): string => {
  const left = Date.parse(dueBy) - now;
  return left >= 0 ? `in ${roughly(left)}` : `${roughly(left)} late`;
};

/** The end of a day in London. */
export const endOf = (day: string): string | null => (day === "" ? null : fromLondon(day, "23:59"));

export const dayFrom = (now: number, days: number): string => dayKey(new Date(now + days * 86_400_000));

/** Which steps an organisation that has come so far can take. */
export const stepsFrom: Record<AlertState, readonly AlertAnswer["step"][]> = {
  sent: ["acknowledge"],
  acknowledged: ["answer", "update"],
  unsure: ["answer", "update"],
  applies: ["plan", "finish", "update", "answer"],
  planned: ["update", "finish", "plan", "answer"],
  done: ["answer"],
  not_applicable: ["answer"],
};

/** What can be answered: not what was said already. */
export const answersFrom: Record<AlertState, readonly Applies[]> = {
  sent: [], acknowledged: ["yes", "no", "unsure"], unsure: ["yes", "no"], applies: ["no", "unsure"], planned: ["no", "unsure"], done: ["yes", "no", "unsure"], not_applicable: ["yes", "unsure"],
};

export const stepWord: Record<AlertAnswer["step"], string> = { acknowledge: "Acknowledge", answer: "Say whether it applies", plan: "Give a plan", update: "Give an update", finish: "Report it done" };

/** What an entry says was done. */
export function entryWords(e: AlertEntry): string {
  switch (e.kind) {
    case "alert.issued":
      return "Issued";
    case "alert.acknowledged":
      return "Acknowledged";
    case "alert.answered":
      return appliesWord[e.applies ?? "unsure"];
    case "alert.remediation":
      return "Plan";
    case "alert.updated":
      return "Update";
    case "alert.done":
      return "Reported done";
    case "alert.chased":
      return "Chased by the hosts";
    case "alert.closed":
      return "Closed by the hosts";
  }
}
