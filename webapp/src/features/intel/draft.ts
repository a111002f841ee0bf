import type { Indicator, ItemBody, ItemDraft, Reference, Source } from "../../protocol/intel";
import type { AttachedDraft } from "../../protocol/rest";
import type { Caveat, Facts, Marking, PAP, TLP } from "../../protocol/types";
import { audienceProblem, audienceSent, pickerOf, type PickerAudience } from "../../ui/AudiencePicker";
import { momentGiven, noMoment, type MomentDraft } from "../../ui/MomentField";
import { dayKey, hours } from "../../ui/time";

/** A source as it is typed. */
export type SourceWriting = Omit<Source, "received" | "name" | "kind"> & { readonly name: string; readonly kind: string; readonly received: MomentDraft };
/** How far it may go, as it is chosen. */
export type Limits = { tlp: TLP; audience: PickerAudience; pap: PAP | ""; caveat: Caveat | ""; recorded: boolean };
/** Everything in the sheet of an item. */
export type ItemWriting = {
  title: string;
  text: string;
  indicators: readonly Indicator[];
  sources: readonly SourceWriting[];
  limits: Limits;
  caveats: string;
  expires: MomentDraft;
  review: MomentDraft;
  refs: readonly Reference[];
  tear: { text: string; tlp: TLP; audience: PickerAudience } | null;
};

export const everyone: PickerAudience = { kind: "room", members: [], orgs: [] };

/** The writer's own organisation, of which nothing is judged yet. */
export const ownSource = (facts: Facts): SourceWriting => ({
  name: facts.members.find((m) => m.number === facts.you)?.orgName ?? "", kind: "", reliability: "F", credibility: "6", received: noMoment,
});
export const newSource: SourceWriting = { name: "", kind: "", reliability: "F", credibility: "6", received: noMoment };

/** The room's label, to the room. */
export const blankLimits = (facts: Facts): Limits => ({ tlp: facts.room.tlp, audience: everyone, pap: "", caveat: "", recorded: false });
export const limitsOf = (m: Pick<Marking, "tlp" | "audience" | "pap" | "caveat" | "recorded">): Limits => ({
  tlp: m.tlp, audience: pickerOf(m.audience), pap: m.pap ?? "", caveat: m.caveat ?? "", recorded: m.recorded ?? false,
});

/** An empty sheet. */
export const blankItem = (facts: Facts): ItemWriting => ({
  title: "", text: "", indicators: [], sources: [ownSource(facts)], limits: blankLimits(facts), caveats: "", expires: noMoment, review: noMoment, refs: [], tear: null,
});

const momentOf = (at: string | undefined): MomentDraft => (at === undefined ? noMoment : { time: hours(at).replace(":", ""), day: dayKey(at) });

/** An item that exists, or that a file brought, as a sheet's content. */
export const writingOf = (b: ItemBody, limits: Limits): ItemWriting => ({
  title: b.title, text: b.text, indicators: b.indicators,
  sources: b.sources.map((s) => ({ name: s.name ?? "", kind: s.kind ?? "", reliability: s.reliability, credibility: s.credibility, received: momentOf(s.received) })),
  limits, caveats: b.caveats ?? "", expires: momentOf(b.expires), review: momentOf(b.review), refs: b.refs ?? [], tear: null,
});

/** An item with every text that somebody wrote changed alike. */
export const withWords = (b: ItemBody, f: (words: string) => string): ItemBody => ({
  ...b, title: f(b.title), text: f(b.text),
  indicators: b.indicators.map((i) => (i.note === undefined ? i : { ...i, note: f(i.note) })),
  sources: b.sources.map((s) => ({ ...s, ...(s.name === undefined ? {} : { name: f(s.name) }), ...(s.kind === undefined ? {} : { kind: f(s.kind) }) })),
  ...(b.caveats === undefined ? {} : { caveats: f(b.caveats) }),
  ...(b.refs === undefined ? {} : { refs: b.refs.map((r) => ({ name: f(r.name), ...(r.url === undefined ? {} : { url: f(r.url) }) })) }),
});

/** Those texts, each on lines of its own. */
export function wordsOf(b: ItemBody): string {
  const all: string[] = [];
  withWords(b, (words) => (all.push(words), words));
  return all.join("\n");
}

const same = (a: Indicator, b: Indicator) => a.kind === b.kind && (a.value === b.value || (/^(domain|email|md5|sha1|sha256|sha512|cve|mitre)$/.test(a.kind) && a.value.toLowerCase() === b.value.toLowerCase()));

/** Indicators with more added, none twice. */
export const withMore = (have: readonly Indicator[], more: readonly Indicator[]): readonly Indicator[] =>
  more.reduce<readonly Indicator[]>((all, i) => (all.some((x) => same(x, i)) ? all : [...all, i]), have);
/** Those of them that are not there yet. */
export const newOf = (have: readonly Indicator[], found: readonly Indicator[]): readonly Indicator[] => withMore(have, found).slice(have.length);

type Wrong = { readonly name: string; readonly message: string };
const unclear = "Four figures on the 24-hour clock, for example 1810.";

/** What is missing or cannot be meant, before anything is sent. */
export function wrongWith(w: ItemWriting, me: number, now: number): readonly Wrong[] {
  const audience = audienceProblem(w.limits.audience, w.limits.tlp === "TLP:RED", me);
  const tear = w.tear && audienceProblem(w.tear.audience, w.tear.tlp === "TLP:RED", me);
  return [
    w.title.trim() === "" ? { name: "title", message: "Give it a title, in one line." } : null,
    w.text.trim() === "" && w.indicators.length === 0 ? { name: "text", message: "Write what is known, or give at least one indicator." } : null,
    w.sources.length === 0 ? { name: "sources", message: "Give at least one source. It need not be named." } : null,
    ...w.sources.map((s, i) => (momentGiven(s.received, now, "past") === "unclear" ? { name: `sources.${i}.received`, message: unclear } : null)),
    audience ? { name: "audience", message: audience } : null,
    momentGiven(w.expires, now, "future") === "unclear" ? { name: "expires", message: unclear } : null,
    momentGiven(w.review, now, "future") === "unclear" ? { name: "review", message: unclear } : null,
    ...w.refs.map((r, i) => (r.name.trim() === "" && (r.url ?? "").trim() !== "" ? { name: `refs.${i}.name`, message: "Say what this reference is." } : null)),
    w.tear && w.tear.text.trim() === "" ? { name: "tear.text", message: "Write what others may have, or take the tear-line out." } : null,
    tear ? { name: "tear.audience", message: tear } : null,
  ].filter((x) => x !== null);
}

const at = (m: MomentDraft, now: number, dir: "past" | "future"): string | undefined => {
  const given = momentGiven(m, now, dir);
  return given === null || given === "unclear" ? undefined : given.at;
};

/** What the sheet says, without how far it may go. */
export function bodySent(w: ItemWriting, now: number): ItemBody {
  const expires = at(w.expires, now, "future");
  const review = at(w.review, now, "future");
  const refs = w.refs.map((r) => ({ name: r.name.trim(), ...((r.url ?? "").trim() === "" ? {} : { url: (r.url ?? "").trim() }) })).filter((r) => r.name !== "");
  return {
    title: w.title.trim(),
    text: w.text.trim(),
    indicators: w.indicators,
    sources: w.sources.map((s) => {
      const received = at(s.received, now, "past");
      return {
        reliability: s.reliability, credibility: s.credibility, ...(s.name.trim() === "" ? {} : { name: s.name.trim() }), ...(s.kind.trim() === "" ? {} : { kind: s.kind.trim() }),
        ...(received === undefined ? {} : { received }),
      };
    }),
    ...(w.caveats.trim() === "" ? {} : { caveats: w.caveats.trim() }),
    ...(expires === undefined ? {} : { expires }),
    ...(review === undefined ? {} : { review }),
    ...(refs.length === 0 ? {} : { refs }),
  };
}

/** To whom, with the writer's own organisation: whoever of it is on duty answers for it and can take it back. RED goes to people alone. */
export function toWhom(a: PickerAudience, tlp: TLP, facts: Facts): ReturnType<typeof audienceSent> {
  const red = tlp === "TLP:RED";
  const sent = audienceSent(a, red, facts.you);
  const own = facts.members.find((m) => m.number === facts.you)?.org ?? "";
  if (red || sent.kind !== "named" || own === "") return sent;
  const members = (sent.members ?? []).filter((n) => n !== facts.you);
  return { kind: "named", ...(members.length > 0 ? { members } : {}), orgs: [...new Set([...(sent.orgs ?? []), own])].toSorted() };
}

/** How far it may go, as it is sent: always said in full. */
export const limitsSent = (l: Limits, facts: Facts) => ({
  tlp: l.tlp, audience: toWhom(l.audience, l.tlp, facts), ...(l.pap === "" ? {} : { pap: l.pap }), ...(l.caveat === "" ? {} : { caveat: l.caveat }),
  ...(l.recorded && l.tlp !== "TLP:RED" ? { recorded: true } : {}), // RED is recorded by what it is
});

/** The sheet as it is sent. */
export function itemSent(w: ItemWriting, facts: Facts, now: number, files: readonly AttachedDraft[] = []): ItemDraft {
  const tear = w.tear ? { tear: { text: w.tear.text.trim(), tlp: w.tear.tlp, audience: toWhom(w.tear.audience, w.tear.tlp, facts) } } : {};
  return { ...bodySent(w, now), ...limitsSent(w.limits, facts), ...tear, ...(files.length > 0 ? { attachments: files.map((f) => f.id) } : {}) };
}
