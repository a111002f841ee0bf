import { useState } from "react";
import type { Lifecycle, RoomFacts } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { TitleDialog } from "./TitleDialog";
import { lifecycleMeaning, lifecycleName, lifecycleNext } from "../../ui/names";

type Props = { room: RoomFacts; mayTitle: boolean; onTitle: (title: string) => Promise<unknown>; mayMove: boolean; mayReopen: boolean; onMove: (to: Lifecycle) => Promise<unknown>; onReopen: () => Promise<unknown> };

/** Where the incident stands, in words; for leads, where it may go next. */
export function LifecycleFact({ room, mayTitle, onTitle, mayMove, mayReopen, onMove, onReopen }: Props) {
  const [to, setTo] = useState<Lifecycle | "reopen" | null>(null);
  const [titling, setTitling] = useState(false);
  return (
    <section className="fact" aria-labelledby="lifecycle-heading">
      <h2 id="lifecycle-heading" className="side-heading">
        State
      </h2>
      <p className="fact__title">
        <strong>{room.title}</strong> <span className="quiet tabular">{room.reference}</span>
      </p>
      <p>
        <strong>{lifecycleName[room.lifecycle]}</strong>
        {room.section > 1 ? `, section ${room.section}` : ""}. <span className="quiet">{lifecycleMeaning[room.lifecycle]}</span>
      </p>
      {mayMove && lifecycleNext[room.lifecycle].length > 0 ? (
        <div className="fact__actions">
          {lifecycleNext[room.lifecycle].map((l) => (
            <Button key={l} kind="secondary" small onClick={() => setTo(l)}>
              {l === "responding" && room.lifecycle !== "open" ? "Back to responding" : `Move to ${lifecycleName[l].toLowerCase()}`}
            </Button>
          ))}
        </div>
      ) : null}
      {mayReopen ? (
        <Button kind="secondary" small onClick={() => setTo("reopen")}>
          Reopen as a new section
        </Button>
      ) : null}
      {mayTitle ? (
        <Button kind="plain" onClick={() => setTitling(true)}>
          Change the title
        </Button>
      ) : null}
      {titling ? <TitleDialog title={room.title} onSave={onTitle} onClose={() => setTitling(false)} /> : null}
      {to === "reopen" ? (
        <Question title="Reopen the room?" action="Reopen" onClose={() => setTo(null)} onDo={onReopen}>
          <p>A new section begins. Nothing that was written is touched, and the same people are in it.</p>
        </Question>
      ) : to ? (
        <Question title={`Move to ${lifecycleName[to].toLowerCase()}?`} action={`Move to ${lifecycleName[to].toLowerCase()}`} warning={to === "closed"} onClose={() => setTo(null)} onDo={() => onMove(to)}>
          <p>{lifecycleMeaning[to]} Everyone in the room sees that you moved it, and when.</p>
        </Question>
      ) : null}
    </section>
  );
}
