import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../protocol/problem";
import type { Preflight, PreflightAsk } from "../protocol/rest";
import type { Audience, Seq, TLP } from "../protocol/types";
import { shownProblem } from "./problem";

/** Asks the server who would receive something: a room's store has it. */
export type AskReceivers = (ask: PreflightAsk) => Promise<Preflight>;

/** Whether one is shown who receives it before it is sent. Ordinary chat never asks. */
export const needsPreflight = (tlp: TLP | undefined, audience: Audience | undefined): boolean => tlp === "TLP:RED" || (audience !== undefined && audience.kind !== "room");

export type PreflightState = {
  /** Who receives it; null until the answer is there. */
  shown: Preflight | null;
  /** Why it cannot be said, or why it was not sent. */
  problem: string;
  /** Somebody came in since it was shown; they are marked. */
  gained: boolean;
  busy: boolean;
  /** Asks again. */
  again: () => void;
  /**
   * Sends it as it was shown; true if it is gone. If somebody came in
   * meanwhile it shows them, and the next press sends it to them too.
   */
  send: (action: (shown: Seq) => Promise<unknown>) => Promise<boolean>;
};

/**
 * Who would receive what is about to be sent; nothing is asked while ask is
 * null. ask.shown: what an attempt that was refused had been shown.
 */
export function usePreflight(load: AskReceivers, ask: PreflightAsk | null): PreflightState {
  const [shown, setShown] = useState<Preflight | null>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [since, setSince] = useState<Seq | null>(null); // what the last refused attempt had been shown
  const [turn, setTurn] = useState(0);
  const sending = useRef(false);
  const what = ask === null ? null : JSON.stringify(ask);
  const from = since ?? ask?.shown ?? null;

  useEffect(() => {
    if (what === null) {
      setShown(null);
      setProblem("");
      setSince(null);
      return;
    }
    let current = true;
    setShown(null);
    load({ ...(JSON.parse(what) as PreflightAsk), ...(from === null ? {} : { shown: from }) }).then(
      (p) => {
        if (current) setShown(p);
      },
      (e: unknown) => {
        if (current) setProblem(e instanceof ApiError && e.fields[0] ? e.fields[0].message : shownProblem(e).detail);
      },
    );
    return () => {
      current = false;
    };
  }, [load, what, from, turn]);

  const again = useCallback(() => {
    setProblem("");
    setTurn((n) => n + 1);
  }, []);
  const head = shown?.head;
  const send = useCallback(
    async (action: (shown: Seq) => Promise<unknown>) => {
      if (sending.current || head === undefined) return false;
      sending.current = true;
      setBusy(true);
      setProblem("");
      try {
        await action(head);
        return true;
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.code === "gained") {
          setSince(head);
          setTurn((n) => n + 1);
        } else {
          setProblem(thrown instanceof ApiError && thrown.fields[0] ? thrown.fields[0].message : shownProblem(thrown).detail);
        }
        return false;
      } finally {
        sending.current = false;
        setBusy(false);
      }
    },
    [head],
  );
  return { shown, problem, gained: from !== null && [...(shown?.members ?? []), ...(shown?.feeds ?? [])].some((x) => x.gained), busy, again, send };
}
