import type { Quote } from "../../protocol/intel";
import type { AttachedDraft, MessageDraft, PreflightAsk } from "../../protocol/rest";
import type { Audience, Caveat, Facts, Instant, Marking, PAP, Seq, TLP } from "../../protocol/types";
import { audienceSent, pickerOf, type PickerAudience } from "../../ui/AudiencePicker";
import { mentionsIn } from "./mentions";

/** Everything in the composer. */
export type Writing = {
  text: string;
  tlp: TLP;
  audience: PickerAudience;
  pap: PAP | "";
  caveat: Caveat | "";
  occurred: Instant | null;
  replyTo: Seq | null;
  quotes: readonly Quote[];
  /** Say only of what type the writer's organisation is. */
  veiled: boolean;
};

const everyone: PickerAudience = { kind: "room", members: [], orgs: [] };

/** An empty composer: the room's label, to the room. */
export const blank = (facts: Facts): Writing => ({ text: "", tlp: facts.room.tlp, audience: everyone, pap: "", caveat: "", occurred: null, replyTo: null, quotes: [], veiled: false });

/** A reply goes where its parent went, under its label, and to its author. */
export function replying(w: Writing, seq: Seq, parent: Marking | null, author: number, me: number): Writing {
  if (!parent) return { ...w, replyTo: seq };
  const audience = pickerOf(parent.audience);
  const members = audience.kind === "named" ? [...new Set([...audience.members, ...(author > 0 ? [author] : []), me])] : audience.members;
  return { ...w, replyTo: seq, tlp: parent.tlp, audience: { ...audience, members }, pap: parent.pap ?? "", caveat: parent.caveat ?? "" };
}

/** The composer's content as it is sent. */
export function messageOf(w: Writing, facts: Facts, attachments: readonly AttachedDraft[] = []): MessageDraft {
  const mentions = w.veiled ? [] : mentionsIn(w.text, facts.members);
  const red = w.tlp === "TLP:RED";
  return {
    text: w.text.trim(),
    tlp: w.tlp,
    audience: w.veiled ? { kind: "room" } : audienceSent(w.audience, red, facts.you),
    ...(w.replyTo === null ? {} : { replyTo: w.replyTo }),
    ...(w.quotes.length > 0 ? { quotes: w.quotes } : {}),
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(w.pap === "" ? {} : { pap: w.pap }),
    ...(w.caveat === "" ? {} : { caveat: w.caveat }),
    ...(w.occurred === null ? {} : { occurred: w.occurred }),
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(w.veiled ? { veiled: true } : {}),
  };
}

/** Whether two audiences, as they are sent, are the same. */
export const sameAudience = (a: Audience | undefined, b: Audience | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The question who would receive a message. */
export const askOf = (m: MessageDraft): PreflightAsk => ({
  ...(m.tlp ? { tlp: m.tlp } : {}),
  ...(m.audience ? { audience: m.audience } : {}),
  ...(m.replyTo === undefined ? {} : { replyTo: m.replyTo }),
  ...(m.shown === undefined ? {} : { shown: m.shown }),
});

/** A kept draft, or a failed message taken back, as composer content. */
export function writingOf(d: MessageDraft, facts: Facts): Writing {
  return {
    text: d.text,
    tlp: d.tlp ?? facts.room.tlp,
    audience: d.audience ? pickerOf(d.audience) : everyone,
    pap: d.pap ?? "",
    caveat: d.caveat ?? "",
    occurred: d.occurred ?? null,
    replyTo: d.replyTo ?? null,
    quotes: d.quotes ?? [],
    veiled: d.veiled ?? false,
  };
}
