import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { cx } from "./cx";

export type MenuItem = { key: string; label: ReactNode; onSelect: () => void; danger?: boolean | undefined; href?: string | undefined };

/**
 * A button that opens a list of actions. Arrow keys move, Escape closes and
 * gives the focus back, Tab leaves.
 */
export function Menu({ label, trigger, items, className, align = "end" }: { label: string; trigger: ReactNode; items: readonly MenuItem[]; className?: string; align?: "start" | "end" }) {
  const [open, setOpen] = useState(false);
  const [above, setAbove] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLUListElement>(null);

  useEffect(() => {
    if (!open) return;
    const box = panel.current?.getBoundingClientRect();
    const floor = panel.current?.closest("[data-scroll]")?.getBoundingClientRect().bottom ?? window.innerHeight;
    if (box && box.bottom > floor && box.height < box.top) setAbove(true);
    panel.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (e: PointerEvent) => {
      if (e.target instanceof Node && !panel.current?.contains(e.target) && !button.current?.contains(e.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);

  const close = (refocus: boolean) => {
    setOpen(false);
    setAbove(false);
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
        <ul ref={panel} id={id} role="menu" aria-label={label} tabIndex={-1} className={cx("menu__panel", `menu__panel--${align}`, above && "menu__panel--above")} onKeyDown={onKey}>
          {items.map((item) => (
            <li key={item.key} role="none">
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
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
