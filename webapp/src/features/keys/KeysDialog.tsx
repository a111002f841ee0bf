import { Dialog } from "../../ui/Dialog";

const groups: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: "Writing",
    keys: [
      ["Enter", "Send"],
      ["Shift + Enter", "New line"],
      ["@", "Mention someone"],
      ["↑ in an empty box", "Correct my last entry"],
      ["Esc", "Stop answering or correcting"],
    ],
  },
  {
    title: "In the log",
    keys: [
      ["Page Down, j", "Next entry"],
      ["Page Up, k", "Previous entry"],
      ["r", "Reply to the entry"],
      ["n", "Noted"],
      ["e", "Correct it, if it is mine"],
      ["p", "Pin it or take the pin off (leads)"],
      ["q", "Quote it"],
      ["v", "Its proof: verify that it is in the sealed log"],
    ],
  },
  {
    title: "At the loggist’s desk",
    keys: [
      ["1610 and a space", "It happened at 16:10"],
      ["~1610 and a space", "It happened about then"],
      ["Enter", "Save the line"],
      ["↑ in an empty box", "Correct the last line"],
      ["Alt + A, Alt + S", "About; verbatim speech"],
      ["Alt + P", "Transcribed from paper"],
      ["#12", "Refer to entry 12"],
    ],
  },
  {
    title: "Anywhere",
    keys: [
      ["?", "This list"],
      ["/", "Write"],
      ["g then l", "To the log"],
      ["g then n", "To the newest entry"],
      ["g then u", "To the first unread entry"],
      ["g then i, d, a, s or b", "To intelligence, decisions, actions, severity or logs"],
      ["d", "Record a decision"],
    ],
  },
];

/** The keys there are. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div className="keys">
        {groups.map((g) => (
          <section key={g.title}>
            <h3>{g.title}</h3>
            <dl>
              {g.keys.map(([k, what]) => (
                <div key={k}>
                  <dt>
                    <kbd>{k}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
