import type { Marking } from "../protocol/types";
import { Invented } from "./Invented";
import { TlpTag } from "./TlpTag";

/** How far a page of the record may go: its label, its caveats, to whom it goes ("" for the room), and whether it was written for the exercise. */
export function SheetLabel({ marking, whom, invented }: { marking: Marking; whom: string; invented: boolean }) {
  return (
    <p className="sheet__label">
      <TlpTag label={marking.tlp} /> {marking.pap ? <span className="tag-plain">{marking.pap}</span> : null}
      {marking.caveat === "OFFICIAL-SENSITIVE" ? <span className="tag-plain">{marking.caveat}</span> : null} {whom === "" ? "to everyone in the room" : whom}
      {invented ? " " : null}
      {invented ? <Invented /> : null}
    </p>
  );
}
