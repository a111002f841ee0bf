import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { BoardQuery } from "../protocol/rest";
import type { Noun, Seq } from "../protocol/types";
import { objectOf } from "../room/select";
import type { BoardPage, RoomStore, RoomView } from "../room/store";
import type { RoomObject } from "../room/state";
import type { BoardState } from "../ui/BoardFrame";
import { shownProblem } from "../ui/problem";

type Asked = { ask: (limit: number, before: Seq | null) => Promise<BoardPage>; name: string; size: number };
const nobody: readonly Seq[] = [];
const longest = 200; // the server's bound on a page
const settle = 400; // changes of the record within so many milliseconds are one reason to ask again

/**
 * The objects of a board: pages the server gave, and what the stream brought
 * since. What has changed meanwhile is seen at once, since every object is
 * folded in the room's own state; the server is asked again for what came to
 * belong here. null asks nothing.
 */
function usePages(view: RoomView, asked: Asked | null) {
  const [page, setPage] = useState<BoardPage & { name: string }>({ roots: nobody, more: false, head: 0, epoch: -1, name: "" });
  const [loading, setLoading] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const now = useRef(asked);
  const shown = useRef(page);
  useEffect(() => {
    now.current = asked;
    shown.current = page;
  });
  const name = asked?.name ?? "";
  const open = view.phase === "open" && view.facts !== null && view.caughtUp; // offline there is nobody to ask; what is here stays

  const load = useCallback(async (more: boolean): Promise<void> => {
    const a = now.current;
    if (!a) return;
    const held = shown.current.name === a.name ? shown.current.roots : nobody;
    setLoading(true);
    try {
      const got = await a.ask(more ? a.size : Math.min(longest, Math.max(a.size, held.length)), more ? (held.at(-1) ?? null) : null);
      if (now.current?.name !== a.name) return;
      setPage({ ...got, name: a.name, roots: more ? [...held, ...got.roots] : got.roots });
      setFailed(null);
    } catch (e) {
      if (now.current?.name === a.name) setFailed(shownProblem(e).detail);
    } finally {
      if (now.current?.name === a.name) setLoading(false);
    }
  }, []);

  // At once for another question or another sight of the room; soon after the record has changed.
  useEffect(() => {
    if (name !== "" && open) void load(false);
  }, [load, name, open, view.epoch]);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (name === "" || !now.current) return;
    const timer = window.setTimeout(() => void load(false), settle);
    return () => window.clearTimeout(timer);
  }, [load, name, view.record]);

  const here = page.name === name;
  return {
    waits: !open, roots: here ? page.roots : nobody, head: here ? page.head : view.seq, more: here && page.more, loading: loading || !here, failed, load };
}

/** A board of the record, newest first. passes: whether an object still belongs to it. */
export function useBoard(store: RoomStore, view: RoomView, noun: Noun, query: BoardQuery | null, passes: (o: RoomObject) => boolean, size = 50): { objects: readonly RoomObject[]; board: BoardState } {
  const name = query === null ? "" : `${noun} ${JSON.stringify(query)}`;
  const pages = usePages(
    view,
    query === null ? null : { name, size, ask: (limit, before) => store.board(noun, { ...query, limit, ...(before === null ? {} : { before }) }) },
  );
  const { roots, head, load } = pages;
  const { state } = view;
  const objects = useMemo(() => {
    const all = new Set(roots);
    for (let seq = head + 1; seq <= state.seq; seq++) {
      const entry = state.entries.get(seq)?.entry;
      if (entry && entry.form !== "stub" && entry.root === seq && nounOf(entry.kind) === noun) all.add(seq);
    }
    return [...all].toSorted((a, b) => b - a).map((seq) => state.objects.get(seq)).filter((o) => o !== undefined);
  }, [roots, head, state, noun]);
  return {
    objects: objects.filter(passes),
    board: { loading: pages.loading, waits: pages.waits, failed: pages.failed, more: pages.more, onMore: () => void load(true), onRetry: () => void load(false) },
  };
}

/** What waits for the reader, as far as the server knows; the reader of it says what still does. */
export function useNeeds(store: RoomStore, view: RoomView): readonly RoomObject[] {
  const { roots } = usePages(view, { name: "needs", size: longest, ask: () => store.needs() });
  const { state } = view;
  return useMemo(() => roots.map((seq) => state.objects.get(seq)).filter((o) => o !== undefined), [roots, state]);
}

/** A look-up of objects wherever they are in the log: undefined is not here yet and can be loaded, null is not for this reader. */
export function useObjects(store: RoomStore, view: RoomView): { objectAt: (seq: Seq) => RoomObject | null | undefined; load: (seq: Seq) => void } {
  const [gone, setGone] = useState<ReadonlySet<Seq>>(new Set());
  const { state } = view;
  const objectAt = useCallback((n: Seq) => objectOf(state, n) ?? (gone.has(n) ? null : undefined), [state, gone]);
  const load = useCallback(
    (n: Seq) => {
      const missed = () => setGone((s) => (s.has(n) ? s : new Set(s).add(n)));
      store.loadObject(n).then(
        () => (objectOf(store.getView().state, n) ? undefined : missed()),
        (e: unknown) => (shownProblem(e).fault === "not_found" ? missed() : undefined),
      );
    },
    [store],
  );
  return { objectAt, load };
}

function nounOf(kind: string): string {
  return kind.slice(0, kind.indexOf("."));
}

/** One object and everything about it, wherever it is in the log; null: there is none for this reader. */
export function useObject(store: RoomStore, view: RoomView, seq: Seq | null): RoomObject | null | undefined {
  const [missing, setMissing] = useState<Seq | null>(null);
  const object = seq === null ? undefined : view.state.objects.get(seq);
  const whole = object !== undefined && object.kind !== "";
  const open = view.phase === "open" && view.facts !== null && view.caughtUp;
  useEffect(() => {
    if (seq === null || whole || !open) return;
    let live = true;
    store.loadObject(seq).then(
      () => live && setMissing((m) => (store.getView().state.objects.get(seq) ? m : seq)),
      (e: unknown) => live && shownProblem(e).fault === "not_found" && setMissing(seq), // anything else passes, and is asked again
    );
    return () => {
      live = false;
    };
  }, [store, seq, whole, open, view.epoch]);
  if (whole) return object;
  return missing === seq ? null : undefined;
}
