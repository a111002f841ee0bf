import { useState } from "react";
import type { Promoting } from "../../protocol/rest";
import type { Facts, Seq, TLP } from "../../protocol/types";
import { orgNamed } from "../../room/called";
import { isHost } from "../../room/select";
import { RadioGroup, TextArea } from "../../ui/Field";
import { labelHint, labels } from "../../ui/label";
import { Question } from "../../ui/Question";

/** Asks the organisation whether something it said here may be said in the main room. */
export function PromoteDialog({ seq, text, item, tlp, facts, onAsk, onClose }: { seq: Seq; text: string; /** It is an item, of this title: it goes as it is. */ item: boolean; /** The entry's label: the least the main room's may be. */ tlp: TLP; facts: Facts; onAsk: (p: Promoting) => Promise<unknown>; onClose: () => void }) {
  const [words, setWords] = useState(text);
  const [label, setLabel] = useState<TLP>(labels.indexOf(tlp) > labels.indexOf(facts.room.tlp) ? tlp : facts.room.tlp);
  const [to, setTo] = useState<"room" | "hosts">("room");
  const org = orgNamed(facts, facts.room.cell?.org ?? "");
  const may = labels.filter((l) => l !== "TLP:RED" && labels.indexOf(l) >= labels.indexOf(tlp));
  const said = words.trim();
  return (
    <Question title="Bring this to the main room" kind="sheet" action={`Ask ${org}`} host={isHost(facts)} onDo={({ sent }) => onAsk({ entry: seq, tlp: label, audience: { kind: to }, ...(said === text ? {} : { text: said }), ...sent })} onClose={onClose}>
      {(errorOf) => (
        <>
          <p>
            {org} is asked first. Nothing is said in the main room unless they agree to exactly {item ? "this item" : "these words"}, this label and these readers. If they refuse, the main room is never told that you asked.
          </p>
          {item ? (
            <p>
              <strong>{text}</strong> goes as it is: its text, indicators, sources and dates, and whatever else its label says. Files attached to it stay here.
            </p>
          ) : (
            <TextArea id="text" label="What the main room will read" hint={`As ${org}’s own words. You can leave things out.`} rows={5} value={words} onChange={(e) => setWords(e.target.value)} error={errorOf("text")} />
          )}
          <RadioGroup name="promote-tlp" legend="Label" small value={label} onChange={setLabel} choices={may.map((l) => ({ value: l, label: l, hint: labelHint(l) }))} />
          <RadioGroup
            name="promote-to"
            legend="Who receives it"
            small
            value={to}
            onChange={setTo}
            choices={[
              { value: "room", label: "Everyone in the main room" },
              { value: "hosts", label: "Hosts only" },
            ]}
          />
          <p className="quiet">
            With it goes where it stands here, so that it can be proved later: this record’s fingerprint, entry {seq} and that entry’s hash. Neither leads anybody to this room.
          </p>
        </>
      )}
    </Question>
  );
}
