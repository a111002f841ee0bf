import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { cx } from "./cx";

export type MenuItem = { key: string; label: ReactNode; onSelect: () => void; danger?: boolean | undefined; href?: string | undefined };

const apart = 2; // CSS pixels between a menu and its button
const margin = 8; // and at least between it and the window's edges

/** Places a list below its button, above it where that has more room, and never outside the window. */
function hang(list: HTMLElement, from: DOMRect): void {
  list.style.maxHeight = "";
  const { width, height } = list.getBoundingClientRect();
  const below = window.innerHeight - from.bottom - apart - margin;
  const above = from.top - apart - margin;
  const down = height <= below || below >= above;
  const room = Math.max(0, down ? below : above);
  list.style.maxHeight = `${room}px`;
  list.style.top = `${down ? from.bottom + apart : from.top - apart - Math.min(height, room)}px`;
  list.style.left = `${Math.max(margin, from.right - width)}px`;
}

/**
 * A button that opens a list of actions. Arrow keys move, Escape closes and
 * gives the focus back, Tab leaves.
 */
export function Menu({ label, trigger, items, className }: { label: string; trigger: ReactNode; items: readonly MenuItem[]; className?: string }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLUListElement>(null);

  useLayoutEffect(() => {
    const list = panel.current;
    if (!open || !list) return;
    // In the top layer nothing cuts it off; it hangs from its button where there is room.
    if (typeof list.showPopover === "function") {
      list.popover = "manual";
      list.showPopover();
    }
    const place = (e?: Event) => {
      if (button.current && e?.target !== list) hang(list, button.current.getBoundingClientRect());
    };
    place();
    list.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true });
    const away = (e: Event) => {
      if (e.target instanceof Node && !list.contains(e.target) && !button.current?.contains(e.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    window.addEventListener("resize", place);
    document.addEventListener("scroll", place, { capture: true, passive: true });
    return () => {
      document.removeEventListener("pointerdown", away);
      window.removeEventListener("resize", place);
      document.removeEventListener("scroll", place, { capture: true });
    };
  }, [open]);

  const close = (refocus: boolean) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  };

  const onKey = (e: KeyboardEvent) => {
    const all = Array.from(panel.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? []);
    const i = all.findIndex((el) => el === document.activeElement);
    const go = (n: number) => {
      e.preventDefault();
      all[(n + all.length) % all.length]?.focus();
    };
    if (e.key === "ArrowDown") go(i + 1);
    else if (e.key === "ArrowUp") go(i - 1);
    else if (e.key === "Home") go(0);
    else if (e.key === "End") go(all.length - 1);
    else if (e.key === "Escape") {
      e.stopPropagation();
      close(true);
    } else if (e.key === "Tab") close(false);
  };

  return (
    <div className="menu">
      <button
        ref={button}
        type="button"
        className={className ?? "icon-button"}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={label}
        onClick={() => (open ? close(false) : setOpen(true))}
      >
        {trigger}
      </button>
      {open ? (
        <ul ref={panel} id={id} role="menu" aria-label={label} tabIndex={-1} className="menu__panel" onKeyDown={onKey}>
          {items.map((item, i) => (
            <li key={item.key} role="none">
              <button
                type="button"
                role="menuitem"
                // A list longer than the screen scrolls, and must be reached by a keyboard; arrows do the rest.
                tabIndex={i === 0 ? 0 : -1}
                className={cx("menu__item", item.danger && "menu__item--danger")}
                onClick={() => {
                  close(true);
                  item.onSelect();
                }}
              >
                {item.label}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
