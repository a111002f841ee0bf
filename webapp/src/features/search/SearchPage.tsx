import { useState } from "react";
import type { SearchQuery } from "../../protocol/rest";
import type { MemberFacts } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { shownProblem } from "../../ui/problem";
import { Failed } from "../../ui/State";
import { Results, type Hit } from "./Results";
import { SearchForm } from "./SearchForm";

export type Found = { hits: readonly Hit[]; next: string | number | null };

type Props = {
  title: string;
  back: { href: string; label: string };
  people: readonly MemberFacts[] | null;
  mentionsOnly?: boolean;
  /** The room has a clock of its own. */
  exercise?: boolean;
  nameOf: (member: number) => string;
  acrossRooms: boolean;
  onSearch: (query: SearchQuery, next: string | number | null) => Promise<Found>;
};

/** Search over what the reader may see, in one room or in all of them. */
export function SearchPage({ title, back, people, mentionsOnly = false, exercise = false, nameOf, acrossRooms, onSearch }: Props) {
  const [query, setQuery] = useState<SearchQuery | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const run = async (q: SearchQuery, next: string | number | null) => {
    setBusy(true);
    setProblem("");
    setQuery(q);
    try {
      const page = await onSearch(q, next);
      setFound((old) => (next !== null && old ? { ...page, hits: [...old.hits, ...page.hits] } : page));
    } catch (e) {
      setProblem(shownProblem(e).detail);
    }
    setBusy(false);
  };
  return (
    <div className="page">
      <a className="page__back" href={back.href}>
        ‹ {back.label}
      </a>
      <h1>{title}</h1>
      <SearchForm people={people} mentionsOnly={mentionsOnly} dates={`London dates${exercise ? ", by the exercise clock" : acrossRooms ? "; in exercises by the exercise’s own clock" : ""}.`} busy={busy} onSearch={(q) => void run(q, null)} />
      {problem === "" ? null : <Failed title="The search did not work" detail={problem} />}
      <div aria-live="polite" className="page__section">
        {found ? <Results hits={found.hits} query={query?.text ?? ""} nameOf={nameOf} acrossRooms={acrossRooms} /> : null}
      </div>
      {found && found.next !== null && query ? (
        <Button kind="secondary" busy={busy} onClick={() => void run(query, found.next)}>
          Look further back
        </Button>
      ) : null}
    </div>
  );
}
