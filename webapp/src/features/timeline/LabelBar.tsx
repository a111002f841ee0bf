import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import type { Marking } from "../../protocol/types";
import { labelSentence, permittedSentence } from "../../ui/label";
import { TlpTag } from "../../ui/TlpTag";
import { orgNamed } from "../../room/called";
import { audienceWords } from "./audience";
import { useTimeline } from "./context";

/** The label on its black bar, right before the text; pressing it says what it means for this reader. */
export function LabelBar({ marking, children }: { marking: Marking; children: ReactNode }) {
  const { facts, organisation } = useTimeline();
  const [open, setOpen] = useState(false);
  const id = useId();
  const note = useRef<HTMLParagraphElement>(null);
  // A log read at its end stays there when an entry grows: what was asked for must not slip out of sight by it.
  useEffect(() => {
    if (!open) return;
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => note.current?.scrollIntoView({ block: "nearest" }));
    });
    return () => cancelAnimationFrame(frame);
  }, [open]);
  const whom = audienceWords(marking.audience, facts);
  return (
    <>
      <div className="entry__text">
        <TlpTag label={marking.tlp} onPress={() => setOpen(!open)} expanded={open} controls={id} />{" "}
        {marking.pap ? <span className="tag-plain">{marking.pap}</span> : null}
        {marking.caveat === "OFFICIAL-SENSITIVE" ? <span className="tag-plain">{marking.caveat}</span> : null}
        {whom === "" ? null : <span className="entry__whom">{whom} </span>}
        {children}
      </div>
      {open ? (
        <p className="tlp-note" id={id} ref={note}>
          {labelSentence(marking.tlp, organisation)} {marking.pap ? `${permittedSentence(marking.pap)} ` : ""}
          {marking.recorded && marking.tlp !== "TLP:RED" ? "That you opened it is recorded. " : ""}
          {whom === "" ? "It goes to everyone in the room." : ""}{" "}
          {marking.originator === "" ? "It does not say whose it is, so nobody may lower the label or widen who receives it." : `Only ${orgNamed(facts, marking.originator)}, whose item it is, may lower the label or widen who receives it.`}
        </p>
      ) : null}
    </>
  );
}
