import { useCallback, useEffect, useRef, useState } from "react";
import { useSubmit, type Submit } from "./useSubmit";

/**
 * Sends a form that was filled in while looking at the log up to an entry. If
 * what it is about has changed since, the server says what; the next press
 * then speaks of what is on the screen by now.
 */
export function useSeen(head: number): Submit & { /** What is spoken of: the last entry on the screen, as of the newest attempt. */ seen: number; send: (action: (seen: number) => Promise<unknown>) => Promise<boolean> } {
  const submit = useSubmit();
  const [seen, setSeen] = useState(head);
  const now = useRef(head);
  useEffect(() => {
    now.current = head;
  });
  const { run } = submit;
  const send = useCallback(
    (action: (seen: number) => Promise<unknown>) =>
      run(async () => {
        try {
          await action(seen);
        } catch (e) {
          setSeen(now.current);
          throw e;
        }
      }),
    [run, seen],
  );
  return { ...submit, seen, send };
}
