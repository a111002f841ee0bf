import { createContext, use } from "react";
import type { Scan } from "../../protocol/rest";
import type { By, Facts, OpenOf, Seq } from "../../protocol/types";
import type { RoomObject } from "../../room/state";

/** What a reader may do with an entry; each opens a question or does it at once. */
export type EntryAct = "reply" | "correct" | "note" | "pin" | "unpin" | "tighten" | "widen" | "withhold" | "restore" | "opens" | "quote" | "ask-release" | "answer-release" | "recall" | "decide" | "ask" | "erase" | "agree-erasure" | "refuse-erasure" | "drop-erasure" | "promote" | "proof" | "link";

export type TimelineContext = {
  facts: Facts;
  /** The reader's organisation here, by name. */
  organisation: string;
  /** The server's time less this device's, in milliseconds. */
  skew: number;
  act: (act: EntryAct, seq: Seq) => void;
  /** Which acts to offer for an entry. */
  offers: (seq: Seq) => readonly EntryAct[];
  openEntry: (seq: Seq) => Promise<void>;
  /** Loads an entry that is not here, for words quoted from it; resolves to whether it is in the reader's sight. */
  load: (seq: Seq) => Promise<boolean>;
  /** Quotes words of an entry as they were marked on the screen; without words, asks which. */
  quote: (seq: Seq, words: string) => void;
  /** Whether a request for release is the reader's to answer. */
  mayAnswer: (request: RoomObject) => boolean;
  /** Answers a request as it was asked, or refuses it; resolves to what went wrong, "" for nothing. */
  answer: (request: Seq, grant: boolean) => Promise<string>;
  /** What last erased from an entry, as far as it is here, and who agreed to that, as far as one may know. */
  erasingsOf: (seq: Seq) => { readonly last: OpenOf<"entry.erased"> | null; readonly agreed: readonly By[] };
  /** What became of a question whether to erase that waits no more. */
  answeredBy: (ask: Seq) => string;
  /** What the scanner says of an entry's attachments; refused as taking them is. */
  scans: (seq: Seq) => Promise<readonly Scan[]>;
  /** Where an attachment is taken from; n is 1 for the first. */
  filePath: (seq: Seq, n: number) => string;
  /** Answers for the reader's organisation what was asked in its side room. */
  answerPromotion: (ask: Seq, entry: Seq, grant: boolean) => Promise<unknown>;
  /** Shows an entry by its number. */
  goTo: (seq: Seq) => void;
};

const Context = createContext<TimelineContext | null>(null);
export const TimelineProvider = Context.Provider;

/** The room's facts and acts, for everything inside a timeline. */
export function useTimeline(): TimelineContext {
  const c = use(Context);
  if (!c) throw new Error("used outside a timeline");
  return c;
}
