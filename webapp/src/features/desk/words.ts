// The words of the desk, in one place.

export const kindNames: readonly (readonly [string, string])[] = [
  ["message", "Messages"],
  ["decision", "Decisions"],
  ["action", "Actions"],
  ["severity", "Severity"],
  ["logentry", "Lines of loggists’ logs"],
  ["book", "Loggists’ logs"],
  ["report", "M/ETHANE reports"],
  ["brief", "Situation briefs"],
  ["member", "Who joined and left"],
  ["audience", "Who may see what"],
  ["entry", "Notes and pins"],
  ["inject", "Exercise facts"],
  ["room", "The room’s title and state"],
  ["rules", "Handling rules"],
  ["clock", "Exercise clock"],
];

export const partNames = {
  timeline: "Timeline",
  known: "Who knew what, when",
  gaps: "Missing and overdue",
  chart: "How it went",
  access: "Access log",
  search: "Search",
  history: "History of an entry",
} as const;

/** What a run of entries that the reader may not see is called. */
export const hiddenWords = (from: number, to: number): string => (from === to ? `An entry you may not see (${from})` : `Entries you may not see (${from}–${to})`);

export const lacks: Readonly<Record<string, { readonly title: string; readonly why: string }>> = {
  "decision-rests-on": { title: "Decisions that rest on what no longer stands", why: "Entries named as relied on were changed after the decision was recorded, or you may not see them." },
  "decision-review-overdue": { title: "Decisions whose review is overdue", why: "The time set for looking at them again has passed." },
  "decision-disputed": { title: "Decisions that their maker disputes", why: "They say that it is not what they decided." },
  "decision-not-confirmed": { title: "Decisions that their maker has not confirmed", why: "They are in effect; whoever is named as having decided has not said that this is what they decided." },
  "decision-not-taken": { title: "Decisions proposed and not taken", why: "Nobody has decided them yet." },
  "decision-no-rationale": { title: "Decisions without a reason", why: "No rationale is recorded." },
  "decision-no-options": { title: "Decisions without other options", why: "No option that was considered is recorded." },
  "decision-no-review": { title: "Decisions without a review", why: "No time to look at them again is set, and nobody has." },
  "action-overdue": { title: "Actions overdue", why: "Their due time has passed and they are not done." },
  "action-not-accepted": { title: "Actions that nobody has accepted", why: "Those they are for have neither accepted nor declined." },
  "action-declined": { title: "Actions declined", why: "Those they were for will not do them." },
  "action-no-due": { title: "Actions without a due time", why: "Nobody can say when they are late." },
  "book-not-agreed": { title: "Loggists’ logs whose signal was not agreed", why: "The decision-maker has not confirmed how decisions are signalled." },
  "not-judged": { title: "Sealed, and not judged", why: "TLP:RED: what it lacks cannot be told without opening it." },
  "role-unfilled": { title: "Roles that nobody holds", why: "Now, in this room." },
  "host-absent": { title: "Hosts that are not in the room", why: "Nobody of them is a member now." },
  "severity-not-assessed": { title: "No severity", why: "No assessment stands." },
  "brief-not-set": { title: "No situation brief", why: "The lead has not set one." },
};

export const changedWords: Readonly<Record<string, string>> = {
  withheld: "withheld",
  corrected: "corrected later",
  superseded: "superseded",
  reversed: "reversed",
  disputed: "disputed by its maker",
  withdrawn: "withdrawn",
  recalled: "recalled by its originator",
  hidden: "you may not see it",
};

export const linkWords: Readonly<Record<string, string>> = {
  itself: "The entry itself",
  supersedes: "It took the place of",
  superseded: "Its place was taken by",
  reverses: "It undid",
  reversed: "It was undone by",
  from: "It was made of",
  "carries-out": "It carries out",
  relied: "It rests on",
};
