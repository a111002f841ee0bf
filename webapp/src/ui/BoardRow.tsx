import type { ReactNode } from "react";
import type { Marking, Seq } from "../protocol/types";
import { Icon } from "./Icon";
import { TlpTag } from "./TlpTag";

type Props = {
  noun: "action" | "decision" | "escalation" | "clock" | "handover" | "meeting" | "broadcast";
  root: Seq;
  home: string;
  marking: Marking | null;
  /** Who receives it, in words; "" for the room. */
  whom: (m: Marking) => string;
  /** What it says; null while it is sealed: then it leads to the log, where it is opened. */
  title: string | null;
  states: ReactNode;
  /** What is to be known of it at a glance. */
  children: ReactNode;
};

/** A row of a board: its number, what it says, whom it reaches, how it stands. */
export function BoardRow({ noun, root, home, marking, whom, title, states, children }: Props) {
  const to = marking ? whom(marking) : "";
  return (
    <li className={`board-row board-row--${noun}`}>
      <span className="board-row__n tabular">{root}</span>
      <div className="board-row__main">
        <a className="board-row__title" href={title === null ? `${home}/entries/${root}` : `${home}/${noun}s/${root}`}>
          {title ?? `A sealed ${noun}`}
        </a>
        <p className="board-row__facts">
          {marking ? (
            <>
              <TlpTag label={marking.tlp} /> {to}
              {to === "" ? "" : " · "}
            </>
          ) : null}
          {title === null ? (
            <>
              <Icon name="lock" size={14} /> Open it in the log. Opening it is recorded.
            </>
          ) : (
            children
          )}
        </p>
      </div>
      {title === null ? null : <span className="board-row__states">{states}</span>}
    </li>
  );
}
