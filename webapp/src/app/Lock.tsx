import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { dateAndTime } from "../ui/time";

/** Hides everything until the same person has signed in again. Once the page was loaded again it no longer knows the name. */
export function LockScreen({ name, onUnlock }: { name: string; onUnlock: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = "Locked – Wardroom"; // a room's reference and title are content too
    heading.current?.focus();
  }, []);
  return (
    <div className="lock">
      <div className="lock__box">
        <h1 tabIndex={-1} ref={heading}>
          Locked
        </h1>
        <p>Nobody used this page for 30 minutes, so what it showed is hidden. Your place and what you were writing are kept.</p>
        <Button onClick={onUnlock}>Sign in again{name === "" ? "" : ` as ${name}`}</Button>
      </div>
    </div>
  );
}

/** Two minutes before the lock: one button to stay. */
export function LockWarning({ locksAt, onStay }: { locksAt: () => Date; onStay: () => void }) {
  const [at] = useState(locksAt);
  return (
    <Dialog title="Are you still there?" onClose={onStay}>
      <p>This page locks at {dateAndTime(at)} because nobody has used it. Nothing is lost when it does.</p>
      <div className="actions">
        <Button onClick={onStay}>I am still here</Button>
      </div>
    </Dialog>
  );
}
