import { useState } from "react";
import { type Indicator, type SightingDraft, type SightingVerdict, verdicts } from "../../protocol/intel";
import type { Facts, Seq } from "../../protocol/types";
import { orgNamed } from "../../room/called";
import { tallyOf, type Word } from "../../room/item";
import { you } from "../../room/select";
import { Button } from "../../ui/Button";
import { defang } from "../../ui/defang";
import { RadioGroup, SelectField, TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { verdictIcon, verdictMeaning, verdictName } from "../../ui/intel";
import { Moment } from "../../ui/Moment";
import { Question } from "../../ui/Question";
import { list } from "../../ui/words";

/** What is to be marked: an item, or one of its indicators. */
export type Marking = { verdict: SightingVerdict | ""; indicator: number | null };

type DialogProps = { seq: Seq; indicators: readonly Indicator[]; marking: Marking; organisation: string; /** The item travels sealed, and what is said of it does not. */ sealed: boolean; /** They may overrule a protective marking. */ host: boolean; onMark: (s: SightingDraft) => Promise<unknown>; onClose: () => void };

/** Says what one's own organisation sees of it; to whom, one chooses. */
export function SightingDialog({ seq, indicators, marking, organisation, sealed, host, onMark, onClose }: DialogProps) {
  const [verdict, setVerdict] = useState(marking.verdict);
  const [indicator, setIndicator] = useState(marking.indicator === null ? "" : String(marking.indicator));
  const [to, setTo] = useState<"all" | "hosts">("all");
  const [note, setNote] = useState("");
  return (
    <Question
      title={`What ${organisation} sees of entry ${seq}`}
      wide
      kind="sheet"
      action="Say so"
      host={host}
      check={() => [verdict === "" ? { name: "verdict", message: "Say what you see." } : null]}
      onDo={async ({ sent }) => verdict && onMark({ verdict, ...(indicator === "" ? {} : { indicator: Number(indicator) }), ...(note.trim() === "" ? {} : { note: note.trim() }), ...(to === "hosts" ? { hostsOnly: true } : {}), ...sent })}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <RadioGroup id="verdict" name="verdict" legend="At your place" small value={verdict} onChange={setVerdict} error={errorOf("verdict")} choices={verdicts.map((v) => ({ value: v, label: verdictName[v], hint: verdictMeaning[v] }))} />
          {indicators.length > 0 ? (
            <SelectField id="indicator" label="Of which" error={errorOf("indicator")} value={indicator} onChange={(e) => setIndicator(e.target.value)}>
              <option value="">All of it</option>
              {indicators.map((i, n) => (
                <option key={`${i.kind} ${i.value}`} value={n}>
                  {defang(i.kind, i.value)}
                </option>
              ))}
            </SelectField>
          ) : null}
          {sealed ? (
            <p className="field-note">What you say here is read without opening the entry, so it takes no words. Reply to the entry to say more.</p>
          ) : (
          <TextField id="note" prose label={<>Note <span className="optional">(can be left empty)</span></>} hint="How many, where, since when." maxLength={500} error={errorOf("note")} value={note} onChange={(e) => setNote(e.target.value)} />
          )}
          <RadioGroup
            id="hostsOnly"
            name="hostsOnly"
            legend="Who is told"
            small
            value={to}
            onChange={setTo}
            choices={[
              { value: "all", label: "Everyone who receives this entry" },
              { value: "hosts", label: "The hosts and its originator only", hint: "Other organisations do not learn that you have it." },
            ]}
          />
        </>
      )}
    </Question>
  );
}

/** What organisations say of an item, counted, and one's own word in one tap. */
export function Sightings({ facts, now, words, indicators, mayMark, onMark }: { facts: Facts; now: number; words: readonly Word[]; indicators: readonly Indicator[]; mayMark: boolean; onMark: (m: Marking) => void }) {
  const tally = tallyOf(words);
  const mine = you(facts)?.org ?? "";
  const own = words.find((w) => w.org === mine && w.indicator === null);
  return (
    <section className="part" aria-labelledby="sightings-heading">
      <h3 id="sightings-heading">Who sees it</h3>
      {words.length === 0 ? <p className="quiet">No organisation has said yet, as far as you are told.</p> : null}
      <ul className="tally">
        {verdicts
          .filter((v) => tally[v].length > 0)
          .map((v) => (
            <li key={v}>
              <Icon name={verdictIcon[v]} size={16} />
              <strong className="tabular">{tally[v].length}</strong> {verdictName[v].toLowerCase().replace(" here", "")}: {list(tally[v].map((o) => orgNamed(facts, o)))}
            </li>
          ))}
      </ul>
      {words.some((w) => w.note !== "" || w.indicator !== null) ? (
        <ul className="rows">
          {words
            .filter((w) => w.note !== "" || w.indicator !== null)
            .map((w) => {
              const of = w.indicator === null ? undefined : indicators[w.indicator];
              return (
                <li key={w.seq} className="row">
                  <span>
                    <strong>{orgNamed(facts, w.org)}</strong>: {verdictName[w.verdict].toLowerCase()}
                    {of ? <> (<code className="indicator__value">{defang(of.kind, of.value)}</code>)</> : null}
                    {w.note === "" ? "" : `, ${w.note}`}
                  </span>
                  <a className="tabular quiet" href={`/rooms/${facts.room.id}/entries/${w.seq}`}>
                    <Moment at={w.at} now={now} />
                  </a>
                </li>
              );
            })}
        </ul>
      ) : null}
      {mayMark ? (
        <>
          <p className="field-note">{own ? `Your organisation says: ${verdictName[own.verdict].toLowerCase()}. The latest word counts.` : "What does your organisation see?"}</p>
          <div className="sighting-acts" role="group" aria-label="At your place">
            {verdicts.map((v) => (
              <Button key={v} small kind="secondary" aria-pressed={own?.verdict === v} onClick={() => onMark({ verdict: v, indicator: null })}>
                <Icon name={verdictIcon[v]} size={16} /> {verdictName[v]}
              </Button>
            ))}
          </div>
        </>
      ) : null}
    </section>
  );
}
