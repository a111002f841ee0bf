import type { PartName } from "../../room/decision";

/** A part of the record in the words of a form. */
export type PartWords = { title: string; hint: string; gap: string };

export const partWords: Record<PartName, PartWords> = {
  question: { title: "What had to be decided", hint: "The question, in one sentence.", gap: "the question" },
  relied: { title: "Information relied on", hint: "Numbers of the entries, for example 12, 14. They are kept as they stand now.", gap: "information relied on" },
  risks: { title: "Risks", hint: "Of doing it, and of not doing it.", gap: "risks" },
  powers: { title: "Powers, policies and authority", hint: "What allows it, and whose authority it needs.", gap: "powers and policies" },
  options: { title: "Options considered", hint: "Each with why it was not taken.", gap: "options considered" },
  consulted: { title: "Who was consulted", hint: "", gap: "who was consulted" },
  dissent: { title: "Dissent", hint: "Who disagreed, and why. “None” is an answer.", gap: "dissent" },
  expected: { title: "What it is expected to bring about", hint: "", gap: "expected outcome" },
  review: { title: "When to look again", hint: "", gap: "review time" },
  outcome: { title: "What came of it", hint: "Once it is known.", gap: "actual outcome" },
};

/** The steps of the Joint Decision Model, with the parts that belong to each. */
export const steps: readonly { title: string; parts: readonly PartName[] }[] = [
  { title: "Gather information and intelligence", parts: ["question", "relied"] },
  { title: "Assess risks and develop a working strategy", parts: ["risks"] },
  { title: "Consider powers, policies and procedures", parts: ["powers"] },
  { title: "Identify options and contingencies", parts: ["options", "consulted", "dissent"] },
  { title: "Take action and review what happened", parts: ["expected", "review", "outcome"] },
];
