import type { ClockState, Statute, Via } from "../protocol/statutory";
import type { StateLook } from "./record";

/** What has to be done, as the line of a list. */
export const statuteName: Record<Statute, string> = {
  gdpr_33: "Tell the Information Commissioner of a personal data breach",
  gdpr_34: "Tell the people whose data it is",
  nis: "Tell the competent authority of a notifiable incident",
  ndg_management: "Report to senior management",
  ndg_told: "Tell the National Data Guardian",
  bill_24: "Send the first notification to the regulator and the NCSC",
  bill_72: "Send the full notification to the regulator and the NCSC",
};

/** By what it runs. */
export const statuteLaw: Record<Statute, string> = {
  gdpr_33: "UK GDPR, Article 33",
  gdpr_34: "UK GDPR, Article 34",
  nis: "NIS Regulations 2018",
  ndg_management: "National Data Guardian, standard 6",
  ndg_told: "National Data Guardian, when ministers are told",
  bill_24: "Cyber Security and Resilience Bill",
  bill_72: "Cyber Security and Resilience Bill",
};

/** By when, in a sentence. */
export const statuteLimit: Record<Statute, string> = {
  gdpr_33: "72 hours from when you became aware of the breach, not of the attack; even if not all is known yet.",
  gdpr_34: "Without undue delay, where the risk to people is likely to be high. The law names no hours.",
  nis: "Without undue delay, and at most 72 hours from when you became aware of a notifiable incident.",
  ndg_management: "12 hours from when it was detected.",
  ndg_told: "At once: at the same time as ministers.",
  bill_24: "24 hours from when you became aware. Use it if your regulator asks for it already.",
  bill_72: "72 hours from when you became aware. Use it if your regulator asks for it already.",
};

export const clockLook: Record<ClockState, StateLook> = {
  running: { word: "Running", tone: "open", icon: "clock" },
  evidenced: { word: "Done", tone: "good", icon: "check" },
  withdrawn: { word: "Need not be told", tone: "over", icon: "back" },
};
export const nowLook: StateLook = { word: "Due now", tone: "bad", icon: "late" };
export const doneLateLook: StateLook = { word: "Done late", tone: "bad", icon: "late" };

export const viaName: Record<Via, string> = { telephone: "by telephone", email: "by e-mail", in_person: "in person" };

/** "60 hours", "30 minutes": how long after the time of awareness a reminder came. */
export function afterWords(minutes: number): string {
  const n = minutes % 60 === 0 ? minutes / 60 : minutes;
  const unit = minutes % 60 === 0 ? "hour" : "minute";
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}

/** "2 days 11 hours", "46 minutes": as much as one plans by. */
export function spanWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const part = (n: number, unit: string) => (n === 0 ? "" : `${n} ${unit}${n === 1 ? "" : "s"}`);
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (minutes < 1) return "less than a minute";
  return (d > 0 ? [part(d, "day"), part(h, "hour")] : [part(h, "hour"), part(m, "minute")]).filter(Boolean).join(" ");
}
