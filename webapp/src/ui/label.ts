// The sentence a label stands for, with the reader's own organisation in it.
// Wording after FIRST's Traffic Light Protocol 2.0.

export type Label = "TLP:RED" | "TLP:AMBER+STRICT" | "TLP:AMBER" | "TLP:GREEN" | "TLP:CLEAR";

/** From least to most restrictive. */
export const labels: readonly Label[] = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"];

export const rank = (label: Label): number => labels.indexOf(label);

/** The more restrictive of two. */
export const graver = (a: Label, b: Label): Label => (rank(b) > rank(a) ? b : a);

/** The class that gives a label its colour on black. */
export function labelTone(label: Label): "red" | "amber" | "green" | "clear" {
  switch (label) {
    case "TLP:RED":
      return "red";
    case "TLP:AMBER+STRICT":
    case "TLP:AMBER":
      return "amber";
    case "TLP:GREEN":
      return "green";
    case "TLP:CLEAR":
      return "clear";
  }
}

/** What the reader may do with an entry of this label. `org` is whom they act for here. */
export function labelSentence(label: Label, org: string): string {
  switch (label) {
    case "TLP:RED":
      return `For you alone. Do not pass this on to anyone, not even inside ${org}.`;
    case "TLP:AMBER+STRICT":
      return `You may share this inside ${org} with those who need it; not with suppliers, clients or anyone else.`;
    case "TLP:AMBER":
      return `You may share this inside ${org}, and with its clients and suppliers who need it to protect themselves; nobody else.`;
    case "TLP:GREEN":
      return `You may share this inside ${org} and with peers and partners in health and care and cyber security; not in public.`;
    case "TLP:CLEAR":
      return `You may share this with anyone, inside ${org} or outside it.`;
  }
}

/** One line for a list of choices. */
export function labelHint(label: Label): string {
  switch (label) {
    case "TLP:RED":
      return "Named people only. It travels sealed and opening it is recorded.";
    case "TLP:AMBER+STRICT":
      return "Readers keep it inside their own organisation.";
    case "TLP:AMBER":
      return "Readers may tell their clients and suppliers who need it.";
    case "TLP:GREEN":
      return "Readers may tell peers and partners, not the public.";
    case "TLP:CLEAR":
      return "No limit on sharing.";
  }
}

export type Permitted = "PAP:CLEAR" | "PAP:GREEN" | "PAP:AMBER" | "PAP:RED";

/** From the most to the least careful. */
export const permitted: readonly Permitted[] = ["PAP:RED", "PAP:AMBER", "PAP:GREEN", "PAP:CLEAR"];

/** What the reader may do with an entry, beside passing it on. Wording after the Permissible Actions Protocol. */
export function permittedSentence(p: Permitted): string {
  switch (p) {
    case "PAP:RED":
      return "Do nothing that an attacker could notice: look in your own logs, and touch nothing on the network.";
    case "PAP:AMBER":
      return "You may look it up with others and check passively; do nothing an attacker could notice directly, such as blocking or contacting it.";
    case "PAP:GREEN":
      return "You may act on it: block it, query it.";
    case "PAP:CLEAR":
      return "You may do with it whatever helps.";
  }
}

/** One line for a list of choices. */
export function permittedHint(p: Permitted): string {
  switch (p) {
    case "PAP:RED":
      return "Nothing that could be noticed: look at your own logs, touch nothing.";
    case "PAP:AMBER":
      return "Passive checks, third-party look-ups allowed.";
    case "PAP:GREEN":
      return "Active steps allowed: block, ping.";
    case "PAP:CLEAR":
      return "No restriction.";
  }
}
