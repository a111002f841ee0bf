import type { MemberFacts } from "../../protocol/types";
import { cx } from "../../ui/cx";

/** The members that match what is being typed after @. The textarea keeps the focus. */
export function MentionList({ id, people, active, onPick }: { id: string; people: readonly MemberFacts[]; active: number; onPick: (m: MemberFacts) => void }) {
  return (
    <ul className="mention-list" id={id} role="listbox" aria-label="People to mention">
      {people.map((m, i) => (
        <li
          key={m.root}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === active}
          className={cx("mention-list__item", i === active && "mention-list__item--active")}
          onPointerDown={(e) => {
            e.preventDefault();
            onPick(m);
          }}
        >
          <strong>{m.name}</strong> <span>{m.orgName}</span>
        </li>
      ))}
    </ul>
  );
}
