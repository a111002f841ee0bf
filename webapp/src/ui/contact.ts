import type { ContactRole } from "../protocol/directory";

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
