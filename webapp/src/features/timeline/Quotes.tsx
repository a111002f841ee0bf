import { useEffect, useState } from "react";
import type { Quoted } from "../../room/select";
import { TlpTag } from "../../ui/TlpTag";
import { useTimeline } from "./context";
import { Marked } from "./Marked";

const lacking: Record<Exclude<Quoted["lacks"], "">, (seq: number) => string> = {
  sealed: (seq) => `Quoted from ${seq}: open it to read what is quoted`,
  unloaded: (seq) => `Quoted from ${seq}`,
  erased: (seq) => `Quoted from ${seq}, of which this was erased`,
  hidden: (seq) => `Quoted from ${seq}, not for you`,
};

function One({ q }: { q: Quoted }) {
  const { facts, goTo, load } = useTimeline();
  const { root } = q;
  const [gone, setGone] = useState(false);
  const away = q.lacks === "unloaded";
  const lacks = away && gone ? "hidden" : q.lacks;
  useEffect(() => {
    if (!away) return;
    let live = true;
    void load(root).then((here) => live && setGone(!here));
    return () => {
      live = false;
    };
  }, [away, root, load]);
  const link = (
    <a
      className="tabular"
      href={`/rooms/${facts.room.id}/entries/${q.root}`}
      onClick={(e) => {
        e.preventDefault();
        goTo(q.root);
      }}
    >
      #{q.root}
    </a>
  );
  if (lacks !== "" || q.text === null) {
    return (
      <p className="quote quote--absent">
        {lacking[lacks === "" ? "hidden" : lacks](q.entry)}
        {lacks === "sealed" ? <> {link}</> : null}
      </p>
    );
  }
  return (
    <blockquote className="quote">
      <p className="quote__from">
        {q.tlp ? <TlpTag label={q.tlp} /> : null} From {link}
        {q.author && !q.author.system ? `, ${q.author.name || `M-${q.author.member}`}` : ""}
      </p>
      <Marked tlp={q.tlp}>
        <p className="quote__words">{q.text}</p>
      </Marked>
    </blockquote>
  );
}

/** Words of other entries, under their own label and for their own readers: whoever may not see those sees only their numbers. */
export function Quotes({ quotes }: { quotes: readonly Quoted[] }) {
  return quotes.map((q) => <One key={`${q.entry} ${q.from} ${q.to}`} q={q} />);
}
