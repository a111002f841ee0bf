import { useState, type FormEvent } from "react";
import type { SearchQuery } from "../../protocol/rest";
import type { MemberFacts } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Checkbox, SelectField, TextField } from "../../ui/Field";
import { fromLondon } from "../../ui/time";

const kinds: readonly (readonly [NonNullable<SearchQuery["kind"]>, string])[] = [
  ["message", "Messages"],
  ["decision", "Decisions"],
  ["action", "Actions"],
  ["logentry", "Lines of loggists’ logs"],
  ["item", "Intelligence"],
  ["tearline", "Tear-lines"],
  ["report", "M/ETHANE reports"],
  ["brief", "Situation briefs"],
  ["inject", "Exercise facts"],
  ["member", "Who joined and left"],
  ["room", "The room’s title and state"],
  ["rules", "Handling rules"],
];

type Props = {
  people: readonly MemberFacts[] | null;
  mentionsOnly?: boolean;
  /** Whose dates From and To are, in a sentence. */
  dates: string;
  busy: boolean;
  onSearch: (q: SearchQuery) => void;
};

/** Words, person, kind and dates. Only what the reader may see is looked through. */
export function SearchForm({ people, mentionsOnly = false, dates, busy, onSearch }: Props) {
  const [text, setText] = useState("");
  const [person, setPerson] = useState("");
  const [author, setAuthor] = useState("");
  const [kind, setKind] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [mentions, setMentions] = useState(mentionsOnly);
  const send = (e: FormEvent) => {
    e.preventDefault();
    const start = from === "" ? null : fromLondon(from, "00:00");
    const end = to === "" ? null : fromLondon(to, "23:59");
    const k = kinds.find(([v]) => v === kind)?.[0];
    onSearch({
      ...(text.trim() === "" ? {} : { text: text.trim() }),
      ...(person === "" ? {} : { person: Number(person) }),
      ...(author.trim() === "" ? {} : { author: author.trim() }),
      ...(k ? { kind: k } : {}),
      ...(start ? { from: start } : {}),
      ...(end ? { to: end } : {}),
      ...(mentions ? { mentionsMe: true } : {}),
    });
  };
  return (
    <form className="search-form" role="search" onSubmit={send}>
      <TextField label="Words" type="search" value={text} onChange={(e) => setText(e.target.value)} autoComplete="off" />
      <details className="search-form__more">
        <summary>Narrow it down</summary>
        <div className="search-form__fields">
          {people ? (
            <SelectField label="Person" value={person} onChange={(e) => setPerson(e.target.value)}>
              <option value="">Anyone</option>
              {people.filter((m) => m.number > 0).map((m) => (
                <option key={m.root} value={m.number}>
                  {m.name || `M-${m.number} ${m.orgName}`}
                </option>
              ))}
            </SelectField>
          ) : (
            <TextField label="Person" hint="Part of their name" value={author} onChange={(e) => setAuthor(e.target.value)} autoComplete="off" />
          )}
          <SelectField label="Kind" value={kind} onChange={(e) => setKind(e.target.value)}>
            <option value="">Everything</option>
            {kinds.map(([v, l]) => (
              <option key={v} value={v}>
                {l}
              </option>
            ))}
          </SelectField>
          <TextField type="date" label="From" value={from} onChange={(e) => setFrom(e.target.value)} />
          <TextField type="date" label="To" value={to} onChange={(e) => setTo(e.target.value)} />
          <p className="field-note">{dates}</p>
          <Checkbox label="Only where I am mentioned" checked={mentions} onChange={(e) => setMentions(e.target.checked)} />
        </div>
      </details>
      <Button type="submit" busy={busy}>
        {busy ? "Searching…" : "Search"}
      </Button>
    </form>
  );
}
