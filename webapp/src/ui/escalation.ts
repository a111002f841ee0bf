import type { Condition, EscalationState, Post, Way } from "../protocol/escalation";
import type { StateLook } from "./record";

/** What is asked, as the line of a list. */
export const conditionName: Record<Condition, string> = {
  disconnect_network: "Disconnect from a network",
  suspend_service: "Suspend a service",
  restore_service: "Restore a service",
  public_statement: "Make a public statement",
  ransom_demand: "Answer a ransom demand",
  mutual_aid: "Ask for mutual aid",
  other: "Something else",
};

export const escalationLook: Record<EscalationState, StateLook> = {
  requested: { word: "Waiting for an answer", tone: "open", icon: "circle" },
  silent: { word: "Nobody has answered", tone: "bad", icon: "late" },
  accepted: { word: "Accepted", tone: "good", icon: "check" },
  refused: { word: "Refused", tone: "bad", icon: "close" },
  withdrawn: { word: "Withdrawn", tone: "over", icon: "back" },
  acted: { word: "Acted on without approval", tone: "bad", icon: "warning" },
  stood_down: { word: "Stood down", tone: "over", icon: "hand" },
};

/** How somebody came to be asked. */
export const wayName: Record<Way, string> = { post: "holds the post", deputy: "deputy for the post", lead: "leads in this room", rota: "on the rota", on_call: "on call for their organisation" };

export const postName: Record<Post, string> = {
  incident_lead: "Incident lead",
  strategic_commander: "Strategic commander",
  tactical_commander: "Tactical commander",
  operational_commander: "Operational commander",
  loggist: "Loggist",
  communications: "Communications",
  liaison: "Liaison",
  technical_lead: "Technical lead",
  clinical_safety: "Clinical safety",
};

/** What whoever holds it has to do: the duty card. */
export const dutyCard: Record<Post, readonly string[]> = {
  incident_lead: ["Own the response and its record.", "Set the brief, and keep it true.", "Say who holds which post; fill the empty ones.", "Escalate what is not yours to decide. If in doubt, escalate."],
  strategic_commander: ["Set the aim, and what must not happen.", "Decide what only the top can: cutting off networks, ransom, ministers, the public.", "Answer escalations within their time, or hand the post on.", "Say when the response ends."],
  tactical_commander: ["Turn the aim into a plan, and coordinate the organisations.", "Decide what the plan needs; escalate what it lacks the power for.", "See that actions have owners and times."],
  operational_commander: ["Carry out the plan on the ground.", "Report what works, what does not, and what is at risk.", "Escalate early."],
  loggist: ["Keep the decision-maker’s log: facts, times, reasons.", "Agree how decisions are signalled before you begin.", "Never rub out: correct by a new entry."],
  communications: ["Prepare what staff, media, agencies and ministers are told.", "Release only what is cleared.", "Say when the next update comes, and keep to it."],
  liaison: ["Be the one voice to and from your organisation.", "Bring in whoever is needed.", "Chase what is owed."],
  technical_lead: ["Own the technical picture: what is hit, what may be, what is known.", "Advise on options and their risks.", "See that intelligence is shared and marked."],
  clinical_safety: ["Say what the incident means for patients.", "Advise before a service is cut off or brought back.", "Record hazards, and how they are mitigated."],
};
