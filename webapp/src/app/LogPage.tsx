import { useEffect, useMemo, useState } from "react";
import { TimelineProvider, type TimelineContext } from "../features/timeline/context";
import { lines } from "../features/timeline/lines";
import { LineView } from "../features/timeline/Line";
import { NotFoundPage } from "../features/signin/NotFoundPage";
import { apply } from "../room/apply";
import { emptyRoom, type RoomState } from "../room/state";
import { createTimeline } from "../room/timeline";
import { shownProblem } from "../ui/problem";
import { Failed, Loading } from "../ui/State";
import { dateAndTime, utc } from "../ui/time";
import { answerIn, erasingsIn } from "./erasings";
import { useInside } from "./inside";
import { Shell } from "./Shell";
import { pageTitle } from "./title";

const perPage = 100;

/** The log in plain pages: for printing, for the browser's own find, for anyone who prefers them. */
export function LogPage({ id, page, go }: { id: string; page: number; go: (href: string) => void }) {
  const inside = useInside();
  const { api } = inside;
  const [state, setState] = useState<RoomState | null>(null);
  const [problem, setProblem] = useState<{ fault: string; detail: string } | null>(null);
  const [readAt] = useState(() => new Date());
  useEffect(() => {
    let live = true;
    const read = async () => {
      const snapshot = await api.snapshot(id);
      const from = (page - 1) * perPage;
      const got = await api.page(id, { after: from }, perPage);
      const standing = apply(emptyRoom(id), snapshot);
      return apply(standing, { type: "page", room: id, entries: got.entries, related: got.related, head: got.head });
    };
    setState(null);
    read().then((s) => live && setState(s), (e: unknown) => live && setProblem(shownProblem(e)));
    return () => {
      live = false;
    };
  }, [api, id, page]);

  const facts = state?.facts ?? null;
  const context = useMemo<TimelineContext | null>(
    () => (facts ? { facts, organisation: facts.members.find((m) => m.number === facts.you)?.orgName ?? "", skew: inside.skew, act: () => undefined, offers: () => [], load: async () => false, quote: () => undefined, mayAnswer: () => false, answer: async () => "", openEntry: async (n) => go(`/rooms/${id}/entries/${n}`), goTo: (n) => go(`/rooms/${id}/entries/${n}`), erasingsOf: (n) => (state ? erasingsIn(state, n) : { last: null, agreed: [] }), scans: (n: number) => api.scans(id, n), filePath: (n: number, f: number) => api.filePath(id, n, f), answeredBy: (n) => (state ? answerIn(state, n) : ""), answerPromotion: async () => go(`/rooms/${id}`) } : null),
    [facts, state, id, go, inside.skew, api],
  );
  const all = useMemo(() => {
    if (!state) return [];
    const from = (page - 1) * perPage;
    const { rows } = createTimeline()(state, state.seq, 0);
    return lines(rows).filter((l) => l.row && l.to > from && l.from <= from + perPage).map((l) => ({ ...l, gap: null }));
  }, [state, page]);

  useEffect(() => {
    document.title = pageTitle(`Log, page ${page}`, 0, facts?.room ?? null);
  }, [facts, page]);

  const pages = state ? Math.max(1, Math.ceil(state.seq / perPage)) : 1;
  const head = facts ? { reference: facts.room.reference, title: facts.room.title, mode: facts.room.mode } : null;
  const link = (n: number) => `/rooms/${id}/log?page=${n}`;
  const nav = (where: string) => (
    <nav className="plain__nav" aria-label={`Pages of the log, ${where}`}>
      {page > 1 ? <a href={link(page - 1)}>‹ Page {page - 1}</a> : <span />}
      <span>
        Page {page} of {pages}
      </span>
      {page < pages ? <a href={link(page + 1)}>Page {page + 1} ›</a> : <span />}
    </nav>
  );
  return (
    <Shell session={inside.session} room={head} onSignOut={inside.signOut} go={go}>
      <div className="plain">
        {problem ? problem.fault === "not_found" ? <NotFoundPage /> : <Failed title="The log could not be loaded" detail={problem.detail} /> : null}
        {!state && !problem ? <Loading what="the log" /> : null}
        {facts && context && state ? (
          <>
            <header className="plain__head">
              <a className="page__back" href={`/rooms/${id}`}>
                ‹ Back to the room
              </a>
              <p>
                Read by {inside.session.person.name}, {dateAndTime(readAt)} ({utc(readAt)}). Only what this person may see. Handle each entry by its label.
              </p>
            </header>
            {nav("above")}
            <TimelineProvider value={context}>
              <div className="plain__log">
                {all.map((l) => (
                  <LineView key={l.key} line={l} size={state.seq} focusable={false} target={false} filling={false} onFill={() => undefined} />
                ))}
              </div>
            </TimelineProvider>
            {nav("below")}
          </>
        ) : null}
      </div>
    </Shell>
  );
}
