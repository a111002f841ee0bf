import { useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import type { MemberFacts } from "../../protocol/types";
import { candidates, completed, mentionAt } from "./mentions";

/** The @ typeahead on a textarea: what to offer, and its keys. */
export function useMentions(field: RefObject<HTMLTextAreaElement | null>, text: string, setText: (t: string) => void, members: readonly MemberFacts[], me: number) {
  const id = useId();
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState(-1);
  const typing = useMemo(() => mentionAt(text, caret), [text, caret]);
  const people = useMemo(() => (typing && typing.at !== dismissed ? candidates(members, typing.word, me) : []), [typing, dismissed, members, me]);
  const open = people.length > 0;
  const index = Math.min(active, people.length - 1);

  const next = useRef<number | null>(null); // where the caret goes with the next text, before the next key
  useLayoutEffect(() => {
    if (next.current !== null) field.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  }, [field, text]);

  const pick = (m: MemberFacts) => {
    if (!typing) return;
    const done = completed(text, caret, typing.at, m.name);
    setText(done.text);
    setCaret(done.caret);
    setActive(0);
    next.current = done.caret;
  };

  /** Handles a key of the open list; true when it did. */
  const onKey = (e: KeyboardEvent): boolean => {
    if (!open) return false;
    if (e.key === "ArrowDown") setActive((index + 1) % people.length);
    else if (e.key === "ArrowUp") setActive((index - 1 + people.length) % people.length);
    else if (e.key === "Enter" || e.key === "Tab") {
      const m = people[index];
      if (m) pick(m);
    } else if (e.key === "Escape") setDismissed(typing?.at ?? -1);
    else return false;
    e.preventDefault();
    return true;
  };

  const onCaret = () => setCaret(field.current?.selectionStart ?? 0);
  return { id, open, people, index, pick, onKey, onCaret, activeId: open ? `${id}-${index}` : undefined };
}
