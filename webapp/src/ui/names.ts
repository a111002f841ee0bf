import type { Lifecycle, MemberState, OrgType, Role, Roster } from "../protocol/types";

// The words for the house's enums, in one place so that they are the same on
// every screen.

export const roleName: Record<Role, string> = {
  lead: "Incident lead",
  deputy: "Deputy lead",
  liaison: "Liaison",
  loggist: "Loggist",
  comms: "Communications",
  representative: "Representative",
  observer: "Observer",
  auditor: "Auditor",
};

export const roleHint: Record<Role, string> = {
  lead: "Runs the room: invites, removes, writes the situation brief. Hosts only.",
  deputy: "May do everything the lead may. Hosts only.",
  liaison: "Speaks for a host organisation. Hosts only.",
  loggist: "Keeps the log for a decision maker. Hosts only.",
  comms: "Prepares what is said outside. Hosts only.",
  representative: "Speaks for their organisation, and may propose a colleague.",
  observer: "Reads. Does not write.",
  auditor: "Reads the record and who opened what. Does not write.",
};

export const hostRoles: readonly Role[] = ["lead", "deputy", "liaison", "loggist", "comms"];

export const lifecycleName: Record<Lifecycle, string> = {
  open: "Open",
  responding: "Responding",
  recovering: "Recovering",
  stood_down: "Stood down",
  review: "In review",
  closed: "Closed",
};

/** Where a room may go from here; closed rooms only by reopening. */
export const lifecycleNext: Record<Lifecycle, readonly Lifecycle[]> = {
  open: ["responding", "stood_down"],
  responding: ["recovering", "stood_down"],
  recovering: ["responding", "stood_down"],
  stood_down: ["responding", "review"],
  review: ["closed"],
  closed: [],
};

export const lifecycleMeaning: Record<Lifecycle, string> = {
  open: "The room is open and the incident is being sized up.",
  responding: "The incident is being fought.",
  recovering: "The worst is over and services are being brought back.",
  stood_down: "The response has ended. People may still write.",
  review: "What happened is being looked at.",
  closed: "Nothing more is written. The record stays readable.",
};

export const stateName: Record<MemberState, string> = {
  proposed: "Proposed",
  invited: "Invited, not in the room yet",
  asked: "Waiting to be let in",
  vouched: "Let in, has not joined yet",
  joined: "In the room",
  declined: "Declined",
  withdrawn: "Invitation withdrawn",
  left: "Left",
  removed: "Removed",
};

export const orgTypeName: Record<OrgType, string> = {
  acute_trust: "Acute trust",
  ambulance_trust: "Ambulance trust",
  mental_health_trust: "Mental health trust",
  community_trust: "Community trust",
  icb: "Integrated care board",
  ccg: "Clinical commissioning group (until 2022)",
  csu: "Commissioning support unit",
  region: "NHS England region",
  government: "Government",
  law_enforcement: "Law enforcement",
  host: "Host",
  supplier: "Supplier",
  audit: "Audit",
  other: "Other",
};

export const rosterChoices: readonly { value: Roster; label: string; hint: string }[] = [
  { value: "names", label: "Everyone sees everyone", hint: "Guests see the names and organisations of all members." },
  { value: "organisations", label: "Guests see organisations, not names", hint: "A guest sees which other organisations are here and in what role. A number stands for each person’s name." },
  { value: "hosts", label: "Guests see only the hosts", hint: "A guest sees the hosts and their own organisation. Another guest who writes is a number and their organisation." },
];
