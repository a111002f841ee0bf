import type { MailSafe, ReportState, Trouble } from "../protocol/reports";
import type { StateLook } from "./record";

/** What is reported, as the line of a list. */
export const troubleName: Record<Trouble, string> = {
  ransomware: "Ransomware: files locked, or money asked for",
  malware: "Other malicious software",
  phishing: "Phishing or a false message",
  account: "An account taken over",
  outage: "A system that is down, attack suspected",
  data: "Data lost, stolen or published",
  supplier: "Trouble at a supplier",
  other: "Something else",
};

/** The same in a word or two. */
export const troubleWord: Record<Trouble, string> = {
  ransomware: "Ransomware", malware: "Malicious software", phishing: "Phishing", account: "Account taken over", outage: "System down", data: "Data lost or stolen", supplier: "Supplier", other: "Something else",
};

export const mailWord: Record<MailSafe, string> = { yes: "E-mail is safe", no: "E-mail is not safe", unsure: "Not sure whether e-mail is safe" };

/** Where a report stands, as whoever filed it is told. */
export const reportLook: Record<ReportState, StateLook> = {
  received: { word: "Received", tone: "open", icon: "circle" },
  looking: { word: "A host is looking at it", tone: "waiting", icon: "half" },
  answered: { word: "Answered", tone: "good", icon: "check" },
  closed: { word: "Closed", tone: "over", icon: "hand" },
};
