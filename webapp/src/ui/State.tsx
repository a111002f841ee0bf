import type { ReactNode } from "react";
import { Button } from "./Button";

/** A place where nothing is yet, in words. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p className="state__title">{title}</p>
      {children ? <div className="state__text">{children}</div> : null}
    </div>
  );
}

/** Something is on its way. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="state state--loading" role="status">
      <p>Loading {what}…</p>
    </div>
  );
}

/** Something could not be had, with what to do about it. */
export function Failed({ title, detail, onRetry }: { title: string; detail?: string | undefined; onRetry?: (() => void) | undefined }) {
  return (
    <div className="state state--failed" role="alert">
      <p className="state__title">{title}</p>
      {detail ? <p className="state__text">{detail}</p> : null}
      {onRetry ? (
        <Button kind="secondary" small onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}
