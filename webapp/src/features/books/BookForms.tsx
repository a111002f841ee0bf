import { useState } from "react";
import type { BookFacts, Facts, Marking, Seq } from "../../protocol/types";
import { memberCalled } from "../../room/called";
import { membersPresent } from "../../room/select";
import type { RoomStore } from "../../room/store";
import { SelectField, TextArea } from "../../ui/Field";
import { MarkingFields, markingLook, markingOf, markingProblem, markingSent } from "../../ui/MarkingFields";
import { Question } from "../../ui/Question";

type Props = { facts: Facts; /** The closed book it goes on from. */ from: BookFacts | null; /** That book's label and audience, which this one gets unless others are chosen. */ marking?: Marking | null; acts: Pick<RoomStore, "openBook" | "preflight">; onDone: (root: Seq) => void; onClose: () => void };

/** Opens a book for a decision-maker, or goes on from one that is closed. */
export function OpenBookDialog({ facts, from, marking: before = null, acts, onDone, onClose }: Props) {
  const [maker, setMaker] = useState(from?.maker ?? 0);
  const [signal, setSignal] = useState(from?.signal ?? "");
  const [marking, setMarking] = useState(() => markingOf(facts, before));
  const people = membersPresent(facts).filter((m) => m.number !== facts.you && m.name !== "");
  return (
    <Question
      title={from ? `Go on from Log ${from.number}` : "Open a log"}
      wide
      action={from ? "Open the next log" : "Open the log"}
      check={() => [
        maker === 0 ? { name: "maker", message: "Choose whose decisions you log." } : null,
        signal.trim() === "" ? { name: "signal", message: "Write down how they will signal a decision." } : null,
        markingProblem(marking, facts.you),
      ]}
      look={() => markingLook(marking, facts.you, before && from ? from.root : null)}
      me={facts.you}
      onAsk={acts.preflight}
      onDo={async ({ sent }) => (await acts.openBook({ maker, signal: signal.trim(), ...(from ? { continues: from.root } : {}), ...markingSent(marking, facts.you), ...sent })).seq}
      onDone={onDone}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <p className="quiet">You keep it for one decision-maker. Its lines have numbers of their own, without gaps, beside the room’s. You confirm by opening it how decisions are signalled; they confirm on their own screen.</p>
          <SelectField id="maker" label="Whose decisions you log" error={errorOf("maker")} value={maker} onChange={(e) => setMaker(Number(e.target.value))}>
            <option value={0}>Choose</option>
            {people.map((m) => (
              <option key={m.number} value={m.number}>
                {m.name}, {m.orgName}
              </option>
            ))}
          </SelectField>
          <TextArea id="signal" label="How they will signal a decision" hint="As you two agreed it. For example: she says “I decide”, then the decision, then why." rows={3} maxLength={500} error={errorOf("signal")} value={signal} onChange={(e) => setSignal(e.target.value)} />
          <MarkingFields value={marking} onChange={setMarking} facts={facts} error={errorOf("audience") ?? errorOf("tlp")} neverRed />
        </>
      )}
    </Question>
  );
}

/** "Log 2, kept by Elin Hughes for Priya Anand". */
export const bookCalled = (facts: Facts, b: BookFacts): string => `Log ${b.number}, kept by ${memberCalled(facts, b.loggist)} for ${memberCalled(facts, b.maker)}`;
