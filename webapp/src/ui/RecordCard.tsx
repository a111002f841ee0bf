import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

export type CardShape = "decision" | "action" | "escalation" | "clock" | "severity" | "book" | "line" | "item" | "tear" | "release" | "meeting" | "handover" | "report" | "broadcast";

const icons: Record<CardShape, IconName> = { decision: "decision", action: "action", escalation: "escalation", clock: "clock", severity: "severity", book: "book", line: "book", item: "intel", tear: "intel", release: "hand", meeting: "meeting", handover: "handover", report: "hand", broadcast: "broadcast" };

type Props = {
  shape: CardShape;
  /** What kind of thing it is, in a word or two. */
  kind: ReactNode;
  done?: boolean;
  /** Where it stands. */
  states?: ReactNode;
  children: ReactNode;
  /** Who, when, and where to go from here. */
  foot?: ReactNode;
};

/** A thing of the incident's record, known at a glance by its shape, its word and its state. */
export function RecordCard({ shape, kind, done = false, states, children, foot }: Props) {
  return (
    <div className={`record record--${shape}`}>
      <div className="record__head">
        <span className="record__kind">
          <Icon name={shape === "action" && done ? "actionDone" : icons[shape]} size={18} /> {kind}
        </span>
        {states ? <span className="record__states">{states}</span> : null}
      </div>
      <div className="record__body">{children}</div>
      {foot ? <div className="record__foot">{foot}</div> : null}
    </div>
  );
}
