import { Icon } from "../../ui/Icon";
import { Menu, type MenuItem } from "../../ui/Menu";
import { useTimeline, type EntryAct } from "./context";

const names: Record<EntryAct, string> = {
  reply: "Reply",
  correct: "Correct",
  note: "Noted",
  pin: "Pin",
  unpin: "Take the pin off",
  tighten: "Tighten label or audience",
  widen: "Widen label or audience",
  withhold: "Withhold now",
  restore: "Restore: stop withholding",
  opens: "Who opened it",
  quote: "Quote",
  "ask-release": "Ask to share it further",
  "answer-release": "Answer",
  recall: "Recall",
  decide: "Make a decision of this",
  ask: "Raise an action from this",
  promote: "Bring to the main room",
  proof: "Proof of this entry",
  erase: "Ask to erase",
  "agree-erasure": "Agree to the erasure",
  "refuse-erasure": "Refuse the erasure",
  "drop-erasure": "Take the question back",
  link: "Copy link",
};

/** Everything one may do with an entry. */
export function EntryMenu({ seq }: { seq: number }) {
  const t = useTimeline();
  const items: MenuItem[] = t.offers(seq).map((a) => ({ key: a, label: names[a], danger: a === "withhold" || a === "erase" || a === "recall", onSelect: () => t.act(a, seq) }));
  return <Menu label={`Actions for entry ${seq}`} trigger={<Icon name="more" size={18} />} items={items} className="icon-button entry__menu-button" />;
}
