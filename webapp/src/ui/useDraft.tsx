import { createContext, type ReactNode, use, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Button } from "./Button";

/** Where forms keep what is typed until it is sent. */
export type Keeper = { load: (form: string) => Promise<unknown>; keep: (form: string, value: unknown) => void };

const Context = createContext<Keeper | null>(null);
/** Gives the forms inside a place to keep what is typed. */
export const DraftsProvider = Context.Provider;

export type Draft = {
  /** What was written before stands in the form again. */
  back: boolean;
  /** Sent: nothing is to be brought back. */
  sent: () => void;
  /** Begins anew, as the form was before anything was typed. */
  afresh: () => void;
};

/** How long changes gather before they are kept, in milliseconds. */
const gathering = 300;

/**
 * What was kept, in the shape that the form has now: an older page's, or one
 * that is broken, gives only what fits.
 */
export function fitting<T>(form: T, kept: unknown): T {
  if (Array.isArray(form)) return (Array.isArray(kept) ? kept : form) as T;
  if (typeof form === "object" && form !== null) {
    if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return form;
    const had = kept as Record<string, unknown>;
    return Object.fromEntries(Object.entries(form).map(([k, v]) => [k, k in had ? fitting(v as unknown, had[k]) : v])) as T;
  }
  return typeof kept === typeof form ? (kept as T) : form;
}

/**
 * Keeps what a form holds while it is not sent, and brings it back when the
 * form is shown again. now: all that is typed, as plain values of one shape;
 * restore puts such a thing into the form. "" as its name keeps nothing.
 */
export function useDraft<T>(name: string, now: T, restore: (kept: T) => void): Draft {
  const keeper = use(Context);
  const [first] = useState(now);
  const [back, setBack] = useState(false);
  const said = JSON.stringify(now);
  const empty = useMemo(() => JSON.stringify(first), [first]);
  const state = useRef({ said, restore, done: false, ready: false });
  useLayoutEffect(() => {
    state.current.said = said;
    state.current.restore = restore;
  });
  useEffect(() => {
    if (!keeper || name === "") return;
    let live = true;
    const begun = state.current;
    void keeper.load(name).then((kept) => {
      if (!live) return;
      begun.ready = true;
      // What is typed meanwhile wins.
      if (kept === null || kept === undefined || begun.said !== empty) return;
      const was = fitting(first, kept);
      if (JSON.stringify(was) === empty) return;
      begun.restore(was);
      setBack(true);
    });
    return () => {
      live = false;
    };
  }, [keeper, name, first, empty]);
  useEffect(() => {
    const current = state.current;
    if (!keeper || name === "" || current.done) return;
    if (said === empty && !current.ready) return; // nothing typed, and what was kept is not looked at yet
    const put = () => !current.done && keeper.keep(name, said === empty ? null : (JSON.parse(said) as unknown));
    const timer = setTimeout(put, gathering);
    return () => {
      clearTimeout(timer);
      if (current.said !== said) return; // a newer text waits in its own turn
      put(); // the form is taken away
    };
  }, [keeper, name, said, empty]);
  return {
    back,
    sent: () => {
      state.current.done = true;
      if (name !== "") keeper?.keep(name, null);
    },
    afresh: () => {
      setBack(false);
      state.current.restore(first);
      keeper?.keep(name, null);
    },
  };
}

/** Says that what was written before is back. */
export function BroughtBack({ draft, children }: { draft: Draft; children?: ReactNode }) {
  if (!draft.back) return null;
  return (
    <p className="brought-back" role="status">
      {children ?? "What you had written here and not sent is back."}{" "}
      <Button kind="plain" onClick={draft.afresh}>
        Start afresh
      </Button>
    </p>
  );
}
