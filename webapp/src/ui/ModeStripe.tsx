import { cx } from "./cx";

export type RoomMode = "incident" | "exercise";

/** The word that says whether a room is the real thing. */
export function ModeWord({ mode, onPaper = false }: { mode: RoomMode; onPaper?: boolean }) {
  return <span className={cx("mode-word", `mode-word--${mode}`, onPaper && "mode-word--on-paper")}>{mode === "exercise" ? "EXERCISE" : "INCIDENT"}</span>;
}

/** The stripe under the header of an exercise; an incident has none. */
export function ModeStripe({ mode }: { mode: RoomMode }) {
  if (mode !== "exercise") return null;
  return (
    <section className="stripe stripe--exercise" aria-label="This is an exercise">
      <strong>EXERCISE</strong>
      <span>None of this is happening now</span>
      <strong aria-hidden="true">EXERCISE</strong>
    </section>
  );
}
