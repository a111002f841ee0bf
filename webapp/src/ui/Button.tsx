import type { ButtonHTMLAttributes, ReactNode } from "react";
import { cx } from "./cx";

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: "primary" | "secondary" | "warning" | "plain";
  small?: boolean;
  /** While true the button says so and takes no second press. */
  busy?: boolean;
  children: ReactNode;
};

/** A button. `plain` looks like a link and is for quiet actions in a line of text. */
export function Button({ kind = "primary", small = false, busy = false, type = "button", className, onClick, children, ...rest }: ButtonProps) {
  const look =
    kind === "plain"
      ? "button-plain"
      : cx("nhsuk-button", kind === "secondary" && "nhsuk-button--secondary", kind === "warning" && "nhsuk-button--warning", small && "nhsuk-button--small");
  return (
    <button {...rest} type={type} className={cx(look, className)} aria-disabled={busy || undefined} onClick={busy ? (e) => e.preventDefault() : onClick}>
      {children}
    </button>
  );
}
