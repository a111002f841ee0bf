import { useCallback, useMemo, useState } from "react";
import type { MessageDraft } from "../protocol/rest";
import type { Facts } from "../protocol/types";
import type { EntryAct, TimelineContext } from "../features/timeline/context";
import type { Answering, Correcting } from "../features/messages/Composer";
import { may } from "../room/may";
import type { Quote } from "../protocol/intel";
import { authorOf, entryAt, excerpt, objectOf, quotable, quotableText, quoteOf, textOf } from "../room/select";
import type { RoomObject } from "../room/state";
import { answerIn, erasingsIn } from "./erasings";
import type { RoomStore } from "../room/store";
import { orgTypeName } from "../ui/names";
import { shownProblem } from "../ui/problem";
import { useInside } from "./inside";

/** stepUp: the second factor has to be given before this can be done. */
export type EntryDialog = { what: "tighten" | "widen" | "withhold" | "opens" | "quote" | "ask-release" | "answer-release" | "agree-release" | "recall" | "proof" | "erase" | "agree-erasure" | "refuse-erasure" | "drop-erasure" | "promote"; seq: number } | { what: "stepUp"; seq: number; to: "open" | "lower" };

/** What may be missing between an answer and its second factor. */
const takesFactor = (object: RoomObject | undefined): boolean => object?.marking?.tlp === "TLP:RED";

const messageActs: readonly EntryAct[] = ["reply", "quote", "note", "correct", "pin", "unpin", "tighten", "widen", "withhold", "restore", "opens", "ask-release", "decide", "ask", "promote", "recall", "erase", "proof", "link"];
const objectKinds = new Set(["entry.promoted", "message.posted", "inject.given", "report.given", "item.published", "tearline.published", "sighting.marked", "release.requested"]);
/** What opening can be recorded of, and what can be released and recalled. */
export const recordable: ReadonlySet<string> = new Set(["message.posted", "item.published", "tearline.published"]);
const recordKinds = new Set(["decision.proposed", "decision.recorded", "action.raised", "logentry.written", "book.opened", "severity.assessed", "severity.reasoned", "post.reasoned"]);
/** What can be done with a thing of the record as with any entry; its own acts stand on its page. */
const recordActs: readonly EntryAct[] = ["reply", "note", "pin", "unpin", "tighten", "widen", "withhold", "restore", "opens", "erase", "proof", "link"];

/** Everything one can do with an entry, and the questions that asks. */
export function useEntryActs(store: RoomStore, facts: Facts | null, goTo: (seq: number) => void, say: (sentence: string) => void, onRecord: (what: "decide" | "ask", seq: number) => void) {
  const { session, skew } = useInside();
  /** Whether the last second factor still covers TLP:RED, as the session said when the page was loaded: giving it loads the page anew. */
  const steppedUp = useCallback(() => session.stepUpUntil !== null && Date.parse(session.stepUpUntil) > Date.now() + skew, [session, skew]);
  const [answering, setAnswering] = useState<Answering | null>(null);
  const [correcting, setCorrecting] = useState<Correcting | null>(null);
  const [quoting, setQuoting] = useState<Quote | null>(null);
  const [takenBack, setTakenBack] = useState<MessageDraft | null>(null);
  const [dialog, setDialog] = useState<EntryDialog | null>(null);

  const offers = useCallback(
    (seq: number): EntryAct[] => {
      const { state } = store.getView();
      const object = objectOf(state, seq);
      if (!facts || !object || object.root !== seq || !(objectKinds.has(object.kind) || recordKinds.has(object.kind))) return object && object.root === seq ? ["proof", "link"] : ["proof"];
      const me = facts.members.find((m) => m.number === facts.you);
      const noted = object.noted.some((n) => n.member === facts.you);
      const can: Record<EntryAct, boolean> = {
        reply: may(facts, "post"),
        note: may(facts, "note") && !noted && object.by?.member !== facts.you,
        correct: may(facts, "correct", object) && !object.sealed,
        pin: may(facts, "pin", object) && !object.pinned,
        unpin: may(facts, "unpin", object) && object.pinned,
        tighten: may(facts, "tighten", object) && !object.withheld,
        widen: may(facts, "widen", object) && !object.withheld,
        withhold: may(facts, "withhold", object),
        restore: may(facts, "restore", object),
        quote: may(facts, "post") && !object.sealed && !object.erased && quotable(object) !== undefined,
        "ask-release": recordable.has(object.kind) && !object.withheld && may(facts, "ask-release", object),
        "answer-release": false, // on the request's own card
        recall: may(facts, "recall", object),
        opens: (object.marking?.tlp === "TLP:RED" || object.marking?.recorded === true) && (object.marking.originator === me?.org || me?.role === "auditor" || me?.role === "lead" || me?.role === "deputy"),
        decide: may(facts, "record-decision") && object.kind === "message.posted" && !object.sealed && !object.erased,
        ask: may(facts, "raise-action") && object.kind === "message.posted" && !object.sealed && !object.erased,
        erase: may(facts, "ask-erasure", object) && object.kind !== "book.opened" && object.kind !== "severity.assessed" && !facts.erasures.some((a) => a.entries.includes(seq)),
        promote: may(facts, "ask-promotion", object),
        "agree-erasure": false, // on the question's own card
        "refuse-erasure": false,
        "drop-erasure": false,
        proof: true,
        link: true,
      };
      const offered = recordKinds.has(object.kind) ? recordActs : messageActs;
      return offered.filter((a) => can[a]);
    },
    [store, facts],
  );

  const act = useCallback(
    (what: EntryAct, seq: number) => {
      const { state } = store.getView();
      const object = objectOf(state, seq);
      const plainly = (p: Promise<unknown>, done: string) => void p.then(() => say(done), (e: unknown) => say(shownProblem(e).detail));
      switch (what) {
        case "reply": {
          const author = facts && object?.by ? authorOf(facts, object.by) : null;
          const text = object ? textOf(object) : null;
          setCorrecting(null);
          setAnswering({
            seq,
            author: author ? (author.veiled ? orgTypeName[author.veiled] : author.system ? "Exercise control" : author.name || `M-${author.member}`) : "",
            memberNo: author?.member ?? 0,
            excerpt: text === null || object?.marking?.tlp === "TLP:RED" ? "" : excerpt(text),
            marking: object?.marking ?? null,
          });
          return;
        }
        case "correct": {
          const text = object ? textOf(object) : null;
          if (text !== null) {
            setAnswering(null);
            setCorrecting({ seq, text });
          }
          return;
        }
        case "note":
          return plainly(store.note(seq), `Noted entry ${seq}`);
        case "pin":
          return plainly(store.pin(seq), `Pinned entry ${seq}`);
        case "unpin":
          return plainly(store.unpin(seq), `Took the pin off entry ${seq}`);
        case "restore":
          return plainly(store.restore(seq), `Restored entry ${seq}`);
        case "widen":
          return setDialog(object?.marking?.tlp === "TLP:RED" && !steppedUp() ? { what: "stepUp", seq, to: "lower" } : { what, seq });
        case "answer-release": {
          const about = object?.record?.noun === "release" ? objectOf(state, object.record.entry) : undefined;
          return setDialog(takesFactor(about) && !steppedUp() ? { what: "stepUp", seq, to: "lower" } : { what, seq });
        }
        case "quote":
        case "ask-release":
        case "recall":
        case "tighten":
        case "withhold":
        case "opens":
        case "proof":
        case "promote":
        case "erase":
        case "agree-erasure":
        case "refuse-erasure":
        case "drop-erasure":
          return setDialog({ what, seq });
        case "decide":
        case "ask":
          return onRecord(what, seq);
        case "link":
          return plainly(navigator.clipboard.writeText(`${location.origin}/rooms/${store.room}/entries/${seq}`), `Copied the link to entry ${seq}`);
      }
    },
    [store, facts, say, onRecord, steppedUp],
  );

  const openEntry = useCallback(
    async (seq: number) => {
      const ask = () => setDialog({ what: "stepUp", seq, to: "open" });
      if (objectOf(store.getView().state, seq)?.marking?.tlp === "TLP:RED" && !steppedUp()) return ask();
      try {
        await store.openEntry(seq);
      } catch (e) {
        if (shownProblem(e).fault === "step_up") ask();
        else throw e;
      }
    },
    [store, steppedUp],
  );

  const load = useCallback(
    (seq: number) =>
      store.loadObject(seq).then(
        () => objectOf(store.getView().state, seq) !== undefined,
        (e: unknown) => shownProblem(e).fault !== "not_found",
      ),
    [store],
  );

  /** Puts a part of an entry's newest words into the composer, by where it stands in them. */
  const quoteFrom = useCallback(
    (seq: number, part: (text: string) => readonly [number, number] | null): boolean => {
      const object = objectOf(store.getView().state, seq);
      const source = object && quotable(object);
      const text = quotableText(source);
      const at = source && text !== null ? part(text) : null;
      if (!source || text === null || !at || at[0] >= at[1]) return false;
      setCorrecting(null);
      setQuoting(quoteOf(source.seq, text, at[0], at[1]));
      return true;
    },
    [store],
  );
  /** Words as they stand on the screen; where they are not found so in the text itself, it asks which are meant. */
  const quote = useCallback(
    (seq: number, words: string) => {
      const found = quoteFrom(seq, (text) => {
        const i = text.indexOf(words);
        return i < 0 || text.includes(words, i + 1) ? null : [i, i + words.length];
      });
      if (!found) setDialog({ what: "quote", seq });
    },
    [quoteFrom],
  );

  const mayAnswer = useCallback((o: RoomObject) => facts !== null && o.record?.noun === "release" && may(facts, "answer-release", o, { entry: objectOf(store.getView().state, o.record.entry) }), [store, facts]);
  const answer = useCallback(
    async (root: number, grant: boolean): Promise<string> => {
      const { state } = store.getView();
      const asked = objectOf(state, root)?.record;
      if (asked?.noun !== "release") return "";
      if (grant && takesFactor(objectOf(state, asked.entry)) && !steppedUp()) {
        setDialog({ what: "stepUp", seq: root, to: "lower" });
        return "";
      }
      if (grant) {
        setDialog({ what: "agree-release", seq: root });
        return "";
      }
      try {
        await store.answerRelease(root, { grant });
        say("Refused");
        return "";
      } catch (e) {
        const told = shownProblem(e);
        if (told.fault !== "step_up") return told.errors[0]?.message ?? told.detail;
        setDialog({ what: "stepUp", seq: root, to: "lower" });
        return "";
      }
    },
    [store, say, steppedUp],
  );

  /** The up arrow: my newest message that I may still correct. */
  const editLast = useCallback(() => {
    const { rows, state } = store.getView();
    const mine = rows.findLast((r) => r.type === "entry" && r.mine && r.entry.kind === "message.posted" && !r.object.sealed);
    if (mine?.type === "entry" && entryAt(state, mine.seq)) act("correct", mine.seq);
  }, [store, act]);

  const cancel = useCallback(() => {
    setAnswering(null);
    setCorrecting(null);
  }, []);

  const organisation = facts?.members.find((m) => m.number === facts.you)?.orgName ?? "your organisation";
  const erasingsOf = useCallback((seq: number) => erasingsIn(store.getView().state, seq), [store]);
  const answeredBy = useCallback((ask: number) => answerIn(store.getView().state, ask), [store]);

  const { answerPromotion } = store;

  const context = useMemo<TimelineContext | null>(() => (facts ? { facts, organisation, skew, act, offers, openEntry, load, quote, mayAnswer, answer, goTo, erasingsOf, answeredBy, answerPromotion, scans: store.scans, filePath: store.filePath } : null), [store, facts, organisation, skew, act, offers, openEntry, load, quote, mayAnswer, answer, goTo, erasingsOf, answeredBy, answerPromotion]);
  return { act, context, answering, correcting, quoting, quoteFrom, takenBack, setTakenBack, dialog, setDialog, editLast, cancel };
}
